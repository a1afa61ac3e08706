"""One report for each state that a reader can meet. The figures are invented; the sentences are the program's own."""

from __future__ import annotations

from pinward.commands.gate.report import SET_UP
from pinward.core.report import Category, Cost, Difference, GateReport, Latency, ModelRef, NotableCase, Pair, SideOutput
from tests.golden.parts import (
    BASE,
    BLOCKED_TASK,
    BROKEN,
    CHECKLIST,
    EDITED,
    FLOATING,
    HAIKU,
    NEW,
    NO_FLOOR,
    NOT_EVALUATED,
    OLD,
    PROVEN_BEFORE,
    RETIRED,
    SKIPPED,
    STORED,
    SUITE_LOSS,
    report,
    side,
    task,
)

STATES: dict[str, GateReport] = {
    "blocked": report(
        verdict="fail",
        exit_code=1,
        reasons=BLOCKED_TASK.reasons,
        tasks=[BLOCKED_TASK],
        checklist=CHECKLIST,
        next_step="Look at the cases that broke, adapt the prompt for `openai/gpt-5.6-terra`, or keep "
        "`openai/gpt-5.1-2025-11-13`.",
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
        next_step="Look at the cases that fell, adapt the prompt for `openai/gpt-5.6-terra`, or keep "
        "`openai/gpt-5.1-2025-11-13`.",
    ),
    "blocked_by_a_finding": report(
        verdict="fail", exit_code=1, findings=[FLOATING, RETIRED], requests=0, cost_usd=None, seconds=0.4
    ),
    "passed": report(tasks=[task()]),
    "passed_proven": report(
        tasks=[
            task(
                proven=True,
                reasons=["No case broke on 400.", "400 cases: +0.5 points (-1.6 to +2.7), within the margin of 5."],
                cases=400,
                valid=400,
                pass_rate=Pair(baseline=0.95, candidate=0.955),
                difference=Difference(estimate=0.005, low=-0.016, high=0.027),
                improved=2,
                margin=0.05,
                categories={},
            )
        ]
    ),
    "passed_without_a_baseline": report(
        tasks=[
            task(
                reasons=[
                    (
                        "`openai/gpt-5.6-terra` passes 97.9% of 48 cases; there is nothing to compare with "
                        "(openai/gpt-4-0613 is retired since 2026-06-06)."
                    ),
                    "The floor (90%) and the strict categories held.",
                ],
                no_baseline="openai/gpt-4-0613 is retired since 2026-06-06",
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
        next_step="Grow the suite to about 75 cases, or widen `policy.gate.margin`.",
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
            (
                "`openai/gpt-5.6-tera`: openai does not serve this model (HTTP 404 model_not_found). "
                "Did you mean `gpt-5.6-terra`? No case was run."
            ),
        ],
        requests=1,
        cost_usd=0.0,
        seconds=2.0,
        next_step="Run `pinward explain openai/gpt-5.6-tera`, and name a model that this account can call.",
    ),
    "no_policy_yet": report(
        verdict="fail",
        exit_code=1,
        reasons=["1 model name changes, and the base commit has no pinward.yml that says how to evaluate it."],
        policy_source="defaults",
        requests=0,
        cost_usd=None,
        seconds=0.6,
        uncovered=["`app/chat.py:14`: `gpt-4o-2024-08-06` -> `gpt-4o`"],
        findings=[FLOATING],
        next_step=SET_UP,
    ),
    "from_a_fork": report(
        verdict="fail",
        exit_code=1,
        reasons=[NOT_EVALUATED],
        requests=0,
        cost_usd=None,
        seconds=0.6,
    ),
    "blocked_by_a_step": report(
        verdict="fail", exit_code=1, reasons=["1 finding of the scan blocks."], tasks=[task()], findings=[SKIPPED]
    ),
    "blocked_by_an_edited_case": report(
        verdict="fail",
        exit_code=1,
        reasons=[EDITED],
        requests=0,
        cost_usd=None,
        seconds=0.6,
    ),
    "new_task": report(
        tasks=[
            task(
                reasons=[
                    "`openai/gpt-5.6-terra` passes 97.9% of 48 cases; there is nothing to compare with (new task)."
                ],
                no_baseline="new task",
                baseline=None,
                pass_rate=Pair(candidate=47 / 48),
                non_regression_rate=None,
                difference=None,
                cost=Cost(per_1000_requests=Pair(candidate=1.12)),
                latency=Latency(p50=Pair(candidate=0.61), p95=Pair(candidate=1.31)),
                categories={},
            )
        ],
        notes=[NO_FLOOR],
    ),
    "rolled_back": report(
        tasks=[
            task(
                proven_before=True,
                reasons=[PROVEN_BEFORE],
                changed=["model: `openai/gpt-5.6-terra` -> `openai/gpt-5.1-2025-11-13`"],
                baseline=NEW,
                candidate=OLD,
                pass_rate=Pair(candidate=46 / 48),
                non_regression_rate=None,
                difference=None,
                improved=0,
                cost=Cost(),
                latency=Latency(),
                categories={},
            )
        ],
        notes=[STORED],
        requests=0,
        cost_usd=None,
        seconds=0.9,
    ),
    "migrated": report(
        head=BASE,
        tasks=[
            task(task="extract_entities on openai/gpt-5.6-terra"),
            BLOCKED_TASK.model_copy(
                update={
                    "task": "extract_entities on anthropic/claude-haiku-4-5-20251001",
                    "reasons": ["2 of 48 cases broke on `anthropic/claude-haiku-4-5-20251001` (0 allowed)."],
                    "candidate": HAIKU,
                    "notable_cases": [BROKEN],
                    "attribution": None,
                }
            ),
        ],
        ranking=["openai/gpt-5.6-terra", "anthropic/claude-haiku-4-5-20251001"],
        next_step="Set `tasks.extract_entities.model` to the model of your choice, and open a pull request: its gate "
        "decides.",
    ),
    "stopped_at_its_limit": report(
        verdict="inconclusive",
        exit_code=5,
        reasons=["17 of 48 cases were not run to the end (budget)."],
        cost_usd=5.0,
        next_step="Raise `policy.budget` on the base branch, or run a smaller suite.",
    ),
    "stale": report(
        verdict="stale", exit_code=3, reasons=["The branch moved to `9ab01de` while this ran; its own run follows."]
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
