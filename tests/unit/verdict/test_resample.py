"""Percentiles and bootstrap intervals."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from functools import partial

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.verdict.resample import Pairs, change, mean, percentile


def sides(pairs: Sequence[tuple[float, float]]) -> Pairs:
    return [b for b, _ in pairs], [c for _, c in pairs]


FIGURES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@given(FIGURES, st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_percentiles_are_numpys(values: list[float], share: float) -> None:
    assert percentile(values, share) == pytest.approx(float(numpy.quantile(values, share)), rel=1e-9, abs=1e-6)


def test_nothing_has_no_percentile_and_no_mean() -> None:
    assert percentile([], 0.5) is None
    assert mean([]) is None
    assert change(sides([]), mean, 0.05) is None


def test_a_ratio_to_nothing_is_no_ratio() -> None:
    assert change(sides([(0.0, 1.0)] * 20), mean, 0.05) is None


def test_few_pairs_have_an_estimate_and_no_bounds() -> None:
    interval = change(sides([(1.0, 2.0)] * 7), mean, 0.05)
    assert interval is not None
    assert (interval.estimate, interval.low, interval.high) == (1.0, None, None)


@pytest.mark.parametrize("figure", [mean, partial(percentile, share=0.5)])
def test_the_interval_holds_the_true_change_about_as_often_as_it_says(figure: object) -> None:
    rng, held, runs = random.Random(11), 0, 60
    for _ in range(runs):
        pairs = [(b := rng.lognormvariate(0, 0.5), 1.3 * b * rng.lognormvariate(-0.045, 0.3)) for _ in range(60)]
        interval = change(sides(pairs), figure, 0.1)  # type: ignore[arg-type]  # parametrised
        assert interval is not None
        truth = 0.3 if figure is mean else 1.3 * 2.718281828**-0.045 - 1
        held += (interval.low or 0) <= truth <= (interval.high or 0)
    assert 0.8 <= held / runs <= 0.98


@pytest.mark.parametrize("cases", [40, 5_000])
def test_the_same_pairs_in_another_order_give_the_same_interval(cases: int) -> None:
    rng = random.Random(5)
    pairs = [(rng.randrange(1, 50) / 10, rng.random()) for _ in range(cases)]
    assert change(sides(pairs), mean, 0.05) == change(sides(rng.sample(pairs, cases)), mean, 0.05)


def test_of_many_pairs_a_draw_takes_some_and_the_bounds_lie_around_the_estimate_of_all() -> None:
    rng = random.Random(5)
    pairs = [(rng.random() + 1, rng.random() + 1) for _ in range(5_000)]
    interval = change(sides(pairs), mean, 0.05)
    assert interval is not None
    expected = statistics.fmean(c for _, c in pairs) / statistics.fmean(b for b, _ in pairs) - 1
    assert interval.estimate == pytest.approx(expected)
    assert interval.low is not None
    assert interval.high is not None
    assert interval.low < expected < interval.high
    assert (interval.low + interval.high) / 2 == pytest.approx(expected, abs=0.003)
