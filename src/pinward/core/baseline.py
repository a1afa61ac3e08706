"""The baseline file: findings that were there when a team began, told by fingerprint and so without line numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

from pinward.core.findings import Finding
from pinward.core.policy import Json
from pinward.core.strict_json import load_json
from pinward.errors import ConfigError

SCHEMA = "pinward.baseline/1"
_NEWER = re.compile(r"pinward\.baseline/[0-9]{1,9}")
HINT = "Make one: `pinward scan --format baseline --output FILE`."


def render(findings: Iterable[Finding]) -> str:
    """Return the file that keeps these findings quiet: fingerprints, and what a reader needs beside them."""
    rows: list[Json] = [
        {
            "fingerprint": finding.fingerprint,
            "rule": finding.rule,
            "path": finding.place.path if finding.place else None,
            "model": finding.use.model.written if finding.use else None,
        }
        for finding in findings
    ]
    return json.dumps({"schema": SCHEMA, "findings": rows}, indent=1) + "\n"


def parse(data: bytes, path: str) -> frozenset[str]:
    """Return the fingerprints of a baseline file, of whatever version.

    Raises `ConfigError` for another kind of file, and for a version that this program does not know.
    """
    document = load_json(data, path).value
    schema = document.get("schema") if isinstance(document, dict) else None
    read = _READERS.get(schema) if isinstance(schema, str) else None
    if isinstance(schema, str) and read is None and _NEWER.fullmatch(schema):
        raise ConfigError(f"{path}: a later Pinward wrote it ({schema}); this one reads {SCHEMA}", "Update Pinward.")
    if read is None or not isinstance(document, dict):
        raise ConfigError(f"{path}: is no baseline of schema {SCHEMA}", HINT)
    try:
        return read(document)
    except (KeyError, TypeError):
        raise ConfigError(f"{path}: a finding has no fingerprint", HINT) from None


def _version_1(document: dict[str, Json]) -> frozenset[str]:
    rows = document["findings"]
    if not isinstance(rows, list):
        raise TypeError
    return frozenset(_fingerprint(row) for row in rows)


def _fingerprint(row: Json) -> str:
    if not isinstance(row, dict) or not isinstance(row["fingerprint"], str):
        raise TypeError
    return row["fingerprint"]


# A new version gets a row of its own; the old ones stay readable, and the next written file is of the newest.
_READERS: dict[str, Callable[[dict[str, Json]], frozenset[str]]] = {SCHEMA: _version_1}
