"""Geometry of the report's charts: pure numbers that the template draws as inline SVG, each with a text beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from pinward.core.quantities import count, money, percent, seconds, signed
from pinward.core.report import GateReport, ModelInUse, Pair, TaskReport
from pinward.render import figures, text

WIDTH, HEIGHT = 360, 170
LEFT, BOTTOM, TOP = 34, 24, 16
BINS = 10  # a side: a score difference lies in [-1, 1]
MAX_TASKS = 12
MAX_LIVES = 40
DAYS_SHOWN, DAYS_SOON = 548, 90  # 18 months


class Bar(NamedTuple):
    """A bar of the histogram: its box, how many cases it counts, and its middle as text."""

    x: float
    y: float
    width: float
    height: float
    cases: int
    middle: str
    kind: str


class Span(NamedTuple):
    """One side of one task from p50 to p95 (seconds), as a line at height y."""

    y: float
    x1: float
    x2: float
    side: str
    label: str


class Life(NamedTuple):
    """A model's time left as a bar at height y; `kind` is gone, soon, dated or open (no end is known).

    A full bar is 18 months or more.
    """

    y: float
    width: float
    kind: str
    model: str
    end: str


class Move(NamedTuple):
    """One task's way from baseline to candidate, cost to the right, pass rate upwards. Points are None without data."""

    baseline: tuple[float, float] | None
    candidate: tuple[float, float] | None
    label: str


def score_differences(differences: Iterable[float]) -> list[Bar]:
    """Return bars of the cases' score differences (candidate minus baseline); no bars for no cases."""
    counts = Counter(max(-BINS, min(BINS, round(difference * BINS))) for difference in differences)
    if not counts:
        return []
    width, most = (WIDTH - LEFT) / (2 * BINS + 1), max(counts.values())
    room = HEIGHT - BOTTOM - TOP
    bars = []
    for place in sorted(counts):
        height = max(2.0, room * counts[place] / most)
        kind = "worse" if place < 0 else "better" if place > 0 else "same"
        x, y = LEFT + (place + BINS) * width, HEIGHT - BOTTOM - height
        bars.append(Bar(x, y, width - 1, height, counts[place], signed(place / BINS), kind))
    return bars


def latencies(tasks: Sequence[TaskReport]) -> list[Span]:
    """Return two lines a task on one scale from 0 to the slowest p95."""
    known = [task for task in tasks if task.latency.p95.candidate or task.latency.p95.baseline][:MAX_TASKS]
    slowest = max((p for t in known for p in (t.latency.p95.baseline, t.latency.p95.candidate) if p), default=0.0)
    spans = []
    for number, task in enumerate(known):
        for offset, side in enumerate(("baseline", "candidate")):
            p50, p95 = getattr(task.latency.p50, side), getattr(task.latency.p95, side)
            if p50 is None or p95 is None:
                continue
            x1, x2 = (WIDTH * p / slowest for p in (p50, p95))
            label = f"{text.shorten(figures.short(task.task), 36)}, {side}: {seconds(p50)} to {seconds(p95)} s"
            spans.append(Span(number * 66 + offset * 30 + 20.0, x1, max(x2, x1 + 2), side, label))
    return spans


def lifetimes(report: GateReport) -> list[Life]:
    """Return one bar a model, from the run's day over the next 18 months: those in use at the head, and those that did
    or are to do the work. The first ends stand first; at most `MAX_LIVES`.

    No bars where no model has an end.
    """
    today = _day(report.started)
    models = {model.name: model for model in (*report.models, *_compared(report))}
    if today is None or not any(_day(model.ends_on) for model in models.values()):
        return []
    ordered = sorted(models.values(), key=lambda model: _day(model.ends_on) or date.max)
    return [_life(model, number, today) for number, model in enumerate(ordered[:MAX_LIVES])]


def _compared(report: GateReport) -> list[ModelInUse]:
    """Return the models of the tasks that the head does not use itself, such as the one that is replaced."""
    refs = {ref.name: ref for task in report.tasks for ref in (task.baseline, task.candidate) if ref is not None}
    known = {model.name for model in report.models}
    return [
        ModelInUse(name=name, provider="", ends_on=ref.shutdown_on) for name, ref in refs.items() if name not in known
    ]


def _life(model: ModelInUse, number: int, today: date) -> Life:
    end = _day(model.ends_on)
    days = (end - today).days if end else None
    gone = model.stage in {"retired", "rerouted"} or (days is not None and days <= 0)
    soon = model.stage in {"urgent", "soon"} or (model.stage is None and days is not None and days < DAYS_SOON)
    kind = "gone" if gone else "open" if days is None else "soon" if soon else "dated"
    share = 0.0 if gone else 1.0 if days is None else min(days / DAYS_SHOWN, 1.0)
    width = max((WIDTH - 2) * share, 2.0)
    return Life(number * 50 + 30.0, width, kind, figures.short(model.name), _end(model, days, gone))


def _end(model: ModelInUse, days: int | None, gone: bool) -> str:
    other = f"answered by {figures.short(model.answered_by)}" if model.answered_by else ""
    if gone:
        since = f" since {model.ends_on}" if model.ends_on else ""
        return f"{other or 'retired'}{since}"
    if days is None:
        promised = f"; not before {model.promised_until}" if model.promised_until else ""
        return f"no shutdown date is known{promised}"
    when = f"{other} from" if other else "shut down on"
    told = f"{when} {model.ends_on}{' at the earliest' if model.may_move else ''}, {count(days, 'day')} left"
    return told + (f"; then {figures.short(model.replacement)}" if model.replacement else "")


def _day(written: str | None) -> date | None:
    """Return the day that an ISO date or time begins with; None for anything else."""
    try:
        return date.fromisoformat((written or "")[:10])
    except ValueError:
        return None


def cost_and_quality(tasks: Sequence[TaskReport]) -> list[Move]:
    """Return one arrow a task; both axes begin at 0, so that no small change looks large."""
    most = max((c for t in tasks for c in _known(t.cost.per_1000_requests)), default=0.0)
    if most <= 0:
        return []
    moves = []
    for task in tasks[:MAX_TASKS]:
        cost, rate = task.cost.per_1000_requests, task.pass_rate
        points = _point(cost.baseline, rate.baseline, most), _point(cost.candidate, rate.candidate, most)
        if any(points):
            sides = [f"{money(c)} and {percent(r)}" for c, r in zip(_both(cost), _both(rate), strict=True)]
            moves.append(Move(*points, f"{figures.short(task.task)}: {' to '.join(sides)}"))
    return moves


def _both(pair: Pair) -> tuple[float | None, float | None]:
    return pair.baseline, pair.candidate


def _known(pair: Pair) -> list[float]:
    return [value for value in _both(pair) if value is not None]


def _point(cost: float | None, rate: float | None, most: float) -> tuple[float, float] | None:
    if cost is None or rate is None:
        return None
    return LEFT + (WIDTH - LEFT - 10) * cost / most, HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * rate
