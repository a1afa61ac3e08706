from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinward.core.report import GateReport, NotableCase, SideOutput
from pinward.render import markdown
from tests.golden.parts import BLOCKED_TASK, FLOATING, report, task
from tests.golden.reports import STATES
from tests.unit.render.hostile import ATTACKS, REPORTS
from tests.unit.render.rendered import assert_harmless, read

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(REPORTS)
def test_t9_t10_t11_no_report_shows_a_link_mention_image_or_element_from_data(anything: GateReport) -> None:
    for face in (markdown.comment(anything), markdown.check_summary(anything), markdown.step_summary(anything)):
        assert_harmless(face or "")


def heavy(cases: int, tasks: int, output: str) -> GateReport:
    case = NotableCase(
        id="x" * 500,
        category=output[:500],
        status="regressed",
        why=output[:4000],
        baseline=SideOutput(text=output[:20_000], runs=6, passes=6),
        candidate=SideOutput(text="\n".join(f"{n}{output[:300]}" for n in range(60))[:20_000], runs=6),
    )
    heavy_task = BLOCKED_TASK.model_copy(update={"notable_cases": [case] * cases, "reasons": [output[:4000]] * 30})
    return report(
        verdict="fail",
        exit_code=1,
        tasks=[heavy_task] * tasks,
        findings=[FLOATING.model_copy(update={"message": output[:4000], "path": "p" * 500})] * 300,
        notes=[output[:4000]] * 300,
        uncovered=[output[:4000]] * 300,
        next_step=output[:4000],
    )


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 40), st.integers(1, 25), st.sampled_from(["@", "`", "\U0001f600", "a ", "\u202e", "|\\", "é"]))
def test_any_report_keeps_to_github_s_limits_and_stays_whole(cases: int, tasks: int, filling: str) -> None:
    anything = heavy(cases, tasks, filling * 20_000)
    comment = markdown.comment(anything) or ""
    assert len(comment.encode("utf-16-le")) // 2 <= 65_000
    assert len(markdown.check_summary(anything).encode()) <= 65_535
    assert len(markdown.step_summary(anything).encode()) < 1024 * 1024
    assert comment.startswith("**Pinward: blocked.")
    assert comment.count("<details>") == comment.count("</details>")
    assert_harmless(comment)


def test_what_is_left_out_is_counted() -> None:
    many = heavy(20, 3, "é" * 20_000)
    comment = markdown.comment(many) or ""
    shown = comment.count("<details>")
    assert 0 < shown < 20
    assert f"{20 - shown} cases" in comment.splitlines()[-1]
    assert "40 more cases in the full report." in comment


@pytest.mark.parametrize("state", STATES)
def test_the_first_line_names_pinward_and_the_verdict(state: str) -> None:
    comment = markdown.comment(STATES[state])
    assert (comment is None) == (state == "unchanged")
    assert comment is None or comment.startswith("**Pinward: ")
    assert markdown.check_summary(STATES[state]).startswith("**Pinward: ")


def test_a_link_that_is_no_address_is_left_out() -> None:
    for link in ("javascript:alert(1)", "https://a.example/) ![x](https://b.example", "https://a.example/ x"):
        assert "Full report" not in (markdown.comment(STATES["passed"], link) or "")
    assert read(markdown.comment(STATES["passed"], "https://a.example/run/1") or "").tags.count("a") == 1


def test_rows_without_data_are_left_out() -> None:
    bare = task(pass_rate={}, non_regression_rate=None, difference=None, cost={}, latency={}, categories={})
    assert "|" not in (markdown.comment(report(tasks=[bare])) or "").replace("spread over", "")


@pytest.mark.parametrize("hostile", ATTACKS)
def test_the_report_survives_its_own_json(hostile: str) -> None:
    if "\ud800" in hostile:
        return  # JSON in UTF-8 cannot carry a lone surrogate
    attacked = report(next_step=hostile, tasks=[task(task=hostile)])
    again = GateReport.model_validate(json.loads(attacked.model_dump_json(by_alias=True)))
    assert markdown.comment(again) == markdown.comment(attacked)


def test_further_cases_are_named_in_a_table_until_there_is_no_room_for_it() -> None:
    roomy, tight = markdown.comment(heavy(90, 1, "x")) or "", markdown.comment(heavy(90, 1, "x" * 9_000)) or ""
    assert roomy.count("<details>") == 21
    assert "<summary>70 of them</summary>" in roomy
    assert "70 more cases in the full report." in tight
    assert "1 table" in tight.rsplit("Left out here for length: ", 1)[1]
    assert len(tight) <= markdown.COMMENT_LIMIT


def test_the_checks_text_has_one_line_for_each_case_and_finding_that_the_summary_has_no_room_for() -> None:
    table, findings = markdown.check_text(heavy(90, 1, "x")).split("\n\n")
    assert len(table.splitlines()) == 2 + 90 - markdown.COMMENT_CASES
    assert len(findings.splitlines()) == 300 - markdown.LISTED
    small = heavy(markdown.COMMENT_CASES, 1, "x").model_copy(update={"findings": []})
    assert markdown.check_text(small) == ""


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REPORTS)
def test_t9_t10_t11_the_checks_text_shows_no_link_mention_image_or_element_from_data(anything: GateReport) -> None:
    many = [t.model_copy(update={"notable_cases": t.notable_cases * 30}) for t in anything.tasks]
    findings = anything.findings * 12
    assert_harmless(markdown.check_text(anything.model_copy(update={"tasks": many, "findings": findings})))
