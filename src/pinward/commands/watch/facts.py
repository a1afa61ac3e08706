"""What a night says beside the dates: who owns the files, what a model is used for, and what breaks on the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pinward.core.facts import Catalog, Lifetime
from pinward.core.findings import Location, ModelUse
from pinward.core.model_id import ModelId
from pinward.core.policy import Project
from pinward.core.tree import Tree
from pinward.errors import ConfigError, InternalError
from pinward.lifecycle import owners
from pinward.lifecycle.prices import GenaiPrices
from pinward.providers.endpoints import KNOWN
from pinward.providers.parameters import demands

Key = tuple[str, str]


def key_of(model: ModelId) -> Key:
    """Return what a model is known by: channel and id."""
    return model.provider, model.id


@dataclass(frozen=True, slots=True)
class Duty:
    """What the configuration uses a model for (`model of extract`, `fallback of extract`, `judge`), by which key."""

    written: str
    text: str
    key: tuple[str | int, ...]


def duties(project: Project) -> list[Duty]:
    """Return every model that the configuration names: primaries, fallbacks and candidates of all tasks, the judge."""
    judge = project.policy.judge.model
    found = [Duty(judge, "judge", ("policy", "judge", "model"))] if judge else []
    for task in project.tasks.values():
        found.append(Duty(task.model, f"model of {task.name}", ("tasks", task.name, "model")))
        for key, names in (("fallbacks", task.fallbacks), ("candidate", task.candidates)):
            what = f"{key.removesuffix('s')} of {task.name}"
            found += [Duty(name, what, ("tasks", task.name, key, place)) for place, name in enumerate(names)]
    return found


@dataclass
class Configured:
    """The models of `pinward.yml`, by channel and id, and uses for those that a scan of the text does not see."""

    by_model: dict[Key, list[str]] = field(default_factory=dict)
    uses: list[ModelUse] = field(default_factory=list)


def configured(project: Project, tree: Tree, catalog: Catalog, selected: Iterable[ModelUse]) -> Configured:
    """Say what the configuration uses each model for; `selected` are the uses that the scan found by itself."""
    found, seen = Configured(), {key_of(use.model) for use in selected}
    for duty in duties(project):
        model = catalog.identify(duty.written)
        texts = found.by_model.setdefault(key_of(model), [])
        texts.append(duty.text)
        if key_of(model) not in seen and len(texts) == 1:
            found.uses.append(ModelUse(model, _place(project, tree, duty), "selection", duty.text))
    return found


def _place(project: Project, tree: Tree, duty: Duty) -> Location:
    """Return where the name stands; where another file holds it, the place of the key that says so."""
    place = project.place(*duty.key)
    if place is None:
        raise InternalError(f"no key {duty.key} was read", "Report this.")
    line = tree.read(place.path).decode("utf-8", "replace").split("\n")[place.line - 1]
    column = line.find(duty.written)
    if column < 0:
        return place
    return replace(place, column=column + 1, end=column + 1 + len(duty.written))


def code_owners(tree: Tree) -> owners.Owners:
    """Read the repository's CODEOWNERS, the first that GitHub would take; nobody where there is none."""
    for place in owners.PLACES:
        try:
            if tree.exists(place):
                return owners.read(tree.read(place).decode("utf-8", "replace"))
        except ConfigError:
            continue  # a link or a monstrous file: not to be read, and no reason to lose the night
    return owners.Owners()


def breaks(model: ModelId, life: Lifetime, catalog: Catalog, prices: GenaiPrices) -> tuple[str, ...]:
    """Return what a caller meets on the way to the replacement: parameters, context window, price; as far as known."""
    if not life.replacement:
        return ()
    before = catalog.identify(life.inherited_from or model.id, model.provider)
    after = catalog.identify(life.replacement, model.provider)
    wire = KNOWN[model.provider].wire if model.provider in KNOWN else model.provider
    return (
        *demands(wire, before.id, after.id),
        *_smaller_window(prices.context_window(before), prices.context_window(after)),
        *_other_price(prices.rates(before), prices.rates(after)),
    )


def _smaller_window(before: int | None, after: int | None) -> Iterator[str]:
    if before and after and after < before:
        yield f"the context window shrinks from {before:,} to {after:,} tokens"


def _other_price(before: tuple[float, float] | None, after: tuple[float, float] | None) -> Iterator[str]:
    if after is None:
        yield "the price of the replacement is not known"
    elif before is not None and before != after:
        yield f"the price per million tokens goes from {_rates(before)} to {_rates(after)}"


def _rates(rates: tuple[float, float]) -> str:
    return f"${rates[0]:.4g} in and ${rates[1]:.4g} out"


def duties_of(found: Mapping[Key, list[str]], model: ModelId) -> tuple[str, ...]:
    """Return what the configuration uses one model for."""
    return tuple(dict.fromkeys(found.get(key_of(model), ())))
