"""What every face shows of one task: rows of figures and the remarks that a reviewer needs to trust them.

Remarks are sentences with data between backticks. Rows without data are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Literal, NamedTuple

from pinward.core.quantities import NOTHING, count, money, percent, points, relative, seconds
from pinward.core.report import Category, GateReport, Latency, ModelRef, Pair, TaskReport
from pinward.render import text, words

MAX_CATEGORIES = 8
NAME_WIDTH = 80


class Place(NamedTuple):
    """One candidate of a migration: its model's name (data), its verdict, and the figures that it is ranked by."""

    model: str
    verdict: str
    pass_rate: str
    change: str
    cost: str


PLACES = Place("candidate", "verdict", "pass rate", "against the baseline", "cost per 1,000 requests")


class Row(NamedTuple):
    """One line of a task's table. `name` is data (a category's name), everything else is ours."""

    name: str
    label: str
    baseline: str
    candidate: str
    change: str


def short(name: str) -> str:
    """Return a name on one line, cut where it is very long."""
    return text.shorten(text.one_line(name), NAME_WIDTH)


def model_names(task: TaskReport) -> tuple[str, str]:
    """Return both models' names, without the provider where both sides have the same one; empty for no baseline."""
    candidate = task.candidate.name
    if task.baseline is None:
        return "", short(candidate)
    baseline = task.baseline.name
    provider = candidate.split("/")[0] + "/"
    if baseline.startswith(provider) and candidate.startswith(provider):
        baseline, candidate = baseline.removeprefix(provider), candidate.removeprefix(provider)
    return short(baseline), short(candidate)


def places(report: GateReport) -> list[Place]:
    """Return the candidates of a migration, the best first; none of any other report."""
    return [_place(task) for task in report.tasks] if report.ranking else []


def _place(task: TaskReport) -> Place:
    rate = f"{percent(task.pass_rate.candidate)} of {count(task.valid, 'case')}" if task.valid else NOTHING
    cost = money(task.cost.per_1000_requests.candidate)
    return Place(short(task.candidate.name), words.verdict_of(task), rate, points(task.difference), cost)


def sentence(report: GateReport) -> str:
    """Say a whole report in one line: the verdict, and what cost and latency do beside it."""
    told = [row for task in words.compared(report) for row in rows(task) if row.label.startswith(("cost", "latency"))]
    sides = (f"; {r.label}: {r.baseline} before, {r.candidate} after{_in_brackets(r.change)}" for r in told)
    return words.title(report).rstrip(".") + "".join(sides)


def _in_brackets(change: str) -> str:
    return "" if change == NOTHING else f" ({change})"


def rows(task: TaskReport) -> Iterator[Row]:
    """Yield pass rate, broken cases, cost, latency, and the categories where something is to be seen."""
    rate, cost, latency = task.pass_rate, task.cost, task.latency
    if _has(rate):
        label = f"pass rate ({count(task.valid, 'case')})"
        change = points(task.pass_rate_change or task.difference)
        yield Row("", label, percent(rate.baseline), percent(rate.candidate), change)
    if _has(task.mean_score) and task.pass_rate_change != task.difference:
        sides = percent(task.mean_score.baseline), percent(task.mean_score.candidate)
        yield Row("", "mean score", *sides, points(task.difference))
    if task.non_regression_rate is not None:
        held = f"{percent(task.non_regression_rate)} did not fall"
        yield Row(
            "",
            "broke / improved / flaky",
            NOTHING,
            f"{task.regressed} / {task.improved} / {task.flaky}",
            held,
        )
    if _has(cost.per_1000_requests):
        pair = cost.per_1000_requests
        sides = money(pair.baseline), money(pair.candidate)
        yield Row("", "cost per 1,000 requests", *sides, _cost_change(task))
    if _has(latency.p50, latency.p95):
        changes = [relative(c) for c in (latency.change_p50, latency.change_p95)]
        shown = NOTHING if changes == [NOTHING] * 2 else " / ".join(changes)
        yield Row("", "latency p50 / p95", _latency(latency, "baseline"), _latency(latency, "candidate"), shown)
    yield from _token_rows(task)
    for label, told in (("answers refused", task.refused), ("answers cut off", task.truncated)):
        if told.share.baseline or told.share.candidate:
            yield Row("", label, percent(told.share.baseline), percent(told.share.candidate), points(told.change))
    for name, category in _telling_categories(task):
        yield _category_row(name, category)


def _token_rows(task: TaskReport) -> Iterator[Row]:
    """Yield tokens where they moved by a tenth: what a bill or a wait comes from."""
    cost = task.cost
    kinds = (
        ("input", cost.input_tokens, cost.cached_tokens, "cached", cost.input_change),
        ("output", cost.output_tokens, cost.reasoning_tokens, "reasoning", cost.output_change),
    )
    for kind, pair, part, of_it, change in kinds:
        if change is None or abs(change.estimate) < 0.1:
            continue
        label = f"{kind} tokens" + (f" ({of_it})" if part.baseline or part.candidate else "")
        yield Row("", label, _tokens(pair, part, "baseline"), _tokens(pair, part, "candidate"), relative(change))


def _tokens(pair: Pair, part: Pair, side: Literal["baseline", "candidate"]) -> str:
    whole, share = getattr(pair, side), getattr(part, side)
    if whole is None:
        return NOTHING
    return f"{whole:,.0f}" + (f" ({share:,.0f})" if part.baseline or part.candidate else "")


def remarks(task: TaskReport) -> Iterator[str]:
    """Yield what was left out, what failed, and what is unsettled about the models themselves."""
    if task.excluded:
        left_out = task.cases - task.valid
        yield f"{left_out} of {count(task.cases, 'case')} left out of the comparison: {_counts(task.excluded)}."
    for side, outcomes in task.outcomes.items():
        if any(number for name, number in outcomes.items() if name != "ok"):
            yield f"Outcomes of the {short(side)}: {_counts(outcomes)}."
    for side, model in (("baseline", task.baseline), ("candidate", task.candidate)):
        yield from _model_remarks(side, model) if model else ()
    if task.cost.unpriced:
        yield f"No price is known for {_names(task.cost.unpriced)}."


def _has(*pairs: Pair) -> bool:
    return any(side is not None for pair in pairs for side in (pair.baseline, pair.candidate))


def _latency(latency: Latency, side: Literal["baseline", "candidate"]) -> str:
    p50, p95 = getattr(latency.p50, side), getattr(latency.p95, side)
    return NOTHING if p50 is p95 is None else f"{seconds(p50)} / {seconds(p95)} s"


def _cost_change(task: TaskReport) -> str:
    monthly, shown = task.cost.monthly_change_usd, relative(task.cost.change)
    if monthly is None:
        return shown
    return f"{shown}, {'+' if monthly > 0 else ''}{money(monthly)} a month"


def _telling_categories(task: TaskReport) -> list[tuple[str, Category]]:
    """Return the categories that say more than the whole: strict ones, and those where something moved."""
    telling = [
        (name, category)
        for name, category in task.categories.items()
        if category.strict or category.regressed or category.pass_rate.baseline != category.pass_rate.candidate
    ]
    return telling[:MAX_CATEGORIES] if len(task.categories) > 1 or any(c.strict for _, c in telling) else []


def _category_row(name: str, category: Category) -> Row:
    rate = category.pass_rate
    broke = f"{category.regressed} broke" if category.regressed else ""
    marks = ", ".join(part for part in ("strict" if category.strict else "", broke) if part)
    cases = f"({count(category.cases, 'case')})"
    return Row(
        short(name),
        cases,
        percent(rate.baseline),
        percent(rate.candidate),
        marks or NOTHING,
    )


def _counts(numbers: Mapping[str, int]) -> str:
    shown = (f"{number:,} {short(name.replace('_', ' '))}" for name, number in numbers.items() if number)
    return ", ".join(islice(shown, 10))


def _names(names: list[str]) -> str:
    return ", ".join(f"`{short(name)}`" for name in names[:5])


def _model_remarks(side: str, model: ModelRef) -> Iterator[str]:
    name = f"`{short(model.name)}`"
    if model.pin in {"floating", "undated"}:
        yield f"The {side} {name} is not pinned: its provider can change what answers."
    if model.shutdown_on:
        yield f"The shutdown date of the {side} {name} is {short(model.shutdown_on)}."
    if len(model.served) > 1:
        yield f"The {side} {name} was answered by {_names(model.served)}."
