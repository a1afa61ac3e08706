"""Bring data/lifecycle.yaml up to date from providers' endpoints and pages and two open datasets, for review.

    python scripts/refresh_catalog.py --output changes.md

Keys come from the usual variables; a provider without one is left out, and said to be. Nothing is removed: see `merge`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from pinward.commands.watch.live import MANAGEMENT, answers
from pinward.core.policy import Provider
from pinward.errors import PinwardError
from pinward.lifecycle.live import SOURCES
from pinward.net import HttpClient, NetError
from scripts import build_catalog
from scripts.catalog_sources import DOCUMENTS, Document, Statement

# A catalog that nothing changed in is confirmed this often, so that it stays within its promise (45 days).
CONFIRM = timedelta(days=14)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows after a refresh, and one line for each change and each disagreement."""

    rows: list[Row]
    changes: list[str]
    open_questions: list[str]


def merge(rows: list[Row], statements: Iterable[Statement], today: date) -> Merged:
    """Lay statements over the rows. No row and no date is lost; what moves is a line and is kept as `superseded`.

    A first party's day counts where first parties agree; a third party's fills a gap in the future, and moves nothing.
    """
    merged = Merged([dict(row) for row in rows], [], [])
    known = {(row["provider"], row["id"].lower()): row for row in merged.rows}
    channels = {row["provider"] for row in merged.rows}
    by_row: dict[tuple[str, str], set[Statement]] = {}
    for said in statements:
        row = _row_of(said, known)
        if row is not None:
            by_row.setdefault((row["provider"], row["id"].lower()), set()).add(said)
        elif said.first_party and said.provider in channels and said.kind != "not-before":
            line = f"{said.provider}/{said.id}: not in the catalog; {said.source} ends it on {said.day}"
            merged.open_questions.append(line)
    for key, told in sorted(by_row.items()):
        _settle_row(known[key], sorted(told, key=lambda s: (s.day, s.kind, s.source)), merged, today)
    _retire(merged, today)
    return replace(merged, open_questions=sorted(set(merged.open_questions)))


def _row_of(said: Statement, known: dict[tuple[str, str], Row]) -> Row | None:
    """Return the row that a statement is about. Azure dates some models as a whole, whatever their version."""
    name = said.id.lower()
    return known.get((said.provider, name)) or known.get((said.provider, name.partition(" (")[0]))


def _settle_row(row: Row, told: list[Statement], merged: Merged, today: date) -> None:
    firsts = [s for s in told if s.first_party]
    ends = [s for s in firsts if s.kind != "not-before"]
    said = next(iter(ends or firsts), None)
    if len({s.day for s in ends}) > 1:
        days = " and ".join(sorted({f"{s.day} ({s.source})" for s in ends}))
        merged.open_questions.append(f"{_name(row)}: {_stands(row)}; first parties say {days}")
        said = None if row.get("shutdown_on") in {s.day for s in ends} else said
    if said is not None:
        _lay(row, said, merged, today)
    for third in (s for s in told if not s.first_party):
        if row.get("shutdown_on") == third.day or any(s.day == third.day for s in firsts):
            continue
        if "shutdown_on" not in row and third.day > today.isoformat():
            _lay(row, third, merged, today)
        else:
            merged.open_questions.append(f"{_name(row)}: {_stands(row)}; {third.source} says {third.day}")


def _lay(row: Row, said: Statement, merged: Merged, today: date) -> None:
    """Write a day into a row, where it is news and leaves the row sound."""
    dated, promised = "shutdown_on" in row, row.get("shutdown_kind") == "not-before"
    if dated and row["shutdown_on"] == said.day and (not promised or said.kind == "not-before"):
        return
    if said.kind == "not-before" and dated and not promised:
        line = f"{_name(row)}: {_stands(row)}; {said.source} promises it until {said.day}"
        merged.open_questions.append(line)
        return
    fresh = _redated(row, said, today)
    wrong = list(build_catalog.order(fresh, today.isoformat()))
    if fresh["status"] == "retired" != row["status"] and said.day < row["read_on"]:
        wrong.append(f"it was read as {row['status']} on {row['read_on']}")
    if wrong:
        merged.open_questions.append(f"{_name(row)}: {said.source} says {said.day}, which cannot be: {wrong[0]}")
        return
    kind = "" if said.kind == "fixed" else f" ({said.kind})"
    whose = said.source if said.first_party else f"a third party's: {said.source}"
    merged.changes.append(f"{_name(row)}: {row.get('shutdown_on') or 'no date'} -> {said.day}{kind}, {whose}")
    row.clear()
    row.update(fresh)


def _redated(row: Row, said: Statement, today: date) -> Row:
    fresh = dict(row)
    if "shutdown_on" in row:
        fresh["superseded"] = [*row.get("superseded", []), _as_was(row)]
    fresh |= {"shutdown_on": said.day, "shutdown_kind": said.kind, "read_on": today.isoformat(), "source": said.source,
              "confidence": "first-party" if said.first_party else "third-party"}  # fmt: skip
    fresh.pop("via", None)
    if said.kind == "not-before":
        return fresh
    gone = said.day <= today.isoformat()
    if gone or row["status"] in {"active", "retired"}:
        fresh["status"] = "retired" if gone else "deprecated"
    return fresh


def _retire(merged: Merged, today: date) -> None:
    """Say of rows whose day has come that they are retired."""
    for row in merged.rows:
        ended = row.get("shutdown_on", "9") <= today.isoformat() and row["shutdown_kind"] != "not-before"
        if ended and row["status"] != "retired":
            merged.changes.append(f"{_name(row)}: {row['status']} -> retired, its day ({row['shutdown_on']}) has come")
            row["status"] = "retired"


def _name(row: Row) -> str:
    return f"{row['provider']}/{row['id']}"


def _stands(row: Row) -> str:
    return f"{row['shutdown_on']} ({row['shutdown_kind']}) stands" if "shutdown_on" in row else "no date stands"


def _as_was(row: Row) -> str:
    return f"{row['shutdown_on']} ({row['shutdown_kind']}, read {row['read_on']}: {row['source']})"


@dataclass(frozen=True, slots=True)
class Reach:
    """How others are reached: keys, providers whose address is another than usual, and the client for an origin."""

    keys: Callable[[str], str | None]
    providers: Mapping[str, Provider] = field(default_factory=dict)
    client: Callable[[str], HttpClient] = lambda origin: HttpClient(origin, {})


def providers(environ: Mapping[str, str]) -> dict[str, Provider]:
    """Return the providers that no name alone reaches: Bedrock's largest region, and Azure's management API."""
    bedrock = "https://bedrock-runtime.us-east-1.amazonaws.com"
    found = {"bedrock": Provider("bedrock", "bedrock", bedrock, "AWS_BEARER_TOKEN_BEDROCK")}
    azure = environ.get("AZURE_MANAGEMENT_URL")
    if azure:
        found[MANAGEMENT] = Provider(MANAGEMENT, MANAGEMENT, azure, "AZURE_MANAGEMENT_TOKEN")
    return found


async def gather(reach: Reach, rows: list[Row], notes: list[str]) -> list[Statement]:
    """Ask everybody; who cannot be asked is noted, and changes nothing."""
    found: list[Statement] = []
    for channel, source in SOURCES.items():
        ids = [row["id"] for row in rows if row["provider"] == channel and row["status"] != "retired"]
        if not ids:
            continue
        try:
            said = await answers(channel, ids, reach.providers, reach.keys)
        except PinwardError as error:
            notes.append(f"{channel} was not asked: {error.message}")
            continue
        notes += [f"{channel} could not be asked: {text}" for text in said.failed]
        found += [Statement(channel, s.id, s.shutdown_on.isoformat(), source.documented, first_party=True)
                  for s in said.seen.values() if s.shutdown_on]  # fmt: skip
    for document in DOCUMENTS:
        text = await _text(document, notes, reach)
        read = list(document.read(text, document.url)) if text else []
        if text and not read:
            notes.append(f"{document.url}: no day was found in it; does it have another form now?")
        found += read
    return found


async def _text(document: Document, notes: list[str], reach: Reach) -> str:
    client = reach.client(document.origin)
    try:
        reply = await client.send("GET", document.path, timeout=60)
    except NetError as error:
        notes.append(f"{document.url} could not be read: {error.detail}")
        return ""
    finally:
        await client.aclose()
    if reply.status != 200:
        notes.append(f"{document.url} could not be read: it answered {reply.status}")
        return ""
    return reply.body.decode("utf-8", "replace")


def written(text: str, document: dict[str, Any]) -> str:
    """Return the file's text with another document below the comment that begins it."""
    head = text[: text.index("compiled_on:")]
    return head + yaml.dump(document, sort_keys=False, allow_unicode=True, width=120)


def report(merged: Merged, notes: list[str]) -> str:
    """Return the text of the pull request."""
    parts = [("Changes", merged.changes), ("To decide by hand", merged.open_questions), ("Not read", notes)]
    return "\n".join(f"## {title}\n\n" + "".join(f"- `{line.replace('`', '')}`\n" for line in lines)
                     for title, lines in parts if lines)  # fmt: skip


def refreshed(document: dict[str, Any], statements: Iterable[Statement], notes: list[str], today: date) -> Merged:
    """Merge, and confirm a catalog that nothing changed in where every document was read."""
    merged = merge(document["models"], statements, today)
    age = today - date.fromisoformat(document["compiled_on"])
    if not merged.changes and age >= CONFIRM and not any(d.url in note for note in notes for d in DOCUMENTS):
        merged.changes.append(f"compiled_on: {document['compiled_on']} -> {today}, nothing else changed")
    return merged


def main() -> int:
    """Refresh the file; 1 where the result is not sound, and then nothing is written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    output: Path = parser.parse_args().output
    today, notes = datetime.now(UTC).date(), list[str]()
    document = build_catalog.read()
    said = asyncio.run(gather(Reach(os.environ.get, providers(os.environ)), document["models"], notes))
    merged = refreshed(document, said, notes, today)
    fresh = document | {"compiled_on": today.isoformat(), "models": merged.rows}
    wrong = build_catalog.problems(fresh)
    if wrong:
        print("\n".join(wrong))
        return 1
    if merged.changes:
        text = build_catalog.SOURCE.read_text(encoding="utf-8")
        build_catalog.SOURCE.write_text(written(text, fresh), encoding="utf-8")
        build_catalog.TARGET.write_text(build_catalog.encode(fresh), encoding="utf-8")
    output.write_text(report(merged, notes), encoding="utf-8")
    print(f"{len(merged.changes)} changes, {len(merged.open_questions)} to decide, {len(notes)} not read")
    return 0


if __name__ == "__main__":
    sys.exit(main())
