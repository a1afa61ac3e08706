"""Who owns a file, by CODEOWNERS (docs.github.com, "About code owners"): the last pattern that matches wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

# Where GitHub looks, in its order; the first file that exists is the only one.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
MAX_LENGTH = 3_000_000  # GitHub loads no larger one: 3 MB
MAX_PATTERN = 500
_OWNER = re.compile(r"@[\w-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Owners:
    """Patterns, cut at their slashes, with their owners, in the order of the file."""

    rules: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of one path; none where no pattern fits, or the last that fits names nobody."""
        parts = path.split("/")
        near = ((pattern, owners) for pattern, owners in reversed(self.rules) if _may_fit(pattern, parts))
        return next((owners for pattern, owners in near if _fits(pattern, parts, "**", _glob)), ())


def read(text: str) -> Owners:
    """Read a CODEOWNERS file. What GitHub skips is skipped: negations, ranges, what is no user, team or address."""
    if len(text) >= MAX_LENGTH:
        return Owners()
    rules: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for line in text.removeprefix("\ufeff").splitlines():
        pattern, *owners = re.split(r"(?<!\\)\s+", line.partition(" #")[0].strip())
        valid = pattern and pattern[0] not in "#!" and "[" not in pattern and len(pattern) <= MAX_PATTERN
        if valid and all(_OWNER.fullmatch(owner) for owner in owners):
            rules += [(way, tuple(owners)) for way in _ways(pattern.replace("\\ ", " "))]
    return Owners(tuple(rules))


def _ways(pattern: str) -> list[tuple[str, ...]]:
    """Return the whole paths that a pattern of gitignore's kind stands for; a folder owns what is below it."""
    parts = tuple(part for part in pattern.split("/") if part)
    start = () if "/" in pattern.rstrip("/") else ("**",)
    inside = (*start, *parts, "**", "*")
    if pattern.endswith("/"):
        return [inside]
    # `docs/*` owns files of that folder alone; any other pattern owns what lies below what it names, too.
    return [(*start, *parts)] if pattern.endswith("/*") else [inside, (*start, *parts)]


def _may_fit(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Tell cheaply of most rules of a large file that they do not fit: up to a wildcard, a name is that name."""
    for wanted, part in zip(pattern, parts, strict=False):
        if "*" in wanted or "?" in wanted:
            return True
        if wanted != part:
            return False
    return True


def _glob(pattern: str, text: str) -> bool:
    return _fits(pattern, text, "*", lambda mark, character: mark in ("?", character))


def _fits(pattern: Sequence[T], text: Sequence[T], star: T, equal: Callable[[T, T], bool]) -> bool:
    """Match with one wildcard that stands for any run; goes back to the last one alone, so that no pattern explodes."""
    at, last, kept = 0, -1, 0
    place = 0
    while place < len(text):
        if at < len(pattern) and pattern[at] == star:
            last, kept, at = at, place, at + 1
        elif at < len(pattern) and equal(pattern[at], text[place]):
            at, place = at + 1, place + 1
        elif last >= 0:
            kept += 1
            at, place = last + 1, kept
        else:
            return False
    return all(part == star for part in pattern[at:])
