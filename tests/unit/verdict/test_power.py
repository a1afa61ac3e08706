"""What a suite can see is what a simulation of it sees."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.verdict.intervals import student, tango
from pinward.verdict.power import (
    cases_needed_flips,
    cases_needed_mean,
    detectable_flips,
    detectable_mean_loss,
    losses_needed,
)
from pinward.verdict.stats import mcnemar_p


def test_24_cases_see_a_loss_of_about_a_quarter() -> None:
    assert detectable_flips(24, 0.0, 0.05) == pytest.approx(0.264, abs=1e-3)


@pytest.mark.parametrize(("n", "gain_rate"), [(24, 0.0), (60, 0.05), (300, 0.03)])
def test_the_detectable_loss_is_found_four_times_of_five(n: int, gain_rate: float) -> None:
    loss = detectable_flips(n, gain_rate, 0.05)
    assert loss is not None
    rng, found, runs = random.Random(7), 0, 2_000
    for _ in range(runs):
        draws = [rng.random() for _ in range(n)]
        losses = sum(d < loss + gain_rate for d in draws)
        gains = sum(loss + gain_rate <= d < loss + 2 * gain_rate for d in draws)
        found += mcnemar_p(losses, gains) <= 0.025
    assert found / runs == pytest.approx(0.8, abs=0.03)


def test_large_suites_are_approximated_without_a_step() -> None:
    exact, approximate = detectable_flips(2_000, 0.03, 0.05), detectable_flips(2_001, 0.03, 0.05)
    assert exact == pytest.approx(approximate, rel=0.03)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_tiny_suites_see_nothing_as_a_whole(n: int) -> None:
    assert detectable_flips(n, 0.0, 0.05) is None


def test_five_cases_see_a_total_loss() -> None:
    assert losses_needed(4, 0.05) is None
    assert losses_needed(5, 0.05) == 5
    assert detectable_flips(5, 0.0, 0.05) == pytest.approx(0.956, abs=1e-3)


@given(st.integers(5, 400))
@settings(max_examples=30, deadline=None)
def test_more_cases_never_see_less(n: int) -> None:
    here, more = detectable_flips(n, 0.02, 0.05), detectable_flips(2 * n, 0.02, 0.05)
    assert more is not None
    assert here is None or more < here


def test_graded_losses_are_seen_no_better_than_their_spread_allows() -> None:
    quiet, noisy = [0.0] * 50, [0.5, -0.5] * 25
    assert detectable_mean_loss(quiet, 0.05) == detectable_flips(50, 0.0, 0.05)
    assert (detectable_mean_loss(noisy, 0.05) or 0) > 0.19


@given(st.integers(0, 3), st.integers(0, 3), st.integers(20, 200))
@settings(max_examples=40, deadline=None)
def test_the_size_that_is_named_is_the_smallest_that_clears_the_margin(losses: int, gains: int, n: int) -> None:
    needed = cases_needed_flips(losses, gains, n, 0.1, 0.05)
    if needed is None:
        assert (gains - losses) / n <= -0.1
        return
    at, below = (tango(losses * size / n, gains * size / n, size, 0.05).low or 0 for size in (needed, needed - 1 or 1))
    assert at > -0.1
    assert needed == 1 or below <= -0.1


def test_graded_suites_are_told_their_size_too() -> None:
    needed = cases_needed_mean([0.0] * 12, 0.05, 0.05)
    assert needed is not None
    assert (student([0.0] * needed, 0.05).low or 0) > -0.05 >= (student([0.0] * (needed - 1), 0.05).low or 0)
    assert cases_needed_mean([-0.2] * 12, 0.05, 0.05) is None


def test_no_number_of_cases_proves_a_loss_of_nothing_from_no_difference() -> None:
    assert cases_needed_flips(0, 0, 12, 0.0, 0.05) is None
