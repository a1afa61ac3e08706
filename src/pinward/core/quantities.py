"""Numbers as a reader wants them, the same in every sentence and on every face."""

from __future__ import annotations

from typing import Protocol

NOTHING = "–"  # stands where there is no number


class Estimate(Protocol):
    """A point estimate with its two-sided interval; None where the data gave no interval."""

    @property
    def estimate(self) -> float:
        """The value itself: a share or a ratio, not yet times 100."""
        ...

    @property
    def low(self) -> float | None:
        """The lower end."""
        ...

    @property
    def high(self) -> float | None:
        """The upper end."""
        ...


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 case`, `2 cases`, `1,204 cases`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(rate: float | None) -> str:
    """Return a rate (0..1) as `95.8%`; a whole number goes without the decimal."""
    if rate is None:
        return NOTHING
    shown = f"{100 * rate:.1f}"
    # 99.96% is not 100%: rounding must never make a suite look perfect, or a candidate look hopeless.
    if shown in {"100.0", "0.0"} and rate not in {0, 1}:
        return "over 99.9%" if rate > 0.5 else "under 0.1%"
    return f"{shown.removesuffix('.0')}%"


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign; nothing is `-0.0`."""
    rounded = round(value, digits)
    return f"{rounded or 0:+.{digits}f}"


def points(estimate: Estimate | None) -> str:
    """Return a difference of rates: `-4.2 points (-14.0 to +3.3)`."""
    if estimate is None:
        return NOTHING
    return f"{signed(100 * estimate.estimate)} points{_interval(estimate, 1)}"


def relative(estimate: Estimate | None) -> str:
    """Return a relative change: `-39% (-42% to -36%)`."""
    if estimate is None:
        return NOTHING
    return f"{signed(100 * estimate.estimate, 0)}%{_interval(estimate, 0, '%')}"


def _interval(estimate: Estimate, digits: int, unit: str = "") -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f" ({signed(100 * estimate.low, digits)}{unit} to {signed(100 * estimate.high, digits)}{unit})"


def money(usd: float | None) -> str:
    """Return US dollars: whole ones from 100 on, cents below, two significant digits below ten cents."""
    if usd is None:
        return NOTHING
    sign, amount = ("-" if usd < 0 else ""), abs(usd)
    if amount >= 100:
        return f"{sign}${amount:,.0f}"
    if amount >= 0.095 or not amount:
        return f"{sign}${amount:.2f}"
    if amount < 0.000_001:
        return f"{sign}under $0.000001"
    return f"{sign}${float(f'{amount:.1e}'):.7f}".rstrip("0")


def seconds(value: float | None) -> str:
    """Return a latency in seconds, without the unit: `0.9`, `0.045`, `12`."""
    if value is None:
        return NOTHING
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 0.095 else f"{value:.3f}"


def duration(value: float) -> str:
    """Return how long a run took: `38 s`, `4 min`, `1 h 12 min`."""
    if value < 59.5:
        return f"{value:.0f} s" if value >= 1 else "under 1 s"
    minutes = round(value / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
