"""Percentiles, and seeded bootstrap intervals of a ratio between both sides, paired by case."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from pinward.core.figures import Interval

Pairs = tuple[Sequence[float], Sequence[float]]  # baseline and candidate, a value a case
FEWEST = 8  # fewer pairs give no interval: a bootstrap of them would be far too narrow
_MOST = 2_000  # a draw from more pairs takes this many of all: so the interval is wider, and lies where it belongs
_PICKS = 400_000
_SEED = 7_919


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the linearly interpolated percentile (`share` in [0, 1]); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return math.fsum(values) / len(values) if values else None


def change(pairs: Pairs, figure: Callable[[Sequence[float]], float | None], alpha: float) -> Interval | None:
    """Return candidate / baseline - 1 of a figure, with its bootstrap interval over cases (percentile method).

    None where the baseline's figure is 0 or there is no pair; no bounds below 8 pairs.
    """
    estimate = _ratio(pairs, figure)
    if estimate is None:
        return None
    cases = len(pairs[0])
    if cases < FEWEST:
        return Interval(estimate)
    # Sorted, so that the order of the cases decides nothing: by places, since pairs would need their memory again.
    places = sorted(range(cases), key=pairs[1].__getitem__)
    places.sort(key=pairs[0].__getitem__)
    rng = random.Random(_SEED)  # noqa: S311 -- a seeded simulation, no secret
    size = min(cases, _MOST)
    drawn = (rng.choices(places, k=size) for _ in range(min(2_000, _PICKS // size)))
    ratios = [r for picks in drawn if (r := _ratio(_picked(pairs, picks), figure)) is not None]
    return Interval(estimate, percentile(ratios, alpha / 2), percentile(ratios, 1 - alpha / 2))


def _picked(pairs: Pairs, places: list[int]) -> Pairs:
    return [pairs[0][place] for place in places], [pairs[1][place] for place in places]


def _ratio(pairs: Pairs, figure: Callable[[Sequence[float]], float | None]) -> float | None:
    baseline, candidate = map(figure, pairs)
    return candidate / baseline - 1 if baseline and candidate is not None else None
