"""What is foreseen is what the run then finds."""

from __future__ import annotations

import pytest

from pinward.core.policy import GatePolicy
from pinward.verdict.foresight import foresee
from tests.unit.verdict.world import judge, plan, play, scores


def test_24_cases_see_a_quarter_of_the_work() -> None:
    said = foresee([1] * 24, GatePolicy(margin=0.05)).sentences(GatePolicy(margin=0.05))
    assert said == (
        "A loss of 26 points or more, spread over the suite, will be seen (power 0.8).",
        "Work of which 6.5% breaks outright is represented by at least one case (power 0.8).",
        "The first pass takes 48 calls; one fallen case takes 10 to 32 more.",
        "Proof within 5 points takes about 73 cases: 24 cases are not enough.",
    )


@pytest.mark.parametrize("cases", [72, 73])
def test_the_foreseen_size_is_the_one_that_then_proves(cases: int) -> None:
    policy = GatePolicy(require="non_inferior", margin=0.05)
    power = foresee([1] * cases, policy)
    assert power.cases_for_margin is not None
    enough = cases >= power.cases_for_margin
    assert (judge(plan(cases), scores({}), policy)[0].value == "pass") is enough


def test_the_foreseen_calls_are_the_ones_then_made() -> None:
    policy = GatePolicy(repeats=2)
    power = foresee([1] * 9, policy)
    _, evidence = play(plan(9), scores({"c0": 0.0}), policy)
    assert len(evidence.samples) == power.first_pass + 2 * power.fresh_runs


def test_a_flaky_suite_sees_less_than_a_quiet_one() -> None:
    quiet, flaky = (
        foresee([1] * 100, GatePolicy(margin=0.05)),
        foresee([1] * 100, GatePolicy(margin=0.05), flip_rate=0.05),
    )
    assert (flaky.spread_loss or 0) > (quiet.spread_loss or 1)
    assert (flaky.cases_for_margin or 0) > (quiet.cases_for_margin or 1_000)


def test_a_suite_of_nothing_sees_nothing() -> None:
    power = foresee([1] * 0, GatePolicy(margin=0.05))
    assert (power.spread_loss, power.broken_share, power.cases_for_margin) == (None, None, None)
    assert "too small" in power.sentences(GatePolicy())[0]


def test_a_margin_of_zero_is_never_proven_by_likeness() -> None:
    assert "No number of cases" in foresee([1] * 50, GatePolicy(margin=0.0)).sentences(GatePolicy(margin=0.0))[-1]
