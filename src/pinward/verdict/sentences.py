"""Numbers as a reader wants them in a sentence."""

from __future__ import annotations

from pinward.core.evidence import Interval


def count(number: int, noun: str) -> str:
    """Return `1 case`, `2 cases`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(share: float) -> str:
    """Return a share as `93.8%`; whole numbers without a fraction."""
    text = f"{100 * share:.1f}"
    # 99.96% is not 100%: rounding must not make one failure of thousands disappear.
    if text in {"100.0", "0.0"} and share not in {0, 1}:
        return "over 99.9%" if share > 0.5 else "under 0.1%"
    return f"{text.removesuffix('.0')}%"


def points(share: float) -> str:
    """Return a difference of rates in percentage points, signed."""
    return f"{100 * share:+.1f}"


def point_interval(interval: Interval) -> str:
    """Return `+0.3 points (-1.9 to +2.4)`."""
    if interval.low is None or interval.high is None:
        return f"{points(interval.estimate)} points"
    return f"{points(interval.estimate)} points ({points(interval.low)} to {points(interval.high)})"


def ratio_interval(interval: Interval) -> str:
    """Return `-39% (-42% to -36%)`."""
    if interval.low is None or interval.high is None:
        return f"{100 * interval.estimate:+.0f}%"
    return f"{100 * interval.estimate:+.0f}% ({100 * interval.low:+.0f}% to {100 * interval.high:+.0f}%)"


def loss_seen(loss: float | None) -> str:
    """Say what the suite could have seen."""
    if loss is None:
        return "The suite is too small to see a loss that is spread over it; only single cases are guarded."
    seen = count(max(round(100 * loss), 1), "point")
    return f"A loss of {seen} or more, spread over the suite, would have been seen (power 0.8)."
