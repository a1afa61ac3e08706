"""Ending a first pass early: when, on what evidence, and what is said of it."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import product

import pytest

from pinward.core.evidence import CANDIDATE, Evidence, PlannedCase, Round, Verdict
from pinward.core.policy import GatePolicy
from pinward.verdict.early import FEWEST, interval, wealth
from pinward.verdict.plan import next_round
from tests.unit.verdict.world import Answer, graded, judge, plan, play, scores

EARLY = GatePolicy(margin=0.05, early_stop=True)


def loses(share: float) -> Answer:
    rng = random.Random(3)
    lost = {f"c{n}" for n in range(5_000) if rng.random() < share}
    return lambda call: graded(call, float(call.arm != CANDIDATE or call.case not in lost))


def asked(evidence: Evidence) -> int:
    return len({s.call.case for s in evidence.samples})


def test_a_bet_is_fair_under_the_hypothesis() -> None:
    """Over all sequences of two values whose mean is the hypothesis the last wealth averages to 1 (a martingale)."""
    for mean, low in ((-0.05, -1.0), (0.0, -1.0), (-0.2, -0.6)):
        chance = (0.0 - mean) / (0.0 - low)
        reached = total = 0.0
        for draws in product((low, 0.0), repeat=9):
            weight = math.prod(chance if d == low else 1 - chance for d in draws)
            reached += weight * (wealth(draws, mean) >= 4)
            total += weight
        assert total == pytest.approx(1)
        assert reached <= 1 / 4


def test_a_bettor_begins_with_1_and_has_no_more_before_a_bet_is_won() -> None:
    assert [wealth(draws, 0.0) for draws in ([], [0.0], [-1.0], [-1.0, -1.0])] == [1.0] * 4


def test_wealth_never_falls_with_more_cases_and_grows_with_better_ones() -> None:
    rng = random.Random(1)
    draws = [rng.choice((-1.0, 0.0, 0.0, 0.0, 1.0)) for _ in range(300)]
    seen = [wealth(draws[:n], -0.05) for n in range(0, 300, 10)]
    assert seen == sorted(seen)
    assert wealth([0.0] * 200, -0.05) > wealth([-1.0] + [0.0] * 199, -0.05) > wealth([-1.0] * 20 + [0.0] * 180, -0.05)
    assert wealth([0.0] * 200, -0.05) > wealth([0.0] * 200, -0.01)


def test_the_interval_holds_the_mean_and_narrows() -> None:
    block = [-1.0 if n in {4, 30, 51} else 0.0 for n in range(63)]
    few, many = interval(block, 0.0125), interval(block * 10, 0.0125)
    for found in (few, many):
        assert found.low is not None
        assert found.high is not None
        assert -1 <= found.low < found.estimate < found.high <= 1
    assert (many.high or 0) - (many.low or 0) < (few.high or 0) - (few.low or 0)
    assert interval([-1.0] * 5, 0.0125).low == -1.0


def test_a_clear_pass_and_a_clear_fail_end_early_and_say_what_was_saved() -> None:
    for share, verdict in ((0.0, "pass"), (0.3, "fail")):
        found, evidence = play(plan(1_000), loses(share), replace(EARLY, max_regressions=1_000), rounds=40)
        (comparison,) = found.comparisons
        assert (found.value, comparison.proven) == (verdict, verdict == "pass")
        assert asked(evidence) < 300
        left = 1_000 - len(comparison.cases)
        said = f"Stopped early: {left} cases of 1,000 were not run, which saved {2 * left:,} calls."
        assert said in comparison.warnings[0]
        assert comparison.difference is not None
    assert "over the first" in found.reasons[0]


def test_money_that_was_saved_is_told_where_prices_are_known() -> None:
    _, comparison = judge(plan(400), lambda call: graded(call, 1.0, cost_usd=0.01), EARLY)
    left = 400 - len(comparison.cases)
    assert f"saved {2 * left} calls and about ${2 * left * 0.01:.2f}." in comparison.warnings[0]


def test_without_a_margin_only_a_loss_ends_early() -> None:
    policy = GatePolicy(early_stop=True, max_regressions=1_000)
    assert asked(play(plan(400), scores({}), policy, rounds=40)[1]) == 400
    assert asked(play(plan(400), loses(0.5), policy, rounds=40)[1]) < 400


@pytest.mark.parametrize(
    ("policy", "cases", "total"),
    [(EARLY, FEWEST - 1, None), (replace(EARLY, early_stop=False), 400, None), (EARLY, 400, 800)],
)
def test_small_suites_and_shards_are_run_whole_and_so_is_everything_by_default(
    policy: GatePolicy, cases: int, total: int | None
) -> None:
    step = next_round(Evidence((plan(cases),), total_cases=total), policy)
    assert isinstance(step, Round)
    assert len(step.calls) == 2 * cases


def test_strict_categories_and_cases_that_the_head_adds_are_always_run() -> None:
    cases = [PlannedCase(f"c{n}", "strict" if n % 50 == 0 else "any", added=n >= 390) for n in range(400)]
    policy = replace(EARLY, strict_categories=("strict",))
    _, evidence = play(plan(cases), scores({}), policy, rounds=40)
    run = {s.call.case for s in evidence.samples}
    assert {case.id for case in cases if case.category == "strict" or case.added} <= run
    assert len(run) < 300


def test_a_case_that_broke_before_the_end_is_confirmed_and_blocks() -> None:
    first = play(plan(400), scores({}), EARLY, rounds=40)[1]
    broken = min(s.call.case for s in first.samples)
    found, _ = play(plan(400), scores({broken: 0.0}), EARLY, rounds=40)
    assert found.value == "fail"
    assert [case.case for case in found.comparisons[0].cases if case.status == "regressed"] == [broken]


def test_a_run_that_the_budget_ends_counts_every_case_that_was_not_run() -> None:
    policy = replace(EARLY, max_regressions=1_000)
    found, _ = play(plan(400), loses(0.03), policy, rounds=1, stopped="budget")
    assert (found.value, found.complete) == ("inconclusive", False)
    assert "of 400 cases were not run to the end" in " ".join(found.reasons)


def test_the_order_is_the_same_in_every_round_and_the_end_is_final() -> None:
    found, evidence = play(plan(600), loses(0.02), EARLY, rounds=60)
    again = next_round(evidence, EARLY)
    assert isinstance(again, Verdict)
    assert again == found
