from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pinward.core.report import ChecklistItem, GateReport, ModelInUse, ModelRef
from pinward.render import charts, html_cases
from pinward.render.html import render
from tests.golden.parts import BLOCKED_TASK, report, task
from tests.golden.reports import STATES
from tests.unit.render.hostile import REPORTS


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.links += [value for name, value in attrs if name == "href"]


def row(case: str, arm: str, score: float | None, text: str = "an answer") -> dict[str, Any]:
    grade = None if score is None else {"score": score, "passed": score == 1, "reason": ""}
    completion: dict[str, Any] = {
        "outcome": "ok" if grade else "infra_error",
        "text": text,
        "tool_calls": [],
        "latency": 0.5,
    }
    place = {"task": BLOCKED_TASK.task, "case": case, "arm": arm, "phase": "first", "repeat": 0}
    return {**place, "completion": completion, "grade": grade}


def embedded(html: str) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    cases: list[dict[str, Any]] = json.loads(found[1])["cases"]
    return cases


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REPORTS)
def test_t9_no_report_brings_an_element_or_an_event_handler_of_its_own(anything: GateReport) -> None:
    usual, attacked = Elements(), Elements()
    usual.feed("".join(render(STATES[state]) for state in ("blocked", "several_tasks")))
    attacked.feed(render(anything))
    assert attacked.tags.count("script") == 2
    assert set(attacked.tags) <= set(usual.tags)
    assert not [name for name in attacked.attributes if name.startswith("on") or name in {"style", "href", "src"}]


def test_outputs_of_results_are_shown_only_where_the_policy_says_full() -> None:
    rows = [row("plain", "baseline", 1), row("plain", "candidate", 1, "SECRET OUTPUT")]
    blocked = STATES["blocked"]
    for outputs in ("failed", "none"):
        assert "SECRET OUTPUT" not in render(blocked.model_copy(update={"outputs": outputs}), rows)
    assert "SECRET OUTPUT" in render(blocked.model_copy(update={"outputs": "full"}), rows)


def test_every_case_has_its_category_and_the_verdict_s_status_however_many_broke() -> None:
    judged = BLOCKED_TASK.model_copy(update={"further_cases": {"flaky": ["shaky"], "regressed": ["also broke"]}})
    rows = [
        row(case, arm, 1) | {"category": "tone"} for case in ("plain", "shaky", "also broke") for arm in html_cases.ARMS
    ]
    found = {case["id"]: (case["status"], case["category"]) for case in embedded(render(report(tasks=[judged]), rows))}
    named = {case.id: (case.status, case.category) for case in BLOCKED_TASK.notable_cases}
    others = {"plain": ("held", "tone"), "shaky": ("flaky", "tone"), "also broke": ("regressed", "tone")}
    assert found == named | others


def test_without_a_baseline_cases_pass_and_a_category_that_is_no_text_does_no_harm() -> None:
    alone = report(tasks=[task(no_baseline="retired", baseline=None)])
    (case,) = embedded(render(alone, [row("a", "candidate", 1) | {"category": ["<b>"]}]))
    assert (case["status"], case["category"]) == ("passes", "['<b>']")


def test_cases_of_a_task_that_is_not_judged_get_their_status_from_the_first_pass() -> None:
    scores = {"a": (1, 0), "b": (1, 1), "c": (0, 1), "d": (1, None)}
    rows = [
        row(case, arm, score) for case, both in scores.items() for arm, score in zip(html_cases.ARMS, both, strict=True)
    ]
    found = {case["id"]: case["status"] for case in embedded(render(report(verdict="error"), rows))}
    assert found == {"a": "fell", "b": "held", "c": "rose", "d": "excluded"}


def test_confirmation_runs_and_further_arms_do_not_blur_the_first_pass() -> None:
    rows = [
        row("a", "baseline", 1),
        row("a", "candidate", 1),
        {**row("a", "candidate", 0), "phase": "confirm"},
        row("a", "third", 0),
    ]
    assert [case["delta"] for case in embedded(render(report(tasks=[task()]), rows))] == [0]


def rows_of(cases: int, text: str) -> list[dict[str, Any]]:
    return [row(f"case-{n}", arm, 1, text) for n in range(cases) for arm in html_cases.ARMS]


def test_large_outputs_and_many_cases_still_make_a_file_under_5_mb() -> None:
    full = report(tasks=[task()], outputs="full")
    html = render(full, rows_of(6000, "é" * 3000))
    assert len(html.encode()) < 5_000_000
    assert "1,000 more cases" in html
    assert len(embedded(html)) == 5000


def test_charts_keep_inside_their_box_and_count_every_case() -> None:
    bars = charts.score_differences([-1, -1, 0, 0.04, 0.5, 1])
    assert sum(bar.cases for bar in bars) == 6
    assert all(bar.x >= 0 and bar.x + bar.width <= charts.WIDTH and bar.y >= charts.TOP for bar in bars)
    assert [span.side for span in charts.latencies([BLOCKED_TASK])] == ["baseline", "candidate"]
    bare = task(cost={}, latency={})
    assert not [*charts.score_differences([]), *charts.cost_and_quality([bare]), *charts.latencies([bare])]


def test_a_lifetime_is_drawn_from_the_day_of_the_run_and_an_unknown_end_is_open() -> None:
    old, new = ModelRef(name="old", pin="pinned", shutdown_on="2026-12-01"), ModelRef(name="new", pin="pinned")
    gone = ModelRef(name="gone", pin="pinned", shutdown_on="2026-06-06")
    odd = ModelRef(name="odd", pin="pinned", shutdown_on="some day")
    tasks = [task(baseline=old, candidate=new), task(baseline=gone, candidate=odd), task(baseline=old, candidate=new)]
    lives = charts.lifetimes(report(tasks=tasks, started="2026-11-22T10:00:00Z"))
    assert [(life.kind, f"{life.model}: {life.end}") for life in lives] == [
        ("gone", "gone: retired since 2026-06-06"),
        ("soon", "old: shut down on 2026-12-01, 9 days left"),
        ("open", "new: no shutdown date is known"),
        ("open", "odd: no shutdown date is known"),
    ]
    assert all(2 <= life.width <= charts.WIDTH for life in lives)
    assert not charts.lifetimes(report(tasks=tasks, started="once upon a time"))
    assert not charts.lifetimes(report(tasks=[task(baseline=new, candidate=odd)]))


def test_all_models_of_the_repository_are_drawn_over_18_months_the_first_end_first() -> None:
    models = [
        ModelInUse(name="open", provider="x", known=True, promised_until="2027-02-01"),
        ModelInUse(name="far", provider="x", known=True, ends_on="2029-01-01", may_move=True),
        ModelInUse(name="half", provider="x", known=True, ends_on="2027-08-23", replacement="next"),
        ModelInUse(name="told", provider="x", known=True, stage="announced", ends_on="2027-05-24", answered_by="other"),
        ModelInUse(name="moved", provider="x", known=True, stage="rerouted", ends_on="2026-11-01", answered_by="other"),
        ModelInUse(name="new", provider="x", known=True, ends_on="2028-11-22"),
    ]
    ref = ModelRef(name="new", pin="pinned")
    lives = charts.lifetimes(
        report(models=models, tasks=[task(baseline=None, candidate=ref)], started="2026-11-22T10:00:00Z")
    )
    assert [(life.kind, round(life.width / charts.WIDTH, 1), f"{life.model}: {life.end}") for life in lives] == [
        ("gone", 0.0, "moved: answered by other since 2026-11-01"),
        ("dated", 0.3, "told: answered by other from 2027-05-24, 183 days left"),
        ("dated", 0.5, "half: shut down on 2027-08-23, 274 days left; then next"),
        ("dated", 1.0, "new: shut down on 2028-11-22, 731 days left"),
        ("dated", 1.0, "far: shut down on 2029-01-01 at the earliest, 771 days left"),
        ("open", 1.0, "open: no shutdown date is known; not before 2027-02-01"),
    ]
    many = [ModelInUse(name=f"m{n}", provider="x", ends_on="2027-01-01") for n in range(500)]
    assert len(charts.lifetimes(report(models=many, started="2026-11-22T10:00:00Z"))) == charts.MAX_LIVES


def test_tool_calls_of_results_are_written_as_in_notable_cases() -> None:
    row = {"task": "t", "case": "c", "arm": "baseline", "phase": "first", "repeat": 0, "grade": None}
    row["completion"] = {"text": "Done.", "tool_calls": [{"id": "1", "name": "book", "arguments": '{"a": 1}'}]}
    (record,) = html_cases.cases(report(outputs="full"), [row]).records
    text, _, calls = record["baseline"]["text"].partition("\n")
    assert (text, json.loads(calls)) == ("Done.", [{"name": "book", "arguments": '{"a": 1}'}])


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://github.test/acme/app/pull/7", ["https://github.test/acme/app/pull/7"]),
        ("", []),
        ("javascript:alert(1)", []),
        ("data:text/html,x", []),
        ('https://github.test/"onclick="x', []),
        ("https://github.test/pull/7 onclick", []),
    ],
)
def test_a_point_of_the_checklist_links_its_evidence_where_that_is_a_web_address(url: str, linked: list[str]) -> None:
    item = ChecklistItem(text="outcomes were watched", state="done", evidence="72 hours", url=url)
    html = Elements()
    html.feed(render(report(checklist=[item])))
    assert html.links == linked
    assert "onclick" not in html.attributes
