"""`pinward scan`: which models does this repository call, and which of those names can change or vanish under it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from pathlib import Path

from pinward.core.facts import Catalog, ProjectFacts, RepositoryFacts
from pinward.core.findings import Finding
from pinward.core.ignores import part
from pinward.core.policy import LifecyclePolicy, Project, ScanPolicy
from pinward.core.quantities import count
from pinward.core.scan_report import Note, RuleText, ScanReport
from pinward.core.screen import PIPE, Screen
from pinward.core.tree import Tree
from pinward.errors import ExitCode, UsageError
from pinward.git.listing import Search
from pinward.rules import ignores, table
from pinward.rules.base import Persona
from pinward.scan.discovery import Found, discover, one
from pinward.scan.languages import is_program
from pinward.scan.scanner import ScanResult, decode, scan_tree
from pinward.scan.workers import spare_processors

# Each format, and the module and function of `pinward.render` that writes it: the others need not be loaded.
FORMATS = {
    "console": ("scan_console", "render"),
    "json": ("scan_json", "render"),
    "sarif": ("sarif", "render"),
    "markdown": ("scan_faces", "markdown"),
    "github": ("scan_faces", "github"),
    "gitlab": ("scan_faces", "gitlab"),
    "baseline": ("scan_faces", "baseline"),
}


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What the command line and the policy ask of one scan.

    `baseline` are fingerprints that stay quiet; `since` names a commit: only findings on lines added since its merge
    base with HEAD are told. `project` is the configuration that the rules about tasks look at. `only` names one file.
    """

    today: date
    format: str = "console"
    persona: Persona = "user"
    policy: ScanPolicy = field(default_factory=ScanPolicy)
    lifecycle: LifecyclePolicy = field(default_factory=LifecyclePolicy)
    baseline: frozenset[str] = frozenset()
    since: str | None = None
    project: Project | None = None
    screen: Screen = PIPE
    only: str | None = None


def scan(
    root: Path,
    tree: Tree,
    catalog: Catalog,
    options: ScanOptions,
    write: Callable[[str], object],
    searching: Search | None = None,
) -> ExitCode:
    """Scan a folder, write the report in the format asked for, and say whether a finding fails it.

    `tree` reads the files below `root`; `searching` is the search of it that was started already.

    Raises `UsageError` where nothing could be read: that is never a clean bill.
    """
    report = examine(root, tree, catalog, options, searching)
    module, name = FORMATS[options.format]
    face = getattr(import_module(f"pinward.render.{module}"), name)
    write(face(report, options.screen) if options.format == "console" else face(report))
    failed = any(table.blocks(finding, options.policy.fail_on) for finding in report.findings)
    return ExitCode.BLOCKED if failed and options.format != "baseline" else ExitCode.OK


@dataclass(frozen=True, slots=True)
class Reading:
    """A tree as it was read: the names in it, whatever a day and a catalog's dates make of them. `files`: readable."""

    result: ScanResult
    notes: tuple[Note, ...]
    files: int


def examine(
    root: Path, tree: Tree, catalog: Catalog, options: ScanOptions, searching: Search | None = None
) -> ScanReport:
    """Return the report of one scan, without writing anything."""
    return report_of(read(root, tree, catalog, options, searching), root, tree, catalog, options)


def read(root: Path, tree: Tree, catalog: Catalog, options: ScanOptions, searching: Search | None = None) -> Reading:
    """Find the names. Raises `UsageError` where nothing could be read."""
    found = one(options.only) if options.only else discover(root, tree, options.policy.exclude, searching)
    result = scan_tree(tree, catalog, found.paths, searched=found.searched, copies=spare_processors())
    notes = (*_beyond(found), *result.notes)
    readable = found.considered - sum(note.blind for note in notes)
    if readable <= 0 or found.nothing:
        why = notes[0].message if notes else "it holds no files that can be read"
        raise UsageError(f"{root}: nothing was scanned: {why}", "Name a folder with source files.")
    return Reading(result, notes, readable)


def report_of(reading: Reading, root: Path, tree: Tree, catalog: Catalog, options: ScanOptions) -> ScanReport:
    """Say what the rules make of a reading, by the catalog's dates."""
    result = reading.result
    project, unread = _project(tree, options.project)
    programs = frozenset(use.location.path for use in result.uses if is_program(use.location.path))
    facts = table.gather(result.uses, catalog, options.today, options.lifecycle, project, programs)
    judged = judge(facts, result, options)
    told = _new_only(root, judged.findings, options.since)
    lines, notes = source_lines(tree, told), (*reading.notes, *unread)
    return ScanReport(told, facts, notes, reading.files, _rule_texts(options), lines, judged.suppressed)


def _beyond(found: Found) -> Iterator[Note]:
    """Say what lies in the folder and is out of a scan's reach."""
    for path in found.foreign:
        yield Note(path, "a repository of its own: not scanned from here", blind=False)
    for path in found.closed:
        yield Note(path, "a folder that may not be opened: not scanned", blind=False)
    if found.sparse:
        files = count(found.sparse, "file of the repository is", "files of the repository are")
        yield Note(".", f"{files} not checked out (sparse checkout): not scanned", blind=False)


def _project(tree: Tree, project: Project | None) -> tuple[ProjectFacts | None, list[Note]]:
    if project is None:
        return None, []
    from pinward.commands.project_facts import gather  # suites and prompts, whose import a plain scan need not pay

    return gather(tree, project)


def _rule_texts(options: ScanOptions) -> tuple[RuleText, ...]:
    if options.format != "sarif":
        return table.TEXTS
    from pinward.commands.explain import rule_page

    return tuple(replace(text, page=rule_page(text.id)) for text in table.TEXTS)


@dataclass(frozen=True, slots=True)
class Judged:
    """Findings that are told, and how many are kept quiet."""

    findings: tuple[Finding, ...]
    suppressed: int


def judge(facts: RepositoryFacts, result: ScanResult, options: ScanOptions) -> Judged:
    """Check the rules, and take out what ignore comments and the baseline keep quiet."""
    checked = table.check(facts, options.persona)
    findings = checked
    if result.ignores:
        # A comment is of use where it hides anything at all, also from the other persona.
        every = part(table.check(facts, "auditor"), result.ignores, options.today)
        about = ignores.check(result.ignores, every, table.BY_ID, options.today)
        checked = tuple(sorted((*checked, *about), key=table.in_order))
        findings = part(checked, result.ignores, options.today).kept
    told = tuple(finding for finding in findings if finding.fingerprint not in options.baseline)
    return Judged(told, len(checked) - len(told))


def _new_only(root: Path, findings: tuple[Finding, ...], since: str | None) -> tuple[Finding, ...]:
    if since is None:
        return findings
    from pinward.git.added import added_lines

    added = added_lines(root, since, sorted({f.place.path for f in findings if f.place}))
    return tuple(f for f in findings if f.place and _is_new(added[f.place.path], f.place.line))


def _is_new(lines: set[int] | None, line: int) -> bool:
    return lines is None or line in lines


def source_lines(tree: Tree, findings: Iterable[Finding]) -> dict[tuple[str, int], str]:
    """Read the lines on which findings stand."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        if finding.place is not None:
            wanted.setdefault(finding.place.path, set()).add(finding.place.line)
    found: dict[tuple[str, int], str] = {}
    for path, numbers in wanted.items():
        text = decode(path, tree.read(path))[0] or ""
        lines = text.split("\n")
        found |= {(path, number): lines[number - 1].rstrip("\r") for number in numbers if number <= len(lines)}
    return found
