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

    `cost` in US dollars a request, tokens a request (cached ones are part of the input, reasoning ones of the output),
    latency in seconds and of live answers only; refused and truncated are shares of the answers. A change of a share is
    a difference, any other is candidate / baseline - 1. `unpriced` names the models without a known price.
    """

    cost: Sides = Sides()
    cost_change: Interval | None = None
    input_tokens: Sides = Sides()
    output_tokens: Sides = Sides()
    cached_tokens: Sides = Sides()
    reasoning_tokens: Sides = Sides()
    input_change: Interval | None = None
    output_change: Interval | None = None
    refused: Sides = Sides()
    refused_change: Interval | None = None
    truncated: Sides = Sides()
    truncated_change: Interval | None = None
    monthly_change_usd: float | None = None
    unpriced: tuple[str, ...] = ()
    p50: Sides = Sides()
    p95: Sides = Sides()
    change_p50: Interval | None = None
    change_p95: Interval | None = None
