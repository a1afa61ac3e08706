"""One notable case, folded: what happened to it, and what changed in the output."""

from __future__ import annotations

import html
from collections.abc import Sequence

from pinward.core.report import NotableCase, SideOutput, TaskReport
from pinward.render import text, words
from pinward.render.diff import short_diff

_ORDER = list(words.STATUSES)


def in_order(tasks: Sequence[TaskReport]) -> list[tuple[int, TaskReport, NotableCase]]:
    """Return (rank, task, case) of all notable cases: what broke first, what got better last."""
    cases = [(_ORDER.index(case.status), task, case) for task in tasks for case in task.notable_cases]
    return sorted(cases, key=lambda ranked: ranked[0])


def details(case: NotableCase, task: TaskReport | None) -> str:
    """Return a folded block; `task` is named where the report has several."""
    names = [task.task, case.id] if task else [case.id]
    labels = " / ".join(f"<b>{text.html_code(text.shorten(name, 100))}</b>" for name in names)
    category = [text.html_code(text.shorten(case.category, 60))] if case.category else []
    summary = " · ".join([labels, *category, html.escape(outcome(case))])
    said = (text.prose(text.shorten(sentence, 600)) for sentence in (case.why, case.history))
    body = [part for part in (*said, _outputs(case)) if part]
    return "\n\n".join([f"<details><summary>{summary}</summary>", *body, "</details>"])


def listing(cases: Sequence[tuple[int, TaskReport, NotableCase]]) -> str:
    """Return a table with one row a case: for those that have no room for their outputs."""
    rows = [
        [text.code(text.shorten(name, 100)) for name in (task.task, case.id, case.category)] + [outcome(case)]
        for _, task, case in cases
    ]
    return "\n".join(
        [text.table_row(["task", "case", "category", "what happened"]), "|---|---|---|---|", *map(text.table_row, rows)]
    )


def outcome(case: NotableCase) -> str:
    """Return what happened in words: `broke, passed 6 of 6 before, 0 of 6 now`."""
    before, after = case.baseline, case.candidate
    sides = [side for side in (_runs(before, "before"), _runs(after, "now")) if side]
    label = words.STATUSES[case.status]
    return f"{label}, passed {', '.join(sides)}" if sides else label


def _runs(side: SideOutput, when: str) -> str:
    return f"{side.passes} of {side.runs} {when}" if side.runs else ""


def _outputs(case: NotableCase) -> str:
    before, after = case.baseline, case.candidate
    faults = [
        f"The {name} gave no answer: {text.prose(_fault(side))}." for name, side in _sides(case) if side.outcome != "ok"
    ]
    if before.text is None and after.text is None:
        return "\n\n".join(faults or ["The policy keeps the outputs on the runner (`policy.report.outputs`)."])
    if before.text is None or after.text is None:
        shown = after.text if after.text is not None else before.text or ""
        return "\n\n".join([*faults, text.fence(_beginning(shown))])
    changed = short_diff(before.text, after.text)
    same = "Both outputs are the same." if not changed else text.fence(changed, "diff")
    return "\n\n".join([*faults, same])


def _sides(case: NotableCase) -> list[tuple[str, SideOutput]]:
    return [("baseline", case.baseline), ("candidate", case.candidate)]


def _fault(side: SideOutput) -> str:
    return ", ".join(part for part in (side.outcome.replace("_", " "), text.shorten(side.reason, 300)) if part)


def _beginning(output: str) -> str:
    lines = output.splitlines()
    more = [f"… {len(lines) - 14} more lines"] if len(lines) > 14 else []
    return "\n".join([*(text.shorten(line, 200) for line in lines[:14]), *more])
