"""Intervals of a paired difference and of a rate. All are two-sided; `alpha` is the error of both sides together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from pinward.core.figures import Interval
from pinward.verdict.special import beta_cdf, bisect_root, normal_quantile, student_quantile


def tango(losses: float, gains: float, n: float, alpha: float) -> Interval:
    """Return the score interval of the paired difference of two rates, gains minus losses over n.

    Tango, Statistics in Medicine 17:891 (1998). Counts need not be whole, so that larger suites can be foreseen.
    """
    z = normal_quantile(1 - alpha / 2)
    estimate = (gains - losses) / n

    def score(difference: float) -> float:
        return _tango_score(difference, losses, gains, n)

    low = bisect_root(lambda d: score(d) - z, -1.0, estimate)
    high = bisect_root(lambda d: score(d) + z, estimate, 1.0)
    return Interval(estimate, low, high)


def _tango_score(difference: float, losses: float, gains: float, n: float) -> float:
    """Return the score statistic at a difference; the rate of losses is estimated under that difference."""
    linear = -gains - losses + (2 * n - gains + losses) * difference
    constant = -losses * difference * (1 - difference)
    rate = (math.sqrt(max(linear * linear - 8 * n * constant, 0.0)) - linear) / (4 * n)
    variance = n * (2 * rate + difference * (1 - difference))
    deviation = gains - losses - n * difference
    if variance <= 1e-15:
        return math.copysign(math.inf, deviation) if abs(deviation) > 1e-12 else 0.0
    return deviation / math.sqrt(variance)


def student(differences: Sequence[float], alpha: float) -> Interval:
    """Return Student's interval of the mean after appending a weight of lost pairs (d = -1) below, of won ones above.

    The weight stands for the loss that the suite happened not to hold; without it, sparse losses pass a margin 12-60%
    of the time. How large it is: docs/decisions/0003-lost-pairs.md. The estimate is the plain mean.
    """
    n, total = len(differences), math.fsum(differences)
    squares = math.fsum(d * d for d in differences)
    return student_from_sums(n, total, squares, alpha)


def student_from_sums(n: float, total: float, squares: float, alpha: float) -> Interval:
    """Return the interval of `student` from the count, the sum and the sum of squares (whole or foreseen)."""
    low = _with_lost_pairs(n, total, squares, alpha)
    high = -_with_lost_pairs(n, -total, squares, alpha)
    return Interval(total / n, max(low, -1.0), min(high, 1.0))


def _with_lost_pairs(n: float, total: float, squares: float, alpha: float) -> float:
    weight = lost_weight(alpha)
    size = n + weight
    mean = (total - weight) / size
    variance = max((squares + weight - size * mean * mean) / (size - 1), 0.0)
    return mean - _quantile(1 - alpha / 2, int(size) - 1) * math.sqrt(variance / size)


@lru_cache(maxsize=1024)
def _quantile(p: float, freedom: int) -> float:
    return student_quantile(p, freedom)


def lost_weight(alpha: float) -> float:
    """Return the weight of lost pairs; 1.5 at alpha = 0.05.

    With it a suite without any loss clears a margin at about the size at which the exact bound does, (1 - margin)^n =
    alpha/2; a tenth more keeps the error within alpha/2 where there are losses too.
    """
    z = normal_quantile(1 - alpha / 2)
    return 1.1 * ((math.sqrt(z * z - 4 * math.log(alpha / 2)) - z) / 2) ** 2


def binomial_interval(passes: float, n: int, alpha: float) -> Interval:
    """Return the exact interval of a rate (Clopper, Pearson, Biometrika 26:404, 1934)."""
    low = bisect_root(lambda p: beta_cdf(p, passes, n - passes + 1) - alpha / 2, 0.0, 1.0) if passes > 0 else 0.0
    high = bisect_root(lambda p: 1 - alpha / 2 - beta_cdf(p, passes + 1, n - passes), 0.0, 1.0) if passes < n else 1.0
    return Interval(passes / n, low, high)
