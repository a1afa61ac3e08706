"""The first pass over the cases: which calls it needs, and what each case says on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pinward.core.evidence import (
    BASELINE,
    CANDIDATE,
    Call,
    CaseComparison,
    CaseStatus,
    Grade,
    Indexed,
    Phase,
    PlannedCase,
    Sample,
    Tally,
    TaskPlan,
)
from pinward.core.policy import GatePolicy

Ledger = Mapping[Call, Sample]
NOT_RUN = "not_run"
_NEVER_SENT = {"budget", "cancelled"}
_NO_ANSWER = ("infra_error", "model_unavailable")
_EXACT = 1e-12  # differences below this are rounding


def to_ledger(samples: Sequence[Sample]) -> Ledger:
    """Index samples by call. The first sample of a call stands: nothing is repeated until it pleases."""
    if isinstance(samples, Indexed):
        return samples.by_call()
    ledger: dict[Call, Sample] = {}
    for sample in samples:
        ledger.setdefault(sample.call, sample)
    return ledger


def trouble(sample: Sample | None) -> str | None:
    """Say why a call tells nothing of its model; None where it was answered and graded."""
    if sample is None:
        return NOT_RUN
    fault, outcome = sample.completion.fault, sample.completion.outcome
    if fault is not None and fault.kind in _NEVER_SENT:
        return NOT_RUN
    if outcome in _NO_ANSWER:
        return outcome
    if sample.grade is None:
        return "not_graded"
    return None if 0 <= sample.grade.score <= 1 else "invalid_score"  # NaN compares false


def arms(plan: TaskPlan) -> tuple[str, ...]:
    """Return the sides that a plan asks."""
    alone = plan.no_baseline or plan.proven_before or plan.baseline is None
    return (CANDIDATE,) if alone else (BASELINE, CANDIDATE)


def repeats(case: PlannedCase, policy: GatePolicy) -> int:
    """Return the runs a side of the first pass: a suite may raise the policy's number, never lower it."""
    return max(case.repeats, policy.repeats, 1)


def first_calls(plan: TaskPlan, policy: GatePolicy) -> Iterator[Call]:
    """Yield the first pass, both sides interleaved; which side goes first alternates."""
    sides = arms(plan)
    for index, case in enumerate(plan.cases):
        for repeat in range(repeats(case, policy)):
            for arm in sides[:: -1 if (index + repeat) % 2 else 1]:
                yield Call(plan.task, case.id, arm, "first", repeat)


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of one case in one phase, by side: only repeats that every side answered, so that sides stay alike.

    `troubles` holds what went wrong with the others, as (side, trouble).
    """

    grades: Mapping[str, Sequence[Grade]]
    troubles: tuple[tuple[str, str], ...]


def collect(key: tuple[str, str], sides: Sequence[str], phase: Phase, count: int, ledger: Ledger) -> Runs:
    """Gather the first `count` repeats of case `key` = (task, case)."""
    grades: dict[str, list[Grade]] = {side: [] for side in sides}
    troubles: list[tuple[str, str]] = []
    for repeat in range(count):
        samples = {side: ledger.get(Call(*key, side, phase, repeat)) for side in sides}
        found = [(side, said) for side, sample in samples.items() if (said := trouble(sample))]
        troubles += found
        if not found:
            for side, sample in samples.items():
                grades[side] += [sample.grade] if sample and sample.grade else []
    return Runs(grades, tuple(troubles))


def tally(grades: Sequence[Grade]) -> Tally:
    """Count runs and passes; the score is the mean, None without a run."""
    total = sum(grade.score for grade in grades)
    return _tally(len(grades), sum(grade.passed for grade in grades), total / len(grades) if grades else None)


@lru_cache(maxsize=1_000)
def _tally(runs: int, passes: int, score: float | None) -> Tally:
    """Return one object for all the cases that came out alike: most are one of very few."""
    return Tally(runs, passes, score)


def first_pass(plan: TaskPlan, sides: Sequence[str], ledger: Ledger, policy: GatePolicy) -> list[CaseComparison]:
    """Compare every case on its first-pass runs.

    A fallen case is `unconfirmed`, or `regressed` at once where no confirmation is asked for: a strict category,
    `confirm: 0`, or providers that state determinism.
    """
    return [_compare(plan, case, sides, ledger, policy) for case in plan.cases]


def _compare(
    plan: TaskPlan, case: PlannedCase, sides: Sequence[str], ledger: Ledger, policy: GatePolicy
) -> CaseComparison:
    runs = collect((plan.task, case.id), sides, "first", repeats(case, policy), ledger)
    baseline, candidate = tally(runs.grades.get(BASELINE, ())), tally(runs.grades[CANDIDATE])
    strict = case.category in policy.strict_categories
    excluded, status = None, _status(baseline, candidate, policy.min_score_drop)
    if not candidate.runs:
        status, excluded = "excluded", ": ".join(runs.troubles[0])
    elif BASELINE not in sides:
        status = "absolute"
    elif status == "unconfirmed" and (strict or plan.deterministic or policy.confirm == 0):
        status = "regressed"
    return CaseComparison(case.id, case.category, status, baseline, candidate, strict=strict, excluded=excluded)


def _status(baseline: Tally, candidate: Tally, min_score_drop: float) -> CaseStatus:
    if baseline.score is None or candidate.score is None:
        return "excluded"
    difference = candidate.score - baseline.score
    jitter = 0.0 if is_pass_fail(baseline) and is_pass_fail(candidate) else min_score_drop
    if abs(difference) <= jitter + _EXACT:
        return "held"
    return "improved" if difference > 0 else "unconfirmed"


def is_pass_fail(side: Tally) -> bool:
    """Tell whether the scores say no more than the passes."""
    return side.score is not None and abs(side.score * side.runs - side.passes) < _EXACT


def differences(cases: Iterable[CaseComparison]) -> list[float]:
    """Return candidate minus baseline of the cases valid on both sides."""
    pairs = ((case.baseline.score, case.candidate.score) for case in cases)
    return [c - b for b, c in pairs if b is not None and c is not None]


def pass_share(side: Tally) -> float:
    """Return the share of runs that passed.

    Shares are averaged over cases: a majority would call a case that passes 6 times of 10 a passed case, and hide what
    half broke.
    """
    return side.passes / side.runs


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of one side's calls: how many of each outcome, and of each fault where there was no answer."""

    outcomes: Counter[str]
    faults: Counter[str]

    @property
    def asked(self) -> int:
        """Count the calls that were sent."""
        return self.outcomes.total()

    @property
    def broken(self) -> int:
        """Count the calls that tell nothing of the model."""
        return sum(self.outcomes[name] for name in (*_NO_ANSWER, "not_graded", "invalid_score"))

    @property
    def unanswered(self) -> bool:
        """Tell whether calls were sent and none was answered."""
        return 0 < self.asked == sum(self.outcomes[name] for name in _NO_ANSWER)

    @property
    def unavailable(self) -> bool:
        """Tell whether calls were sent and the model was never there."""
        return 0 < self.asked == self.outcomes["model_unavailable"]


def answers(plan: TaskPlan, ledger: Ledger) -> dict[str, Answers]:
    """Count what came of the calls of a plan's cases, by side; calls that were never sent are left out."""
    cases = {case.id for case in plan.cases}
    sides = {side: Answers(Counter(), Counter()) for side in (BASELINE, CANDIDATE)}
    for call, sample in ledger.items():
        said = trouble(sample)
        if call.task != plan.task or call.case not in cases or call.arm not in sides or said == NOT_RUN:
            continue
        sides[call.arm].outcomes[said or sample.completion.outcome] += 1
        if said:
            fault = sample.completion.fault
            sides[call.arm].faults[fault.kind if fault else said] += 1
    return sides


def cut_off(plan: TaskPlan, sides: Sequence[str], ledger: Ledger, policy: GatePolicy) -> int:
    """Count the cases whose first pass was not run to its end."""
    calls = (call for call in first_calls(plan, policy) if call.arm in sides)
    return len({call.case for call in calls if trouble(ledger.get(call)) == NOT_RUN})
