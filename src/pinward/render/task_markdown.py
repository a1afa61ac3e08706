"""One task as a Markdown table: what was measured on both sides. Rows without data are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from pinward.core.report import Category, ModelRef, Pair, TaskReport
from pinward.render import text, words

EMPTY = "–"
MAX_CATEGORIES = 8
MAX_REASONS = 6


def table(task: TaskReport, reasons: Sequence[str], alone: bool) -> str:
    """Return the task's verdict (unless it is the only task), its table, and the sentences that belong to it.

    `reasons` are the task's own that the first line has not said yet.
    """
    parts = [] if alone else [f"**{text.code(_short(task.task))}: {words.VERDICTS[task.verdict]}.**"]
    said = [text.prose(text.shorten(reason, 600)) for reason in reasons[:MAX_REASONS]]
    rows = list(_rows(task))
    parts += [_table(task, rows)] if rows else []
    parts += ["\n".join(f"- {line}" for line in [*said, *_remarks(task)])]
    return "\n\n".join(part for part in parts if part)


def _table(task: TaskReport, rows: Sequence[Sequence[str]]) -> str:
    baseline, candidate = _model_names(task)
    head = [text.code(_short(task.task)), f"baseline {baseline}".strip(), f"candidate {candidate}", "change"]
    return "\n".join([text.table_row(head), "|---|---|---|---|", *map(text.table_row, rows)])


def _short(name: str) -> str:
    return text.shorten(text.one_line(name), 80)


def _model_names(task: TaskReport) -> tuple[str, str]:
    """Return both names as code, without the provider where both sides have the same one."""
    candidate = task.candidate.name
    if task.baseline is None:
        return "", text.code(_short(candidate))
    baseline = task.baseline.name
    provider = candidate.split("/")[0] + "/"
    if baseline.startswith(provider) and candidate.startswith(provider):
        baseline, candidate = baseline.removeprefix(provider), candidate.removeprefix(provider)
    return text.code(_short(baseline)), text.code(_short(candidate))


def _has(*pairs: Pair) -> bool:
    return any(side is not None for pair in pairs for side in (pair.baseline, pair.candidate))


def _rows(task: TaskReport) -> Iterator[tuple[str, str, str, str]]:
    rate, cost, latency = task.pass_rate, task.cost, task.latency
    if _has(rate):
        row = f"pass rate ({words.count(task.valid, 'case')})"
        yield row, words.percent(rate.baseline), words.percent(rate.candidate), words.difference(task.difference)
    if task.non_regression_rate is not None:
        held = f"{words.percent(task.non_regression_rate)} did not fall"
        yield "broke / improved / flaky", EMPTY, f"{task.regressed} / {task.improved} / {task.flaky}", held
    if _has(cost.per_1000_requests):
        pair = cost.per_1000_requests
        yield "cost per 1,000 requests", words.money(pair.baseline), words.money(pair.candidate), _cost_change(task)
    if _has(latency.p50, latency.p95):
        sides = [f"{words.seconds(a)} / {words.seconds(b)} s" for a, b in _latencies(task)]
        changes = [words.change(c) for c in (latency.change_p50, latency.change_p95)]
        yield "latency p50 / p95", sides[0], sides[1], EMPTY if changes == [EMPTY] * 2 else " / ".join(changes)
    for name, category in _shown_categories(task):
        yield _category_row(name, category)


def _latencies(task: TaskReport) -> list[tuple[float | None, float | None]]:
    p50, p95 = task.latency.p50, task.latency.p95
    return [(p50.baseline, p95.baseline), (p50.candidate, p95.candidate)]


def _cost_change(task: TaskReport) -> str:
    monthly = task.cost.monthly_change_usd
    shown = words.change(task.cost.change)
    if monthly is None:
        return shown
    return f"{shown}, {'+' if monthly > 0 else ''}{words.money(monthly)} a month"


def _shown_categories(task: TaskReport) -> list[tuple[str, Category]]:
    """Return the categories that say more than the whole: strict ones, and those where something moved."""
    telling = [
        (name, category)
        for name, category in task.categories.items()
        if category.strict or category.regressed or category.pass_rate.baseline != category.pass_rate.candidate
    ]
    return telling[:MAX_CATEGORIES] if len(task.categories) > 1 or any(c.strict for _, c in telling) else []


def _category_row(name: str, category: Category) -> tuple[str, str, str, str]:
    rate = category.pass_rate
    broke = f"{category.regressed} broke" if category.regressed else ""
    marks = ", ".join(part for part in ("strict" if category.strict else "", broke) if part)
    row = f"{text.code(_short(name))} ({words.count(category.cases, 'case')})"
    return row, words.percent(rate.baseline), words.percent(rate.candidate), marks or EMPTY


def _remarks(task: TaskReport) -> Iterator[str]:
    """Yield what a reviewer must know to trust the figures."""
    if task.excluded:
        left_out = task.cases - task.valid
        yield f"{left_out} of {words.count(task.cases, 'case')} left out of the comparison: {_counts(task.excluded)}."
    for side, outcomes in task.outcomes.items():
        if any(number for name, number in outcomes.items() if name != "ok"):
            yield f"Outcomes of the {text.prose(_short(side))}: {_counts(outcomes)}."
    for side, model in (("baseline", task.baseline), ("candidate", task.candidate)):
        yield from _model_remarks(side, model) if model else ()
    if task.cost.unpriced:
        yield f"No price is known for {', '.join(text.code(_short(name)) for name in task.cost.unpriced[:5])}."


def _counts(numbers: Mapping[str, int]) -> str:
    shown = (f"{number:,} {text.prose(_short(name.replace('_', ' ')))}" for name, number in numbers.items() if number)
    return ", ".join(islice(shown, 10))


def _model_remarks(side: str, model: ModelRef) -> Iterator[str]:
    name = text.code(_short(model.name))
    if model.pin in {"floating", "undated"}:
        yield f"The {side} {name} is not pinned: its provider can change what answers."
    if model.shutdown_on:
        yield f"The shutdown date of the {side} {name} is {text.prose(_short(model.shutdown_on))}."
    if len(model.served) > 1:
        yield f"The {side} {name} was answered by {', '.join(text.code(_short(s)) for s in model.served[:5])}."
