"""One report for each state that a reader can meet. The figures are invented; the sentences are the verdict's own."""

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

SUITE_LOSS = (
    "The suite as a whole got worse on `openai/gpt-5.6-terra`: 11 of 48 cases fell and 2 rose "
    "(one-sided p = 0.0076, at most 0.025)."
)

STATES: dict[str, GateReport] = {
    "blocked": report(
        verdict="fail",
        exit_code=1,
        reasons=BLOCKED_TASK.reasons,
        tasks=[BLOCKED_TASK],
        checklist=CHECKLIST,
        next_step="ask for a number in the prompt for `openai/gpt-5.6-terra` (`prompts/extract_entities.yml` has no "
        "version for it yet), or keep the baseline: it lives until 2027-04-01.",
    ),
    "blocked_by_the_suite": report(
        verdict="fail",
        exit_code=1,
        tasks=[
            task(
                verdict="fail",
                reasons=[SUITE_LOSS],
                pass_rate=Pair(baseline=46 / 48, candidate=37 / 48),
                difference=Difference(estimate=-9 / 48, low=-0.331, high=-0.047),
                non_regression_rate=37 / 48,
                flaky=7,
                recovered=4,
                improved=2,
                p_value=0.0076,
            )
        ],
        next_step="compare the prompts of both models, or keep the baseline.",
    ),
    "blocked_by_a_finding": report(
        verdict="fail", exit_code=1, findings=[FLOATING, RETIRED], requests=0, cost_usd=None, seconds=0.4
    ),
    "passed": report(tasks=[task()]),
    "passed_proven": report(
        tasks=[
            task(
                proven=True,
                reasons=["No case broke on 400.", "400 cases: +0.3 points (-1.9 to +2.4), within the margin of 5."],
                cases=400,
                valid=400,
                pass_rate=Pair(baseline=0.9525, candidate=0.955),
                difference=Difference(estimate=0.0025, low=-0.019, high=0.024),
                margin=0.05,
                categories={},
            )
        ]
    ),
    "passed_without_a_baseline": report(
        tasks=[
            task(
                reasons=["No baseline (retired: `gpt-4-0613`): 97.9% of 48 cases pass on `openai/gpt-5.6-terra`."],
                no_baseline="retired: `gpt-4-0613`",
                baseline=ModelRef(name="openai/gpt-4-0613", pin="pinned", shutdown_on="2026-06-06"),
                pass_rate=Pair(candidate=47 / 48),
                non_regression_rate=None,
                difference=None,
                cost=Cost(per_1000_requests=Pair(candidate=1.12)),
                latency=Latency(p50=Pair(candidate=0.61), p95=Pair(candidate=1.31)),
                categories={"format": Category(cases=12, pass_rate=Pair(candidate=1.0), strict=True)},
            )
        ]
    ),
    "not_enough_evidence": report(
        verdict="inconclusive",
        exit_code=3,
        tasks=[
            task(
                verdict="inconclusive",
                reasons=["The policy asks for proof within 5 points; 12 cases cannot give it, about 75 would."],
                cases=12,
                valid=12,
                pass_rate=Pair(baseline=1.0, candidate=1.0),
                difference=Difference(estimate=0.0, low=-0.242, high=0.242),
                improved=0,
                cases_needed=75,
                margin=0.05,
                categories={},
            )
        ],
        next_step="add about 63 cases to `evals/extract_entities.yml`, or ask for less proof.",
    ),
    "not_enough_evidence_tolerated": report(
        verdict="inconclusive",
        exit_code=0,
        tasks=[
            task(
                verdict="inconclusive",
                reasons=[
                    "9 of 96 calls to the candidate could not be judged (rate limit: 7, timeout: 2); 2% are tolerated."
                ],
                valid=41,
                excluded={"infra_error": 7},
                outcomes={"candidate": {"ok": 87, "infra_error": 9}, "baseline": {"ok": 96}},
            )
        ],
    ),
    "could_not_evaluate": report(
        verdict="error",
        exit_code=4,
        reasons=[
            "`openai/gpt-5.6-tera` is unknown to OpenAI (404). Did you mean `openai/gpt-5.6-terra`? No case was run."
        ],
        requests=1,
        cost_usd=0.0,
        seconds=2.0,
        next_step="correct the name in `pinward.yml` and push again.",
    ),
    "no_policy_yet": report(
        verdict="error",
        exit_code=2,
        reasons=["`main` has no `pinward.yml`, so there is no policy to judge by. No case was run."],
        policy_source="defaults",
        requests=0,
        cost_usd=None,
        seconds=0.6,
        findings=[FLOATING],
        next_step="merge a `pinward.yml` first (`pinward init` writes one); the gate then guards every later change.",
    ),
    "stopped_at_its_limit": report(
        verdict="inconclusive",
        exit_code=5,
        reasons=["17 of 48 cases were not run to the end (budget)."],
        cost_usd=5.0,
        next_step="raise `policy.budget.max_usd` on the base branch, or make the suite smaller.",
    ),
    "stale": report(
        verdict="stale", exit_code=0, reasons=["The branch moved to `9ab01de` while this ran; its own run follows."]
    ),
    "cancelled": report(
        verdict="cancelled",
        exit_code=143,
        reasons=["The run was interrupted; nothing is decided."],
        requests=31,
        cost_usd=0.11,
        seconds=52.0,
    ),
    "floating_names": report(
        verdict="unchanged", findings=[FLOATING], requests=0, cost_usd=None, seconds=0.4, policy_source="defaults"
    ),
    "without_a_suite": report(
        verdict="unchanged",
        requests=0,
        cost_usd=None,
        seconds=0.4,
        uncovered=["`app/summary.py:3` changes `gpt-4o-2024-08-06` to `gpt-5.1-2025-11-13`."],
        next_step="name the task in `pinward.yml` and give it a suite, so that the next change is tried first.",
    ),
    "several_tasks": report(
        verdict="fail",
        exit_code=1,
        seconds=1250,
        requests=2310,
        cost_usd=3.072,
        reasons=["`extract_entities`: 2 of 48 cases broke on `openai/gpt-5.6-terra` (0 allowed)."],
        tasks=[
            BLOCKED_TASK,
            task(
                task="summarise_ticket",
                candidate=ModelRef(
                    name="anthropic/claude-sonnet-4-6", pin="undated", served=["claude-sonnet-4-6", "claude-sonnet-4-5"]
                ),
                cost=Cost(per_1000_requests=Pair(baseline=1.84), unpriced=["anthropic/claude-sonnet-4-6"]),
                categories={},
                notable_cases=[
                    NotableCase(
                        id="angry-customer",
                        category="tone",
                        status="improved",
                        why="`not_contains` passes now",
                        baseline=side(0, 1, None),
                        candidate=side(1, 1, None),
                    ),
                    NotableCase(
                        id="empty-ticket",
                        category="edge_case",
                        status="excluded",
                        baseline=side(1, 1, "There is nothing to summarise."),
                        candidate=SideOutput(outcome="infra_error", reason="timeout after 60 s"),
                    ),
                ],
            ),
        ],
        notes=["The pull request edits `policy`; its edit takes effect after the merge."],
        uncovered=["`app/rank.py:40` changes `temperature` of a call that no task covers."],
        findings=[RETIRED.model_copy(update={"blocking": False})],
    ),
    "unchanged": report(verdict="unchanged", requests=0, cost_usd=None, seconds=0.3),
}
