"""Bring data/lifecycle.yaml up to date from providers' endpoints and pages and two open datasets, for review.

    python scripts/refresh_catalog.py --output changes.md

Keys come from the usual variables; a provider without one is left out, and said to be. Nothing is removed: see `merge`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from pinward.core.strict_json import parse_json
from pinward.lifecycle.live import SOURCES, LiveError, look
from pinward.net import HttpClient, NetError
from pinward.providers.endpoints import KNOWN, WIRE_FORMATS
from scripts import build_catalog

PAGE = ("https://developers.openai.com", "/api/docs/deprecations.md")
LITELLM = ("https://raw.githubusercontent.com", "/BerriAI/litellm/main/model_prices_and_context_window.json")
DEPRECATIONS = (
    "https://raw.githubusercontent.com",
    "/deprecations/deprecations-rss/main/docs/v1/deprecations.json",
)
# The datasets' names of channels -> ours.
CHANNELS = {
    "openai": "openai", "anthropic": "anthropic", "gemini": "gemini", "google": "gemini", "mistral": "mistral",
    "cohere": "cohere", "xai": "xai", "groq": "groq", "deepseek": "deepseek", "bedrock": "bedrock",
    "bedrock_converse": "bedrock", "aws bedrock": "bedrock", "azure": "azure",
}  # fmt: skip
_DAY = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_ID = re.compile(r"[\w.:/@ ()+~-]{1,200}", re.ASCII)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """Somebody gives an id a shutdown date."""

    provider: str
    id: str
    day: str
    source: str
    first_party: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows after a refresh, and one line for each change and each disagreement."""

    rows: list[Row]
    changes: list[str]
    open_questions: list[str]


def merge(rows: list[Row], statements: Iterable[Statement], today: date) -> Merged:
    """Lay statements over the rows, first parties first. No row and no date is lost; what moves is said and kept."""
    after = [dict(row) for row in rows]
    known = {(row["provider"], row["id"].lower()): row for row in after}
    merged = Merged(after, [], [])
    for said in sorted(set(statements), key=lambda s: (not s.first_party, s.provider, s.id, s.day)):
        row = known.get((said.provider, said.id.lower()))
        name = f"{said.provider}/{said.id}"
        if not _ID.fullmatch(said.id) or not _is_day(said.day):
            continue
        if row is None:
            if said.first_party:
                merged.open_questions.append(f"{name}: not in the catalog; {said.source} ends it on {said.day}")
        elif row.get("shutdown_on") == said.day and row.get("shutdown_kind") != "not-before":
            continue
        elif said.first_party:
            merged.changes.append(f"{name}: {row.get('shutdown_on') or 'no date'} -> {said.day} ({said.source})")
            _redate(row, said, today)
        elif "shutdown_on" not in row:
            merged.changes.append(f"{name}: no date -> {said.day}, a third party's ({said.source})")
            _redate(row, said, today)
        else:
            merged.open_questions.append(f"{name}: {row['shutdown_on']} stands; {said.source} says {said.day}")
    return merged


def _redate(row: Row, said: Statement, today: date) -> None:
    if "shutdown_on" in row:
        old = f"{row['shutdown_on']} ({row['shutdown_kind']}, read {row['read_on']}: {row['source']})"
        row["superseded"] = [*row.get("superseded", []), old]
    gone = said.day <= today.isoformat()
    row |= {"shutdown_on": said.day, "shutdown_kind": "fixed", "read_on": today.isoformat(), "source": said.source,
            "confidence": "first-party" if said.first_party else "third-party"}  # fmt: skip
    row.pop("via", None)
    if gone or row["status"] in {"active", "retired"}:
        row["status"] = "retired" if gone else "deprecated"


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and date.fromisoformat(text).year < 2100
    except ValueError:
        return False


def openai_page(text: str) -> Iterator[Statement]:
    """Read the tables of OpenAI's page by the names of their columns, which moved before."""
    columns: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.lstrip().startswith("|") else []
        lower = [cell.lower() for cell in cells]
        if not cells:
            columns = []
        elif any("shutdown date" in cell for cell in lower):
            columns = lower
        elif columns and len(cells) == len(columns):
            row = dict(zip(columns, cells, strict=True))
            day = next((row[c].replace("‑", "-") for c in columns if "shutdown date" in c), "")
            models = next((row[c] for c in columns if "model" in c and "replacement" not in c), "")
            for name in re.findall(r"`([^`]+)`", models):
                yield Statement("openai", name, day, "".join(PAGE), first_party=True)


def litellm(document: dict[str, Any]) -> Iterator[Statement]:
    """Read litellm's table; one field stands for several kinds of date there, so that it only ever warns."""
    for name, entry in document.items():
        channel = CHANNELS.get(str(entry.get("litellm_provider")).lower()) if isinstance(entry, dict) else None
        if channel and channel != "azure" and isinstance(entry.get("deprecation_date"), str):
            model = name.partition("/")[2] if name.partition("/")[0] in CHANNELS else name
            yield Statement(channel, model, entry["deprecation_date"], "".join(LITELLM), first_party=False)


def deprecations(document: Any) -> Iterator[Statement]:
    """Read deprecations.info; its fields `provider`, `model_id`, `shutdown_date`."""
    for entry in document if isinstance(document, list) else document.get("items", []):
        row = entry.get("_deprecation", entry) if isinstance(entry, dict) else {}
        channel = CHANNELS.get(str(row.get("provider")).lower())
        name, day = row.get("model_id"), str(row.get("shutdown_date"))[:10]
        if channel and isinstance(name, str):
            yield Statement(channel, name, day, "".join(DEPRECATIONS), first_party=False)


async def gather(environ: dict[str, str], notes: list[str]) -> list[Statement]:
    """Ask everybody; who cannot be asked is noted, and changes nothing."""
    found: list[Statement] = []
    for channel, source in SOURCES.items():
        known = KNOWN.get(channel)
        key = environ.get(known.key_env or "", "") if known else ""
        if known is None or not source.paths or (not key and channel != "openrouter"):
            notes.append(f"{channel} was not asked: no key")
            continue
        client = HttpClient(known.base_url, WIRE_FORMATS[known.wire].auth(key) if key else {})
        try:
            seen = await look(client, source, ())
            found += [Statement(channel, s.id, s.shutdown_on.isoformat(), source.documented, first_party=True)
                      for s in seen.values() if s.shutdown_on]  # fmt: skip
        except LiveError as error:
            notes.append(f"{channel} could not be asked: {error}")
        finally:
            await client.aclose()
    found += list(openai_page(await _text(*PAGE, notes)))
    found += list(litellm(_json(await _text(*LITELLM, notes), {})))
    return [*found, *deprecations(_json(await _text(*DEPRECATIONS, notes), []))]


async def _text(origin: str, path: str, notes: list[str]) -> str:
    client = HttpClient(origin, {})
    try:
        reply = await client.send("GET", path, timeout=60)
    except NetError as error:
        notes.append(f"{origin}{path} could not be read: {error.detail}")
        return ""
    finally:
        await client.aclose()
    if reply.status != 200:
        notes.append(f"{origin}{path} could not be read: it answered {reply.status}")
        return ""
    return reply.body.decode("utf-8", "replace")


def _json(text: str, empty: Any) -> Any:
    try:
        return parse_json(text) if text else empty
    except (ValueError, RecursionError):
        return empty


def written(text: str, document: dict[str, Any]) -> str:
    """Return the file's text with another document below the comment that begins it."""
    head = text[: text.index("compiled_on:")]
    return head + yaml.dump(document, sort_keys=False, allow_unicode=True, width=120)


def report(merged: Merged, notes: list[str]) -> str:
    """Return the text of the pull request."""
    parts = [("Changes", merged.changes), ("To decide by hand", merged.open_questions), ("Not read", notes)]
    return "\n".join(f"## {title}\n\n" + "".join(f"- `{line.replace('`', '')}`\n" for line in lines)
                     for title, lines in parts if lines)  # fmt: skip


def main() -> int:
    """Refresh the file; 1 where the result is not sound, and then nothing is written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    output: Path = parser.parse_args().output
    today, notes = datetime.now(UTC).date(), list[str]()
    document = build_catalog.read()
    merged = merge(document["models"], asyncio.run(gather(dict(os.environ), notes)), today)
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
