"""Whether a model is still what it was on earlier nights: what the statistics found, for every face to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pinward.core.observation import Observation

SHOWN = timedelta(days=14)
LEARNING = 10  # nights before which little can be found
Kind = Literal["answers", "served"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A model that is not what it was. `since` is when that began, as far as can be told; rates in [0, 1]."""

    kind: Kind
    found_on: date
    since: date
    nights: int
    rate_before: float | None = None
    rate_since: float | None = None
    served_before: tuple[str, ...] = ()
    served_since: tuple[str, ...] = ()
    fingerprint_changed: bool = False


@dataclass(frozen=True, slots=True)
class Drift:
    """Where one task on one model stands after its latest night.

    `nights` are compared with each other, tonight included; tonight is the `rank`-th strangest of them. `alarm` is the
    latest one, None where there is none.
    """

    task: str
    model: str
    latest: Observation
    nights: int
    rank: int
    alarm: Alarm | None = None
    fingerprint_changed: bool = False

    def shown(self, today: date) -> Alarm | None:
        """Return the alarm while it is fresh enough to be told."""
        return self.alarm if self.alarm is not None and today - self.alarm.found_on < SHOWN else None
