"""One task as a Markdown table with the sentences that belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pinward.core.report import GateReport, TaskReport
from pinward.render import figures, text, words

MAX_REASONS = 6


def ranking(report: GateReport) -> str:
    """Return a table of the candidates of a migration, the best first."""
    rows = ([text.code(place.model), *place[1:]] for place in figures.places(report))
    return "\n".join(map(text.table_row, ([*figures.PLACES], ["---"] * len(figures.PLACES), *rows)))


def table(task: TaskReport, reasons: Sequence[str], alone: bool) -> str:
    """Return the task's verdict (unless it is the only task), its table, and its sentences.

    `reasons` are the task's own that the first line has not said yet.
    """
    parts = [] if alone else [f"**{text.code(figures.short(task.task))}: {words.verdict_of(task)}.**"]
    rows = list(_rows(task))
    parts += ["\n".join([_head(task), "|---|---|---|---|", *rows])] if rows else []
    said = [*(text.shorten(reason, 600) for reason in reasons[:MAX_REASONS]), *figures.remarks(task)]
    parts += ["\n".join(f"- {text.prose(sentence)}" for sentence in said)] if said else []
    return "\n\n".join(parts)


def _head(task: TaskReport) -> str:
    baseline, candidate = figures.model_names(task)
    sides = [f"baseline {text.code(baseline)}" if baseline else "no baseline", f"candidate {text.code(candidate)}"]
    return text.table_row([text.code(figures.short(task.task)), *sides, "change"])


def _rows(task: TaskReport) -> Iterator[str]:
    for row in figures.rows(task):
        label = f"{text.code(row.name)} {row.label}" if row.name else row.label
        yield text.table_row([label, row.baseline, row.candidate, row.change])
