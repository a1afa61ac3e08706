"""`pinward catalog show|verify|refresh`: the data behind dates and pins, where it is from, and how to get newer."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pinward.core.facts import CATALOG_PROMISE, LifecycleFact, is_stale
from pinward.errors import ConfigError, ExitCode, UnavailableError, UsageError
from pinward.lifecycle.catalog import EmbeddedCatalog, load
from pinward.lifecycle.refresh import ADDRESS, DATA, SIGNATURE, fetch
from pinward.lifecycle.release import MAX_DATA, Refused, newer, opened, package_keys
from pinward.render.text import console, one_line

Write = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Data:
    """Where newer data is kept and fetched, and whose signature counts."""

    folder: Path | None
    keys: Sequence[bytes]
    address: str = ADDRESS


def standard(folder: Path | None) -> Data:
    """Return the data of this version: its own keys and address."""
    return Data(folder, package_keys())


def current(data: Data, today: date) -> tuple[EmbeddedCatalog, tuple[str, ...]]:
    """Return the newest catalog at hand, and a note where saved data was not taken: the embedded one stands then."""
    embedded = load()
    path = data.folder / DATA if data.folder else None
    if path is None or not path.is_file():
        return embedded, ()
    try:
        found = newer(opened(_bytes(path), _bytes(path.with_name(SIGNATURE)), data.keys), embedded, today)
    except Refused as no:
        return embedded, (f"the saved catalog was not taken: {no}",)
    return found or embedded, ()


def fetched(data: Data, today: date) -> tuple[EmbeddedCatalog, tuple[str, ...]]:
    """Return the newest catalog that can be fetched, else the newest at hand with a note that says why."""
    at_hand, notes = current(data, today)
    try:
        content, signature = asyncio.run(fetch(data.address))
        found = newer(opened(content, signature, data.keys), at_hand, today)
    except Refused as no:
        return at_hand, (*notes, f"newer lifecycle data was not taken: {no}")
    return found or at_hand, notes


def refresh(data: Data, today: date, write: Write) -> ExitCode:
    """Fetch, check and keep newer data. Raises `UnavailableError` where it is not taken; what is kept stays."""
    if data.folder is None:
        raise UsageError("there is no folder to keep data in", "Set HOME or XDG_CACHE_HOME.")
    at_hand, _ = current(data, today)
    try:
        if not data.keys:
            raise Refused("this version carries no key to check it with")
        content, signature = asyncio.run(fetch(data.address))
        found = newer(opened(content, signature, data.keys), at_hand, today)
    except Refused as no:
        raise UnavailableError(
            f"newer data was not taken: {no}", f"The catalog of {at_hand.compiled_on} stands."
        ) from None
    if found is None:
        write(f"The catalog of {at_hand.compiled_on} is the newest.\n")
        return ExitCode.OK
    data.folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((DATA, content), (SIGNATURE, signature)):
        part = data.folder / f"{name}.part"
        part.write_bytes(text)
        part.replace(data.folder / name)
    write(f"The catalog of {found.compiled_on} is kept in {data.folder}; `pinward watch` uses it.\n")
    return ExitCode.OK


def verify(path: Path | None, data: Data, today: date, write: Write) -> ExitCode:
    """Check the catalog at hand, or a file with its signature beside it. Raises `ConfigError` where it is refused."""
    if path is None:
        catalog, notes = current(data, today)
        write("".join(f"note: {console(note)}\n" for note in notes))
        write(f"{_summary(catalog, today)}\n")
        return ExitCode.BLOCKED if is_stale(catalog.compiled_on, today) else ExitCode.OK
    try:
        found = newer(opened(_bytes(path), _bytes(path.with_name(f"{path.name}.sig")), data.keys), load(), today)
    except Refused as no:
        raise ConfigError(f"{path}: {no}", "Use the files of a data release, unchanged.") from None
    write(
        f"{_summary(found, today)}\n" if found else f"It is not newer than the embedded one ({load().compiled_on}).\n"
    )
    return ExitCode.OK


def show(catalog: EmbeddedCatalog, today: date, provider: str | None, output: str, write: Write) -> ExitCode:
    """Write what the catalog holds: counts a provider, or every row of one provider. Raises `UsageError`."""
    if provider is None:
        write(_overview_json(catalog) if output == "json" else f"{_summary(catalog, today)}\n{_overview(catalog)}")
        return ExitCode.OK
    if provider not in catalog.providers:
        raise UsageError(f"the catalog has no provider {provider!r}", f"It has {', '.join(catalog.providers)}.")
    rows = [fact for name in catalog.ids(provider) if (fact := catalog.fact(provider, name))]
    if output == "json":
        write(json.dumps([_row(fact) for fact in rows], indent=1) + "\n")
        return ExitCode.OK
    width = max(len(fact.id) for fact in rows)
    write("".join(f"{console(one_line(_line(fact, width)))}\n" for fact in rows))
    return ExitCode.OK


def _line(fact: LifecycleFact, width: int) -> str:
    ends = f"{fact.shutdown_kind} {fact.shutdown_on}" if fact.shutdown_on else "no date"
    follows = f" -> {', '.join(fact.replacement)}" if fact.replacement else ""
    return f"{fact.id:<{width}}  {fact.status:<10} {ends}{follows}  [{fact.confidence}, read {fact.read_on}]"


def _row(fact: LifecycleFact) -> dict[str, object]:
    return {
        "provider": fact.provider, "id": fact.id, "kind": fact.kind, "status": fact.status,
        "shutdown_on": fact.shutdown_on.isoformat() if fact.shutdown_on else None, "shutdown_kind": fact.shutdown_kind,
        "routes_to": fact.routes_to, "alias_of": fact.alias_of, "replacement": list(fact.replacement),
        "source": fact.source, "read_on": fact.read_on, "confidence": fact.confidence,
        "superseded": list(fact.superseded),
    }  # fmt: skip


def _summary(catalog: EmbeddedCatalog, today: date) -> str:
    rows = sum(len(catalog.ids(provider)) for provider in catalog.providers)
    age = (today - catalog.compiled_on).days
    state = "older than its promise" if is_stale(catalog.compiled_on, today) else "within its promise"
    return (
        f"{rows} models of {len(catalog.providers)} providers, compiled on {catalog.compiled_on}: "
        f"{age} days old, {state} of {CATALOG_PROMISE.days} days"
    )


def _overview(catalog: EmbeddedCatalog) -> str:
    lines = []
    for provider in catalog.providers:
        states = _states(catalog, provider)
        lines.append(
            f"  {provider:<12} {sum(states.values()):>4}  {', '.join(f'{n} {s}' for s, n in states.items())}\n"
        )
    return "".join(lines)


def _overview_json(catalog: EmbeddedCatalog) -> str:
    counts = {provider: dict(_states(catalog, provider)) for provider in catalog.providers}
    return json.dumps({"compiled_on": catalog.compiled_on.isoformat(), "providers": counts}, indent=1) + "\n"


def _states(catalog: EmbeddedCatalog, provider: str) -> Counter[str]:
    facts = (catalog.fact(provider, name) for name in catalog.ids(provider))
    return Counter(fact.status for fact in facts if fact)


def _bytes(path: Path) -> bytes:
    """Read a file of bounded size. Raises `Refused`."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_DATA + 1)
    except OSError as error:
        raise Refused(f"{path.name}: {error.strerror}") from None
