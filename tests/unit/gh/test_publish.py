from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.report import GateReport, ReportVerdict
from pinward.gh.publish import Run, conclusion

VERDICTS: tuple[ReportVerdict, ...] = ("pass", "fail", "inconclusive", "error", "stale", "cancelled", "unchanged")


def report(verdict: Any, exit_code: int) -> GateReport:
    return GateReport(
        verdict=verdict,
        exit_code=exit_code,
        base="b" * 40,
        head="a" * 40,
        policy_source="defaults",
        started="2026-11-20T10:00:00Z",
        seconds=1,
    )


@given(st.sampled_from(VERDICTS), st.sampled_from([0, 1, 2, 3, 4, 5, 70, 130, 143]))
def test_only_a_settled_verdict_with_exit_code_0_is_green_and_nothing_is_neutral(verdict: str, exit_code: int) -> None:
    shown = conclusion(report(verdict, exit_code))
    assert shown in {"success", "failure", "cancelled"}
    if shown == "success":
        assert exit_code == 0
        assert verdict in {"pass", "unchanged", "inconclusive"}


@pytest.mark.parametrize(
    ("verdict", "exit_code", "shown"),
    [
        ("pass", 0, "success"),
        ("unchanged", 0, "success"),
        ("inconclusive", 0, "success"),  # the policy says: warn
        ("inconclusive", 3, "failure"),
        ("fail", 1, "failure"),
        ("error", 0, "failure"),
        ("unchanged", 1, "failure"),
        ("stale", 0, "cancelled"),
        ("cancelled", 143, "cancelled"),
    ],
)
def test_what_each_verdict_shows_as(verdict: str, exit_code: int, shown: str) -> None:
    assert conclusion(report(verdict, exit_code)) == shown


RUNS = st.builds(Run, st.integers(1, 5), st.integers(1, 3))


@given(RUNS, RUNS)
def test_two_runs_never_both_yield_to_each_other(one: Run, other: Run) -> None:
    assert not (one.yields_to(other) and other.yields_to(one))
    assert not one.yields_to(one)
