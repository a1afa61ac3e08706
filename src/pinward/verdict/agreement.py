"""How far two raters agree: the share of equal labels, and Cohen's kappa, which takes out what chance alone gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pinward.core.figures import Interval
from pinward.verdict.intervals import binomial_interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two raters over the same `n` items. `kappa` is None where both gave one and the same label throughout."""

    n: int
    share: Interval
    kappa: Interval | None


def agreement(pairs: Sequence[tuple[bool, bool]], alpha: float = 0.05) -> Agreement:
    """Compare two raters, item by item; intervals are two-sided at 1 - alpha. At least one pair.

    Kappa is (agreement - chance) / (1 - chance). Like Cohen (1960, doi:10.1177/001316446002000104) its interval holds
    chance fixed; the interval of the agreement in it is one that holds for few items and for full agreement too.
    """
    n = len(pairs)
    share = binomial_interval(sum(one is other for one, other in pairs), n, alpha)
    first, second = (sum(pair[rater] for pair in pairs) / n for rater in (0, 1))
    chance = first * second + (1 - first) * (1 - second)
    if chance == 1:
        return Agreement(n, share, None)

    def corrected(value: float | None) -> float:
        return max(-1.0, ((value or 0.0) - chance) / (1 - chance))

    kappa = Interval(corrected(share.estimate), corrected(share.low), corrected(share.high))
    return Agreement(n, share, kappa)
