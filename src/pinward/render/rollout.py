"""Where a rollout stands, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pinward.core.facts import Move, Ruling
from pinward.core.policy import Task
from pinward.core.report import ChecklistItem
from pinward.render.text import console
from pinward.render.words import CHECK_STATES

STATES = {"held": "yes", "broken": "no", "unknown": "not knowable here"}


@dataclass(frozen=True, slots=True)
class Stand:
    """One task's rollout: the deployed version, the next step (None at 100%), what is ruled on it, the checklist, and
    the stages so far (percent, merge time, or why that is not known), the current one first."""

    task: Task
    version: str
    move: Move | None = None
    rulings: tuple[Ruling, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    stages: tuple[tuple[float, datetime | None, str], ...] = ()


def stand(found: Stand) -> str:
    """Return the whole text."""
    return "".join(f"{console(line)}\n" for line in _lines(found))


def _lines(found: Stand) -> Iterator[str]:
    task = found.task
    if not task.candidates:
        yield f"{task.name}: {task.model} has all of the traffic; no candidate is named, so no rollout is under way."
        return
    stages = ", ".join(f"{stage:g}" for stage in task.rollout.stages)
    yield f"{task.name}: {task.model} -> {task.candidates[0]} at {task.rollout.percent:g}% (stages {stages})"
    yield f"Deployed version {found.version}: metrics must name it."
    for percent, merged, why in found.stages:
        yield f"  {percent:g}% since {merged:%Y-%m-%d %H:%M %Z}" if merged else f"  {percent:g}%: {why}"
    yield ""
    if found.move:
        yield f"Next step: {found.move.before:g}% -> {found.move.after:g}%"
    else:
        yield f"Next step: write `model: {task.candidates[0]}`, and keep {task.model} among the fallbacks"
    for ruling in found.rulings:
        advice = f" {ruling.help}" if ruling.state != "held" and ruling.help else ""
        yield f"  {STATES[ruling.state]}: {ruling.said}.{advice} ({ruling.rule})"
    done = sum(item.state == "done" for item in found.checklist)
    yield ""
    yield f"Checklist: {done} of {len(found.checklist)}"
    for item in found.checklist:
        yield f"  {CHECK_STATES[item.state]}: {item.text}: {item.evidence}" + (f" ({item.url})" if item.url else "")
