"""What a suite can and cannot detect, before anyone pays for a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pinward.core.policy import GatePolicy
from pinward.core.quantities import count, percent
from pinward.verdict.confirm import SECOND_LOOK, plan_looks
from pinward.verdict.power import POWER, cases_needed_flips, detectable_flips, loss_seen


@dataclass(frozen=True, slots=True)
class SuitePower:
    """What so many cases can do.

    `spread_loss` is the smallest loss spread over the suite, `broken_share` the smallest share of the work that breaks
    outright, each seen with power 0.8. `fresh_runs` a side confirm one fallen case, `first_pass` counts calls.
    `cases_for_margin` is the size at which the policy's margin could be proven; None without a margin or where no size
    would do.
    """

    cases: int
    spread_loss: float | None
    broken_share: float | None
    fresh_runs: int
    first_pass: int
    cases_for_margin: int | None

    def sentences(self, policy: GatePolicy) -> tuple[str, ...]:
        """Say it in words."""
        said = [loss_seen(self.spread_loss, "will be")]
        if self.broken_share is not None:
            share = percent(self.broken_share)
            said.append(f"Work of which {share} breaks outright is represented by at least one case (power {POWER}).")
        said.append(
            f"The first pass takes {count(self.first_pass, 'call')}; one fallen case takes {2 * self.fresh_runs} to "
            f"{2 * SECOND_LOOK} more."
        )
        if policy.margin is not None:
            said.append(self._margin(100 * policy.margin))
        return tuple(said)

    def _margin(self, margin: float) -> str:
        if self.cases_for_margin is None:
            return f"No number of cases proves a loss below {margin:g} points at this flip rate."
        enough = "enough" if self.cases >= self.cases_for_margin else "not enough"
        needed = count(self.cases_for_margin, "case")
        return f"Proof within {margin:g} points takes about {needed}: {count(self.cases, 'case')} are {enough}."


def foresee(repeats: Sequence[int], policy: GatePolicy, flip_rate: float = 0.0) -> SuitePower:
    """Foresee what a suite can do, where `flip_rate` of the cases change either way with nothing changed.

    `repeats` holds each case's own. An earlier report gives the rate: its improved cases over its valid ones.
    """
    cases = len(repeats)
    flips = round(cases * flip_rate)
    margin = policy.margin
    needed = cases_needed_flips(flips, flips, cases, margin, policy.alpha) if margin is not None and cases else None
    return SuitePower(
        cases=cases,
        spread_loss=detectable_flips(cases, flip_rate, policy.alpha),
        broken_share=1 - (1 - POWER) ** (1 / cases) if cases else None,
        fresh_runs=0 if policy.confirm == 0 else plan_looks(policy, 1, 1.0)[0].runs,
        first_pass=2 * sum(max(policy.repeats, own, 1) for own in repeats),
        cases_for_margin=needed,
    )
