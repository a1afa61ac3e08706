"""The special functions agree with scipy."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import betainc

from pinward.verdict.special import beta_cdf, binomial_cdf, bisect_root, normal_quantile, student_quantile

NEARLY_ONE = 0.9999999999999999


def scipys_beta(x: float, a: float, b: float) -> float:
    """Ask scipy, for a = b = 1/2 by the complement where x is large.

    For these parameters alone scipy takes 2/pi * asin(sqrt(x)), which loses half of its digits as x nears 1.
    """
    return float(1 - betainc(b, a, 1 - x) if a == b == 0.5 and x > 0.5 else betainc(a, b, x))


@given(st.floats(0, 1), st.floats(0.5, 500), st.floats(0.5, 500))
@example(NEARLY_ONE, 0.5, 0.5)
@settings(max_examples=200, deadline=None)
def test_the_incomplete_beta_function_is_scipys(x: float, a: float, b: float) -> None:
    assert beta_cdf(x, a, b) == pytest.approx(scipys_beta(x, a, b), rel=1e-9, abs=1e-13)


def test_the_incomplete_beta_function_keeps_its_digits_where_scipys_does_not() -> None:
    exact = 1 - 2 / math.pi * math.asin(math.sqrt(1 - NEARLY_ONE))  # the arcsine law; 1 - x is exact
    assert beta_cdf(NEARLY_ONE, 0.5, 0.5) == pytest.approx(exact, rel=1e-15)
    assert abs(float(betainc(0.5, 0.5, NEARLY_ONE)) - exact) > 1e-9  # no longer so: take `scipys_beta` out


@given(st.integers(0, 2000), st.integers(-1, 2001), st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_the_binomial_distribution_is_scipys(n: int, k: int, p: float) -> None:
    assert binomial_cdf(k, n, p) == pytest.approx(float(stats.binom.cdf(k, n, p)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("freedom", [1, 2, 5, 30, 1000, 100_000])
@pytest.mark.parametrize("p", [0.5, 0.8, 0.975, 0.9999])
def test_students_quantile_is_scipys(p: float, freedom: int) -> None:
    assert student_quantile(p, freedom) == pytest.approx(stats.t.ppf(p, freedom), rel=1e-8, abs=1e-12)


def test_the_normal_quantile_is_the_known_one() -> None:
    assert normal_quantile(0.975) == pytest.approx(1.959963984540054)


def test_a_root_is_found_in_either_direction_and_an_end_is_returned_where_there_is_none() -> None:
    assert bisect_root(lambda x: x * x - 2, 0, 2) == pytest.approx(math.sqrt(2))
    assert bisect_root(lambda x: 2 - x * x, 0, 2) == pytest.approx(math.sqrt(2))
    assert bisect_root(lambda x: x + 1, 0, 2) == 0
    assert bisect_root(lambda x: x - 3, 0, 2) == 2
