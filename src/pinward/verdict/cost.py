"""What both sides cost and how long they took, over the first pass of the cases valid on both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from pinward.core.evidence import BASELINE, CANDIDATE, Call, CaseComparison, Completion, TaskPlan
from pinward.core.figures import Economy, Interval, Sides
from pinward.core.policy import GatePolicy
from pinward.verdict.cases import Ledger, repeats, trouble
from pinward.verdict.intervals import student, tango
from pinward.verdict.resample import Pairs, change, mean, percentile

_Key = tuple[str, int]  # case, repeat
_Answers = Mapping[_Key, Completion]
_p50, _p95 = partial(percentile, share=0.5), partial(percentile, share=0.95)


def economy(plan: TaskPlan, cases: Iterable[CaseComparison], ledger: Ledger, policy: GatePolicy) -> Economy:
    """Measure cost, tokens and latency. Latency is of live answers alone: a stored one tells an old day's."""
    valid = {case.case for case in cases if case.status != "excluded"}
    keys = [(case.id, r) for case in plan.cases if case.id in valid for r in range(repeats(case, policy))]
    baseline, candidate = (_answers(plan.task, side, keys, ledger) for side in (BASELINE, CANDIDATE))
    cost = Sides(_cost(baseline), _cost(candidate))
    live = [_latencies(plan.task, side, keys, ledger) for side in (BASELINE, CANDIDATE)]
    waits = [(live[0][key], live[1][key]) for key in live[0] if key in live[1]]
    costs = _by_case(baseline, candidate, lambda answer: answer.cost_usd or 0.0)
    priced = cost.baseline is not None and cost.candidate is not None
    return Economy(
        cost=cost,
        cost_change=change(costs, mean, policy.alpha) if priced else None,
        **_tokens(baseline, candidate, policy.alpha),
        **_shares(baseline, candidate, policy.alpha),
        monthly_change_usd=_monthly(cost, plan.requests_per_month),
        unpriced=_unpriced(plan, (baseline, candidate), cost),
        p50=Sides(*(_p50(list(side.values())) for side in live)),
        p95=Sides(*(_p95(list(side.values())) for side in live)),
        change_p50=change(waits, _p50, policy.alpha),
        change_p95=change(waits, _p95, policy.alpha),
    )


def _answers(task: str, side: str, keys: Iterable[_Key], ledger: Ledger) -> dict[_Key, Completion]:
    samples = ((key, ledger.get(Call(task, key[0], side, "first", key[1]))) for key in keys)
    return {key: sample.completion for key, sample in samples if sample and trouble(sample) is None}


def _latencies(task: str, side: str, keys: Iterable[_Key], ledger: Ledger) -> dict[_Key, float]:
    samples = ((key, ledger.get(Call(task, key[0], side, "first", key[1]))) for key in keys)
    return {
        key: sample.completion.latency
        for key, sample in samples
        if sample and trouble(sample) is None and not sample.stored and not sample.completion.replayed
    }


def _cost(answers: _Answers) -> float | None:
    """Return the mean cost of a call; None where one has no price, for a part would look like the whole."""
    costs = [answer.cost_usd for answer in answers.values() if answer.cost_usd is not None]
    return mean(costs) if len(costs) == len(answers) else None


def _by_case(baseline: _Answers, candidate: _Answers, figure: Callable[[Completion], float]) -> Pairs:
    """Return the sums of a figure over each case's repeats, of both sides."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for key in baseline.keys() & candidate.keys():
        sums[key[0]][0] += figure(baseline[key])
        sums[key[0]][1] += figure(candidate[key])
    return [(b, c) for b, c in sums.values()]


def _tokens(baseline: _Answers, candidate: _Answers, alpha: float) -> dict[str, Any]:
    """Return the tokens a request of both sides by kind, and the changes of what is paid for."""
    sides = (baseline, candidate)
    means = {
        f"{kind}_tokens": Sides(*(mean([float(getattr(a.usage, kind)) for a in side.values()]) for side in sides))
        for kind in ("input", "output", "cached", "reasoning")
    }
    changes = {
        "input_change": change(_by_case(baseline, candidate, lambda a: a.usage.input), mean, alpha),
        "output_change": change(_by_case(baseline, candidate, lambda a: a.usage.output), mean, alpha),
    }
    return {**means, **changes}


def _shares(baseline: _Answers, candidate: _Answers, alpha: float) -> dict[str, Any]:
    """Return the shares of refusals and of answers that were cut off, with the intervals of their changes."""
    found: dict[str, Any] = {}
    for outcome in ("refused", "truncated"):
        shares = [mean([float(a.outcome == outcome) for a in side.values()]) for side in (baseline, candidate)]
        found[outcome] = Sides(*shares)
        pairs = _by_case(baseline, candidate, partial(_is, outcome))
        found[f"{outcome}_change"] = _share_change(pairs, len(baseline), alpha)
    return found


def _is(outcome: str, answer: Completion) -> float:
    return float(answer.outcome == outcome)


def _share_change(pairs: Pairs, answers: int, alpha: float) -> Interval | None:
    """Return the difference of two shares, paired by case: Tango's where each case was asked once, else Student's."""
    if not pairs:
        return None
    differences = [after - before for before, after in pairs]
    if answers == len(pairs):
        # Tango's interval counts losses and gains of a success; here a gain is one more refusal.
        return tango(differences.count(-1.0), differences.count(1.0), len(pairs), alpha)
    return student([difference / (answers / len(pairs)) for difference in differences], alpha)


def _monthly(cost: Sides, requests: int | None) -> float | None:
    if requests is None or cost.baseline is None or cost.candidate is None:
        return None
    return (cost.candidate - cost.baseline) * requests


def _unpriced(plan: TaskPlan, sides: Iterable[_Answers], cost: Sides) -> tuple[str, ...]:
    models = zip((plan.baseline, plan.candidate), sides, (cost.baseline, cost.candidate), strict=True)
    return tuple(model.written for model, answers, price in models if model and answers and price is None)
