"""Cost and latency: what is counted, what is not, and when a limit is broken."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from pinward.core.evidence import CANDIDATE, Call, Comparison, Completion, Grade, Sample, Usage
from pinward.core.figures import Interval, Sides
from pinward.core.policy import GatePolicy
from pinward.verdict.intervals import tango
from tests.unit.verdict.world import Answer, faulty, judge, plan


def priced(old: float | None, new: float | None, spread: float = 0.0, **fields: Any) -> Answer:
    rng = random.Random(1)

    def answer(call: Call) -> Sample:
        price = new if call.arm == CANDIDATE else old
        cost = None if price is None else price * rng.lognormvariate(0, spread)
        wait = (1.5 if call.arm == CANDIDATE else 1.0) * rng.lognormvariate(0, spread)
        return Sample(call, Completion("ok", cost_usd=cost, latency=wait, **fields), Grade(1.0, True))

    return answer


def compare(answer: Answer, policy: GatePolicy | None = None, cases: int = 20) -> Comparison:
    return judge(replace(plan(cases), requests_per_month=1_000), answer, policy)[1]


def test_a_price_change_becomes_money_a_month() -> None:
    economy = compare(priced(0.002, 0.001)).economy
    assert economy.monthly_change_usd == pytest.approx(-1.0)
    assert economy.cost_change is not None
    assert economy.cost_change.estimate == pytest.approx(-0.5)


def test_a_model_without_a_price_is_named_and_never_free() -> None:
    economy = compare(priced(0.002, None)).economy
    assert (economy.cost.candidate, economy.cost_change, economy.monthly_change_usd) == (None, None, None)
    assert economy.unpriced == ("openai/new-2026-01-01",)


def test_one_answer_without_a_price_leaves_the_side_without_one() -> None:
    def answer(call: Call) -> Sample:
        sample = priced(0.002, 0.001)(call)
        free = call == Call("extract", "c3", CANDIDATE)
        return replace(sample, completion=replace(sample.completion, cost_usd=None)) if free else sample

    assert compare(answer).economy.cost.candidate is None


@pytest.mark.parametrize("how", ["stored", "replayed"])
def test_latency_is_never_taken_from_an_answer_of_another_day(how: str) -> None:
    def answer(call: Call) -> Sample:
        sample = priced(0.002, 0.001, replayed=how == "replayed")(call)
        return replace(sample, stored=how == "stored")

    economy = compare(answer).economy
    assert (economy.p50.baseline, economy.p95.candidate, economy.change_p50) == (None, None, None)
    assert economy.cost.baseline == pytest.approx(0.002)


def test_fresh_runs_of_fallen_cases_do_not_weigh_in() -> None:
    def answer(call: Call) -> Sample:
        fell = (call.case, call.arm, call.phase) == ("c0", CANDIDATE, "first")
        cost = 9.0 if call.phase == "confirm" else 0.001
        return Sample(call, Completion("ok", cost_usd=cost, usage=Usage(10, 5)), Grade(float(not fell), not fell))

    economy = compare(answer).economy
    assert economy.cost.candidate == pytest.approx(0.001)
    assert economy.output_tokens.candidate == 5


def test_cases_that_are_left_out_cost_nothing_on_either_side() -> None:
    def answer(call: Call) -> Sample:
        if (call.case, call.arm) == ("c0", CANDIDATE):
            return faulty(call)
        sample = priced(0.002, 0.001)(call)
        return replace(sample, completion=replace(sample.completion, cost_usd=5.0)) if call.case == "c0" else sample

    assert compare(answer, GatePolicy(max_infra_errors=0.5)).economy.cost.baseline == pytest.approx(0.002)


@pytest.mark.parametrize(
    ("limit", "spread", "verdict", "warned"),
    [(0.6, 0.05, "pass", False), (0.3, 0.05, "fail", False), (0.45, 1.0, "pass", True)],
    ids=["below", "beyond", "cannot tell"],
)
def test_a_limit_is_broken_only_where_the_interval_lies_beyond_it(
    limit: float, spread: float, verdict: str, warned: bool
) -> None:
    for policy in (GatePolicy(max_cost_increase=limit), GatePolicy(max_latency_increase=limit)):
        comparison = compare(priced(0.001, 0.0015, spread), policy, cases=60)
        assert comparison.verdict == verdict
        estimate = comparison.economy.cost_change if policy.max_cost_increase else comparison.economy.change_p50
        assert estimate is not None
        assert any("the interval reaches below it" in note for note in comparison.warnings) is (
            warned and estimate.estimate > limit
        )


def test_a_cost_limit_over_an_unpriced_model_is_not_waved_through() -> None:
    comparison = compare(priced(0.001, None), GatePolicy(max_cost_increase=0.1))
    assert comparison.verdict == "inconclusive"
    assert comparison.reasons[0].startswith("The cost limit could not be judged: no price is known for `openai/new")


def test_a_latency_limit_without_live_answers_is_a_note() -> None:
    comparison = compare(priced(0.001, 0.001, replayed=True), GatePolicy(max_latency_increase=0.1))
    assert comparison.verdict == "pass"
    assert "no live answers" in comparison.warnings[0]


def spoken(outcomes: dict[str, tuple[str, int]], usage: tuple[Usage, Usage] = (Usage(), Usage())) -> Answer:
    """The first cases of a side have an outcome: `{"candidate": ("refused", 8)}` are the first eight."""

    def answer(call: Call) -> Sample:
        outcome, number = outcomes.get(call.arm, ("ok", 0))
        said: Any = outcome if int(call.case[1:]) < number else "ok"
        completion = Completion(said, usage=usage[call.arm == CANDIDATE], replayed=True)
        return Sample(call, completion, Grade(1.0, True))

    return answer


def test_tokens_are_counted_by_kind_with_the_interval_of_the_change() -> None:
    usage = Usage(100, 50, 40, 0), Usage(100, 200, 0, 150)
    economy = compare(spoken({}, usage)).economy
    assert (economy.cached_tokens, economy.reasoning_tokens) == (Sides(40, 0), Sides(0, 150))
    assert economy.input_change == Interval(0.0, 0.0, 0.0)
    assert economy.output_change == Interval(3.0, 3.0, 3.0)


def test_the_change_of_refusals_has_tangos_interval_turned_towards_more_of_them() -> None:
    economy = compare(spoken({"candidate": ("refused", 8), "baseline": ("truncated", 2)})).economy
    assert (economy.refused, economy.truncated) == (Sides(0, 0.4), Sides(0.1, 0))
    assert economy.refused_change == tango(0, 8, 20, 0.05)
    assert economy.truncated_change == tango(2, 0, 20, 0.05)


def test_repeats_of_a_case_share_its_refusals() -> None:
    def answer(call: Call) -> Sample:
        said: Any = "refused" if call.arm == CANDIDATE and call.repeat == 0 else "ok"
        return Sample(call, Completion(said, replayed=True), Grade(1.0, True))

    economy = compare(answer, GatePolicy(repeats=2)).economy
    assert economy.refused_change is not None
    assert (economy.refused.candidate, economy.refused_change.estimate) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("number", "limit", "verdict"), [(8, 0.1, "fail"), (8, 0.3, "pass"), (8, 0.5, "pass"), (1, 0.0, "pass")]
)
@pytest.mark.parametrize(
    ("outcome", "key"), [("refused", "max_refusal_increase"), ("truncated", "max_truncation_increase")]
)
def test_a_limit_of_refusals_or_cut_answers_is_broken_where_the_whole_interval_lies_beyond_it(
    outcome: str, key: str, number: int, limit: float, verdict: str
) -> None:
    limits: Any = {key: limit}
    found = compare(spoken({"candidate": (outcome, number)}), GatePolicy(**limits))
    assert found.verdict == verdict
    assert bool(found.warnings) is (verdict == "pass" and number / 20 > limit)
