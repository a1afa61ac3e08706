"""Strict YAML and JSON with positions: what users write, read without surprises.

Refused: aliases and anchors, duplicate keys, tags, non-finite numbers, documents that are too deep or too large
(docs/threats.md T16, T17). Dates stay text, and `yes`, `no`, `on`, `off` stay text: a document means what JSON would
mean.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pinward.core.policy import Json
from pinward.errors import ConfigError

if TYPE_CHECKING:
    from yaml import Event, ScalarEvent

MAX_BYTES = 10_000_000
MAX_DEPTH = 64
MAX_NODES = 1_000_000

KeyPath = tuple[str | int, ...]

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its value, and the line on which each key or item stands."""

    path: str
    value: Json
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line(self, key: KeyPath) -> int:
        """Return the line of a key path, or of its nearest parent that has one."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)

    def where(self, key: KeyPath = ()) -> str:
        """Return `file:line` of a key path."""
        return f"{self.path}:{self.line(key)}"


def decode(data: bytes, path: str, max_bytes: int = MAX_BYTES) -> str:
    """Decode a file that a user wrote: UTF-8, with or without a byte order mark.

    Raises `ConfigError` for a file that is too large, binary or in another encoding.
    """
    try:
        return _checked(data, path, max_bytes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path}:{line}: is not UTF-8 (byte 0x{data[error.start]:02x})", "Save it as UTF-8."
        ) from None


def _checked(data: bytes, path: str, max_bytes: int) -> bytes:
    if len(data) > max_bytes:
        raise ConfigError(f"{path}: {len(data):,} bytes; at most {max_bytes:,} are read", "Split the file.")
    if b"\0" in data:
        raise ConfigError(f"{path}: is a binary file", "Point to a text file in UTF-8.")
    return data


def decoded_lines(data: bytes, path: str, max_bytes: int, newline: str = "\n") -> Iterator[str]:
    """Yield the lines of a file as `decode` reads it, without its whole text. `newline` is `open`'s."""
    try:
        yield from io.TextIOWrapper(io.BytesIO(_checked(data, path, max_bytes)), encoding="utf-8-sig", newline=newline)
    except UnicodeDecodeError:
        decode(data, path, max_bytes)  # says on which line
        raise


def load_yaml(text: str, path: str, max_values: int = MAX_NODES) -> Document:
    """Parse one YAML document of at most `max_values` values.

    Raises `ConfigError` with `file:line` for whatever is not plain data.
    """
    import yaml

    builder = _Builder(path, max_values)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else path
        raise ConfigError(f"{where}: not valid YAML: {error.problem or error.context}", "Mend the YAML.") from None
    except yaml.YAMLError as error:
        reason = getattr(error, "reason", "a character is not allowed")
        raise ConfigError(f"{path}: not valid YAML: {reason}", "Mend the YAML.") from None
    return Document(path, builder.root, builder.lines)


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(text: str, plain: bool) -> Json:
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text) and len(text) < 300:
        return int(text)
    if _FLOAT.match(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


class _Builder:
    """Builds a value from parser events, so that limits hold before anything large exists."""

    def __init__(self, path: str, max_values: int) -> None:
        self.path = path
        self.max_values = max_values
        self.root: Json = None
        self.lines: dict[KeyPath, int] = {}
        self.stack: list[tuple[dict[str, Json] | list[Json], KeyPath]] = []
        self.key: str | None = None
        self.nodes = 0
        self.documents = 0

    def fail(self, event: Event, message: str, hint: str) -> ConfigError:
        return ConfigError(f"{self.path}:{_line(event)}: {message}", hint)

    def take(self, event: Event) -> None:
        import yaml

        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self.fail(event, "anchors and aliases are not allowed", "Write the value out.")
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self.fail(event, "a second document begins here", "Keep one document in the file.")
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar_event(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._check_tag(event, event.tag)
            container: dict[str, Json] | list[Json] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.stack.append((container, self._add(event, container)))
            if len(self.stack) > MAX_DEPTH:
                raise self.fail(event, f"nested deeper than {MAX_DEPTH} levels", "Flatten the structure.")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()

    def _check_tag(self, event: Event, tag: str | None) -> None:
        if tag not in (None, "!"):
            raise self.fail(event, "tags such as !!python or !include are not allowed", "Write plain data.")

    def _scalar_event(self, event: ScalarEvent) -> None:
        self._check_tag(event, event.tag)
        if self.stack and isinstance(self.stack[-1][0], dict) and self.key is None:
            self._take_key(event)
            return
        self._add(event, _scalar(event.value, plain=not event.style and event.implicit[0]))

    def _take_key(self, event: ScalarEvent) -> None:
        container, path = self.stack[-1]
        if event.value in container:
            first = self.lines.get((*path, event.value), 1)
            raise self.fail(event, f"the key `{event.value}` stands twice (first on line {first})", "Keep one of them.")
        self.key = event.value
        self.lines[(*path, event.value)] = _line(event)

    def _add(self, event: Event, value: Json) -> KeyPath:
        self.nodes += 1
        if self.nodes > self.max_values:
            raise self.fail(event, f"more than {self.max_values:,} values", "Split the file.")
        if not self.stack:
            self.root = value
            self.lines[()] = _line(event)
            return ()
        container, parent = self.stack[-1]
        if isinstance(container, list):
            container.append(value)
            path: KeyPath = (*parent, len(container) - 1)
            self.lines[path] = _line(event)
            return path
        if self.key is None:
            raise self.fail(event, "a key must be text", "Write the key as a plain word.")
        container[self.key] = value
        path = (*parent, self.key)
        self.key = None
        return path
