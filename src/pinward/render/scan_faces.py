"""Smaller faces of a scan: workflow annotations, Markdown and GitLab code quality."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from pinward.core import baseline as known
from pinward.core.findings import Finding, Location
from pinward.core.policy import Json
from pinward.core.quantities import count
from pinward.core.scan_report import ScanReport
from pinward.render.text import code, command_data, command_property, prose, table_row, visible

# GitHub shows at most ten annotations of a type a step (docs.github.com, "Annotations": limits of checks).
MAX_ANNOTATIONS = 10
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_ORDER = ("error", "warning", "note")
# GitLab takes no issue without a file: what is said of the repository as a whole stands at its configuration.
_REPOSITORY = Location("pinward.yml", 1, 1, 1)
_GITLAB = {"error": "major", "warning": "minor", "note": "info"}


def baseline(report: ScanReport) -> str:
    """Return the baseline file that keeps all findings of the report quiet."""
    return known.render(report.findings)


def github(report: ScanReport) -> str:
    """Return workflow commands, at most ten a type, the gravest rules first, the rest counted."""
    lines: list[str] = []
    rank = {rule.id: number for number, rule in enumerate(report.rules)}
    ordered = sorted(report.findings, key=lambda finding: rank.get(finding.rule, len(rank)))
    for severity in _ORDER:
        found = [finding for finding in ordered if finding.severity == severity]
        lines += [_annotation(finding) for finding in found[:MAX_ANNOTATIONS]]
        rest = len(found) - MAX_ANNOTATIONS
        if rest > 0:
            lines.append(f"{rest} more of severity {severity} are not annotated; the console format lists them.")
    return "".join(f"{line}\n" for line in lines)


def _annotation(finding: Finding) -> str:
    place = finding.place
    where = ""
    if place is not None:
        where = f"file={command_property(place.path)},line={place.line},col={place.column},endColumn={place.end},"
    title = command_property(f"pinward {finding.rule}")
    return f"::{_COMMANDS[finding.severity]} {where}title={title}::{command_data(f'{finding.message}. {finding.help}')}"


def markdown(report: ScanReport) -> str:
    """Return a summary and a table of findings, the most severe first."""
    counts: Counter[str] = Counter(finding.severity for finding in report.findings)
    said = ", ".join(count(counts[kind], kind) for kind in _ORDER if counts[kind])
    files = count(report.files_scanned, "file")
    lines = [f"**{said or 'No findings'}** in {files} (catalog of {report.facts.catalog_date})."]
    if report.findings:
        lines += ["", "| Severity | Where | Rule | What | What to do |", "|---|---|---|---|---|"]
        lines += [table_row(_cells(finding)) for finding in sorted(report.findings, key=_severity)]
    lines += ["", *[f"- {code(note.path)}: {prose(note.message)}" for note in report.notes]] if report.notes else []
    return "\n".join(lines) + "\n"


def _severity(finding: Finding) -> int:
    return _ORDER.index(finding.severity)


def _cells(finding: Finding) -> Iterator[str]:
    place = finding.place
    yield finding.severity
    yield code(f"{place.path}:{place.line}") if place else ""
    yield f"[{finding.rule}]({finding.doc_url})"
    yield prose(finding.message)
    yield prose(finding.help)


def gitlab(report: ScanReport) -> str:
    """Return GitLab's code-quality JSON (docs.gitlab.com/ci/testing/code_quality)."""
    return json.dumps([_issue(finding) for finding in report.findings], indent=1) + "\n"


def _issue(finding: Finding) -> Json:
    place = finding.place or _REPOSITORY
    return {
        "description": visible(f"{finding.message}. {finding.help}"),
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": _GITLAB[finding.severity],
        "location": {"path": _readable(place.path), "lines": {"begin": place.line}},
    }


def _readable(path: str) -> str:
    """Return a path that every JSON reader takes: bytes that are no UTF-8 become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
