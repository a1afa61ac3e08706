"""The second guard: is the candidate worse on work like this? The suite as a sample, one task at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pinward.core.evidence import CaseComparison, Tally
from pinward.core.figures import Interval, Sides
from pinward.core.policy import GatePolicy
from pinward.verdict.cases import differences, pass_share
from pinward.verdict.intervals import binomial_interval, student, tango
from pinward.verdict.power import cases_needed_flips, cases_needed_mean, detectable_flips, detectable_mean_loss
from pinward.verdict.resample import mean
from pinward.verdict.stats import mcnemar_p, sign_flip_p


@dataclass(frozen=True, slots=True)
class SuiteFigures:
    """What the suite says as a whole, over its `valid` cases; None where there is nothing to say it of."""

    valid: int
    fell: int
    rose: int
    pass_rate: Sides
    mean_score: Sides = field(default_factory=Sides)
    pass_rate_change: Interval | None = None
    non_regression_rate: float | None = None
    difference: Interval | None = None
    p_value: float | None = None
    detectable_loss: float | None = None
    cases_needed: int | None = None


def measure(cases: Sequence[CaseComparison], policy: GatePolicy) -> SuiteFigures:
    """Measure the first pass. Cases that are not valid on both sides are left out of every figure."""
    valid = [case for case in cases if case.status != "excluded"]
    changes = differences(valid)
    rates = Sides(_rate([case.baseline for case in valid]), _rate([case.candidate for case in valid]))
    if not changes:
        return SuiteFigures(len(valid), 0, 0, rates)
    scores = Sides(_score([case.baseline for case in valid]), _score([case.candidate for case in valid]))
    fell = sum(case.status not in {"held", "improved"} for case in valid)
    rose = sum(case.status == "improved" for case in valid)
    test = _flips if all(_is_one_flip(case) for case in valid) else _means
    interval, p, loss, needed = test(changes, policy)
    return SuiteFigures(
        valid=len(valid),
        fell=fell,
        rose=rose,
        pass_rate=rates,
        mean_score=scores,
        pass_rate_change=_pass_rate_change(valid, policy.alpha),
        non_regression_rate=1 - fell / len(valid),
        difference=interval,
        p_value=p,
        detectable_loss=loss,
        cases_needed=needed,
    )


def upper_pass_rate(cases: Sequence[CaseComparison], alpha: float) -> float | None:
    """Return the exact upper bound of the candidate's pass rate; None without a valid case.

    Shares of several runs vary less than one run does, so the bound of single runs stays valid for them.
    """
    shares = [pass_share(case.candidate) for case in cases if case.status != "excluded"]
    return binomial_interval(sum(shares), len(shares), alpha).high if shares else None


def _pass_rate_change(valid: Sequence[CaseComparison], alpha: float) -> Interval:
    changes = [pass_share(case.candidate) - pass_share(case.baseline) for case in valid]
    if all(case.baseline.runs == 1 for case in valid):
        return tango(changes.count(-1), changes.count(1), len(changes), alpha)
    return student(changes, alpha)


_Figures = tuple[Interval, float, float | None, int | None]


def _flips(changes: Sequence[float], policy: GatePolicy) -> _Figures:
    n, losses, gains = len(changes), sum(d < 0 for d in changes), sum(d > 0 for d in changes)
    needed = None if policy.margin is None else cases_needed_flips(losses, gains, n, policy.margin, policy.alpha)
    detectable = detectable_flips(n, gains / n, policy.alpha)
    return tango(losses, gains, n, policy.alpha), mcnemar_p(losses, gains), detectable, needed


def _means(changes: Sequence[float], policy: GatePolicy) -> _Figures:
    needed = None if policy.margin is None else cases_needed_mean(changes, policy.margin, policy.alpha)
    detectable = detectable_mean_loss(changes, policy.alpha)
    return student(changes, policy.alpha), sign_flip_p(changes), detectable, needed


def _is_one_flip(case: CaseComparison) -> bool:
    sides = (case.baseline, case.candidate)
    return all(side.runs == 1 and side.score in {0, 1} for side in sides)


def _score(sides: Sequence[Tally]) -> float | None:
    return mean([side.score for side in sides if side.score is not None])


def _rate(sides: Sequence[Tally]) -> float | None:
    return mean([pass_share(side) for side in sides if side.runs])
