"""Intervals: published values, definitions, scipy and statsmodels."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from pinward.core.figures import Interval
from pinward.verdict.intervals import binomial_interval, lost_weight, student, student_from_sums, tango

COUNTS = st.integers(0, 40)


def bounds(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


# Fagerland, Lydersen, Laake, Stat Med 33:2850 (2014), tables of both examples: Tango's interval.
@pytest.mark.parametrize(
    ("losses", "gains", "n", "low", "high"), [(7, 1, 21, -0.517, -0.026), (16, 6, 161, -0.124, -0.006)]
)
def test_tangos_interval_is_the_published_one(losses: int, gains: int, n: int, low: float, high: float) -> None:
    assert bounds(tango(losses, gains, n, 0.05)) == pytest.approx((low, high), abs=6e-4)


def restricted_score(losses: int, gains: int, n: int, difference: float) -> float:
    """Return the score statistic from its definition: the likelihood maximised numerically under the difference."""

    def minus_log_likelihood(loss: float) -> float:
        cells = ((losses, loss), (gains, loss + difference), (n - losses - gains, 1 - 2 * loss - difference))
        return -sum(count * math.log(max(p, 1e-300)) for count, p in cells if count)

    low, high = max(0.0, -difference), (1 - difference) / 2
    loss = optimize.minimize_scalar(
        minus_log_likelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
    ).x
    return float((gains - losses - n * difference) / math.sqrt(n * (2 * loss + difference * (1 - difference))))


@given(COUNTS, COUNTS, COUNTS)
@settings(max_examples=60, deadline=None)
def test_tangos_bounds_are_where_the_score_statistic_reaches_the_quantile(losses: int, gains: int, same: int) -> None:
    assume(losses and gains and same)
    n = losses + gains + same
    low, high = bounds(tango(losses, gains, n, 0.05))
    assert restricted_score(losses, gains, n, low) == pytest.approx(1.959964, abs=1e-3)
    assert restricted_score(losses, gains, n, high) == pytest.approx(-1.959964, abs=1e-3)


@given(COUNTS, COUNTS, COUNTS, st.sampled_from([0.01, 0.05, 0.2]))
@settings(max_examples=80, deadline=None)
def test_tangos_interval_holds_the_estimate_and_mirrors_with_the_sides(
    losses: int, gains: int, same: int, alpha: float
) -> None:
    n = losses + gains + same
    assume(n)
    interval = tango(losses, gains, n, alpha)
    low, high = bounds(interval)
    assert -1 <= low <= interval.estimate <= high <= 1
    assert bounds(tango(gains, losses, n, alpha)) == pytest.approx((-high, -low), abs=1e-9)


@given(COUNTS, COUNTS, COUNTS)
@settings(max_examples=60, deadline=None)
def test_one_more_loss_never_raises_tangos_bounds(losses: int, gains: int, same: int) -> None:
    n = losses + gains + same + 1
    before, after = bounds(tango(losses, gains, n, 0.05)), bounds(tango(losses + 1, gains, n, 0.05))
    assert after[0] <= before[0] + 1e-9
    assert after[1] <= before[1] + 1e-9


@pytest.mark.parametrize(("n", "clears"), [(72, False), (73, True)])
def test_without_a_flip_tangos_bound_clears_five_points_from_73_cases_on(n: int, clears: bool) -> None:
    low, _ = bounds(tango(0, 0, n, 0.05))
    assert low == pytest.approx(-(1.959964**2) / (n + 1.959964**2), abs=1e-6)
    assert (low > -0.05) is clears


def test_students_interval_is_statsmodels_with_a_weight_of_lost_pairs_below_and_of_won_pairs_above() -> None:
    differences, weight = [0.1, -0.3, 0.0, 0.2, -0.1, 0.05], lost_weight(0.05)
    expected = []
    for extreme in (-1.0, 1.0):
        weighted = DescrStatsW([*differences, extreme], [1.0] * 6 + [weight])
        spread = stats.t.ppf(0.975, 6) * math.sqrt(weighted.sumsquares / (6 + weight - 1) / (6 + weight))
        expected.append(weighted.mean + extreme * spread)
    assert bounds(student(differences, 0.05)) == pytest.approx(expected)
    assert student(differences, 0.05).estimate == pytest.approx(sum(differences) / 6)


def wrongly_proven(n: int, margin: float, size: float, alpha: float) -> float:
    """Return how often losses of `size` in a suite of n clear the margin that their mean is exactly worth."""
    clears = [(student_from_sums(n, -size * k, size * size * k, alpha).low or 0) > -margin for k in range(n + 1)]
    return float(sum(stats.binom.pmf(k, n, margin / size) for k in range(n + 1) if clears[k]))


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("margin", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("n", [30, 78, 100, 150, 200])
def test_sparse_losses_worth_the_margin_are_wrongly_proven_at_most_at_half_alpha(
    n: int, margin: float, alpha: float
) -> None:
    assert max(wrongly_proven(n, margin, size, alpha) for size in (1.0, 0.9, 2 / 3, 1 / 3)) <= alpha / 2


@pytest.mark.parametrize("n", [1, 2, 30])
def test_equal_scores_never_look_like_certainty(n: int) -> None:
    low, high = bounds(student([0.0] * n, 0.05))
    assert -1 <= low < 0 < high <= 1


@pytest.mark.parametrize(("passes", "n"), [(0, 10), (3, 10), (10, 10), (95, 100), (0, 1), (999, 1000)])
def test_the_exact_binomial_interval_is_statsmodels(passes: int, n: int) -> None:
    expected = proportion_confint(passes, n, 0.05, method="beta")
    assert bounds(binomial_interval(passes, n, 0.05)) == pytest.approx(expected, abs=1e-9)
