"""Several candidates against one baseline: ranked, with intervals that hold all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pinward.core.evidence import BASELINE, Comparison, Evidence, Round, TaskPlan, Verdict
from pinward.core.figures import Interval
from pinward.core.policy import GatePolicy
from pinward.core.quantities import count
from pinward.verdict.plan import next_round
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


def share_baseline(evidence: Evidence) -> Evidence:
    """Give every candidate the answers of the one baseline that was asked: the first plan's."""
    lead = evidence.plans[0].task
    asked = [sample for sample in evidence.samples if (sample.call.task, sample.call.arm) == (lead, BASELINE)]
    copies = (replace(s, call=replace(s.call, task=plan.task)) for plan in evidence.plans[1:] for s in asked)
    return replace(evidence, samples=(*evidence.samples, *copies))


def next_round_of_all(evidence: Evidence, policy: GatePolicy) -> Round | Verdict:
    """Return the next calls for all candidates, or their verdicts, the best first, whose value is the run's.

    Every candidate is judged at alpha / number of candidates, so that what is said of the best of them holds too.
    """
    apart = replace(policy, alpha=policy.alpha / len(evidence.plans))
    whole, lead = share_baseline(evidence), evidence.plans[0].task
    steps = [next_round(_only(whole, plan), apart) for plan in evidence.plans]
    wanted = [call for step in steps if isinstance(step, Round) for call in step.calls]
    if wanted:
        # A call to the baseline serves all candidates: it is the first plan's, whoever needs it.
        calls = dict.fromkeys(replace(call, task=lead) if call.arm == BASELINE else call for call in wanted)
        return Round(tuple(calls), f"{count(len(evidence.plans), 'candidate')}: {count(len(calls), 'call')}")
    verdicts = [step for step in steps if isinstance(step, Verdict)]
    placed = [ranked.comparison for ranked in rank([v.comparisons[0] for v in verdicts], policy)]
    best = next(verdict for verdict in verdicts if verdict.comparisons[0] is placed[0])
    return replace(best, comparisons=tuple(placed))


def _only(evidence: Evidence, plan: TaskPlan) -> Evidence:
    samples = tuple(sample for sample in evidence.samples if sample.call.task == plan.task)
    return replace(evidence, plans=(plan,), samples=samples)
