"""A catalog with what providers said today laid over it: their own word wins, their silence changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from pinward.core.facts import Catalog, LifecycleFact, Lifetime, Status
from pinward.core.model_id import ModelId
from pinward.core.policy import DEFAULT_LIFECYCLE, LifecyclePolicy
from pinward.lifecycle.live import SOURCES, STATES, Seen


class LiveCatalog:
    """Implements `core.facts.Catalog`. `seen` holds, by channel and lower-case id, what providers said."""

    def __init__(self, catalog: Catalog, seen: Mapping[str, Mapping[str, Seen]]) -> None:
        self._catalog = catalog
        self._seen = seen

    @property
    def compiled_on(self) -> date:
        """The day on which the data below was compiled."""
        return self._catalog.compiled_on

    def identify(self, written: str, client: str | None = None) -> ModelId:
        """Decide what a written name is; what providers said today does not change that."""
        return self._catalog.identify(written, client)

    def lifetime(self, model: ModelId, today: date, policy: LifecyclePolicy = DEFAULT_LIFECYCLE) -> Lifetime | None:
        """Return what the model can expect. Providers date the alias or its snapshot, so the two are taken together."""
        own = self._says(model.provider, model.id)
        target = own.alias_of if own else None
        life = self._catalog.lifetime(model, today, policy)
        if life is None and target:
            life = self._catalog.lifetime(replace(model, id=target, pin="pinned"), today, policy)
        names = [target, model.resolves_to, life.inherited_from if life else None, life.fact.alias_of if life else None]
        others = [self._says(model.provider, name) for name in names if name]
        said = [s for s in (own, *others) if s and (s.shutdown_on or s.state != "listed")]
        return _laid_over(life, said, model, today) if said else life

    def similar(self, model: ModelId) -> tuple[str, ...]:
        """Return ids of the data below that look like one that it does not know."""
        return self._catalog.similar(model)

    def _says(self, provider: str, name: str) -> Seen | None:
        return self._seen.get(provider, {}).get(name.lower())


def _laid_over(life: Lifetime | None, said: list[Seen], model: ModelId, today: date) -> Lifetime:
    dated = min((s for s in said if s.shutdown_on), key=lambda s: s.shutdown_on or date.max, default=None)
    day = dated.shutdown_on if dated else (life.shutdown_on if life else None)
    kind = "fixed" if dated else (life.shutdown_kind if life else None)
    worst = max((s.state for s in said), key=STATES.index)
    status: Status = "retired" if worst == "retired" or (dated and day and day <= today) else "deprecated"
    fact = life.fact if life else _fact(model, today, status)
    fact = replace(fact, confidence="first-party", source=SOURCES[model.provider].documented, read_on=today.isoformat())
    inherited = dated.id if dated and dated.id.lower() != model.id.lower() else (life.inherited_from if life else None)
    if life is None:
        return Lifetime(fact, status, day, kind, inherited)
    return replace(life, fact=fact, status=status, shutdown_on=day, shutdown_kind=kind, inherited_from=inherited)


def _fact(model: ModelId, today: date, status: Status) -> LifecycleFact:
    source = SOURCES[model.provider].documented
    return LifecycleFact(model.provider, model.id, "snapshot", status, source, today.isoformat(), "first-party")
