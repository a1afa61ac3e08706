"""Lifecycle facts of models, and the bundle of facts that rules are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Protocol

from pinward.core.findings import ModelUse
from pinward.core.model_id import ModelId
from pinward.core.policy import DEFAULT_LIFECYCLE, LifecyclePolicy, Project, Task

# How long a catalog holds what it says: providers give as little as two weeks of notice for previews, and OpenAI gave
# three months for models of general use. Within this time an announcement still reaches its reader 30 days ahead.
CATALOG_PROMISE = timedelta(days=45)

Kind = Literal["snapshot", "alias", "family", "preview", "unversioned-pinned"]
Status = Literal["active", "legacy", "deprecated", "retired"]
Stage = Literal["announced", "soon", "urgent", "rerouted", "retired", "drifted"]
ShutdownKind = Literal["fixed", "earliest", "not-before"]
Confidence = Literal["first-party", "first-party-mirror", "third-party", "inferred"]


def is_stale(compiled_on: date, today: date) -> bool:
    """Tell whether data compiled on one day is older than its promise."""
    return today - compiled_on > CATALOG_PROMISE


@dataclass(frozen=True, slots=True)
class LifecycleFact:
    """One row of the catalog, keyed by (provider, id), with where and when it was read.

    `shutdown_kind`: `fixed` is a date that the provider gave; `earliest` may move later; `not-before` is a promise
    about a model that is not deprecated, so it never fails a build. `routes_to`: from `routes_on` the provider
    answers the id with this other model. `superseded` are days that stood before, each with its source. `read_on` is
    the date of the copy that was read (YYYY-MM or YYYY-MM-DD).
    """

    provider: str
    id: str
    kind: Kind
    status: Status
    source: str
    read_on: str
    confidence: Confidence
    alias_of: str | None = None
    released: date | None = None
    deprecated_on: date | None = None
    shutdown_on: date | None = None
    shutdown_kind: ShutdownKind | None = None
    routes_to: str | None = None
    routes_on: date | None = None
    replacement: tuple[str, ...] = ()
    replacement_note: str | None = None
    via: str | None = None
    note: str | None = None
    superseded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What a model name can expect, as of one day: its own row, or its target's where it is an alias.

    `inherited_from` names the alias target whose date this is. `rerouted_to` is set once the provider answers with
    another model. `replacement` is the first living model at the end of `chain` (empty, None: honestly none).
    """

    fact: LifecycleFact
    status: Status
    shutdown_on: date | None = None
    shutdown_kind: ShutdownKind | None = None
    inherited_from: str | None = None
    rerouted_to: str | None = None
    reroutes_on: date | None = None
    replacement: str | None = None
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a model stands: the stage of its end, and the day from which the name no longer answers as itself."""

    stage: Stage
    day: date | None


class Catalog(Protocol):
    """Knows models: the embedded catalog, or a fake in tests."""

    @property
    def compiled_on(self) -> date:
        """The day on which the data was compiled."""
        ...

    def identify(self, written: str, client: str | None = None) -> ModelId:
        """Decide what a written name is; `client` is the provider that the surrounding code tells."""
        ...

    def lifetime(self, model: ModelId, today: date, policy: LifecyclePolicy = DEFAULT_LIFECYCLE) -> Lifetime | None:
        """Return what the model can expect, or None where the catalog has no row for it.

        A replacement is named only where it lives beyond `policy.warn_days`.
        """
        ...

    def similar(self, model: ModelId) -> tuple[str, ...]:
        """Return ids that look like one that the catalog has no row for, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Move:
    """A step that gives a candidate more of the traffic: shares in percent. `promoted`: it becomes the task's model."""

    task: str
    current: str
    candidate: str
    before: float
    after: float
    promoted: bool = False


RulingState = Literal["held", "broken", "unknown"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule says of a rollout's step: held, broken, or not knowable here. `url` leads to the evidence."""

    rule: str
    state: RulingState
    said: str
    help: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What is known of one task beside its configuration.

    `strangers` are models that get a prompt written for others. `cases` counts the suite's by category; it is None
    without a suite that could be read, `thin` names the categories with too few. `suite_absent`: the file that the
    task names is not there. `changed` are the parts that a pull request changes (`model`, `prompt`, `params`), and
    `rulings` say whether a step of its rollout may be taken.
    """

    task: Task
    strangers: tuple[str, ...] = ()
    cases: Mapping[str, int] | None = None
    thin: tuple[str, ...] = ()
    suite_absent: bool = False
    changed: frozenset[str] = frozenset()
    rulings: tuple[Ruling, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What the rules about `pinward.yml` look at. `before` is the base's project, where there are two sides."""

    project: Project
    tasks: tuple[TaskFacts, ...] = ()
    before: Project | None = None


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """Everything that a rule may look at. Lifetimes are keyed by (provider, id).

    `programs` are the paths that hold code. `project` is None where there is no configuration with tasks.
    """

    uses: tuple[ModelUse, ...]
    lifetimes: Mapping[tuple[str, str], Lifetime]
    today: date
    lifecycle: LifecyclePolicy
    catalog_date: date
    programs: frozenset[str] = frozenset()
    project: ProjectFacts | None = None

    def lifetime(self, model: ModelId) -> Lifetime | None:
        """Return what the catalog knows of this model's lifetime."""
        return self.lifetimes.get((model.provider, model.id))
