"""`pinward scan`: which models does this repository call, and which of those names can change or vanish under it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from pinward.core.documents import decode as decode_setting
from pinward.core.facts import Catalog
from pinward.core.findings import Finding
from pinward.core.policy import LifecyclePolicy, ScanPolicy
from pinward.core.scan_report import ScanReport
from pinward.core.tree import Tree
from pinward.errors import ConfigError, ExitCode, UsageError
from pinward.render import sarif, scan_console, scan_faces, scan_json
from pinward.rules import ignores, table
from pinward.rules.base import Persona
from pinward.scan import fixes, suppression
from pinward.scan.discovery import discover
from pinward.scan.scanner import decode, scan_tree

FORMATS: dict[str, Callable[[ScanReport], str]] = {
    "console": scan_console.render,
    "json": scan_json.render,
    "sarif": sarif.render,
    "markdown": scan_faces.markdown,
    "github": scan_faces.github,
    "gitlab": scan_faces.gitlab,
    "baseline": scan_faces.baseline,
}


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What the command line and the policy ask of one scan.

    `baseline` is a path relative to the root (its fingerprints stay quiet); `since` names a commit (only findings on
    lines added since its merge base with HEAD are told).
    """

    today: date
    format: str = "console"
    persona: Persona = "user"
    policy: ScanPolicy = field(default_factory=ScanPolicy)
    lifecycle: LifecyclePolicy = field(default_factory=LifecyclePolicy)
    baseline: str | None = None
    since: str | None = None


def scan(root: Path, tree: Tree, catalog: Catalog, options: ScanOptions, write: Callable[[str], object]) -> ExitCode:
    """Scan a folder, write the report in the format asked for, and say whether a finding fails it.

    `tree` reads the files below `root`. Raises `UsageError` where nothing could be read: that is never a clean bill.
    """
    report = examine(root, tree, catalog, options)
    write(FORMATS[options.format](report))
    failed = any(table.blocks(finding, options.policy.fail_on) for finding in report.findings)
    return ExitCode.BLOCKED if failed and options.format != "baseline" else ExitCode.OK


def examine(root: Path, tree: Tree, catalog: Catalog, options: ScanOptions) -> ScanReport:
    """Return the report of one scan, without writing anything."""
    found = discover(root, tree, options.policy.exclude)
    result = scan_tree(tree, catalog, found.paths, searched=found.searched)
    readable = found.considered - sum(note.blind for note in result.notes)
    if readable <= 0:
        why = result.notes[0].message if result.notes else "it holds no files that can be read"
        raise UsageError(f"{root}: nothing was scanned: {why}", "Name a folder with source files.")
    facts = table.gather(result.uses, catalog, options.today, options.lifecycle)
    checked = table.check(facts, options.persona)
    heard = suppression.apply(checked, result.ignores, options.today)
    told = (*heard.kept, *ignores.check(heard.unused, heard.expired))
    kept = _new_only(root, _beyond_baseline(tree, told, options.baseline), options.since)
    lines = source_lines(tree, kept)
    return ScanReport(kept, facts, result.notes, readable, table.TEXTS, lines, len(checked) + _extra(heard) - len(kept))


def _extra(heard: suppression.Suppressed) -> int:
    return len(heard.unused) + len(heard.expired)


def _beyond_baseline(tree: Tree, findings: tuple[Finding, ...], path: str | None) -> tuple[Finding, ...]:
    if path is None:
        return findings
    known = read_baseline(tree.read(path), path)
    return tuple(finding for finding in findings if finding.fingerprint not in known)


def read_baseline(data: bytes, path: str) -> frozenset[str]:
    """Return the fingerprints of a baseline file.

    Raises `ConfigError` for a file of another kind or version.
    """
    import json

    try:
        document = json.loads(decode_setting(data, path))
        if document["schema"] != scan_faces.BASELINE_SCHEMA:
            raise ValueError(document["schema"])
        return frozenset(str(row["fingerprint"]) for row in document["findings"])
    except (ValueError, KeyError, TypeError, RecursionError):
        hint = "Make one: `pinward scan --format baseline --output FILE`."
        raise ConfigError(f"{path}: is no baseline of schema {scan_faces.BASELINE_SCHEMA}", hint) from None


def _new_only(root: Path, findings: tuple[Finding, ...], since: str | None) -> tuple[Finding, ...]:
    if since is None:
        return findings
    from pinward.git.added import added_lines

    added = added_lines(root, since, sorted({f.place.path for f in findings if f.place}))
    return tuple(f for f in findings if f.place and _is_new(added[f.place.path], f.place.line))


def _is_new(lines: set[int] | None, line: int) -> bool:
    return lines is None or line in lines


def fix(
    tree: Tree, findings: Iterable[Finding], level: Literal["safe", "all"], save: Callable[[str, bytes], object]
) -> int:
    """Make the fixes that findings propose, and return how many were made. `save` writes one file of the tree."""
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.fix is not None:
            by_path.setdefault(finding.fix.path, []).append(finding)
    count = 0
    for path, found in sorted(by_path.items()):
        edited = fixes.apply(tree.read(path), found, unsafe=level == "all")
        if edited.count:
            save(path, edited.data)
            count += edited.count
    return count


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
