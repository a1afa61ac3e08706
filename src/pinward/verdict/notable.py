"""The cases that a reader should look at, with what both sides answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pinward.core.evidence import (
    BASELINE,
    CANDIDATE,
    Call,
    CaseComparison,
    Completion,
    Grade,
    PlannedCase,
    Sample,
    TaskPlan,
)
from pinward.core.policy import GatePolicy, Outputs
from pinward.core.report import NotableCase, NotableStatus, SideOutput
from pinward.verdict.cases import Ledger, repeats, trouble

MOST = 50
MAX_OUTPUT = 8_000  # characters of one answer; whole answers are in results.jsonl
MAX_REASON = 2_000
_ORDER: tuple[NotableStatus, ...] = (
    "regressed",
    "failed",
    "unconfirmed",
    "excluded",
    "flaky",
    "recovered",
    "improved",
)
_FAILING: set[NotableStatus] = {"regressed", "failed", "unconfirmed", "flaky"}


@dataclass(frozen=True, slots=True)
class Shown:
    """How outputs leave the runner: how much of them the policy lets out, and what is redacted from them."""

    outputs: Outputs
    redact: Callable[[str], str]

    def text(self, completion: Completion, status: NotableStatus) -> str | None:
        """Return the answer, redacted before it is cut, so that no half of a secret is left; None where it stays."""
        if self.outputs == "none" or (self.outputs == "failed" and status not in _FAILING):
            return None
        calls = [{"name": call.name, "arguments": call.arguments} for call in completion.tool_calls]
        parts = [completion.text] if completion.text else []
        parts += [json.dumps(calls, indent=1, ensure_ascii=False)] if calls else []
        return cut(self.redact("\n".join(parts)), MAX_OUTPUT)

    def reason(self, grade: Grade) -> str:
        """Return why an answer failed. Reasons quote the answer, so under `none` only the checks are named."""
        if grade.passed:
            return ""
        failed = [part for part in grade.parts if not part.passed]
        if self.outputs == "none":
            return ", ".join(dict.fromkeys(f"`{part.check}` failed" for part in failed or [grade] if part.check))
        return cut(self.redact(grade.reason or "; ".join(part.reason for part in failed if part.reason)), MAX_REASON)


def cut(text: str, limit: int) -> str:
    """Cut to `limit` characters and say how many are left out."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - 40]}\n... ({len(text) - limit + 40:,} more characters)"


def notable_cases(
    plan: TaskPlan, cases: Sequence[CaseComparison], ledger: Ledger, policy: GatePolicy, shown: Shown
) -> tuple[list[NotableCase], dict[NotableStatus, list[str]]]:
    """Return the notable cases, worst first, at most 50, and the ids of the others by status."""
    planned = {case.id: case for case in plan.cases}
    ranked = sorted(
        ((_ORDER.index(status), case.case, status, case) for case in cases if (status := _status(case))),
        key=lambda row: row[:2],
    )
    chosen = [
        _notable(_Seen(plan, case, planned[case.case], ledger, policy), status, shown)
        for _, _, status, case in ranked[:MOST]
    ]
    further: dict[NotableStatus, list[str]] = {}
    for _, name, status, _ in ranked[MOST:]:
        further.setdefault(status, []).append(_id(name, shown))
    return chosen, further


def _id(case: str, shown: Shown) -> str:
    return cut(shown.redact(case), 500)


def _status(case: CaseComparison) -> NotableStatus | None:
    if case.status == "absolute":
        return "failed" if case.candidate.passes < case.candidate.runs else None
    return None if case.status == "held" else case.status


@dataclass(frozen=True, slots=True)
class _Seen:
    """One case with access to its samples."""

    plan: TaskPlan
    case: CaseComparison
    planned: PlannedCase
    ledger: Ledger
    policy: GatePolicy

    def sample(self, side: str, repeat: int) -> Sample | None:
        return self.ledger.get(Call(self.plan.task, self.case.case, side, "first", repeat))

    def telling_repeat(self) -> int:
        """Return the first-pass repeat that shows most: the candidate trails furthest, or an answer is missing."""

        def trail(repeat: int) -> float:
            samples = (self.sample(BASELINE, repeat), self.sample(CANDIDATE, repeat))
            if self.case.status == "excluded":
                return -sum(trouble(sample) is not None for sample in samples)
            before, after = (s.grade.score if s and s.grade and trouble(s) is None else None for s in samples)
            improved = -1 if self.case.status == "improved" else 1
            return 9 if after is None else improved * (after - (before or 0))

        return min(range(repeats(self.planned, self.policy)), key=trail)


def _notable(seen: _Seen, status: NotableStatus, shown: Shown) -> NotableCase:
    case, repeat = seen.case, seen.telling_repeat()
    sides = {side: seen.sample(side, repeat) for side in (BASELINE, CANDIDATE)}
    first, fresh = (case.baseline, case.candidate), (case.fresh_baseline, case.fresh_candidate)
    before, after = fresh if fresh[0] is not None and fresh[1] is not None else first
    delta = None
    if before and after and before.score is not None and after.score is not None:
        delta = after.score - before.score
    outputs = [
        _output(sides[side], tally.runs if tally else 0, tally.passes if tally else 0, status, shown)
        for side, tally in ((BASELINE, before), (CANDIDATE, after))
    ]
    return NotableCase(
        id=_id(case.case, shown),
        category=cut(case.category, 500),
        status=status,
        why=_why(case, outputs[1]),
        score_delta=delta,
        p_value=case.p_value,
        baseline=SideOutput() if status == "failed" else outputs[0],
        candidate=outputs[1],
    )


def _why(case: CaseComparison, candidate: SideOutput) -> str:
    if case.excluded:
        return f"Left out of the comparison: {case.excluded.replace('_', ' ')}."
    return candidate.reason


def _output(sample: Sample | None, runs: int, passes: int, status: NotableStatus, shown: Shown) -> SideOutput:
    if sample is None:
        return SideOutput(outcome="not_run", runs=runs, passes=passes)
    said, completion, grade = trouble(sample), sample.completion, sample.grade
    if said or grade is None:
        fault = completion.fault
        detail = cut(shown.redact(fault.detail), MAX_REASON) if fault else ""
        return SideOutput(outcome=said or "not_graded", reason=detail, runs=runs, passes=passes)
    return SideOutput(
        passed=grade.passed,
        score=grade.score,
        outcome=completion.outcome,
        text=shown.text(completion, status),
        reason=shown.reason(grade),
        runs=runs,
        passes=passes,
    )
