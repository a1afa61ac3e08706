"""`pinward watch`: which of our models will be shut down, when, and what replaces them?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from pinward.commands.scan.run import Reading, ScanOptions, read, report_of
from pinward.commands.watch.facts import Configured, breaks, code_owners, configured, duties_of, key_of
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


@dataclass(frozen=True, slots=True)
class Sight:
    """One state of the repository, read once: its names hold whatever the providers say of their dates."""

    root: Path
    tree: Tree
    project: Project
    options: ScanOptions
    reading: Reading
    named: Configured
    models: tuple[ModelId, ...]


def watch(root: Path, tree: Tree, outside: Outside) -> Watched:
    """Look at one state of the repository as of one day; where that is asked for, as the providers in use see it."""
    sight = _read(root, tree, outside)
    if not (sight.project.policy.watch.live if outside.live is None else outside.live):
        return _judged(sight, outside)
    from pinward.commands.watch.live import ask

    asked = ask(sight.models, outside.catalog, sight.project.providers, outside.keys)
    notes = (*outside.notes, *asked.notes, *asked.failed)
    watched = _judged(sight, replace(outside, catalog=asked.catalog, notes=notes))
    return replace(watched, code=worst([watched.code, ExitCode.UNAVAILABLE])) if asked.failed else watched


def _read(root: Path, tree: Tree, outside: Outside) -> Sight:
    loaded = load_project(tree, outside.config)
    require_if_named(outside.config, loaded)
    project = loaded or Project()
    table.require_known(project.policy.scan.fail_on)
    options = ScanOptions(outside.today, policy=project.policy.scan, lifecycle=project.policy.lifecycle)
    reading = read(root, tree, outside.catalog, options)
    selected = [use for use in reading.result.uses if use.role == "selection"]
    named = configured(project, tree, outside.catalog, selected)
    names = {key_of(use.model): use.model for use in (*selected, *named.uses)}
    return Sight(root, tree, project, options, reading, named, tuple(names.values()))


def _judged(sight: Sight, outside: Outside) -> Watched:
    catalog, today, project = outside.catalog, outside.today, sight.project
    report = report_of(sight.reading, sight.root, sight.tree, catalog, sight.options)
    extra = table.check(table.gather(sight.named.uses, catalog, today, project.policy.lifecycle))
    night = Night(
        today=today,
        catalog_date=catalog.compiled_on,
        models=len(sight.models),
        unknown=sum(catalog.lifetime(model, today) is None for model in sight.models),
        files=report.files_scanned,
        endings=_endings((*report.findings, *extra), outside, project, sight.tree, sight.named.by_model),
        notes=[*_doubts(outside), *(f"{note.path}: {note.message}" for note in report.notes)],
    )
    blocked = any(ending.blocking for ending in night.endings)
    return Watched(night, project, ExitCode.BLOCKED if blocked else ExitCode.OK)


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
