"""What a suite can see, and how large it would have to be: said before and after a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from pinward.core.quantities import count
from pinward.verdict.intervals import student_from_sums, tango
from pinward.verdict.special import binomial_cdf, bisect_root, normal_quantile
from pinward.verdict.stats import mcnemar_p

POWER = 0.8
MAX_CASES = 1_000_000
_EXACT_UP_TO = 2_000  # beyond, the normal approximation agrees to three digits


@lru_cache(maxsize=1024)
def detectable_flips(n: int, gain_rate: float, alpha: float) -> float | None:
    """Return the smallest loss of pass rate that McNemar's test at alpha/2 finds with power 0.8.

    Lost cases come on top of a background in which `gain_rate` of the cases flip either way. None where even the
    largest possible loss stays unseen.
    """
    largest = max(1 - 2 * gain_rate, 0.0)
    if n > _EXACT_UP_TO:
        return _normal_loss(n, gain_rate, alpha)
    if _power(n, largest, gain_rate, alpha) < POWER:
        return None
    return bisect_root(lambda loss: _power(n, loss, gain_rate, alpha) - POWER, 0.0, largest, 1e-5)


def _normal_loss(n: int, gain_rate: float, alpha: float) -> float:
    z_alpha, z_power = normal_quantile(1 - alpha / 2), normal_quantile(POWER)

    def margin(loss: float) -> float:
        flips = loss + 2 * gain_rate
        needed = z_alpha * math.sqrt(flips) + z_power * math.sqrt(max(flips - loss * loss, 0.0))
        return loss * math.sqrt(n) - needed

    return bisect_root(margin, 1e-9, 1.0, 1e-6)


def _power(n: int, loss: float, gain_rate: float, alpha: float) -> float:
    """Sum over the number of flipped cases: binomial weight times the chance that enough of them are losses."""
    flip_rate = loss + 2 * gain_rate
    if flip_rate <= 0:
        return 0.0
    loss_share = min((loss + gain_rate) / flip_rate, 1.0)
    spread = 9 * math.sqrt(n * flip_rate * max(1 - flip_rate, 0.0)) + 9
    lowest, highest = max(0, int(n * flip_rate - spread)), min(n, int(n * flip_rate + spread))
    power, below = 0.0, binomial_cdf(lowest - 1, n, flip_rate)
    for flips in range(lowest, highest + 1):
        upto = binomial_cdf(flips, n, flip_rate)
        needed = losses_needed(flips, alpha)
        if needed is not None and upto > below:
            power += (upto - below) * (1 - binomial_cdf(needed - 1, flips, loss_share))
        below = upto
    return power


@lru_cache(maxsize=8192)
def losses_needed(flips: int, alpha: float) -> int | None:
    """Return how many of so many flipped cases must be losses for McNemar's test at alpha/2; None: never enough."""
    if mcnemar_p(flips, 0) > alpha / 2:
        return None
    low, high = (flips + 1) // 2, flips
    while low < high:
        middle = (low + high) // 2
        if mcnemar_p(middle, flips - middle) <= alpha / 2:
            high = middle
        else:
            low = middle + 1
    return low


def detectable_mean_loss(differences: Sequence[float], alpha: float) -> float | None:
    """Return the smallest loss of the mean score found with power 0.8: the larger of two answers.

    Whole cases lost on top of the observed gains, counted by their squares as whole cases (the sparse shape), and the
    normal approximation with the observed spread (the dense shape).
    """
    n = len(differences)
    gains = math.fsum(d * d for d in differences if d > 0)
    sparse = detectable_flips(n, round(gains / n, 3), alpha)
    if sparse is None:
        return None
    mean = math.fsum(differences) / n
    spread = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / max(n - 1, 1))
    dense = (normal_quantile(1 - alpha / 2) + normal_quantile(POWER)) * spread / math.sqrt(n)
    return min(max(sparse, dense), 1.0)


def cases_needed_flips(losses: int, gains: int, n: int, margin: float, alpha: float) -> int | None:
    """Return the size at which Tango's bound would clear the margin, flips staying as frequent as now."""

    def clears(size: int) -> bool:
        low = tango(losses * size / n, gains * size / n, size, alpha).low
        return low is not None and low > -margin

    return _smallest(clears) if (gains - losses) / n > -margin else None


def cases_needed_mean(differences: Sequence[float], margin: float, alpha: float) -> int | None:
    """Return the size at which Student's bound would clear the margin, differences staying as they are."""
    n, total = len(differences), math.fsum(differences)
    squares = math.fsum(d * d for d in differences)

    def clears(size: int) -> bool:
        low = student_from_sums(size, total * size / n, squares * size / n, alpha).low
        return low is not None and low > -margin

    return _smallest(clears) if total / n > -margin else None


def _smallest(clears: Callable[[int], bool]) -> int | None:
    high = 1
    while not clears(high):
        high *= 2
        if high > MAX_CASES:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if clears(middle) else (middle, high)
    return high


def loss_seen(loss: float | None, when: str = "would have been") -> str:
    """Say what the suite could have seen; `when` is `will be` before a run."""
    if loss is None:
        return "The suite is too small to see a loss that is spread over it; only single cases are guarded."
    seen = count(max(round(100 * loss), 1), "point")
    return f"A loss of {seen} or more, spread over the suite, {when} seen (power {POWER})."
