"""`pinward scan` for people: findings grouped by model, each place with its source line and a caret."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap

from pinward.core.findings import Finding
from pinward.core.quantities import count
from pinward.core.scan_report import ScanReport
from pinward.core.screen import PIPE, Detail, Screen
from pinward.core.visible import one_line
from pinward.render.text import console

MAX_WIDTH = 110
MIN_WIDTH = 40
_ORDER = {"error": 0, "warning": 1, "note": 2}
_COLORS = {"error": "31", "warning": "33", "note": "36"}


def render(report: ScanReport, screen: Screen = PIPE) -> str:
    """Return the report as text. What others wrote (names, paths, source) is shown with controls spelled out.

    Quiet is one line a finding, and nothing where there is none; full are all model uses too. A terminal gets
    sentences that are wrapped for it; through a pipe each stays on one line.
    """
    findings = sorted(report.findings, key=_by_model)
    if screen.detail is Detail.QUIET:
        return "".join(f"{_brief(finding)}\n" for finding in findings)
    lines: list[str] = []
    for _, group in groupby(findings, key=_model_name):
        lines += [*_model(list(group), report, screen), ""]
    for note in report.notes:
        lines += _wrapped(f"note: {console(one_line(note.path))}: {console(note.message)}", "", screen)
    if screen.detail is Detail.FULL:
        lines += [*_uses(report), ""]
    return "\n".join([*lines, *_wrapped(_summary(report), "", screen)]) + "\n"


def _brief(finding: Finding) -> str:
    place = finding.place
    where = f"{console(one_line(place.path))}:{place.line}:{place.column}: " if place else ""
    return f"{where}{finding.severity}: {console(finding.message)} [{finding.rule}]"


def _uses(report: ScanReport) -> Iterator[str]:
    """Yield every model name with its place, its pin and its role."""
    yield "Model names:"
    for use in sorted(report.facts.uses, key=lambda use: (use.location.path, use.location.line, use.location.column)):
        place = use.location
        where = f"{console(one_line(place.path))}:{place.line}:{place.column}"
        yield f"  {where}: {console(one_line(use.model.written))}: {use.model.pin}, {use.role}"


def _by_model(finding: Finding) -> tuple[int, str, str, str, str, int]:
    where = finding.place
    place = (where.path, where.line) if where else ("", 0)
    return _ORDER[finding.severity], _model_name(finding), finding.rule, finding.message, *place


def _model_name(finding: Finding) -> str:
    return finding.use.model.written if finding.use else ""


def _model(findings: list[Finding], report: ScanReport, screen: Screen) -> Iterator[str]:
    for (rule, message), group in groupby(findings, key=lambda f: (f.rule, f.message)):
        places = list(group)
        first = places[0]
        said = f"{first.severity}: {console(message)}  [{rule}]"
        head, *more = _wrapped(said, "", screen)
        yield from (_paint(head, first.severity, screen.color), *more)
        yield from _wrapped(console(first.help), "  ", screen)
        for finding in places:
            yield from _place(finding, report, screen)


def _wrapped(sentence: str, margin: str, screen: Screen) -> list[str]:
    if not screen.terminal:
        return [margin + sentence]
    return wrap(sentence, max(screen.width, MIN_WIDTH), initial_indent=margin, subsequent_indent="  ")


def _place(finding: Finding, report: ScanReport, screen: Screen) -> Iterator[str]:
    place = finding.place
    if place is None:
        return
    why = f"  ({console(finding.use.role_why)})" if finding.use else ""
    yield f"  --> {console(one_line(place.path))}:{place.line}:{place.column}{why}"
    source = report.lines.get((place.path, place.line))
    if source is not None:
        yield from _excerpt(source, place.line, (place.column, place.end), screen)


def _excerpt(source: str, number: int, name_at: tuple[int, int], screen: Screen) -> Iterator[str]:
    """Show the part of a line around a name, with a caret under it. Long lines are cut around the name."""
    column, end = name_at
    width = min(MAX_WIDTH, max(screen.width, MIN_WIDTH) - len(f"  {number} | ")) if screen.terminal else MAX_WIDTH
    start = max(0, min(column - 1, end - width // 2)) if len(source) > width else 0
    shown = source[start : start + width].replace("\t", " ")
    before, name = shown[: column - 1 - start], shown[column - 1 - start : end - 1 - start]
    margin = len(str(number))
    text = console(before) + console(name) + console(shown[len(before) + len(name) :])
    yield f"  {number} | {text.rstrip()}"
    yield f"  {' ' * margin} | {' ' * len(console(before))}{'^' * max(1, len(console(name)))}"


def _paint(line: str, severity: str, color: bool) -> str:
    """Return a line that begins with its severity, that word in its colour."""
    mark = f"{severity}:"
    return f"\x1b[1;{_COLORS[severity]}m{mark}\x1b[0m{line.removeprefix(mark)}" if color else line


def _summary(report: ScanReport) -> str:
    counts = Counter(finding.severity for finding in report.findings)
    parts = [count(counts[kind], kind) for kind in ("error", "warning", "note") if counts[kind]]
    uses = [use for use in report.facts.uses if use.role == "selection"]
    said = ", ".join(parts) or "no findings"
    quiet = f"; {report.suppressed} suppressed" if report.suppressed else ""
    return (
        f"{said}{quiet}: {count(len(uses), 'model use')}, {count(report.files_scanned, 'file')} searched"
        f" (catalog of {report.facts.catalog_date})"
    )
