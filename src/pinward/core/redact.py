"""Takes secrets out of text, in the encodings in which somebody could hand them back (docs/threats.md T14)."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "***"
# A shorter value cannot be told from ordinary text: masking every `a` would destroy the report and hide nothing.
SHORTEST = 4
SHORTEST_FRAGMENT = 8


class Redactor:
    """Replaces every occurrence of the given secrets. Values shorter than four characters are not secrets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(_pattern, longest_first))) if forms else None

    def __call__(self, text: str) -> str:
        """Return `text` with each secret replaced by `***`."""
        return self._pattern.sub(MASK, text) if self._pattern else text


def _pattern(form: str) -> str:
    """Return a pattern for one spelling; percent escapes may be written in either case."""
    return re.sub(r"%[0-9A-F]{2}", lambda hit: f"(?i:{hit[0]})", re.escape(form))


def _forms(secret: str) -> Iterator[str]:
    """Yield every spelling that is looked for: the secret and, where it has several lines, each long line."""
    lines = [line.strip() for line in secret.splitlines()]
    for value in {secret, secret.strip(), *(line for line in lines if len(line) >= SHORTEST_FRAGMENT)}:
        if len(value) >= SHORTEST:
            yield from _encodings(value)


def _encodings(value: str) -> Iterator[str]:
    yield value
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    yield from escaped
    yield from (form.replace("/", "\\/") for form in escaped)
    yield from (json.dumps(form)[1:-1] for form in escaped)
    yield html.escape(value)
    yield from (quote(value), quote(value, safe=""), quote_plus(value))
    raw = value.encode("utf-8", "surrogatepass")
    for offset in range(3):
        yield from _base64_core(raw, offset)


def _base64_core(raw: bytes, offset: int) -> Iterator[str]:
    """Yield the base64 characters that `raw` alone decides, `offset` bytes after a group of three."""
    first = (0, 2, 3)[offset]
    whole = base64.b64encode(b"\0" * offset + raw)
    last = (offset + len(raw)) * 8 // 6
    for core in (whole[first:last].decode(), whole[first:last].translate(bytes.maketrans(b"+/", b"-_")).decode()):
        if len(core) >= SHORTEST_FRAGMENT:
            yield core
