"""The gate's report in a terminal. Model output is never printed: a log may obey it (docs/threats.md T12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from pinward.core.quantities import count, duration
from pinward.core.report import GateReport, NotableCase, ReportFinding, TaskReport
from pinward.core.screen import Detail, Screen
from pinward.render import case_markdown, figures, text, words

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

MIN_WIDTH = 40
MAX_CASES = 20
_COLORS = {"pass": "bold green", "unchanged": "bold green", "fail": "bold red", "error": "bold red"}


def gate(report: GateReport, screen: Screen) -> str:
    """Return the report for a screen; where it shows no colour there are no escape codes at all.

    Quiet is the first line alone; full are all notable cases and findings instead of the first 20.
    """
    console = _console(max(screen.width, MIN_WIDTH), screen.color)
    if screen.detail is Detail.QUIET:
        console.print(_first_line(report))
    else:
        for part in _parts(report, None if screen.detail is Detail.FULL else MAX_CASES):
            console.print(part)
    file = console.file
    assert isinstance(file, StringIO)  # noqa: S101 - made so by _console
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _console(width: int, color: bool) -> Console:
    from rich.console import Console

    return Console(
        file=StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )


def plain(sentence: str) -> str:
    """Return a sentence of the report for a terminal, without the marks around its data."""
    return text.console(text.one_line(sentence)).replace("`", "")


def _first_line(report: GateReport) -> Text:
    from rich.text import Text

    label, sentence = words.headline(report)
    first = Text(f"Pinward: {plain(label).rstrip('.')}. ", style=_COLORS.get(report.verdict, "bold yellow"))
    return first + Text(plain(sentence), style="default")


def _parts(report: GateReport, most: int | None) -> Iterator[RenderableType]:
    from rich.text import Text

    yield _first_line(report)
    told = words.told(report)
    yield Text(", ".join([f"commit {plain(report.head[:7])}", duration(report.seconds), *words.spent(report)]))
    yield from _listed("Also against it:", [plain(reason) for reason in words.objections(report)], most)
    tasks = words.compared(report)
    if report.ranking:
        yield ""
        yield _grid(figures.PLACES, figures.places(report))
    for task in tasks:
        yield ""
        yield Text(_task_name(task), style="bold")
        yield _table(task)
        yield from (Text(f"- {plain(said)}") for said in [*task.reasons, *figures.remarks(task)] if said not in told)
    yield from _cases(tasks, most)
    yield from _listed("Changed, but no suite covers it:", [plain(item) for item in report.uncovered], most)
    for head, findings in words.findings_lists(report):
        yield from _listed(head, [_finding(finding) for finding in findings], most)
    yield from _listed("Notes:", [plain(note) for note in report.notes], most)
    if report.next_step:
        yield Text(f"\nNext: {plain(report.next_step)}")


def _task_name(task: TaskReport) -> str:
    baseline, candidate = figures.model_names(task)
    return plain(f"{figures.short(task.task)}: {f'{baseline} -> ' if baseline else ''}{candidate}")


def _table(task: TaskReport) -> RenderableType:
    rows = ((f"{row.name} {row.label}".strip(), *row[2:]) for row in figures.rows(task))
    return _grid(("", "baseline", "candidate", "change"), rows)


def _grid(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    return table


def _cases(tasks: list[TaskReport], most: int | None) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    cases = case_markdown.in_order(tasks)
    for _, task, case in cases[:most]:
        yield Text(f"\n{_case_name(task, case, len(tasks) > 1)}: {plain(case_markdown.outcome(case))}")
        if case.why:
            yield Padding(Text(plain(text.shorten(case.why, 600))), (0, 0, 0, 4))
    if most is not None and len(cases) > most:
        yield Text(f"\nand {count(len(cases) - most, 'more case')} in the report")


def _case_name(task: TaskReport, case: NotableCase, several: bool) -> str:
    return plain(f"{task.task}/{case.id}" if several else case.id)


def _finding(finding: ReportFinding) -> str:
    where = f"{words.place(finding)}: " if finding.path else ""
    return plain(f"{where}{finding.message} {finding.help} ({finding.rule}{', blocks' if finding.blocking else ''})")


def _listed(head: str, items: list[str], most: int | None) -> Iterator[RenderableType]:
    from rich.text import Text

    if not items:
        return
    yield Text(f"\n{head}")
    yield from (Text(f"- {item}") for item in items[:most])
    if most is not None and len(items) > most:
        yield Text(f"- and {len(items) - most} more")
