"""`pinward scan`: which models does this repository call, and which of those names can change or vanish under it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pinward.core.facts import Catalog
from pinward.core.findings import Finding
from pinward.core.policy import LifecyclePolicy, ScanPolicy
from pinward.core.scan_report import RuleText, ScanReport
from pinward.core.tree import Tree
from pinward.errors import ExitCode, UsageError
from pinward.render import scan_console, scan_json
from pinward.rules import table
from pinward.rules.base import Persona
from pinward.scan.discovery import discover
from pinward.scan.scanner import ScanResult, decode, scan_tree

FORMATS: dict[str, Callable[[ScanReport], str]] = {"console": scan_console.render, "json": scan_json.render}


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What the command line and the policy ask of one scan."""

    today: date
    format: str = "console"
    persona: Persona = "user"
    policy: ScanPolicy = field(default_factory=ScanPolicy)
    lifecycle: LifecyclePolicy = field(default_factory=LifecyclePolicy)


def scan(root: Path, tree: Tree, catalog: Catalog, options: ScanOptions, write: Callable[[str], object]) -> ExitCode:
    """Scan a folder, write the report in the format asked for, and say whether a finding fails it.

    `tree` reads the files below `root`. Raises `UsageError` where nothing could be read: that is never a clean bill.
    """
    report = examine(root, tree, catalog, options)
    write(FORMATS[options.format](report))
    failed = any(table.blocks(finding, options.policy.fail_on) for finding in report.findings)
    return ExitCode.BLOCKED if failed else ExitCode.OK


def examine(root: Path, tree: Tree, catalog: Catalog, options: ScanOptions) -> ScanReport:
    """Return the report of one scan, without writing anything."""
    found = discover(root, tree, options.policy.exclude)
    result = scan_tree(tree, catalog, found.paths)
    readable = found.considered - sum(note.blind for note in result.notes)
    if readable <= 0:
        why = result.notes[0].message if result.notes else "it holds no files that can be read"
        raise UsageError(f"{root}: nothing was scanned: {why}", "Name a folder with source files.")
    facts = table.gather(result.uses, catalog, options.today, options.lifecycle)
    findings = table.check(facts, options.persona)
    return ScanReport(findings, facts, result.notes, readable, rule_texts(), source_lines(tree, findings))


def rule_texts() -> tuple[RuleText, ...]:
    """Return what faces show of the rules."""
    return tuple(RuleText(rule.id, rule.severity, rule.summary, rule.doc_url) for rule in table.RULES)


def source_lines(tree: Tree, findings: Iterable[Finding]) -> dict[tuple[str, int], str]:
    """Read the lines on which findings stand."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        if finding.use is not None:
            wanted.setdefault(finding.use.location.path, set()).add(finding.use.location.line)
    found: dict[tuple[str, int], str] = {}
    for path, numbers in wanted.items():
        text = decode(path, tree.read(path))[0] or ""
        lines = text.split("\n")
        found |= {(path, number): lines[number - 1].rstrip("\r") for number in numbers if number <= len(lines)}
    return found


__all__ = ["ScanOptions", "ScanResult", "examine", "scan"]
