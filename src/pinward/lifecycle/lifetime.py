"""How long a model lives, as of one day, within the rows of one channel.

No date ever crosses channels: a platform sets its own, earlier or later than the maker's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from pinward.core.facts import LifecycleFact, Lifetime, Status
from pinward.core.spelling import base_of

_ORDER: tuple[Status, ...] = ("active", "legacy", "deprecated", "retired")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one channel: a look-up by id, and all ids (lower case)."""

    get: Callable[[str], LifecycleFact | None]
    ids: Collection[str]

    def versioned(self, model: str) -> LifecycleFact | None:
        """Look up an id; Azure dates some models as a whole, so `name (version)` may stand under its name."""
        return self.get(model) or (self.get(model.partition(" (")[0]) if " (" in model else None)

    def find(self, name: str) -> LifecycleFact | None:
        """Look up an id; of a name with versions (`gpt-5.1 (2025-11-13)`), the version that lives longest."""
        exact = self.get(name)
        if exact:
            return exact
        versions = [self.get(i) for i in self.ids if i.startswith(name.lower() + " (")]
        return max((v for v in versions if v), key=lambda v: v.shutdown_on or date.max, default=None)


def lifetime(rows: Rows, model: str, today: date, warn_days: int) -> Lifetime | None:
    """Return what `model` can expect as of `today`, or None without a row.

    `warn_days` is the window before a shutdown in which a model is not offered as a replacement.
    """
    base = base_of(model)
    fact = (rows.get(f"ft:{base}") or rows.get(base)) if base else rows.versioned(model)
    if fact is None or (fact.kind == "family" and not base):
        return None
    line = _line(rows, fact)
    dated = _dated(line)
    rerouted = next((f for f in line if f.routes_to), None)
    happened = bool(rerouted and rerouted.routes_on and rerouted.routes_on <= today)
    chain = _chain(rows, line, today, warn_days)
    inherited = base or (dated.id if dated and dated is not fact else None)
    return Lifetime(
        fact=fact,
        status=_status(line, today),
        shutdown_on=dated.shutdown_on if dated else None,
        shutdown_kind=dated.shutdown_kind if dated else None,
        inherited_from=inherited if dated else None,
        rerouted_to=rerouted.routes_to if rerouted and happened else None,
        reroutes_on=rerouted.routes_on if rerouted and not happened else None,
        replacement=chain[-1] if chain else None,
        chain=chain,
    )


def _line(rows: Rows, fact: LifecycleFact) -> tuple[LifecycleFact, ...]:
    """Return the row and the rows that its alias leads to, each once."""
    line = [fact]
    while (name := line[-1].alias_of) and (target := rows.find(name)) and target not in line:
        line.append(target)
    return tuple(line)


def _dated(line: tuple[LifecycleFact, ...]) -> LifecycleFact | None:
    """Return the row whose date holds: the earliest that ends a life, else the first promise.

    Providers date the alias or its snapshot, not always both, so the two are taken together.
    """
    ending = [f for f in line if f.shutdown_on and f.shutdown_kind != "not-before"]
    if ending:
        return min(ending, key=lambda f: f.shutdown_on or date.max)
    return next((f for f in line if f.shutdown_on), None)


def _status(line: tuple[LifecycleFact, ...], today: date) -> Status:
    return max((_status_of(f, today) for f in line), key=_ORDER.index)


def _status_of(fact: LifecycleFact, today: date) -> Status:
    """A date that passed wins over a listing; a day before the listing was read sees the model still alive."""
    announced = fact.deprecated_on is None or fact.deprecated_on <= today
    if fact.shutdown_on and fact.shutdown_kind != "not-before":
        if fact.shutdown_on <= today:
            return "retired"
        if fact.status == "retired":
            return "deprecated" if announced else "active"
    return fact.status if announced or fact.status != "deprecated" else "active"


def _chain(rows: Rows, line: tuple[LifecycleFact, ...], today: date, warn_days: int) -> tuple[str, ...]:
    """Return the shortest way along the providers' own recommendations to a model that lives long enough."""
    seen = {f.id for f in line}
    paths: list[tuple[str, ...]] = [(name,) for name in _next(line)]
    while paths:
        path = paths.pop(0)
        fact = rows.find(path[-1])
        if fact is None or fact.id in seen:
            continue
        seen.add(fact.id)
        onward = _line(rows, fact)
        if _lives(onward, today, warn_days):
            return path
        paths += [(*path, name) for name in _next(onward)]
    return ()


def _next(line: tuple[LifecycleFact, ...]) -> tuple[str, ...]:
    names = next((f.replacement for f in line if f.replacement), ())
    return names or tuple(f.routes_to for f in line if f.routes_to)


def _lives(line: tuple[LifecycleFact, ...], today: date, warn_days: int) -> bool:
    if any(f.routes_to for f in line) or _status(line, today) == "retired":
        return False
    dated = _dated(line)
    if dated is None or dated.shutdown_on is None or dated.shutdown_kind == "not-before":
        return _status(line, today) != "deprecated"
    return dated.shutdown_on > today + timedelta(days=warn_days)
