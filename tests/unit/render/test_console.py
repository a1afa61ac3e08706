from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinward.core.report import GateReport
from pinward.core.screen import PIPE, Detail, Screen
from pinward.render import console
from tests.golden.parts import BLOCKED_TASK, report
from tests.golden.reports import STATES
from tests.unit.render.hostile import REPORTS


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REPORTS, st.sampled_from([20, 61, 100]))
def test_t12_no_report_prints_a_command_or_an_escape_whatever_the_width(anything: GateReport, width: int) -> None:
    shown = console.gate(anything, Screen(width))
    assert not re.search(r"(?m)^\s*::|##\[|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e]", shown)


def test_t12_model_output_is_not_printed() -> None:
    assert "1,204.50 EUR" not in console.gate(STATES["blocked"], Screen(100, detail=Detail.FULL))


@pytest.mark.parametrize("width", [40, 60, 100, 160])
@pytest.mark.parametrize("state", STATES)
def test_no_line_is_wider_than_the_terminal(state: str, width: int) -> None:
    assert max(map(len, console.gate(STATES[state], Screen(width)).splitlines())) <= width


def test_colour_is_only_there_when_asked_for_and_says_nothing_of_its_own() -> None:
    plain, coloured = console.gate(STATES["blocked"], PIPE), console.gate(STATES["blocked"], Screen(80, color=True))
    assert "\x1b[" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()


def test_quiet_is_the_first_line_of_the_comment_alone() -> None:
    said = console.gate(STATES["blocked"], Screen(200, detail=Detail.QUIET))
    assert said == "Pinward: blocked. 2 of 48 cases broke on openai/gpt-5.6-terra (0 allowed).\n"


def test_many_cases_are_counted_unless_verbose() -> None:
    many = report(tasks=[BLOCKED_TASK.model_copy(update={"notable_cases": BLOCKED_TASK.notable_cases * 10})])
    assert "and 10 more cases in the report" in console.gate(many, PIPE)
    assert "more cases" not in console.gate(many, Screen(detail=Detail.FULL))
