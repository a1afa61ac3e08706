"""Which models of the configuration are on their way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pinward.core.facts import Status
from pinward.core.policy import Task
from pinward.runtime.config import Config


@dataclass(frozen=True, slots=True)
class Deprecation:
    """One model that ends: where the configuration names it, how it stands, and what comes after it.

    `days_left` is None where no date is known, and 0 or less once the model is gone.
    """

    task: str
    role: str
    model: str
    status: Status
    shutdown_on: date | None
    days_left: int | None
    replacement: str | None


def check_deprecations(today: date, config: Config) -> list[Deprecation]:
    """Return the models that are deprecated, retired, or shut down within `policy.lifecycle.warn_days`, soonest first.

    A model that the catalog does not know is not in the list: `pinward watch` names those.
    """
    from pinward.lifecycle.catalog import load

    policy = config.project.policy.lifecycle
    catalog = load()
    found = []
    for task, role, model in _named(config):
        life = catalog.lifetime(catalog.identify(model), today, policy)
        if life is None:
            continue
        certain = life.shutdown_on if life.shutdown_kind != "not-before" else None
        left = (certain - today).days if certain else None
        if life.status in {"deprecated", "retired"} or (left is not None and left < policy.warn_days):
            found.append(Deprecation(task, role, model, life.status, certain, left, life.replacement))
    return sorted(found, key=lambda d: (d.shutdown_on or date.max, d.task, d.model))


def _named(config: Config) -> Iterator[tuple[str, str, str]]:
    for name, task in config.project.tasks.items():
        for role, model in roles(task):
            yield name, role, model


def roles(task: Task) -> Iterator[tuple[str, str]]:
    """Yield each model of a task with what it is for."""
    yield "model", task.model
    yield from (("candidate", model) for model in task.candidates)
    yield from (("fallback", model) for model in task.fallbacks)
