"""The tests are exact: published values, brute force, scipy and statsmodels."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from pinward.verdict.stats import (
    can_decide,
    holm,
    mcnemar_p,
    permutation_p,
    runs_needed,
    sign_flip_p,
    to_integers,
)

THIRDS = st.sampled_from([0.0, 1 / 3, 0.5, 2 / 3, 0.9, 1.0])
DIFFERENCES = st.sampled_from([-1.0, -2 / 3, -0.5, -1 / 3, 0.0, 1 / 3, 0.5, 2 / 3, 1.0])


def all_relabellings(baseline: Sequence[float], candidate: Sequence[float]) -> float:
    pool = [*baseline, *candidate]
    sums = [math.fsum(chosen) for chosen in itertools.combinations(pool, len(candidate))]
    return sum(s <= math.fsum(candidate) + 1e-9 for s in sums) / len(sums)


def all_flips(differences: Sequence[float]) -> float:
    signs = list(itertools.product((1, -1), repeat=len(differences)))
    sums = [math.fsum(sign * d for sign, d in zip(row, differences, strict=True)) for row in signs]
    return sum(s <= math.fsum(differences) + 1e-9 for s in sums) / len(sums)


@given(st.lists(THIRDS, min_size=1, max_size=6), st.lists(THIRDS, min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_the_permutation_test_counts_all_relabellings(baseline: list[float], candidate: list[float]) -> None:
    assert permutation_p(baseline, candidate) == pytest.approx(all_relabellings(baseline, candidate))


@pytest.mark.parametrize(("runs", "before", "after"), [(4, 4, 0), (5, 5, 1), (8, 7, 3), (16, 15, 9), (16, 16, 16)])
def test_for_passes_and_fails_the_permutation_test_is_fishers(runs: int, before: int, after: int) -> None:
    baseline, candidate = [1.0] * before + [0.0] * (runs - before), [1.0] * after + [0.0] * (runs - after)
    fisher = stats.fisher_exact([[before, runs - before], [after, runs - after]], alternative="greater")
    assert permutation_p(baseline, candidate) == pytest.approx(fisher.pvalue)


def test_fishers_tea_tasting_lady() -> None:
    # Fisher, The Design of Experiments (1935): 4 of 4 right has probability 1/70, at least 3 of 4 17/70.
    assert permutation_p([1] * 4, [0] * 4) == pytest.approx(1 / 70)
    assert permutation_p([1, 1, 1, 0], [1, 0, 0, 0]) == pytest.approx(17 / 70)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5), st.lists(st.floats(0, 1), min_size=5, max_size=5))
@settings(max_examples=50, deadline=None)
def test_scores_without_a_common_denominator_are_compared_on_a_fine_grid(b: list[float], c: list[float]) -> None:
    step = (max(*b, *c) - min(*b, *c)) * 10 / 2_000
    lower, upper = ([score + sign * step for score in c] for sign in (-1, 1))
    assert all_relabellings(b, lower) - 1e-9 <= permutation_p(b, c) <= all_relabellings(b, upper) + 1e-9


def test_sixteen_graded_runs_a_side_take_no_time() -> None:
    rng = random.Random(1)
    b, c = [rng.random() for _ in range(16)], [rng.random() for _ in range(16)]
    scipys = stats.ttest_ind(c, b, alternative="less", method=stats.PermutationMethod(n_resamples=20_000, rng=1))
    assert permutation_p(b, c) == pytest.approx(scipys.pvalue, abs=0.015)


@given(st.lists(THIRDS, min_size=2, max_size=8), st.lists(THIRDS, min_size=2, max_size=8), st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_permutation_test_ignores_order_and_grows_with_the_candidates_scores(
    baseline: list[float], candidate: list[float], rng: random.Random
) -> None:
    p = permutation_p(baseline, candidate)
    assert 0 < p <= 1
    shuffled = rng.sample(baseline, len(baseline)), rng.sample(candidate, len(candidate))
    assert permutation_p(*shuffled) == p
    assert permutation_p(baseline, [1.0, *sorted(candidate)[1:]]) >= p - 1e-12


def test_no_run_on_a_side_proves_nothing() -> None:
    assert permutation_p([], [0.0]) == permutation_p([1.0], []) == 1
    assert permutation_p([0.5] * 9, [0.5] * 9) == 1


@given(st.lists(DIFFERENCES, max_size=10))
@settings(max_examples=100, deadline=None)
def test_the_sign_flip_test_counts_all_patterns(differences: list[float]) -> None:
    assert sign_flip_p(differences) == pytest.approx(all_flips(differences))


@given(st.lists(DIFFERENCES, min_size=21, max_size=40))
@settings(max_examples=30, deadline=None)
def test_beyond_twenty_differences_integers_are_counted_exactly(differences: list[float]) -> None:
    sums = {0: 1.0}
    sixths = [round(6 * d) for d in differences]
    for d in sixths:
        grown: dict[int, float] = {}
        for total, weight in sums.items():
            for signed in (total + d, total - d):
                grown[signed] = grown.get(signed, 0) + weight / 2
        sums = grown
    exact = sum(weight for total, weight in sums.items() if total <= sum(sixths))
    assert sign_flip_p(differences) == pytest.approx(exact)


def test_many_graded_differences_are_drawn_with_a_seed_close_to_the_exact_share() -> None:
    rng = random.Random(3)
    differences = [rng.gauss(-0.02, 0.2) for _ in range(200)]
    p = sign_flip_p(differences)
    spread = math.sqrt(math.fsum(d * d for d in differences))
    assert p == pytest.approx(stats.norm.cdf(math.fsum(differences) / spread), abs=0.015)
    assert sign_flip_p(rng.sample(differences, 200)) == p


@given(st.lists(DIFFERENCES, min_size=1, max_size=30), st.integers(0, 29))
@settings(max_examples=60, deadline=None)
def test_the_sign_flip_test_is_monotone_in_every_difference(differences: list[float], index: int) -> None:
    raised = list(differences)
    raised[index % len(raised)] = 1.0
    assert sign_flip_p(differences) <= sign_flip_p(raised) + 1e-12


def test_rare_losses_are_tiny_and_not_zero() -> None:
    assert sign_flip_p([-1.0] * 400) == pytest.approx(2.0**-400)


# Fagerland, Lydersen, Laake (2013): airway hyper-responsiveness (1 and 7) and complete response (6 and 16).
@pytest.mark.parametrize(("losses", "gains", "two_sided"), [(7, 1, 0.039), (16, 6, 0.035)])
def test_mcnemars_mid_p_is_the_published_one(losses: int, gains: int, two_sided: float) -> None:
    assert 2 * mcnemar_p(losses, gains) == pytest.approx(two_sided, abs=5e-4)


@given(st.integers(0, 200), st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_mcnemars_mid_p_is_the_exact_one_less_half_its_last_step(losses: int, gains: int) -> None:
    n = losses + gains
    exact = stats.binom.cdf(gains, n, 0.5)
    assert mcnemar_p(losses, gains) == pytest.approx(exact - stats.binom.pmf(gains, n, 0.5) / 2, abs=1e-12)
    assert mcnemar_p(losses, gains) + mcnemar_p(gains, losses) == pytest.approx(1)
    if gains < losses:
        two_sided = mcnemar([[0, gains], [losses, 0]], exact=True).pvalue
        assert 2 * exact == pytest.approx(two_sided)


def test_without_a_flip_mcnemars_test_says_nothing() -> None:
    assert mcnemar_p(0, 0) == 0.5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.sampled_from([0.01, 0.05, 0.3]))
@settings(max_examples=30, deadline=None)
def test_holm_rejects_what_statsmodels_rejects(p_values: list[float], level: float) -> None:
    assert holm(p_values, level) == list(multipletests(p_values, level, method="holm")[0])


def test_holm_of_nothing_is_nothing() -> None:
    assert holm([], 0.05) == []


@pytest.mark.parametrize(("fallen", "runs"), [(1, 5), (3, 5), (4, 6), (11, 6), (12, 7), (1000, 10)])
def test_the_first_look_is_the_smallest_that_can_be_significant(fallen: int, runs: int) -> None:
    level = 0.05 / 4
    assert runs_needed(fallen, level) == runs
    assert 1 / math.comb(2 * runs, runs) <= level / fallen < 1 / math.comb(2 * runs - 2, runs - 1)


def test_the_first_look_is_never_smaller_than_four() -> None:
    assert runs_needed(1, 0.2) == 4
    assert not can_decide(4, 1, 0.0125)


@pytest.mark.parametrize(
    ("values", "integers"),
    [
        ([0.0, 1.0, 1.0], [0, 1, 1]),
        ([1 / 3, 2 / 3, 0.5], [2, 4, 3]),
        ([0.0, 0.0], [0, 0]),
        ([-0.25, 0.75], [-1, 3]),
        ([], []),
    ],
)
def test_scores_become_small_integers(values: list[float], integers: list[int]) -> None:
    assert to_integers(values) == integers
