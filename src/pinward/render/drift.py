"""What is said of drift: one sentence a model, the same in the console, the dashboard and the webhook.

Sentences carry data between backticks; `text.prose` turns them into Markdown.
"""

from __future__ import annotations

from datetime import date

from pinward.core.drift import LEARNING, Alarm, Drift
from pinward.core.findings import mark
from pinward.core.quantities import count, percent
from pinward.core.visible import one_line

STRANGE = 0.1  # of all nights


def drift_mark(drift: Drift) -> str:
    """Return what stands for a task on a model where their names must not: 16 hex digits."""
    return mark("drift", drift.task, drift.model)


def subject(drift: Drift) -> str:
    """Name the task and the model."""
    return f"{one_line(drift.task)} on {one_line(drift.model)}"


def alarm(found: Alarm) -> str:
    """Say what changed, since when, and what it was before."""
    old = f"{percent(found.rate_before)} on the {_nights(found.nights)} before"
    rates = f"{percent(found.rate_since)} pass since, {old}"
    if found.kind == "served":
        before, now = _names(found.served_before), _names(found.served_since)
        return f"another model answers since {found.since}: {now} in the place of {before}; {rates}"
    same = f"; it still calls itself {_names(found.served_since)}" if found.served_since == found.served_before else ""
    print_ = ", with another fingerprint" if found.fingerprint_changed else ""
    name = f"{same}{print_}" if found.served_since else ""
    return f"its answers changed about {found.since} (found on {found.found_on}): {rates}{name}"


def standing(drift: Drift) -> str:
    """Say where a model stands that raised no alarm."""
    latest = drift.latest
    said = f"{latest.passed} of {count(latest.valid, 'answer')} passed"
    if latest.valid == 0:
        return said
    if drift.nights <= LEARNING:
        said += f"; {_nights(drift.nights)} known, and the first {LEARNING} find little"
    elif drift.rank <= STRANGE * drift.nights:
        said += f"; number {drift.rank} of {_nights(drift.nights)} by strangeness, which does not prove a change yet"
    else:
        said += f"; no sign of a change in {_nights(drift.nights)}"
    return said + ("; a new fingerprint" if drift.fingerprint_changed else "")


def advice(drift: Drift) -> str:
    """Say what to do next."""
    return (
        f"Look at what `{one_line(drift.model)}` answers now, pin a snapshot, or gate a replacement; later nights are "
        "compared with those since the change."
    )


def _names(names: tuple[str, ...]) -> str:
    return f"`{', '.join(names)}`" if names else "no name"


def _nights(number: int) -> str:
    return count(number, "night")


def row(drift: Drift, today: date) -> dict[str, object]:
    """Return one model's standing as plain data."""
    found = drift.shown(today)
    return {
        "task": drift.task,
        "model": drift.model,
        "day": drift.latest.day.isoformat(),
        "passed": drift.latest.passed,
        "valid": drift.latest.valid,
        "served": list(drift.latest.served),
        "fingerprints": list(drift.latest.fingerprints),
        "nights": drift.nights,
        "rank": drift.rank,
        "alarm": _alarm_row(found) if found else None,
    }


def _alarm_row(found: Alarm) -> dict[str, object]:
    return {
        "kind": found.kind,
        "found_on": found.found_on.isoformat(),
        "since": found.since.isoformat(),
        "pass_rate": {"before": found.rate_before, "since": found.rate_since},
        "served": {"before": list(found.served_before), "since": list(found.served_since)},
        "fingerprint_changed": found.fingerprint_changed,
    }
