"""Exact tests of "the candidate is worse", one-sided, and what joins several of them.

All are valid for any scores: the null hypothesis is that both sides' scores are exchangeable, nothing else.
Nothing here depends on the order of the data.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache, reduce

from pinward.verdict.special import binomial_cdf

DRAWS = 10_000
ALL_SIGNS = 20  # up to this many differences every sign pattern is counted
_GRID = 2_000  # steps of the grid on which scores without a small common denominator are compared
_MAX_DENOMINATOR = 5_040
_MAX_BITS = 4_000_000_000  # work of the exact sign-flip count: about half a second
_SEED = 20_130_613


def permutation_p(baseline: Sequence[float], candidate: Sequence[float]) -> float:
    """Return the share of relabellings of all runs in which the candidate's sum is as low as it was.

    Fisher's exact test where scores are 0 and 1. An empty side gives 1. Scores without a small common denominator are
    rounded to 1/2000 of their range first, which keeps the test exact: the rounding is the same for every relabelling.
    """
    if not baseline or not candidate:
        return 1.0
    low = min(*baseline, *candidate)
    scores = to_integers([s - low for s in (*baseline, *candidate)])
    observed = sum(scores[len(baseline) :])
    width = len(scores) + 1
    subsets = _sums_by_size(tuple(sorted(scores)), len(candidate), width)
    return _total(subsets & ((1 << (observed + 1) * width) - 1), width) / math.comb(len(scores), len(candidate))


@lru_cache(maxsize=1024)
def _sums_by_size(scores: tuple[int, ...], size: int, width: int) -> int:
    """Count the subsets of one size by their sum: slot s (of `width` bits) of the result counts those of sum s."""
    counts = [1] + [0] * size
    for score in scores:
        for taken in range(size, 0, -1):
            counts[taken] += counts[taken - 1] << score * width
    return counts[size]


def _total(slots: int, width: int) -> int:
    """Sum all slots: a number is congruent to the sum of its digits modulo base - 1."""
    return slots % ((1 << width) - 1)


def to_integers(values: Sequence[float]) -> list[int]:
    """Scale to integers: by the common denominator where it is small, else to a grid of 1/2000 of the largest."""
    fractions = [Fraction(v).limit_denominator(1_000) for v in values]
    scale = math.lcm(*(f.denominator for f in fractions)) if fractions else 1
    if scale > _MAX_DENOMINATOR or any(abs(float(f) - v) > 1e-9 for f, v in zip(fractions, values, strict=True)):
        largest = max(abs(v) for v in values)
        return [round(v / largest * _GRID) for v in values]
    integers = [int(f * scale) for f in fractions]
    shared = math.gcd(*integers) or 1
    return [i // shared for i in integers]


def sign_flip_p(differences: Sequence[float]) -> float:
    """Return the share of sign patterns whose sum is as low as the observed one.

    That is the share of subsets whose sum is at least 0 (flipping a subset lowers the sum by twice the subset's), from
    which it is seen to be monotone in every difference. Exact, except for more than 20 differences without a small
    common denominator: then 10,000 seeded draws, the observed pattern counted in.
    """
    moved = sorted(d for d in differences if abs(d) > 1e-12)
    if len(moved) <= ALL_SIGNS:
        return _all_signs(moved)
    integers = to_integers(moved)
    if sum(map(abs, integers)) * len(moved) ** 2 <= _MAX_BITS and _is_scaled(moved, integers):
        return _integer_signs(integers)
    return _drawn_signs(moved)


def _is_scaled(values: Sequence[float], integers: Sequence[int]) -> bool:
    unit = sum(map(abs, values)) / sum(map(abs, integers))
    return all(abs(i * unit - v) < 1e-9 for i, v in zip(integers, values, strict=True))


def _subset_sums(values: Sequence[float]) -> list[float]:
    return reduce(lambda sums, v: sums + [s + v for s in sums], values, [0.0])


def _all_signs(moved: Sequence[float]) -> float:
    half = len(moved) // 2
    right = sorted(_subset_sums(moved[half:]))
    count = sum(len(right) - bisect_left(right, -left - 1e-9) for left in _subset_sums(moved[:half]))
    return float(count / (1 << len(moved)))


def _integer_signs(integers: Sequence[int]) -> float:
    width = len(integers) + 1
    slots = reduce(lambda sums, i: sums + (sums << abs(i) * width), integers, 1)
    # A subset's sum is at least 0 where the positive ones taken outweigh the negative ones taken; exchanging the
    # negative ones taken for those left turns this into "the sum of |d| taken is at least that of all negative ones".
    negative = -sum(i for i in integers if i < 0)
    return float(Fraction(_total(slots >> negative * width, width), 1 << len(integers)))


def _drawn_signs(moved: Sequence[float]) -> float:
    rng = random.Random(_SEED)  # noqa: S311 -- a seeded simulation, no secret
    tables = [_subset_sums(moved[i : i + 8]) for i in range(0, len(moved), 8)]
    tables = [t * (256 // len(t)) for t in tables]
    hits = 0
    for _ in range(DRAWS):
        pattern = rng.randbytes(len(tables))
        hits += sum(table[byte] for table, byte in zip(tables, pattern, strict=True)) >= -1e-9
    return (hits + 1) / (DRAWS + 1)


def mcnemar_p(losses: int, gains: int) -> float:
    """Return the exact one-sided mid-p of McNemar's test that losses outweigh gains; 0.5 without a flip.

    Fagerland, Lydersen, Laake, BMC Med Res Methodol 13:91 (2013).
    """
    n = losses + gains
    return (binomial_cdf(gains - 1, n, 0.5) + binomial_cdf(gains, n, 0.5)) / 2


def holm(p_values: Sequence[float], level: float) -> list[bool]:
    """Tell which hypotheses Holm's step-down procedure rejects at a family-wise error rate of `level`."""
    rejected = [False] * len(p_values)
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[index] > level / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


def can_decide(runs: int, fallen: int, level: float) -> bool:
    """Tell whether so many fresh runs a side can be significant at all among `fallen` cases at `level`."""
    return math.comb(2 * runs, runs) * level >= fallen


def runs_needed(fallen: int, level: float) -> int:
    """Return the fresh runs a side of the first look: the smallest number from 4 on that can decide."""
    runs = 4
    while not can_decide(runs, fallen, level):
        runs += 1
    return runs
