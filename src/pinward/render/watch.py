"""What a night found: one block a model that is ending, most pressing first, and a heartbeat line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pinward.core.drift import Drift
from pinward.core.facts import Lifetime, Standing
from pinward.core.findings import Finding, Location, mark
from pinward.core.model_id import ModelId
from pinward.core.quantities import count
from pinward.core.visible import one_line
from pinward.render import drift as drifting
from pinward.render.text import code, console, prose, table_row

SCHEMA = "pinward.watch/1"
MAX_PLACES = 5


@dataclass(frozen=True, slots=True)
class Ending:
    """One model with lifecycle findings: when it ends, what follows it, and where it is used.

    `owners` own its files by CODEOWNERS; `duties` say what the configuration uses it for; `breaks` what a caller meets
    on the way to the replacement; `proof` what was evaluated so far.
    """

    model: ModelId
    lifetime: Lifetime
    findings: tuple[Finding, ...]
    places: tuple[Location, ...]
    blocking: bool
    standing: Standing
    owners: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    proof: str = ""
    is_on_two_channels: bool = False

    @property
    def name(self) -> str:
        """The name as it is written; the channel and its id where the same id ends on another channel, too."""
        return f"{self.model.provider}/{self.model.id}" if self.is_on_two_channels else self.model.written

    @property
    def mark(self) -> str:
        """What stands for the model where its name must not: 16 hex digits."""
        return mark(self.model.provider, self.model.id)

    def days_left(self, today: date) -> int | None:
        """Return the days until the end; negative once it has passed."""
        return (self.standing.day - today).days if self.standing.day else None


@dataclass(frozen=True, slots=True)
class Night:
    """One run of the watch. `models` counts the distinct names in use, `unknown` those without a lifecycle row.

    `drifts` say how the answers of models in use compare with earlier nights, where they were asked for any.
    """

    today: date
    catalog_date: date
    models: int
    unknown: int
    files: int
    endings: Sequence[Ending]
    notes: Sequence[str] = ()
    drifts: Sequence[Drift] = ()


def heartbeat(night: Night) -> str:
    """Say in one line that the watch ran, on what, and what it found: silence would not be noticed."""
    failing = sum(ending.blocking for ending in night.endings)
    return (
        f"Watched {count(night.models, 'model name')} in {count(night.files, 'file')} on {night.today} "
        f"(catalog of {night.catalog_date}): {failing} need action, {len(night.endings) - failing} to plan for, "
        f"{night.unknown} without a known lifetime."
    )


def to_console(night: Night) -> str:
    """Render for a terminal, plain."""
    lines = [line for ending in night.endings for line in (*_block(ending, night.today), "")]
    lines += [f"drift: {console(line)}" for line in _drift_lines(night)]
    lines += [f"note: {console(one_line(note))}" for note in night.notes]
    return "\n".join([*lines, heartbeat(night)])


def _drift_lines(night: Night) -> Iterator[str]:
    for drift in night.drifts:
        found = drift.shown(night.today)
        yield f"{drifting.subject(drift)}: {drifting.alarm(found) if found else drifting.standing(drift)}"
        if found:
            yield f"  next: {drifting.advice(drift)}"


def _block(ending: Ending, today: date) -> Iterator[str]:
    yield f"{console(one_line(ending.name))}  {when(ending, today)}"
    yield from (f"  {console(finding.message)}" for finding in distinct(ending.findings))
    yield f"  next: {console(ending.findings[0].help)}"
    if len(ending.lifetime.chain) > 1:
        yield f"  by way of: {console(' -> '.join(ending.lifetime.chain))}"
    yield from (f"  on the way: {console(text)}" for text in ending.breaks)
    if ending.duties:
        yield f"  used as: {console(one_line(', '.join(ending.duties)))}"
    if ending.owners:
        yield f"  owners: {console(one_line(' '.join(ending.owners)))}"
    yield from (f"    {console(one_line(place.path))}:{place.line}" for place in ending.places[:MAX_PLACES])
    if len(ending.places) > MAX_PLACES:
        yield f"    and {len(ending.places) - MAX_PLACES} more"


def to_markdown(night: Night) -> str:
    """Render for a job summary."""
    told = [f"- {prose(text)}" for text in (*(f"drift: {line.strip()}" for line in _drift_lines(night)), *night.notes)]
    return "\n".join(["## pinward watch", "", *ending_table(night), *told, "", heartbeat(night), ""])


def ending_table(night: Night) -> list[str]:
    """Return the table of all endings; no line at all where nothing ends."""
    rows = [table_row((code(e.name), prose(when(e, night.today)), successor(e), where(e))) for e in night.endings]
    return ["| model | ends | replacement | where |", "|---|---|---|---|", *rows, ""] if rows else []


def when(ending: Ending, today: date) -> str:
    """Say in a few words when a model ends, and what that means."""
    stage, days, day = ending.standing.stage, ending.days_left(today), ending.standing.day
    if stage == "rerouted":
        return f"answered by {one_line(ending.lifetime.rerouted_to or '')}"
    if stage == "retired":
        return f"retired since {day}" if day else "retired"
    what = "rerouted from" if ending.lifetime.reroutes_on == day else "shut down on"
    about = " at the earliest" if ending.lifetime.shutdown_kind == "earliest" and what == "shut down on" else ""
    return f"{what} {day}{about}, in {count(days or 0, 'day')}"


def successor(ending: Ending) -> str:
    """Return the replacement as code, or an honest none."""
    return code(ending.lifetime.replacement) if ending.lifetime.replacement else "none known"


def where(ending: Ending) -> str:
    """Return the first places, and how many more there are."""
    shown = [code(f"{place.path}:{place.line}") for place in ending.places[:MAX_PLACES]]
    left = len(ending.places) - MAX_PLACES
    return ", ".join(shown) + (f" and {left} more" if left > 0 else "")


def distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Return one finding a rule."""
    return list({finding.rule: finding for finding in findings}.values())


def to_json(night: Night) -> str:
    """Return `pinward.watch/1`: the night, and one row an ending."""
    document = {
        "schema": SCHEMA,
        "today": night.today.isoformat(),
        "catalog": {"date": night.catalog_date.isoformat()},
        "models": night.models,
        "unknown": night.unknown,
        "files_scanned": night.files,
        "endings": [row(ending, night.today) for ending in night.endings],
        "drift": [drifting.row(drift, night.today) for drift in night.drifts],
        "notes": list(night.notes),
        "heartbeat": heartbeat(night),
    }
    return json.dumps(document, ensure_ascii=True, indent=2)


def row(ending: Ending, today: date) -> dict[str, object]:
    """Return one ending as plain data."""
    life = ending.lifetime
    return {
        "model": ending.model.written,
        "provider": ending.model.provider,
        "id": ending.model.id,
        "stage": ending.standing.stage,
        "ends_on": ending.standing.day.isoformat() if ending.standing.day else None,
        "days_left": ending.days_left(today),
        "shutdown_kind": life.shutdown_kind,
        "inherited_from": life.inherited_from,
        "replacement": life.replacement,
        "chain": list(life.chain),
        "breaks": list(ending.breaks),
        "rules": sorted({finding.rule for finding in ending.findings}),
        "blocking": ending.blocking,
        "confidence": life.fact.confidence,
        "source": life.fact.source,
        "used_as": list(ending.duties),
        "owners": list(ending.owners),
        "places": [{"path": p.path, "line": p.line} for p in ending.places],
        "proof": ending.proof or None,
    }
