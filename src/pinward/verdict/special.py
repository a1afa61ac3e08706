"""The few special functions that the tests and intervals need, from the standard library alone.

Accuracy about 1e-12; checked against scipy in tests/unit/verdict/test_special.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

_TINY = 1e-300
_STEPS = 400


def normal_quantile(p: float) -> float:
    """Return z with P(Z <= z) = p for 0 < p < 1."""
    return NormalDist().inv_cdf(p)


def bisect_root(f: Callable[[float], float], low: float, high: float, tolerance: float = 0.0) -> float:
    """Return the point of [low, high] where the monotone `f` changes sign; the nearer end where it does not."""
    at_low, at_high = f(low), f(high)
    if at_low == 0 or (at_low > 0) == (at_high > 0):
        return low if abs(at_low) <= abs(at_high) else high
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high) or high - low <= tolerance:
            break
        if (f(middle) > 0) == (at_low > 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b) for a, b > 0 (DLMF 8.17.22, Lentz's method)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / (a * _beta_fraction(x, a, b))


def _beta_fraction(x: float, a: float, b: float) -> float:
    value, c, d = 1.0, 1.0, 0.0
    for step in range(1, _STEPS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + term * d) or _TINY)
        c = (1 + term / c) or _TINY
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def binomial_cdf(k: int, n: int, p: float) -> float:
    """Return P(X <= k) for X ~ Bin(n, p)."""
    if k < 0:
        return 0.0
    return 1.0 if k >= n else beta_cdf(1 - p, n - k, k + 1)


def student_quantile(p: float, freedom: int) -> float:
    """Return t with P(T <= t) = p for Student's distribution; 0.5 <= p < 1."""

    def above(x: float) -> float:
        return beta_cdf(x, freedom / 2, 0.5) - 2 * (1 - p)

    x = bisect_root(above, 0.0, 1.0)
    return math.inf if x <= 0 else math.sqrt(freedom * (1 - x) / x)
