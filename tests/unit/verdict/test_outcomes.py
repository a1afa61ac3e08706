from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from pinward.core.outcomes import Histogram, Moments, Share, Window, bucket_of
from pinward.core.policy import OutcomeLimits
from pinward.verdict.outcomes import (
    METRICS,
    Compared,
    compare_outcomes,
    drop_bounds,
    quantile_bounds,
    rate_bounds,
    ratio_bounds,
    wilson,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
shares = st.integers(1, 5_000).flatmap(lambda n: st.builds(Share, st.just(n), st.integers(0, n)))


def moments(values: list[float]) -> Moments:
    return Moments(len(values), math.fsum(values), math.fsum(v * v for v in values))


def histogram(values: list[float]) -> Histogram:
    return reduce(Histogram.__add__, (Histogram({bucket_of(v): 1}) for v in values), Histogram())


@pytest.mark.parametrize(("n", "count"), [(10, 0), (50, 1), (1000, 12), (20, 20)])
def test_wilson_agrees_with_statsmodels(n: int, count: int) -> None:
    expected = proportion_confint(count, n, alpha=0.1, method="wilson")
    assert wilson(Share(n, count), 0.05) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("b", "c"), [((56, 70), (48, 80)), ((0, 100), (3, 100)), ((9, 10), (3, 10))])
def test_the_difference_of_rates_agrees_with_statsmodels(b: tuple[int, int], c: tuple[int, int]) -> None:
    low, _, high = rate_bounds(Share(b[1], b[0]), Share(c[1], c[0]), 0.05)
    expected = confint_proportions_2indep(c[0], c[1], b[0], b[1], method="newcomb", compare="diff", alpha=0.1)
    assert (low, high) == pytest.approx(expected, abs=1e-6)


@given(shares, shares)
def test_the_bounds_of_a_rate_hold_its_estimate_and_mirror(b: Share, c: Share) -> None:
    low, worse, high = rate_bounds(b, c, 0.05)
    mirrored = rate_bounds(c, b, 0.05)
    assert -1 - 1e-9 <= low <= worse + 1e-9
    assert worse - 1e-9 <= high <= 1 + 1e-9
    assert (low, high) == pytest.approx((-mirrored[2], -mirrored[0]), abs=1e-9)


def test_more_requests_narrow_every_bound() -> None:
    rng = random.Random(5)
    small = [rng.lognormvariate(0, 0.5) for _ in range(100)]
    both = (small, small * 20)
    costs = [ratio_bounds(moments(v), moments(v), 0.05) for v in both]
    waits = [quantile_bounds(0.5)(histogram(v), histogram(v), 0.05) for v in both]
    for wide, narrow in (costs, waits):
        assert narrow[2] - narrow[0] < wide[2] - wide[0]


def test_scores_without_any_spread_prove_nothing_beyond_their_number() -> None:
    perfect = moments([0.75] * 40)
    low, worse, high = drop_bounds(perfect, perfect, 0.05)
    assert (low < -0.01, worse, high > 0.01) == (True, 0.0, True)


def test_too_few_latencies_have_no_upper_limit() -> None:
    few = histogram([0.2] * 30)
    assert quantile_bounds(0.95)(few, few, 0.05)[2] == math.inf


ROUNDS = 400
MOST = 0.05 + 3 * math.sqrt(0.05 * 0.95 / ROUNDS)  # with the error of so many rounds


def false_pass_rate(metric: str, draw: Callable[[random.Random], tuple[Window, Window]], limit: float) -> float:
    """The share of rounds in which a candidate that is exactly at the limit is let through."""
    rng = random.Random(11)
    return sum(METRICS[metric][1](*draw(rng), 0.05)[2] <= limit for _ in range(ROUNDS)) / ROUNDS


def pair(**sides: tuple[object, object]) -> tuple[Window, Window]:
    b, c = ({name: both[side] for name, both in sides.items()} for side in (0, 1))
    return Window("v", "a/b", NOON, NOON, **b), Window("v", "c/d", NOON, NOON, **c)  # type: ignore[arg-type]


def binomial(rng: random.Random, n: int, p: float) -> Share:
    return Share(n, sum(rng.random() < p for _ in range(n)))


def rates(rng: random.Random) -> tuple[Window, Window]:
    return pair(errors=(binomial(rng, 800, 0.02), binomial(rng, 300, 0.03)))


def costs(rng: random.Random) -> tuple[Window, Window]:
    def draw(n: int, scale: float) -> Moments:
        return moments([scale * rng.lognormvariate(0, 0.6) for _ in range(n)])

    return pair(cost_usd=(draw(400, 1.0), draw(150, 1.2)))


def scores(rng: random.Random) -> tuple[Window, Window]:
    def draw(n: int, a: float) -> Moments:
        return moments([rng.betavariate(a, 2) for _ in range(n)])

    return pair(quality=(draw(300, 6.0), draw(120, 5.0)))


def waits(rng: random.Random) -> tuple[Window, Window]:
    def draw(n: int, scale: float) -> Histogram:
        return histogram([scale * rng.lognormvariate(0, 0.4) for _ in range(n)])

    return pair(latency=(draw(200, 1.0), draw(120, 1.2)))


@pytest.mark.parametrize(
    ("metric", "draw", "limit"),
    [
        ("error_rate", rates, 0.01),
        ("cost", costs, 0.2),
        ("quality", scores, 6 / 8 - 5 / 7),
        ("latency_p50", waits, 0.2),
        ("latency_p95", waits, 0.2),
    ],
)
def test_a_candidate_at_the_limit_is_let_through_about_one_time_in_twenty_at_most(
    metric: str, draw: Callable[[random.Random], tuple[Window, Window]], limit: float
) -> None:
    assert false_pass_rate(metric, draw, limit) <= MOST


def whole(n: int, errors: float, latency: float, quality: float, cost: float, *, seed: int = 3) -> Window:
    rng = random.Random(seed)
    return Window(
        "v", "a/b", NOON, NOON,
        errors=Share(n, round(n * errors)),
        completed=Share(n, round(n * 0.9)),
        quality=moments([float(rng.random() < quality) for _ in range(n)]),
        cost_usd=moments([cost * rng.uniform(0.8, 1.2) for _ in range(n)]),
        latency=histogram([latency * rng.lognormvariate(0, 0.3) for _ in range(n)]),
    )  # fmt: skip


def states(compared: tuple[Compared, ...]) -> dict[str, str]:
    return {c.metric: c.state for c in compared}


def test_equal_models_hold_with_enough_requests_and_prove_nothing_with_few() -> None:
    current, same = whole(4000, 0.01, 1, 0.9, 0.01), whole(4000, 0.01, 1, 0.9, 0.01, seed=4)
    assert set(states(compare_outcomes(current, same, OutcomeLimits())).values()) == {"held"}
    few = compare_outcomes(whole(60, 0.0, 1, 0.9, 0.01), whole(60, 0.0, 1, 0.9, 0.01), OutcomeLimits())
    assert states(few)["error_rate"] == "thin"
    needed = few[0].needed
    assert needed is not None
    assert needed > 60


@pytest.mark.parametrize(
    ("metric", "changed"),
    [
        ("error_rate", {"errors": 0.05}),
        ("latency_p50", {"latency": 1.6}),
        ("quality", {"quality": 0.8}),
        ("cost", {"cost": 0.02}),
    ],
)
def test_what_is_clearly_worse_is_broken_and_nothing_else_is(metric: str, changed: dict[str, float]) -> None:
    usual = {"errors": 0.01, "latency": 1.0, "quality": 0.9, "cost": 0.01}
    current, candidate = (whole(4000, *figures.values()) for figures in (usual, usual | changed))
    compared = states(compare_outcomes(current, candidate, OutcomeLimits()))
    assert {name for name, state in compared.items() if state == "broken"} >= {metric}
    assert {name for name, state in compared.items() if state != "held"} <= {metric, "latency_p95"}


def test_a_metric_that_nobody_recorded_is_missing_and_one_without_a_limit_is_not_asked_for() -> None:
    current, candidate = pair(errors=(Share(4000, 4), Share(4000, 4)))
    assert states(compare_outcomes(current, candidate, OutcomeLimits()))["cost"] == "missing"
    none = OutcomeLimits(latency_p50=None, latency_p95=None, quality=None, cost=None, completion=None)
    assert states(compare_outcomes(current, candidate, none)) == {"error_rate": "held"}
