"""Are the candidate's outcomes in production worse than the current model's, by more than a limit?

Every metric is tested for non-inferiority: it holds only where the one-sided upper bound of "how much worse" lies
within the limit. Asking that of all of them needs no correction (intersection-union: Berger, Technometrics 24:295,
1982); a metric is broken where its lower bound at `ALPHA` / number of metrics lies beyond the limit (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from pinward.core.outcomes import Histogram, Moments, Share, Window
from pinward.core.policy import OutcomeLimits
from pinward.verdict.special import binomial_cdf, normal_quantile, student_quantile

ALPHA = 0.05
FEWEST = 30  # fewer requests on a side say nothing of a mean or a percentile
State = Literal["held", "broken", "thin", "missing"]
Bounds = tuple[float, float, float]  # how much worse: low, estimate, high


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric of both models. `worse` is the estimate of how much worse the candidate is and `bound` its one-sided
    upper bound, in the limit's unit; `needed` is about how many candidate requests would settle it."""

    metric: str
    state: State
    limit: float
    n: tuple[int, int]
    worse: float = 0.0
    bound: float = 0.0
    needed: int | None = None


def compare_outcomes(current: Window, candidate: Window, limits: OutcomeLimits) -> tuple[Compared, ...]:
    """Compare every metric that has a limit, in the order of `OutcomeLimits`."""
    asked = [(name, limit) for name, limit in _limits(limits) if limit is not None]
    return tuple(_compare(name, limit, current, candidate, ALPHA / len(asked)) for name, limit in asked)


def _limits(limits: OutcomeLimits) -> Iterator[tuple[str, float | None]]:
    for name in METRICS:
        yield name, getattr(limits, name)


def _compare(name: str, limit: float, current: Window, candidate: Window, strict: float) -> Compared:
    sizes, bounds = METRICS[name]
    n = sizes(current), sizes(candidate)
    if not all(n):
        return Compared(name, "missing", limit, n)
    if min(n) < FEWEST:
        return Compared(name, "thin", limit, n, needed=FEWEST)
    _, worse, high = bounds(current, candidate, ALPHA)
    if high <= limit:
        return Compared(name, "held", limit, n, worse, high)
    if bounds(current, candidate, strict)[0] > limit:
        return Compared(name, "broken", limit, n, worse, high)
    return Compared(name, "thin", limit, n, worse, high, _needed(n[1], worse, high, limit))


def _needed(n: int, worse: float, high: float, limit: float) -> int | None:
    """Foresee the size at which the bound would clear the limit if the estimate stayed; None where it never would."""
    if worse >= limit or not math.isfinite(high):
        return None
    return math.ceil(n * ((high - worse) / (limit - worse)) ** 2)


def rate_bounds(current: Share, candidate: Share, alpha: float) -> Bounds:
    """Bound the increase of a rate: Newcombe's hybrid of Wilson intervals (method 10, Stat Med 17:873, 1998)."""
    low_b, high_b = wilson(current, alpha)
    low_c, high_c = wilson(candidate, alpha)
    b, c = current.rate, candidate.rate
    return c - b - math.hypot(c - low_c, high_b - b), c - b, c - b + math.hypot(high_c - c, b - low_b)


def wilson(share: Share, alpha: float) -> tuple[float, float]:
    """Return Wilson's score limits of a rate, each one-sided at `alpha` (JASA 22:209, 1927)."""
    z, n, p = normal_quantile(1 - alpha), share.n, share.rate
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max((middle - half) / (1 + z * z / n), 0.0), min((middle + half) / (1 + z * z / n), 1.0)


def drop_bounds(current: Moments, candidate: Moments, alpha: float) -> Bounds:
    """Bound the drop of a mean score in [0, 1]. Scores of 0 and 1 alone are rates; others get Welch's interval
    (Biometrika 34:28, 1947) after one lost score below and a won one above, so that no variance is ever zero."""
    if all(abs(side.squares - side.sum) < 1e-6 * side.n for side in (current, candidate)):
        low, worse, high = rate_bounds(_as_share(current), _as_share(candidate), alpha)
        return -high, -worse, -low
    spread = _welch(current + Moments(1, 1.0, 1.0), candidate + Moments(1), alpha)
    gained = _welch(current + Moments(1), candidate + Moments(1, 1.0, 1.0), alpha)
    return gained[0], current.mean - candidate.mean, spread[1]


def _as_share(moments: Moments) -> Share:
    return Share(moments.n, round(moments.sum))


def _welch(current: Moments, candidate: Moments, alpha: float) -> tuple[float, float]:
    parts = [side.variance / side.n for side in (current, candidate)]
    squared = sum(part * part / (side.n - 1) for part, side in zip(parts, (current, candidate), strict=True))
    freedom = max(1, int(sum(parts) ** 2 / squared)) if squared else 1
    half = student_quantile(1 - alpha, freedom) * math.sqrt(sum(parts))
    drop = current.mean - candidate.mean
    return drop - half, drop + half


def ratio_bounds(current: Moments, candidate: Moments, alpha: float) -> Bounds:
    """Bound the increase of a mean of positive numbers as a share: delta method on the logarithm of the ratio."""
    if current.mean <= 0:
        worse = 0.0 if candidate.mean <= 0 else math.inf
        return worse, worse, worse
    if candidate.mean <= 0:
        return -1.0, -1.0, -1.0
    relative = sum(side.variance / (side.n * side.mean**2) for side in (current, candidate))
    log = math.log(candidate.mean / current.mean)
    half = normal_quantile(1 - alpha) * math.sqrt(relative)
    return math.expm1(log - half), math.expm1(log), math.expm1(log + half)


def quantile_bounds(share: float) -> Callable[[Histogram, Histogram, float], Bounds]:
    """Return the bounds of a percentile's increase as a share: exact order-statistic limits of each side, joined on the
    logarithm (MOVER: Zou, Donner, Stat Med 27:1693, 2008). Needs no assumption about how latencies are spread."""

    def bounds(current: Histogram, candidate: Histogram, alpha: float) -> Bounds:
        b, c = (_quantile_limits(side, share, alpha) for side in (current, candidate))
        worse = c[1] - b[1]
        low, high = worse - math.hypot(c[1] - c[0], b[2] - b[1]), worse + math.hypot(c[2] - c[1], b[1] - b[0])
        return math.expm1(low), math.expm1(worse), math.expm1(high) if high < 700 else math.inf

    return bounds


def _quantile_limits(side: Histogram, share: float, alpha: float) -> Bounds:
    """Return the logarithms of lower limit, estimate and upper limit of a percentile; infinite where there are too
    few latencies for a limit."""
    n = side.n
    low, high = _rank(n, share, alpha), _rank(n, share, 1 - alpha) + 1
    middle = side.order_statistic(max(1, math.ceil(share * n)))[1]
    return (
        _log(side.order_statistic(low)[0]) if low else -math.inf,
        _log(middle),
        _log(side.order_statistic(high)[1]) if high <= n else math.inf,
    )


def _log(seconds: float) -> float:
    return math.log(max(seconds, 1e-6))


def _rank(n: int, share: float, level: float) -> int:
    """Return the largest rank (0: none) whose order statistic lies below the percentile but for a chance of `level`:
    P(Bin(n, share) < rank) <= level."""
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if binomial_cdf(middle - 1, n, share) <= level else (low, middle - 1)
    return low


_Size = Callable[[Window], int]
_Bounds = Callable[[Window, Window, float], Bounds]
_P50, _P95 = quantile_bounds(0.5), quantile_bounds(0.95)


def _completion(current: Window, candidate: Window, alpha: float) -> Bounds:
    low, worse, high = rate_bounds(current.completed, candidate.completed, alpha)
    return -high, -worse, -low


METRICS: dict[str, tuple[_Size, _Bounds]] = {
    "error_rate": (lambda w: w.errors.n, lambda b, c, a: rate_bounds(b.errors, c.errors, a)),
    "latency_p50": (lambda w: w.latency.n, lambda b, c, a: _P50(b.latency, c.latency, a)),
    "latency_p95": (lambda w: w.latency.n, lambda b, c, a: _P95(b.latency, c.latency, a)),
    "quality": (lambda w: w.quality.n, lambda b, c, a: drop_bounds(b.quality, c.quality, a)),
    "cost": (lambda w: w.cost_usd.n, lambda b, c, a: ratio_bounds(b.cost_usd, c.cost_usd, a)),
    "completion": (lambda w: w.completed.n, _completion),
}
