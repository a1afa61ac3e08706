"""Any report, with the worst texts in every field that data can reach."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

from hypothesis import strategies as st

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
    ReportVerdict,
    SideOutput,
    TaskReport,
)

ATTACKS = [
    "@octocat",
    "\\@octocat",
    "&#64;octocat",
    "![x](https://evil.example/p.png)",
    '<img src="https://evil.example/p.png" onerror=alert(1)>',
    "[click](https://evil.example)",
    "https://evil.example/p",
    "www.evil.example",
    "mailto:a@b.example",
    "<https://evil.example>",
    "org/repo#12",
    "#12",
    "GH-12",
    "1f3c9ab",
    "```\n@octocat\n```",
    "````\n\n</details>\n\n@octocat\n",
    "~~~\n@octocat",
    "a` @octocat `b",
    "`@octocat",
    "x | @octocat | `",
    "a\\| @octocat",
    "a\\\\| @octocat `",
    "<!-- x",
    "-->@octocat",
    "</details><h1>x",
    "</summary><h1>@octocat",
    "<details>",
    "</script><script>alert(1)</script>",
    "**bold** _it_ ~~no~~",
    "# title",
    "- item",
    "1. item",
    "> quote",
    "$\\frac{a}{b}$",
    ":tada:",
    "[a]: https://evil.example",
    "a\u202eb",
    "a\u200bb",
    "\x1b[31mred",
    "\ud800",
    "---",
    "===",
    "\n\n@octocat\n\n",
    "\n::error::x",
    "##[error]x",
    "]]>&<",
]
CHARACTERS = st.sampled_from(
    [*"`~@#<>[]()!|\\*_&;:/.-+=$' \"\n\t\r\x1b\x00\u202e\u200b", "a", "b", "1", "é", "文", "\ud800", "\U000e0041"]
)
TEXTS = st.one_of(
    st.text(CHARACTERS, max_size=30), st.sampled_from(ATTACKS), st.builds("Try {} now".format, st.sampled_from(ATTACKS))
)


def hostile_report(texts: Sequence[str], verdict: ReportVerdict, exit_code: int = 1) -> GateReport:
    """Return a report that carries the texts, in turn, in every field that takes text."""
    # pydantic refuses lone surrogates, so no report holds any.
    turn = cycle([text.encode("utf-8", "replace").decode("utf-8") for text in texts])

    def some(number: int = 2) -> list[str]:
        return [next(turn) for _ in range(number)]

    def side(text: str | None, outcome: str = "ok") -> SideOutput:
        return SideOutput(text=text, outcome=outcome, reason=next(turn), runs=6, passes=3, passed=False, score=0.5)

    def case(baseline: str | None, candidate: str | None, status: str) -> NotableCase:
        return NotableCase.model_validate(
            {
                "id": next(turn),
                "category": next(turn),
                "status": status,
                "why": next(turn),
                "baseline": side(baseline),
                "candidate": side(candidate, next(turn)),
            }
        )

    def model() -> ModelRef:
        return ModelRef(name=next(turn), pin="floating", shutdown_on=next(turn), served=some())

    def task() -> TaskReport:
        pair = Pair(baseline=0.9, candidate=0.8)
        return TaskReport(
            task=next(turn),
            verdict="fail" if verdict in {"stale", "cancelled"} else verdict,
            reasons=some(3),
            changed=some(),
            baseline=model(),
            candidate=model(),
            no_baseline=next(turn),
            cases=10,
            valid=9,
            excluded=dict.fromkeys(some(), 1),
            pass_rate=pair,
            non_regression_rate=0.9,
            outcomes={next(turn): dict.fromkeys(some(), 2)},
            cost=Cost(per_1000_requests=pair, change=Difference(estimate=-0.1), unpriced=some()),
            latency=Latency(p50=pair, p95=pair),
            categories={name: Category(cases=2, pass_rate=pair, strict=True) for name in some()},
            attribution=next(turn),
            notable_cases=[
                case(next(turn), next(turn), "regressed"),
                case(None, next(turn), "excluded"),
                case(next(turn), f"x\n{next(turn)}\ny", "flaky"),
            ],
            further_cases={"regressed": some()},
        )

    def finding(path: str | None) -> ReportFinding:
        return ReportFinding(
            rule=next(turn), severity="error", path=path, line=3, message=next(turn), help=next(turn), blocking=True
        )

    return GateReport(
        verdict=verdict,
        exit_code=exit_code,
        ranking=some() if verdict == "pass" else [],
        reasons=some(),
        base=next(turn),
        head=next(turn),
        policy_source=next(turn),
        started=next(turn),
        seconds=12.0,
        cost_usd=0.1,
        max_usd=5.0,
        requests=20,
        tasks=[task(), task()] if verdict != "unchanged" else [],
        uncovered=some(),
        findings=[finding(next(turn)), finding(None)],
        checklist=[ChecklistItem(text=next(turn), evidence=next(turn), state="missing")],
        notes=some(),
        next_step=next(turn),
    )


VERDICTS: list[ReportVerdict] = ["pass", "fail", "inconclusive", "error", "stale", "cancelled", "unchanged"]
REPORTS = st.builds(
    hostile_report, st.lists(TEXTS, min_size=1, max_size=7), st.sampled_from(VERDICTS), st.sampled_from([0, 1, 3, 5])
)
