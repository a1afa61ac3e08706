"""`pinward scan` for people: findings grouped by model, each place with its source line and a caret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from pinward.core.findings import Finding
from pinward.core.quantities import count
from pinward.core.scan_report import ScanReport
from pinward.core.visible import one_line
from pinward.render.text import console

MAX_WIDTH = 110
_ORDER = {"error": 0, "warning": 1, "note": 2}
_COLOURS = {"error": "31", "warning": "33", "note": "36"}


def render(report: ScanReport, *, colour: bool = False) -> str:
    """Return the report as text. What others wrote (names, paths, source) is shown with controls spelled out."""
    lines: list[str] = []
    for _, group in groupby(sorted(report.findings, key=_by_model), key=_model_name):
        lines += [*_model(list(group), report, colour), ""]
    lines += [f"note: {console(one_line(note.path))}: {console(note.message)}" for note in report.notes]
    return "\n".join([*lines, _summary(report)]) + "\n"


def _by_model(finding: Finding) -> tuple[int, str, str, str, str, int]:
    where = finding.place
    place = (where.path, where.line) if where else ("", 0)
    return _ORDER[finding.severity], _model_name(finding), finding.rule, finding.message, *place


def _model_name(finding: Finding) -> str:
    return finding.use.model.written if finding.use else ""


def _model(findings: list[Finding], report: ScanReport, colour: bool) -> Iterator[str]:
    for (rule, message), group in groupby(findings, key=lambda f: (f.rule, f.message)):
        places = list(group)
        first = places[0]
        yield f"{_paint(first.severity, colour)} {console(message)}  [{rule}]"
        yield f"  {console(first.help)}"
        for finding in places:
            yield from _place(finding, report)


def _place(finding: Finding, report: ScanReport) -> Iterator[str]:
    place = finding.place
    if place is None:
        return
    why = f"  ({console(finding.use.role_why)})" if finding.use else ""
    yield f"  --> {console(one_line(place.path))}:{place.line}:{place.column}{why}"
    source = report.lines.get((place.path, place.line))
    if source is not None:
        yield from _excerpt(source, place.line, place.column, place.end)


def _excerpt(source: str, number: int, column: int, end: int) -> Iterator[str]:
    """Show the part of a line around a name, with a caret under it. Long lines are cut around the name."""
    start = max(0, min(column - 1, end - MAX_WIDTH // 2)) if len(source) > MAX_WIDTH else 0
    shown = source[start : start + MAX_WIDTH].replace("\t", " ")
    before, name = shown[: column - 1 - start], shown[column - 1 - start : end - 1 - start]
    margin = len(str(number))
    text = console(before) + console(name) + console(shown[len(before) + len(name) :])
    yield f"  {number} | {text.rstrip()}"
    yield f"  {' ' * margin} | {' ' * len(console(before))}{'^' * max(1, len(console(name)))}"


def _paint(severity: str, colour: bool) -> str:
    return f"\x1b[1;{_COLOURS[severity]}m{severity}:\x1b[0m" if colour else f"{severity}:"


def _summary(report: ScanReport) -> str:
    counts = Counter(finding.severity for finding in report.findings)
    parts = [count(counts[kind], kind) for kind in ("error", "warning", "note") if counts[kind]]
    uses = [use for use in report.facts.uses if use.role == "selection"]
    said = ", ".join(parts) or "no findings"
    quiet = f"; {report.suppressed} suppressed" if report.suppressed else ""
    return (
        f"{said}{quiet}: {count(len(uses), 'model use')} in {count(report.files_scanned, 'file')}"
        f" (catalog of {report.facts.catalog_date})"
    )
