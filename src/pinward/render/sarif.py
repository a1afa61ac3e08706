"""SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), as GitHub code scanning reads it."""

from __future__ import annotations

import json
from urllib.parse import quote

from pinward.core.findings import Finding
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
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index) for finding in report.findings],
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": [_notification(note) for note in report.notes]}
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(rule: RuleText) -> Json:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": f"{rule.summary}. See {rule.doc_url}", "markdown": f"{rule.summary}. [More]({rule.doc_url})"},
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
        region: Json = {"startLine": place.line, "startColumn": place.column, "endColumn": max(place.end, place.column)}
        row["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(place.path), "region": region}}]
    return row


def _notification(note: Note) -> Json:
    return {
        "level": "warning",
        "message": {"text": visible(note.message)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(note.path)}}],
    }


def _artifact(path: str) -> Json:
    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": "%SRCROOT%"}
