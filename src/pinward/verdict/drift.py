"""Has a model changed since earlier nights? Tonight is ranked among them, and ranks are bet against.

One stored baseline shares its luck every night: compared with it at 1% a night, every fifth month brings an alarm that
means nothing. So a night is compared with all nights before it. If nothing changed, its rank among them is uniform and
independent of earlier ranks, whatever the suite and however noisy the model (conformal p-values: Vovk, Gammerman,
Shafer, "Algorithmic Learning in a Random World", 2nd ed., 2022, ch. 8). A bet on strange ranks whose fair price is 1
is paid out each night, and added up over all nights at which a change could have begun (the Shiryaev-Roberts
e-detector: Shin, Ramdas, Rinaldo, arXiv 2203.03532).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pinward.core.drift import Alarm, Drift, Kind
from pinward.core.observation import Observation

POWER = 0.3  # of the betting function p ** POWER: found four nights sooner than 0.7 where 20% of 20 cases fall
# Adding up to c takes at least c nights on average; measured it is 2.2 to 3 times that (benchmarks/drift.py). This
# share of `arl_nights` makes the time between false alarms what the policy says.
SHARE = 0.45
KNOWN = 0.5  # of tonight's cases must be known from the night before, or a new comparison begins
TIE = 1e-9
SETTLED = 2  # nights with one and the same served name, before another one is news
MOST, BLOCK = 400, 100  # nights compared, and how many of the oldest are left out at once


@dataclass
class _Stream:
    """The nights since the last change, what the bets have brought, and when the best of them began."""

    threshold: float
    nights: list[Observation] = field(default_factory=list)
    wealth: float = 0.0
    best: float = 0.0
    began: int = 0
    rank: int = 1
    alarm: Alarm | None = None

    def add(self, seen: Observation) -> None:
        """Take one night more."""
        if self.nights and not _comparable(self.nights[-1], seen):
            self.nights, self.alarm = [], None
            self._restart()
        if _renamed(self.nights, seen):
            self.alarm = _alarm("served", self.nights, [seen])
            self.nights = []
            self._restart()
        self.nights.append(seen)
        first, self.rank = ranks(self.nights)
        if len(self.nights) > 1:
            self._bet(payout(first, self.rank, len(self.nights)))

    def _bet(self, paid: float) -> None:
        if self.best <= 1:
            self.best, self.began = 1.0, len(self.nights) - 1
        self.best *= paid
        self.wealth = (self.wealth + 1) * paid
        if self.wealth >= self.threshold:
            before, since = self.nights[: self.began], self.nights[self.began :]
            self.alarm = _alarm("answers", before, since)
            self.nights = since
            self._restart()

    def _restart(self) -> None:
        self.wealth, self.best, self.began = 0.0, 0.0, 0


def follow(nights: Iterable[Observation], arl_nights: float) -> Drift | None:
    """Follow one task on one model through its nights, oldest first; None without any.

    `arl_nights` is the mean number of nights between alarms while nothing changes.
    """
    stream, known = _Stream(threshold(arl_nights)), list(nights)
    old = max(0, (len(known) - MOST) // BLOCK * BLOCK)  # in blocks, so that ranks do not move from night to night
    for seen in known[old:]:
        stream.add(seen)
    if not stream.nights:
        return None
    latest = stream.nights[-1]
    changed = _fingerprint_changed(stream.nights[:-1], [latest])
    return Drift(latest.task, latest.model, latest, len(stream.nights), stream.rank, stream.alarm, changed)


def threshold(arl_nights: float) -> float:
    """Return what the bets must bring for an alarm."""
    return max(2.0, SHARE * arl_nights)


def payout(first: int, last: int, nights: int) -> float:
    """Return what a bet on strange nights pays for the ranks `first` to `last` (1: the strangest), which are tied.

    The mean over all ranks is 1. Ties share, but for nights that are not even strange: of a model that always answers
    the same, no night may speak against it.
    """
    if 2 * last > nights:
        first = last
    return nights * float((last / nights) ** POWER - ((first - 1) / nights) ** POWER) / (last - first + 1)


def ranks(nights: Sequence[Observation]) -> tuple[int, int]:
    """Return the first and last rank of the last night among all, by strangeness; they differ where nights tie."""
    strange = _strangeness(nights)
    tied = sum(abs(other - strange[-1]) <= TIE for other in strange)
    above = sum(other > strange[-1] + TIE for other in strange)
    return above + 1, above + tied


def _strangeness(nights: Sequence[Observation]) -> list[float]:
    """Return each night's mean squared distance from all nights, case by case, each in units of its own spread.

    A case that always passed and fails tonight weighs more than one that comes and goes. A night is measured on the
    cases that it has; the order of the nights plays no part, which is what makes the rank uniform.
    """
    totals, least = [0.0] * len(nights), 1 / len(nights)
    for key in {key for night in nights for key in night.scores}:
        have = [(index, night.scores[key]) for index, night in enumerate(nights) if key in night.scores]
        mean = sum(score for _, score in have) / len(have)
        spread = sum((score - mean) ** 2 for _, score in have) / len(have) + least
        for index, score in have:
            totals[index] += (score - mean) ** 2 / spread
    return [total / max(night.valid, 1) for total, night in zip(totals, nights, strict=True)]


def _comparable(before: Observation, now: Observation) -> bool:
    """Tell whether two nights asked the same; after an edit of suite, prompt or parameters nothing can be compared."""
    return len(now.scores.keys() & before.scores.keys()) >= KNOWN * now.valid


def _renamed(nights: Sequence[Observation], seen: Observation) -> bool:
    """Tell whether another model says that it answered, where one and the same did on the nights before."""
    settled = len(nights) >= SETTLED and all(night.served == nights[-1].served for night in nights[-SETTLED:])
    known = {name for night in nights for name in night.served}
    return settled and bool(known) and not known.issuperset(seen.served)


def _fingerprint_changed(before: Sequence[Observation], since: Sequence[Observation]) -> bool:
    known = {name for night in before for name in night.fingerprints}
    return bool(known) and any(night.fingerprints and known.isdisjoint(night.fingerprints) for night in since)


def _alarm(kind: Kind, before: Sequence[Observation], since: Sequence[Observation]) -> Alarm:
    return Alarm(
        kind=kind,
        found_on=since[-1].day,
        since=since[0].day,
        nights=len(before),
        rate_before=_rate(before),
        rate_since=_rate(since),
        served_before=before[-1].served if before else (),
        served_since=since[-1].served,
        fingerprint_changed=_fingerprint_changed(before, since),
    )


def _rate(nights: Sequence[Observation]) -> float | None:
    valid = sum(night.valid for night in nights)
    return sum(night.passed for night in nights) / valid if valid else None
