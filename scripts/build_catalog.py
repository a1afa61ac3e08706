"""Check data/lifecycle.yaml and write the embedded catalog from it: one row a line, long strings stored once.

Usage: python scripts/build_catalog.py [--check]. `--check` writes nothing and fails where the embedded file is stale.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "data" / "lifecycle.yaml"
TARGET = ROOT / "src" / "pinward" / "lifecycle" / "data" / "catalog.json"
SCHEMA = "pinward.catalog/1"
# Order of a row's cells; cells that most rows leave empty stand last, so that they can be cut off.
FIELDS = (
    "kind", "status", "source", "read_on", "confidence", "via", "shutdown_on", "shutdown_kind", "deprecated_on",
    "replacement", "alias_of", "released", "note", "routes_to", "routes_on", "replacement_note",
    "superseded",
)  # fmt: skip
INTERNED = ("source", "via", "note")
REQUIRED = ("provider", "id", "kind", "status", "source", "read_on", "confidence")
WORDS = {
    "kind": {"snapshot", "alias", "family", "preview", "unversioned-pinned"},
    "status": {"active", "legacy", "deprecated", "retired"},
    "shutdown_kind": {"fixed", "earliest", "not-before"},
    "confidence": {"first-party", "first-party-mirror", "third-party", "inferred"},
}
DATES = ("released", "deprecated_on", "shutdown_on", "routes_on")
Row = dict[str, Any]


def read(path: Path = SOURCE) -> dict[str, Any]:
    """Read the source of truth; the C loader where PyYAML has it (0.3 s instead of 3 s)."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both loaders are safe ones
    if not isinstance(document, dict):
        raise SystemExit(f"{path}: expected a mapping with compiled_on and models")
    return document


def problems(document: dict[str, Any]) -> list[str]:
    """Return what is wrong with the facts themselves; an empty list is what the build asks for."""
    today, rows = document["compiled_on"], document["models"]
    known: dict[str, set[str]] = {}
    found = []
    for row in rows:
        ids = known.setdefault(row.get("provider", ""), set())
        if row.get("id") in ids:
            found.append(f"{_name(row)}: twice")
        ids.add(row.get("id", ""))
    for row in rows:
        checks = (*_shape(row), *order(row, today), *_references(row, known))
        found += [f"{_name(row)}: {text}" for text in checks]
    return found


def _name(row: Row) -> str:
    return f"{row.get('provider')}/{row.get('id')}"


def _shape(row: Row) -> Iterator[str]:
    yield from (f"missing {field}" for field in REQUIRED if not row.get(field))
    yield from (f"unknown field {field}" for field in set(row) - {*FIELDS, "provider", "id"})
    for field, words in WORDS.items():
        if field in row and row[field] not in words:
            yield f"{field} {row[field]!r}"
    for field in DATES:
        if field in row and not _is_date(row[field]):
            yield f"{field} {row[field]!r} is not YYYY-MM-DD"
    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", str(row.get("read_on"))):
        yield f"read_on {row.get('read_on')!r}"
    if ("shutdown_on" in row) != ("shutdown_kind" in row):
        yield "shutdown_on and shutdown_kind belong together"
    if ("routes_to" in row) != ("routes_on" in row):
        yield "routes_to and routes_on belong together"


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def order(row: Row, today: str) -> Iterator[str]:
    """Yield what is wrong with a row's days as of one day."""
    shutdown, status = str(row.get("shutdown_on", "")), row.get("status")
    gone = bool(shutdown) and shutdown <= today and row.get("shutdown_kind") != "not-before"
    if status == "retired" and not gone:
        yield f"retired, but its shutdown ({shutdown}) has not passed"
    if status != "retired" and gone:
        yield f"{status} although its shutdown ({shutdown}) has passed"
    days = [row[f] for f in ("released", "deprecated_on") if f in row]
    if shutdown and row.get("shutdown_kind") != "not-before":
        days.append(shutdown)
    if days != sorted(days):
        yield f"released, deprecated and shutdown dates are out of order: {days}"
    if str(row.get("read_on", "")) > today:
        yield "read after the catalog was compiled"


def _references(row: Row, known: dict[str, set[str]]) -> Iterator[str]:
    ids = known[row.get("provider", "")]
    for name in [*row.get("replacement", []), row.get("routes_to")]:
        if name == row.get("id"):
            yield "replaces itself"
        if name and name not in ids and not any(i.startswith(f"{name} (") for i in ids):
            yield f"{name} is not in the catalog"
    # DeepSeek names weights, not ids: nothing can be called by that name.
    if row.get("provider") != "deepseek" and row.get("alias_of") not in {None, *ids}:
        yield f"alias_of {row['alias_of']} is not in the catalog"


def encode(document: dict[str, Any]) -> str:
    """Return the text of the embedded catalog."""
    strings = sorted({row[f] for row in document["models"] for f in INTERNED if f in row})
    index = {text: number for number, text in enumerate(strings)}
    providers: dict[str, list[str]] = {}
    for row in document["models"]:
        cells = [index[row[f]] if f in INTERNED and f in row else row.get(f) for f in FIELDS]
        while cells[-1] is None:
            cells.pop()
        providers.setdefault(row["provider"], []).append(f"{_json(row['id'])}: {_json(cells)}")
    head = {"schema": SCHEMA, "compiled_on": document["compiled_on"], "fields": FIELDS, "interned": INTERNED}
    lines = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    lines.append('"strings": [\n' + ",\n".join(_json(text) for text in strings) + "\n]")
    tables = [f"{_json(name)}: {{\n" + ",\n".join(rows) + "\n}" for name, rows in providers.items()]
    lines.append('"providers": {\n' + ",\n".join(tables) + "\n}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> int:
    """Build, or with `--check` compare."""
    document = read()
    found = problems(document)
    for text in found:
        print(f"data/lifecycle.yaml: {text}")
    if found:
        return 1
    text = encode(document)
    if "--check" in sys.argv[1:]:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print("current" if current else "stale: run python scripts/build_catalog.py")
        return 0 if current else 1
    TARGET.write_text(text, encoding="utf-8")
    print(f"{len(document['models'])} rows, {len(text.encode()) // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
