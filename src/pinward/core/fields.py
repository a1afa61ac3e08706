"""Reads typed values out of a document, or says file, line, key and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from pinward.core.documents import Document, KeyPath
from pinward.core.policy import Json
from pinward.core.visible import brief, quoted
from pinward.errors import ConfigError

T = TypeVar("T")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*$")


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the closest known word, and all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    start = f"Did you mean `{close[0]}`? " if close else ""
    return f"{start}Known: {', '.join(names)}." if names else f"{start}None are allowed here."


def kind(value: Json) -> str:
    """Name the kind of a value as a user would."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "a mapping"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a document and the key path at which it stands."""

    document: Document
    path: KeyPath
    value: Json

    @classmethod
    def root(cls, document: Document) -> Field:
        """Return the whole document as a field."""
        return cls(document, (), document.value)

    @property
    def where(self) -> str:
        """Return `file:line`."""
        return self.document.where(self.path)

    @property
    def key(self) -> str:
        """Return the key path in words: `cases[3].checks`."""
        parts = [
            f"[{p}]" if isinstance(p, int) else f".{p}" if _PLAIN.match(p) else f"[{quoted(p, 40)}]" for p in self.path
        ]
        return "".join(parts).lstrip(".")

    def error(self, message: str, hint: str) -> ConfigError:
        """Return an error that names this place."""
        key = f"`{self.key}`: " if self.path else ""
        return ConfigError(f"{self.where}: {key}{message}", hint)

    def expected(self, what: str, example: str) -> ConfigError:
        """Return the error for a value of the wrong kind."""
        found = f"{kind(self.value)} ({brief(str(self.value), 40)})" if self.value is not None else "nothing"
        return self.error(f"must be {what}, found {found}", f"Write for example `{example}`.")

    def child(self, key: str | int, value: Json) -> Field:
        """Return the field of one key or index."""
        return Field(self.document, (*self.path, key), value)

    def mapping(self, example: str = "key: value") -> dict[str, Field]:
        """Return the fields of a mapping with any keys."""
        if not isinstance(self.value, dict):
            raise self.expected("a mapping", example)
        return {key: self.child(key, value) for key, value in self.value.items()}

    def keys(self, known: Iterable[str], example: str = "key: value") -> dict[str, Field]:
        """Return the fields of a mapping whose keys are all known; keys without a value are left out."""
        fields = self.mapping(example)
        names = frozenset(known)
        for key, field in fields.items():
            if key not in names:
                raise field.error("unknown key", suggestion(key, names))
        return {key: field for key, field in fields.items() if field.value is not None}

    def items(self, example: str = "[first, second]") -> list[Field]:
        """Return the fields of a list."""
        if not isinstance(self.value, list):
            raise self.expected("a list", example)
        return [self.child(index, value) for index, value in enumerate(self.value)]

    def text(self, example: str = "some text") -> str:
        """Return text that is not blank."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.expected("text", example)
        return self.value

    def texts(self, example: str = "[first, second]") -> tuple[str, ...]:
        """Return a list of texts; a single text counts as a list of one."""
        if isinstance(self.value, str):
            return (self.text(),)
        return tuple(item.text() for item in self.items(example))

    def whole(self, low: int, high: int) -> int:
        """Return a whole number in a range, both ends included."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or not low <= self.value <= high:
            raise self.expected(f"a whole number from {low} to {high}", str(low))
        return self.value

    def number(self, low: float, high: float) -> float:
        """Return a number in a range, both ends included."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool) or not low <= self.value <= high:
            raise self.expected(f"a number from {low:g} to {high:g}", f"{low:g}")
        return float(self.value)


def located(field: Field, read: Callable[[], T]) -> T:
    """Run `read` and put this field's place before the message of a `ConfigError` that it raises."""
    try:
        return read()
    except ConfigError as error:
        raise field.error(error.message, error.hint) from None
