"""Which of two changes moved the score: the 2x2 of model and everything else, paired by case.

Both main effects average over the other change's two states, so they add up to the whole difference. They explain a
verdict and never decide one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pinward.core.evidence import BASELINE, CANDIDATE, MODEL_ONLY, REST_ONLY, Call, CaseComparison, TaskPlan
from pinward.core.figures import Interval
from pinward.core.policy import GatePolicy
from pinward.core.quantities import count, points
from pinward.verdict.cases import Ledger, collect, pass_share, repeats, tally
from pinward.verdict.intervals import student

_ARMS = (BASELINE, MODEL_ONLY, REST_ONLY, CANDIDATE)
Corner = tuple[float, float, float, float]  # pass share of one case: baseline, model only, rest only, candidate


@dataclass(frozen=True, slots=True)
class Effects:
    """What moved the pass rate, over the cases valid on all four arms. `interaction` is what only both together do."""

    cases: int
    model: Interval
    rest: Interval
    interaction: Interval


def attribution_calls(
    plan: TaskPlan, cases: Iterable[CaseComparison], policy: GatePolicy, of_a_part: bool = False
) -> Iterator[Call]:
    """Yield the calls of the two mixed arms, where both changed together and something moved at all.

    `of_a_part`: the cases are one shard's, which cannot know whether something moved elsewhere. Asking only where
    something moved here would leave a biased choice of cases, so that all are asked.
    """
    valid = {case.case: case.status for case in cases if case.status != "excluded"}
    moved = of_a_part or bool(set(valid.values()) - {"held", "absolute"})
    if plan.changed_with_model is None or not moved:
        return
    for index, case in enumerate(plan.cases):
        for repeat in range(repeats(case, policy) if case.id in valid else 0):
            for arm in (MODEL_ONLY, REST_ONLY)[:: -1 if (index + repeat) % 2 else 1]:
                yield Call(plan.task, case.id, arm, "first", repeat)


def attribute(plan: TaskPlan, ledger: Ledger, policy: GatePolicy) -> str | None:
    """Return one sentence on what moved the pass rate; None where only one thing changed or nothing was run."""
    effects = estimate(list(_corners(plan, ledger, policy)), policy.alpha)
    if plan.changed_with_model is None or effects is None:
        return None
    rest = plan.changed_with_model
    said = (
        f"Model and {rest} changed together: over {count(effects.cases, 'case')} the model moved the pass rate by "
        f"{points(effects.model)}, the {rest} by {points(effects.rest)}"
    )
    low, high = effects.interaction.low, effects.interaction.high
    if low is not None and high is not None and (low > 0 or high < 0):
        return f"{said}; together they do what neither does alone ({points(effects.interaction)})."
    return f"{said}."


def estimate(corners: Sequence[Corner], alpha: float) -> Effects | None:
    """Estimate both main effects and the interaction with intervals; None without a case."""
    if not corners:
        return None
    model = [((m - b) + (c - r)) / 2 for b, m, r, c in corners]
    rest = [((r - b) + (c - m)) / 2 for b, m, r, c in corners]
    half = student([(c - m - r + b) / 2 for b, m, r, c in corners], alpha)
    low, high = (None if bound is None else 2 * bound for bound in (half.low, half.high))
    return Effects(len(corners), student(model, alpha), student(rest, alpha), Interval(2 * half.estimate, low, high))


def _corners(plan: TaskPlan, ledger: Ledger, policy: GatePolicy) -> Iterator[Corner]:
    if plan.changed_with_model is None:
        return
    for case in plan.cases:
        runs = collect((plan.task, case.id), _ARMS, "first", repeats(case, policy), ledger)
        if runs.grades[BASELINE]:
            b, m, r, c = (pass_share(tally(runs.grades[arm])) for arm in _ARMS)
            yield b, m, r, c
