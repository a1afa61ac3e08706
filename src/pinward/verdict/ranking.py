"""Several candidates against one baseline: ranked, with intervals that hold all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pinward.core.evidence import Comparison
from pinward.core.figures import Interval
from pinward.core.policy import GatePolicy
from pinward.verdict.suite import measure

_ORDER = ("pass", "inconclusive", "fail", "error")


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate in its place; `difference` holds together with those of all others at 1 - alpha."""

    comparison: Comparison
    difference: Interval | None


def rank(comparisons: Sequence[Comparison], policy: GatePolicy) -> list[Ranked]:
    """Order candidates: by verdict, then by score, then by cost, then by name; the best comes first.

    Intervals are Bonferroni's (Dunn, JASA 56:52, 1961): each at alpha / number of candidates, valid however much the
    candidates share.
    """
    apart = GatePolicy(alpha=policy.alpha / max(len(comparisons), 1))
    ranked = [Ranked(comparison, measure(comparison.cases, apart).difference) for comparison in comparisons]
    return sorted(ranked, key=_place)


def _place(ranked: Ranked) -> tuple[int, float, float, str]:
    comparison, cost = ranked.comparison, ranked.comparison.economy.cost.candidate
    verdict = _ORDER.index(comparison.verdict) if comparison.verdict in _ORDER else len(_ORDER)
    estimate = ranked.difference.estimate if ranked.difference else -1.0
    # An unknown price never counts as a low one.
    return verdict, -estimate, float("inf") if cost is None else cost, comparison.plan.candidate.written
