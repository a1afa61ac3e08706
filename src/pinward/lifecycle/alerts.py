"""At which stage of its end a model is, and what changed since an earlier night.

A stage is told once: when it is reached, and again where its date moved. Standings are kept between nights as one
short line of text that holds no name, so that nothing hostile can hide in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast, get_args

from pinward.core.facts import Lifetime, Stage, Standing
from pinward.core.policy import LifecyclePolicy

STAGES: tuple[Stage, ...] = get_args(Stage)
MAX_KEPT = 1000
_ENTRY = re.compile(r"([0-9a-f]{16}):([a-z]{4,9}):(\d{4}-\d{2}-\d{2}|-)")


@dataclass(frozen=True, slots=True)
class News:
    """One change since an earlier night, by the model's mark. `now` None: it ends no more, or is used no more."""

    mark: str
    before: Standing | None
    now: Standing | None


def end_of(life: Lifetime) -> date | None:
    """Return the day from which the name no longer answers as itself. A promise "not before" is no such day."""
    days = [life.reroutes_on] if life.reroutes_on else []
    if life.shutdown_on and life.shutdown_kind != "not-before":
        days.append(life.shutdown_on)
    return min(days, default=None)


def standing(life: Lifetime, today: date, policy: LifecyclePolicy) -> Standing | None:
    """Return the stage of a model's end as of one day, None while nothing is announced for the warning window."""
    end = end_of(life)
    if life.rerouted_to:
        return Standing("rerouted", life.fact.routes_on)
    if life.status == "retired":
        return Standing("retired", end)
    left = (end - today).days if end else None
    if left is not None and left < policy.urgent_days:
        return Standing("urgent", end)
    if left is not None and left < policy.warn_days:
        return Standing("soon", end)
    return Standing("announced", end) if life.reroutes_on else None


def news(before: Mapping[str, Standing], now: Mapping[str, Standing]) -> tuple[News, ...]:
    """Return what is new, what reached another stage, what moved, and what is over; nothing where nothing changed."""
    changed = [News(mark, before.get(mark), standing) for mark, standing in now.items() if before.get(mark) != standing]
    over = [News(mark, standing, None) for mark, standing in before.items() if mark not in now]
    return (*changed, *over)


def to_line(standings: Mapping[str, Standing]) -> str:
    """Return standings as one line of marks, stages and days, the first `MAX_KEPT` of them."""
    kept = sorted(standings.items())[:MAX_KEPT]
    return " ".join(f"{mark}:{s.stage}:{s.day.isoformat() if s.day else '-'}" for mark, s in kept)


def from_line(line: str) -> dict[str, Standing]:
    """Read such a line; what is no standing is left out, so that it is told again rather than lost."""
    found: dict[str, Standing] = {}
    for entry in line.split():
        match = _ENTRY.fullmatch(entry)
        if match and match[2] in STAGES and (day := _day(match[3])) is not False:
            found[match[1]] = Standing(cast("Stage", match[2]), day)
    return found


def _day(text: str) -> date | Literal[False] | None:
    try:
        return None if text == "-" else date.fromisoformat(text)
    except ValueError:
        return False
