"""What both sides cost and how long they took, over the first pass of the cases valid on both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from pinward.core.evidence import BASELINE, CANDIDATE, Call, CaseComparison, Completion, TaskPlan
from pinward.core.figures import Economy, Sides
from pinward.core.policy import GatePolicy
from pinward.verdict.cases import Ledger, repeats, trouble
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
    priced = cost.baseline is not None and cost.candidate is not None
    return Economy(
        cost=cost,
        cost_change=change(_case_costs(baseline, candidate), mean, policy.alpha) if priced else None,
        input_tokens=_tokens(baseline, candidate, lambda answer: answer.usage.input),
        output_tokens=_tokens(baseline, candidate, lambda answer: answer.usage.output),
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


def _case_costs(baseline: _Answers, candidate: _Answers) -> Pairs:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for key in baseline.keys() & candidate.keys():
        sums[key[0]][0] += baseline[key].cost_usd or 0.0
        sums[key[0]][1] += candidate[key].cost_usd or 0.0
    return [(b, c) for b, c in sums.values()]


def _tokens(baseline: _Answers, candidate: _Answers, count: Callable[[Completion], int]) -> Sides:
    return Sides(*(mean([float(count(answer)) for answer in side.values()]) for side in (baseline, candidate)))


def _monthly(cost: Sides, requests: int | None) -> float | None:
    if requests is None or cost.baseline is None or cost.candidate is None:
        return None
    return (cost.candidate - cost.baseline) * requests


def _unpriced(plan: TaskPlan, sides: Iterable[_Answers], cost: Sides) -> tuple[str, ...]:
    models = zip((plan.baseline, plan.candidate), sides, (cost.baseline, cost.candidate), strict=True)
    return tuple(model.written for model, answers, price in models if model and answers and price is None)
