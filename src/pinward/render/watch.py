"""What a night found: one block a model that is ending, most pressing first, and a heartbeat line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pinward.core.facts import Lifetime
from pinward.core.findings import Finding, Location
from pinward.core.model_id import ModelId
from pinward.core.quantities import count
from pinward.core.visible import one_line
from pinward.render.text import code, console, prose

MAX_PLACES = 5


@dataclass(frozen=True, slots=True)
class Ending:
    """One model with lifecycle findings: when it ends, what follows it, and where it is used."""

    model: ModelId
    lifetime: Lifetime
    findings: tuple[Finding, ...]
    places: tuple[Location, ...]
    blocking: bool

    def days_left(self, today: date) -> int | None:
        """Return the days until the shutdown; negative once it has passed."""
        return (self.lifetime.shutdown_on - today).days if self.lifetime.shutdown_on else None


@dataclass(frozen=True, slots=True)
class Night:
    """One run of the watch. `models` counts the distinct names in use, `unknown` those without a lifecycle row."""

    today: date
    catalog_date: date
    models: int
    unknown: int
    files: int
    endings: Sequence[Ending]
    notes: Sequence[str] = ()


def heartbeat(night: Night) -> str:
    """Say in one line that the watch ran, on what, and what it found: silence would not be noticed."""
    failing = sum(ending.blocking for ending in night.endings)
    return (
        f"Watched {night.models} model names in {night.files} files on {night.today} "
        f"(catalog of {night.catalog_date}): {failing} need action, {len(night.endings) - failing} to plan for, "
        f"{night.unknown} without a known lifetime."
    )


def to_console(night: Night) -> str:
    """Render for a terminal, plain."""
    lines = []
    for ending in night.endings:
        lines.append(f"{console(one_line(ending.model.written))}  {_when(ending, night.today)}")
        lines += [f"  {console(finding.message)}" for finding in _distinct(ending.findings)]
        lines.append(f"  next: {console(ending.findings[0].help)}")
        lines += [f"    {console(one_line(place.path))}:{place.line}" for place in ending.places[:MAX_PLACES]]
        lines += [f"    and {left} more" for left in [len(ending.places) - MAX_PLACES] if left > 0]
        lines.append("")
    lines += [f"note: {console(one_line(note))}" for note in night.notes]
    return "\n".join([*lines, heartbeat(night)])


def to_markdown(night: Night) -> str:
    """Render for a job summary."""
    rows = [
        f"| {code(e.model.written)} | {_when(e, night.today)} | {_successor(e)} | {_places(e)} |" for e in night.endings
    ]
    table = ["| model | ends | replacement | where |", "|---|---|---|---|", *rows, ""] if rows else []
    notes = [f"- {prose(note)}" for note in night.notes]
    return "\n".join(["## Pinward watch", "", *table, *notes, heartbeat(night), ""])


def _when(ending: Ending, today: date) -> str:
    days = ending.days_left(today)
    if ending.lifetime.rerouted_to:
        return f"answered by {ending.lifetime.rerouted_to}"
    if days is None:
        return "reroute announced" if ending.lifetime.reroutes_on else ending.lifetime.status
    if days <= 0:
        return f"retired since {ending.lifetime.shutdown_on}"
    about = "not before " if ending.lifetime.shutdown_kind == "not-before" else ""
    return f"{about}{ending.lifetime.shutdown_on}, in {count(days, 'day')}"


def _successor(ending: Ending) -> str:
    return code(ending.lifetime.replacement) if ending.lifetime.replacement else "none known"


def _places(ending: Ending) -> str:
    shown = [code(f"{place.path}:{place.line}") for place in ending.places[:MAX_PLACES]]
    left = len(ending.places) - MAX_PLACES
    return ", ".join(shown) + (f" and {left} more" if left > 0 else "")


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    return list({finding.rule: finding for finding in findings}.values())
