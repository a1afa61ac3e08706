"""Figures of a comparison: intervals, both sides of a number, cost and latency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A point estimate and its two-sided interval; None where the data cannot give one."""

    estimate: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """One figure of both sides; None where a side has none."""

    baseline: float | None = None
    candidate: float | None = None


@dataclass(frozen=True, slots=True)
class Economy:
    """What both sides cost and how long they took, over cases valid on both.

    `cost` in US dollars a request, tokens a request, latency in seconds and of live answers only. A change is
    candidate / baseline - 1. `unpriced` names the models without a known price.
    """

    cost: Sides = Sides()
    cost_change: Interval | None = None
    input_tokens: Sides = Sides()
    output_tokens: Sides = Sides()
    monthly_change_usd: float | None = None
    unpriced: tuple[str, ...] = ()
    p50: Sides = Sides()
    p95: Sides = Sides()
    change_p50: Interval | None = None
    change_p95: Interval | None = None
