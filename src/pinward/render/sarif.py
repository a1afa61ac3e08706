"""SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), as GitHub code scanning reads it."""

from __future__ import annotations

import json
from urllib.parse import quote

from pinward.core.findings import Finding, Fix, Location
from pinward.core.policy import Json
from pinward.core.scan_report import Note, RuleText, ScanReport
from pinward.render.text import visible
from pinward.version import HOMEPAGE, __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub shows a code-scanning alert's precision beside its severity.
_PRECISION = {"error": "high", "warning": "high", "note": "medium"}


def render(report: ScanReport) -> str:
    """Return the report as SARIF text."""
    driver: Json = {
        "name": "pinward",
        "version": __version__,
        "informationUri": HOMEPAGE,
        "rules": [_rule(rule) for rule in report.rules],
    }
    index = {rule.id: number for number, rule in enumerate(report.rules)}
    placed = [finding for finding in report.findings if finding.place]
    # GitHub refuses a result without a location: what is said of the repository as a whole becomes a notification.
    said = [_remark(finding) for finding in report.findings if not finding.place]
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index) for finding in placed],
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": [*said, *map(_notification, report.notes)]}
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(rule: RuleText) -> Json:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": f"{rule.summary}. See {rule.doc_url}", "markdown": rule.page or rule.summary},
        "helpUri": rule.doc_url,
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"precision": _PRECISION[rule.severity], "tags": ["llm", "supply-chain"]},
    }


def _result(finding: Finding, index: dict[str, int]) -> Json:
    row: dict[str, Json] = {
        "ruleId": finding.rule,
        "level": finding.severity,
        "message": {"text": visible(f"{finding.message}. {finding.help}")},
        "partialFingerprints": {"pinward/v1": finding.fingerprint},
    }
    if finding.rule in index:
        row["ruleIndex"] = index[finding.rule]
    place = finding.place
    if place is not None:
        row["locations"] = [_location(place)]
    if finding.fix is not None:
        row["fixes"] = [_fix(finding.fix, finding.help)]
    return row


def _location(place: Location) -> Json:
    region = _region(place.line, place.column, place.end)
    return {"physicalLocation": {"artifactLocation": _artifact(place.path), "region": region}}


def _region(line: int, column: int, end: int) -> Json:
    return {"startLine": line, "startColumn": column, "endColumn": max(end, column)}


def _fix(fix: Fix, said: str) -> Json:
    edit: Json = {
        "deletedRegion": _region(fix.line, fix.column, fix.end),
        "insertedContent": {"text": fix.text},
    }
    change: Json = {"artifactLocation": _artifact(fix.path), "replacements": [edit]}
    return {"description": {"text": visible(said)}, "artifactChanges": [change]}


def _notification(note: Note) -> Json:
    return {
        "level": "warning",
        "message": {"text": visible(note.message)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(note.path)}}],
    }


def _remark(finding: Finding) -> Json:
    message: Json = {"text": visible(f"{finding.message}. {finding.help}")}
    return {"level": finding.severity, "message": message, "associatedRule": {"id": finding.rule}}


def _artifact(path: str) -> Json:
    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": "%SRCROOT%"}
