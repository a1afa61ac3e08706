"""Ending the first pass of a large suite early (`policy.gate.early_stop`): a bet on the cases in random order.

Cases are a sample of the work, so the bets are those of sampling with replacement: the form without replacement closes
in on the suite's own mean and is wrong about the work a third of the time. Waudby-Smith, Ramdas, JRSS-B 86:1 (2024),
doi.org/10.1093/jrsssb/qkad009; the bet is their approximate GRAPA (section B.3).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pinward.core.evidence import BASELINE, CANDIDATE, CaseComparison, Evidence, PlannedCase, TaskPlan
from pinward.core.figures import Interval
from pinward.core.policy import GatePolicy
from pinward.verdict.cases import Ledger, arms, first_calls, first_pass
from pinward.verdict.special import bisect_root

FEWEST = 200  # cases: below, a first pass is cheap
_FIRST, _GROWTH = 60, 1.2  # cases of the first look, and how much larger each further one is
_BOLD = 0.9  # share of the wealth that a single bet may lose
_SEED = 20_240_214


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the first pass ended early: the mean difference lies in `interval`; `unvisited` cases were not run."""

    decided: Literal["pass", "fail"]
    interval: Interval
    unvisited: tuple[PlannedCase, ...]


def may_stop(plan: TaskPlan, evidence: Evidence, policy: GatePolicy) -> bool:
    """Tell whether this task is looked at in between: two sides, a large suite, and no shards."""
    return (
        policy.early_stop
        and evidence.total_cases is None
        and len(arms(plan)) == 2
        and sum(not case.added for case in plan.cases) >= FEWEST
    )


def reached(plan: TaskPlan, evidence: Evidence, ledger: Ledger, policy: GatePolicy) -> tuple[TaskPlan, Stop | None]:
    """Return the plan with the cases that are to be run so far, and why no more of them are, once that is decided.

    Cases of strict categories and those that the head adds are always run; the former count where the order has them.
    """
    if not may_stop(plan, evidence, policy):
        return plan, None
    order = [case for case in plan.cases if not case.added]
    random.Random(_SEED).shuffle(order)  # noqa: S311 -- a seeded order, no secret
    for size in _sizes(len(order)):
        part, rest = _part(plan, order, size, policy)
        if any(call not in ledger for call in first_calls(part, policy)):
            return (plan if evidence.stopped else part), None
        if stop := _look(part, order[:size], ledger, policy, len(evidence.plans)):
            return part, replace(stop, unvisited=rest)
    return plan, None


def _sizes(cases: int) -> Iterator[int]:
    size = float(_FIRST)
    while size < cases:
        yield int(size)
        size *= _GROWTH


def _part(
    plan: TaskPlan, order: Sequence[PlannedCase], size: int, policy: GatePolicy
) -> tuple[TaskPlan, tuple[PlannedCase, ...]]:
    rest = {case.id for case in order[size:] if case.category not in policy.strict_categories}
    kept = tuple(case for case in plan.cases if case.id not in rest)
    return replace(plan, cases=kept), tuple(case for case in plan.cases if case.id in rest)


def _look(part: TaskPlan, order: Sequence[PlannedCase], ledger: Ledger, policy: GatePolicy, tasks: int) -> Stop | None:
    seen = {case.case: case for case in first_pass(part, (BASELINE, CANDIDATE), ledger, policy)}
    differences = _in_order(order, seen)
    level = policy.alpha / 4 / tasks
    worse = wealth([-d for d in differences], 0.0) >= 1 / level
    if not worse and not (policy.margin is not None and wealth(differences, -policy.margin) >= 1 / level):
        return None
    return Stop("fail" if worse else "pass", interval(differences, level), ())


def _in_order(order: Sequence[PlannedCase], seen: Mapping[str, CaseComparison]) -> list[float]:
    scores = ((seen[case.id].baseline.score, seen[case.id].candidate.score) for case in order)
    return [after - before for before, after in scores if before is not None and after is not None]


def wealth(differences: Sequence[float], mean: float) -> float:
    """Return the most that a bettor against "the mean is at most `mean`" ever had, from 1; differences in [-1, 1].

    Under that hypothesis it reaches 1/level with a probability of at most `level` (Ville).
    """
    null = (mean + 1) / 2
    total, squares, log, best = 0.5, 0.25, 0.0, 0.0
    for seen, difference in enumerate(differences, 1):
        x = (difference + 1) / 2
        edge = total / seen - null
        bet = min(max(edge / (squares / seen + edge * edge), 0.0), _BOLD / null) if null > 0 else 0.0
        log += math.log1p(bet * (x - null))
        best = max(best, log)
        total += x
        squares += (x - total / (seen + 1)) ** 2
    return math.exp(min(best, 700.0))


def interval(differences: Sequence[float], level: float) -> Interval:
    """Return the mean with the means on either side that the bets have not ruled out, each side at `level`."""
    estimate = math.fsum(differences) / len(differences)

    def low(values: Sequence[float], middle: float) -> float:
        lowest = -1.0 + 1e-9
        if wealth(values, lowest) < 1 / level:
            return -1.0
        return bisect_root(lambda mean: wealth(values, mean) - 1 / level, lowest, middle, 1e-4)

    return Interval(estimate, low(differences, estimate), -low([-d for d in differences], -estimate))
