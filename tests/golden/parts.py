"""The parts that the golden reports are made of: tasks, cases, findings. The figures are invented."""

from __future__ import annotations

from typing import Any

from pinward.core.report import (
    Category,
    ChecklistItem,
    Cost,
    Difference,
    GateReport,
    Latency,
    ModelRef,
    NotableCase,
    Pair,
    ReportFinding,
    SideOutput,
    TaskReport,
)

HEAD = "1f3c9ab2d4e5f60718293a4b5c6d7e8f90a1b2c3"
BASE = "8e0d7c6b5a49382716f5e4d3c2b1a09f8e7d6c5b"
OLD = ModelRef(name="openai/gpt-5.1-2025-11-13", pin="pinned", shutdown_on="2027-04-01")
NEW = ModelRef(name="openai/gpt-5.6-terra", pin="pinned")
HAIKU = ModelRef(name="anthropic/claude-haiku-4-5-20251001", pin="pinned")


def task(**fields: Any) -> TaskReport:
    """Return a passed task of 48 cases, with what a state needs to be different."""
    usual: dict[str, Any] = {
        "task": "extract_entities",
        "verdict": "pass",
        "reasons": [
            "No case broke on 48.",
            "A loss of 12 points or more, spread over the suite, would have been seen (power 0.8).",
        ],
        "changed": ["model: `openai/gpt-5.1-2025-11-13` -> `openai/gpt-5.6-terra`"],
        "baseline": OLD,
        "candidate": NEW,
        "cases": 48,
        "valid": 48,
        "pass_rate": Pair(baseline=46 / 48, candidate=47 / 48),
        "non_regression_rate": 1.0,
        "difference": Difference(estimate=1 / 48, low=-0.056, high=0.109),
        "detectable_loss": 0.12,
        "improved": 1,
        "cost": Cost(
            per_1000_requests=Pair(baseline=1.84, candidate=1.12),
            change=Difference(estimate=-0.391, low=-0.42, high=-0.36),
            monthly_change_usd=-144.0,
        ),
        "latency": Latency(
            p50=Pair(baseline=0.91, candidate=0.61),
            p95=Pair(baseline=2.12, candidate=1.31),
            change_p50=Difference(estimate=-0.33),
            change_p95=Difference(estimate=-0.38),
        ),
        "categories": {
            "happy_path": Category(cases=24, pass_rate=Pair(baseline=1.0, candidate=1.0)),
            "format": Category(cases=12, pass_rate=Pair(baseline=1.0, candidate=1.0), strict=True),
            "edge_case": Category(cases=12, pass_rate=Pair(baseline=10 / 12, candidate=11 / 12)),
        },
    }
    return TaskReport(**(usual | fields))


def report(**fields: Any) -> GateReport:
    """Return a passed run, with what a state needs to be different."""
    usual: dict[str, Any] = {
        "verdict": "pass",
        "exit_code": 0,
        "base": BASE,
        "head": HEAD,
        "policy_source": f"pinward.yml@{BASE[:7]}",
        "started": "2026-11-20T09:30:00Z",
        "seconds": 243.0,
        "cost_usd": 0.41,
        "max_usd": 5.0,
        "requests": 112,
    }
    return GateReport(**(usual | fields))


def side(passes: int, runs: int, text: str | None, **fields: Any) -> SideOutput:
    return SideOutput(passed=passes == runs, score=passes / runs, text=text, runs=runs, passes=passes, **fields)


BROKEN = NotableCase(
    id="multi-currency-total",
    category="format",
    status="regressed",
    why="`json_schema` failed: `$.total` is a string, number expected",
    score_delta=-1.0,
    p_value=0.001,
    baseline=side(6, 6, '{"company": "ACME", "total": 1204.50}'),
    candidate=side(0, 6, '{"company": "ACME", "total": "1,204.50 EUR"}'),
)
BROKEN_LONG = NotableCase(
    id="two-invoices-in-one-mail",
    category="edge_case",
    status="regressed",
    why="`json_equals` failed: `$.invoices[1].number` is `null`, `INV-2207` expected",
    score_delta=-0.5,
    baseline=side(
        5,
        6,
        '{"company": "Northwind", "invoices": [{"number": "INV-2206", "total": 310.0, "currency": "EUR"}, '
        '{"number": "INV-2207", "total": 95.5, "currency": "EUR"}]}',
    ),
    candidate=side(
        1,
        6,
        '{"company": "Northwind", "invoices": [{"number": "INV-2206", "total": 310.0, "currency": "EUR"}, '
        '{"number": null, "total": 95.5, "currency": "EUR"}]}',
    ),
)
FLAKY = NotableCase(
    id="handwritten-date",
    category="edge_case",
    status="flaky",
    why="fell in the first pass; fresh runs passed and failed on both sides alike",
    baseline=side(4, 6, '{"date": "2026-03-04"}'),
    candidate=side(4, 6, '{"date": "2026-04-03"}'),
)
BLOCKED_TASK = task(
    verdict="fail",
    reasons=["2 of 48 cases broke on `openai/gpt-5.6-terra` (0 allowed)."],
    pass_rate=Pair(baseline=46 / 48, candidate=44 / 48),
    difference=Difference(estimate=-2 / 48, low=-0.14, high=0.033),
    non_regression_rate=45 / 48,
    regressed=2,
    improved=0,
    flaky=1,
    categories={
        "happy_path": Category(cases=24, pass_rate=Pair(baseline=1.0, candidate=1.0)),
        "format": Category(cases=12, pass_rate=Pair(baseline=1.0, candidate=10 / 12), regressed=1, strict=True),
        "edge_case": Category(cases=12, pass_rate=Pair(baseline=10 / 12, candidate=9 / 12), regressed=1),
    },
    attribution="Model and prompt changed together: the model moved the pass rate by -4.2 points, the prompt by +0.0.",
    notable_cases=[BROKEN, BROKEN_LONG, FLAKY],
)
CHECKLIST = [
    ChecklistItem(text="The candidate is a pinned snapshot", state="done", evidence="`openai/gpt-5.6-terra`"),
    ChecklistItem(text="The prompt has a version for the candidate", state="missing", evidence="`prompts/extract.yml`"),
    ChecklistItem(text="A fallback of another provider is set", state="done", evidence="`anthropic/claude-opus-4-6`"),
    ChecklistItem(text="The owners of the task know of the change", state="unknown"),
]
FLOATING = ReportFinding(
    rule="unpinned-alias",
    severity="error",
    path="app/chat.py",
    line=14,
    model="openai/gpt-4o",
    message="`gpt-4o` answers as `gpt-4o-2024-08-06` today and shuts down on 2027-01-14.",
    help="Write `gpt-4o-2024-08-06`, or move to `gpt-5.1-2025-11-13`.",
    doc_url="https://example.invalid/rules/unpinned-alias",
)
RETIRED = ReportFinding(
    rule="retired-model",
    severity="error",
    path="app/summary.py",
    line=3,
    model="openai/gpt-4-0613",
    message="`gpt-4-0613` was shut down on 2026-06-06.",
    help="Its provider names `gpt-5.1-2025-11-13` as the replacement.",
    blocking=True,
)
SKIPPED = ReportFinding(
    rule="rollout-stage-skipped",
    severity="error",
    path="pinward.yml",
    line=7,
    message="task `extract_entities`: 1% -> 50% skips the stage 10%.",
    help="Go to 10% first, and let it soak.",
    blocking=True,
)

SUITE_LOSS = (
    "The suite as a whole got worse on `openai/gpt-5.6-terra`: 11 of 48 cases fell and 2 rose "
    "(one-sided p = 0.0076, at most 0.025)."
)
NOT_EVALUATED = (
    "Task `extract_entities` (model, prompt) changes, and nothing was evaluated: this pull request comes from a fork "
    "or from Dependabot and gets no keys; a maintainer can evaluate it by starting the workflow with its number and "
    "commit."
)
EDITED = (
    "Existing cases of extract_entities are edited or deleted (handwritten-date). The base's version decides until "
    "somebody else with write access approves this commit in a review."
)
NO_FLOOR = (
    "Nothing was asked of this new task: no floor is set (`policy.gate.min_pass_rate`) and the suite has no strict "
    "category."
)
PROVEN_BEFORE = (
    "`openai/gpt-5.1-2025-11-13` with this prompt and these parameters passed on the default branch before (commit "
    "`3c1d2e4f5`, 2026-11-02, 18 days old), so that nobody was asked again; 95.8% of 48 cases pass."
)
STORED = (
    "`extract_entities`: 48 answers of the candidate from the run of commit `3c1d2e4f5` (2026-11-02, 18 days old), "
    "served as `gpt-5.1-2025-11-13`. Their latency is not counted."
)
