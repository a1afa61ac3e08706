"""What both sides cost and how long they took, over the first pass of the cases valid on both."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from math import isnan, nan
from typing import Any

from pinward.core.evidence import BASELINE, CANDIDATE, Call, CaseComparison, Sample, TaskPlan
from pinward.core.figures import Economy, Interval, Sides
from pinward.core.policy import GatePolicy
from pinward.verdict.cases import Ledger, repeats, trouble
from pinward.verdict.intervals import student, tango
from pinward.verdict.resample import Pairs, change, mean, percentile

_TOKENS = ("input", "output", "cached", "reasoning")
_OUTCOMES = ("refused", "truncated")
_Side = Mapping[str, "array[float]"]  # a column a figure, one value a run of the plan; NaN where nothing was measured
_p50, _p95 = partial(percentile, share=0.5), partial(percentile, share=0.95)


def economy(plan: TaskPlan, cases: Iterable[CaseComparison], ledger: Ledger, policy: GatePolicy) -> Economy:
    """Measure cost, tokens and latency. Latency is of live answers alone: a stored one tells an old day's."""
    left_out = {case.case for case in cases if case.status == "excluded"}
    owners = [case.id for case in plan.cases if case.id not in left_out for _ in range(repeats(case, policy))]
    baseline, candidate = (_measured(plan.task, side, owners, ledger) for side in (BASELINE, CANDIDATE))
    cost = Sides(_cost(baseline), _cost(candidate))
    priced = cost.baseline is not None and cost.candidate is not None
    return Economy(
        cost=cost,
        cost_change=change(_by_case(owners, baseline, candidate, "cost"), mean, policy.alpha) if priced else None,
        **_tokens(owners, baseline, candidate, policy.alpha),
        **_shares(owners, baseline, candidate, policy.alpha),
        monthly_change_usd=_monthly(cost, plan.requests_per_month),
        unpriced=_unpriced(plan, (baseline, candidate), cost),
        **_waits(baseline["latency"], candidate["latency"], policy.alpha),
    )


def _measured(task: str, side: str, owners: Iterable[str], ledger: Ledger) -> _Side:
    """Return the figures of one side's runs; `owners` names the case of each."""
    columns = {name: array("d") for name in ("cost", "latency", *_TOKENS, *_OUTCOMES)}
    for case, own in groupby(owners):
        for repeat, _ in enumerate(own):
            sample = ledger.get(Call(task, case, side, "first", repeat))
            figures = {} if sample is None or trouble(sample) else _figures(sample)
            for name, column in columns.items():
                column.append(figures.get(name, nan))
    return columns


def _figures(sample: Sample) -> dict[str, float]:
    told = sample.completion
    return {
        "cost": nan if told.cost_usd is None else told.cost_usd,
        "latency": nan if sample.stored or told.replayed else told.latency,
        **{name: getattr(told.usage, name) for name in _TOKENS},
        **{name: told.outcome == name for name in _OUTCOMES},
    }


def _known(column: Iterable[float]) -> array[float]:
    return array("d", (value for value in column if not isnan(value)))


def _pairs(baseline: Iterable[float], candidate: Iterable[float]) -> Pairs:
    found = array("d"), array("d")
    for before, after in zip(baseline, candidate, strict=True):
        if not isnan(before + after):
            found[0].append(before)
            found[1].append(after)
    return found


def _answered(side: _Side) -> int:
    return len(_known(side["input"]))


def _cost(side: _Side) -> float | None:
    """Return the mean cost of a call; None where one has no price, for a part would look like the whole."""
    costs = _known(side["cost"])
    return mean(costs) if len(costs) == _answered(side) else None


def _by_case(owners: Sequence[str], baseline: _Side, candidate: _Side, name: str) -> Pairs:
    """Return the sums of a figure over each case's repeats, of both sides."""
    runs = zip(owners, baseline[name], candidate[name], strict=True)
    both = (run for run in runs if not isnan(run[1] + run[2]))
    found = array("d"), array("d")
    for _, own in groupby(both, key=lambda run: run[0]):
        _, before, after = zip(*own, strict=True)
        found[0].append(sum(before))
        found[1].append(sum(after))
    return found


def _tokens(owners: Sequence[str], baseline: _Side, candidate: _Side, alpha: float) -> dict[str, Any]:
    """Return the tokens a request of both sides by kind, and the changes of what is paid for."""
    sides = (baseline, candidate)
    found: dict[str, Any] = {f"{name}_tokens": Sides(*(mean(_known(side[name])) for side in sides)) for name in _TOKENS}
    for name in ("input", "output"):
        found[f"{name}_change"] = change(_by_case(owners, baseline, candidate, name), mean, alpha)
    return found


def _waits(baseline: Iterable[float], candidate: Iterable[float], alpha: float) -> dict[str, Any]:
    """Return the percentiles of latency of both sides, and their changes."""
    live, pairs = [_known(side) for side in (baseline, candidate)], _pairs(baseline, candidate)
    found: dict[str, Any] = {}
    for name, figure in (("p50", _p50), ("p95", _p95)):
        found |= {name: Sides(*map(figure, live)), f"change_{name}": change(pairs, figure, alpha)}
    return found


def _shares(owners: Sequence[str], baseline: _Side, candidate: _Side, alpha: float) -> dict[str, Any]:
    """Return the shares of refusals and of answers that were cut off, with the intervals of their changes."""
    found: dict[str, Any] = {}
    for name in _OUTCOMES:
        found[name] = Sides(*(mean(_known(side[name])) for side in (baseline, candidate)))
        pairs = _by_case(owners, baseline, candidate, name)
        found[f"{name}_change"] = _share_change(pairs, _answered(baseline), alpha)
    return found


def _share_change(pairs: Pairs, answers: int, alpha: float) -> Interval | None:
    """Return the difference of two shares, paired by case: Tango's where each case was asked once, else Student's."""
    cases = len(pairs[0])
    if not cases:
        return None
    differences = array("d", (after - before for before, after in zip(*pairs, strict=True)))
    if answers == cases:
        # Tango's interval counts losses and gains of a success; here a gain is one more refusal.
        return tango(differences.count(-1.0), differences.count(1.0), cases, alpha)
    return student([difference / (answers / cases) for difference in differences], alpha)


def _monthly(cost: Sides, requests: int | None) -> float | None:
    if requests is None or cost.baseline is None or cost.candidate is None:
        return None
    return (cost.candidate - cost.baseline) * requests


def _unpriced(plan: TaskPlan, sides: Iterable[_Side], cost: Sides) -> tuple[str, ...]:
    models = zip((plan.baseline, plan.candidate), sides, (cost.baseline, cost.candidate), strict=True)
    return tuple(model.written for model, side, price in models if model and _answered(side) and price is None)
