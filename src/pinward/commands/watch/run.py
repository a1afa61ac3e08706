"""`pinward watch`: which of our models will be shut down, when, and what replaces them?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from pinward.commands.scan.run import ScanOptions, examine
from pinward.commands.watch.facts import breaks, code_owners, configured, duties_of, key_of
from pinward.config.project import DEFAULT_PATH, load_project, require_if_named
from pinward.core.facts import Catalog, is_stale
from pinward.core.findings import Finding, Location, ModelUse
from pinward.core.model_id import ModelId
from pinward.core.policy import Project
from pinward.core.tree import Tree
from pinward.errors import ExitCode, worst
from pinward.git.history import toplevel
from pinward.git.tree import WorkTree
from pinward.lifecycle.alerts import standing
from pinward.lifecycle.prices import GenaiPrices
from pinward.render import watch as faces
from pinward.render.watch import Ending, Night
from pinward.rules import table

Keys = Callable[[str], str | None]
LIFECYCLE_RULES = frozenset(
    {"retired-model", "retiring-urgent", "retiring-soon", "alias-of-retiring", "silent-reroute"}
)
FORMATS: dict[str, Callable[[Night], str]] = {
    "console": faces.to_console,
    "json": faces.to_json,
    "markdown": faces.to_markdown,
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A night with what it was looked at with: the project's policy also says what may be written."""

    night: Night
    project: Project
    code: ExitCode
    models: tuple[ModelId, ...] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """What a night knows beside the repository: the catalog, and remarks on how it was come by.

    `keys` looks a variable up; the providers in use are asked as well where `live` says so (None: as the policy says).
    `config` is a path from
    the repository's root.
    """

    catalog: Catalog
    today: date
    notes: tuple[str, ...] = ()
    keys: Keys = lambda _: None
    live: bool | None = False
    config: str = DEFAULT_PATH


def run(path: Path, outside: Outside, write: Callable[[str], object], output: str = "console") -> int:
    """Print what ends; 1 where a finding's rule is in `policy.scan.fail_on`."""
    root = toplevel(path) or path
    watched = watch(root, WorkTree(root), outside)
    write(FORMATS[output](watched.night) + "\n")
    return watched.code


def watch(root: Path, tree: Tree, outside: Outside) -> Watched:
    """Look at one state of the repository as of one day; where that is asked for, as the providers in use see it."""
    first = _look(root, tree, outside)
    if not (first.project.policy.watch.live if outside.live is None else outside.live):
        return first
    from pinward.commands.watch.live import ask

    asked = ask(first.models, outside.catalog, first.project.providers, outside.keys)
    notes = (*outside.notes, *asked.notes, *asked.failed)
    again = _look(root, tree, replace(outside, catalog=asked.catalog, notes=notes))
    return replace(again, code=worst([again.code, ExitCode.UNAVAILABLE])) if asked.failed else again


def _look(root: Path, tree: Tree, outside: Outside) -> Watched:
    loaded = load_project(tree, outside.config)
    require_if_named(outside.config, loaded)
    project = loaded or Project()
    policy, catalog, today = project.policy, outside.catalog, outside.today
    table.require_known(policy.scan.fail_on)
    options = ScanOptions(today, policy=policy.scan, lifecycle=policy.lifecycle)
    report = examine(root, tree, catalog, options)
    selected = [use for use in report.facts.uses if use.role == "selection"]
    named = configured(project, tree, catalog, selected)
    extra = table.check(table.gather(named.uses, catalog, today, policy.lifecycle))
    names = {key_of(use.model): use.model for use in (*selected, *named.uses)}
    night = Night(
        today=today,
        catalog_date=catalog.compiled_on,
        models=len(names),
        unknown=sum(catalog.lifetime(model, today) is None for model in names.values()),
        files=report.files_scanned,
        endings=_endings((*report.findings, *extra), outside, project, tree, named.by_model),
        notes=[*_doubts(outside), *(f"{note.path}: {note.message}" for note in report.notes)],
    )
    blocked = any(ending.blocking for ending in night.endings)
    return Watched(night, project, ExitCode.BLOCKED if blocked else ExitCode.OK, tuple(names.values()))


def _doubts(outside: Outside) -> Iterable[str]:
    """Say what weakens the night: data past its promise, a clock that cannot be right."""
    compiled, today = outside.catalog.compiled_on, outside.today
    yield from outside.notes
    if is_stale(compiled, today):
        yield (
            f"the catalog is {(today - compiled).days} days old: dates announced since are not in it. "
            "Update Pinward, or run `pinward catalog refresh`"
        )
    if today < compiled:
        yield f"the day {today} lies before the catalog's ({compiled}): is the clock right?"


def _endings(
    findings: Iterable[Finding], outside: Outside, project: Project, tree: Tree, named: dict[tuple[str, str], list[str]]
) -> list[Ending]:
    by_model: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.rule in LIFECYCLE_RULES and finding.use is not None:
            by_model[key_of(finding.use.model)].append(finding)
    owned = code_owners(tree)
    prices = GenaiPrices(datetime.combine(outside.today, time(12), UTC))
    endings = []
    for group in by_model.values():
        ending = _ending(group, outside, project)
        if ending is not None:
            people = {owner: None for path in dict.fromkeys(p.path for p in ending.places) for owner in owned.of(path)}
            lost = breaks(ending.model, ending.lifetime, outside.catalog, prices)
            endings.append(replace(ending, owners=tuple(people), duties=duties_of(named, ending.model), breaks=lost))
    names = Counter(ending.model.id for ending in endings)
    endings = [replace(e, is_on_two_channels=names[e.model.id] > 1) for e in endings]
    return sorted(endings, key=lambda e: (not e.blocking, e.standing.day or date.max, e.model.written))


def _ending(group: list[Finding], outside: Outside, project: Project) -> Ending | None:
    uses = [finding.use for finding in group if finding.use is not None]
    life = outside.catalog.lifetime(uses[0].model, outside.today, project.policy.lifecycle)
    stands = standing(life, outside.today, project.policy.lifecycle) if life else None
    if life is None or stands is None:
        return None
    blocking = any(_blocks(finding, project.policy.scan.fail_on) for finding in group)
    return Ending(uses[0].model, life, tuple(group), _places(uses), blocking, stands)


def _blocks(finding: Finding, fail_on: tuple[str, ...]) -> bool:
    """Tell whether a finding fails the night: an alias fails as late, and as surely, as the snapshot behind it."""
    urgent_alias = finding.rule == "alias-of-retiring" and finding.severity == "error"
    return table.blocks(replace(finding, rule="retiring-urgent") if urgent_alias else finding, fail_on)


def _places(uses: Iterable[ModelUse]) -> tuple[Location, ...]:
    return tuple(sorted({use.location for use in uses}))
