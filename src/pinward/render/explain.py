"""What is known of model names, for a terminal (`pinward explain`) and as `pinward.explain/1`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pinward.core.facts import Lifetime
from pinward.core.model_id import ModelId
from pinward.core.quantities import count
from pinward.render.text import console as safe
from pinward.render.text import one_line

SCHEMA = "pinward.explain/1"
_LABEL = 13


@dataclass(frozen=True, slots=True)
class Explanation:
    """One name, what it is, what it can expect (None: no row in its channel), names that look like it, and what breaks
    on the way to the replacement."""

    model: ModelId
    lifetime: Lifetime | None
    similar: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()


def as_json(explanations: tuple[Explanation, ...]) -> str:
    """Return the contract's document, one row an explanation, in order."""
    document = {"schema": SCHEMA, "models": [_row(e.model, e.lifetime) for e in explanations]}
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def _row(model: ModelId, life: Lifetime | None) -> dict[str, object]:
    return {
        "model": model.written,
        "provider": model.provider,
        "id": model.id,
        "pin": model.pin,
        "preview": model.preview,
        "resolves_to": model.resolves_to,
        "status": life.status if life else None,
        "shutdown_on": life.shutdown_on.isoformat() if life and life.shutdown_on else None,
        "shutdown_kind": life.shutdown_kind if life else None,
        "routes_to": life.fact.routes_to if life else None,
        "replacement": life.replacement if life else None,
        "why": model.why,
        "source": life.fact.source if life else model.doc_url,
        "read_on": life.fact.read_on if life else None,
    }


def as_console(explanations: tuple[Explanation, ...], today: date) -> str:
    """Return a block of aligned lines for each name."""
    blocks = ["\n".join(safe(line) for line in _block(e, today)) for e in explanations]
    return "\n\n".join(blocks) + "\n"


def _block(explanation: Explanation, today: date) -> Iterator[str]:
    model, life = explanation.model, explanation.lifetime
    yield one_line(model.written) or "(empty)"
    yield _line("pin", f"{model.pin}{' preview' if model.preview else ''}: {model.why}")
    yield _line("provider", _provider(model))
    if model.resolves_to:
        yield _line("resolves to", model.resolves_to)
    if life:
        yield from _life(life, today)
        yield from (_line("on the way", text) for text in explanation.breaks)
    elif model.pin != "unknown":
        yield _line("lifecycle", f"not in the catalog for {model.provider}; no other channel's dates are borrowed")
    if explanation.similar:
        yield _line("did you mean", ", ".join(explanation.similar))
    source = life.fact.source if life else model.doc_url
    if source:
        yield _line("source", source + (f" (read {life.fact.read_on}, {life.fact.confidence})" if life else ""))


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL}} {one_line(text)}"


def _provider(model: ModelId) -> str:
    name = "not told by the name; --client PROVIDER says it" if model.provider == "?" else model.provider
    return name if model.id == model.written or model.provider == "?" else f"{name}, id {model.id}"


def _life(life: Lifetime, today: date) -> Iterator[str]:
    yield _line("status", life.status)
    yield _line("shutdown", _shutdown(life, today))
    if life.rerouted_to:
        yield _line("answered by", f"{life.rerouted_to}, without an error")
    elif life.reroutes_on:
        yield _line(
            "answered by",
            f"{life.fact.routes_to or 'another model'} from {life.reroutes_on} ({_days(life.reroutes_on, today)})",
        )
    yield from _replacement(life)
    yield from (_line("before", text) for text in life.fact.superseded)
    if life.fact.note:
        yield _line("note", life.fact.note)


def _shutdown(life: Lifetime, today: date) -> str:
    day = life.shutdown_on
    if not day:
        return "no date announced"
    if life.shutdown_kind == "not-before":
        return f"none announced; promised not before {day}"
    kind = " at the earliest" if life.shutdown_kind == "earliest" else ""
    inherited = f", the date of {life.inherited_from}" if life.inherited_from else ""
    return f"{day}{kind} ({_days(day, today)}{inherited})"


def _replacement(life: Lifetime) -> Iterator[str]:
    if life.chain:
        yield _line("replacement", " -> ".join(life.chain))
    elif life.status in {"deprecated", "retired"}:
        yield _line("replacement", life.fact.replacement_note or "none that the provider names and that lives on")


def _days(day: date, today: date) -> str:
    left = (day - today).days
    if left == 0:
        return "today"
    return f"{count(left, 'day')} left" if left > 0 else f"{count(-left, 'day')} ago"
