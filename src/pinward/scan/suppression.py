"""Reads `pinward: ignore[rule] until=2027-01-01 reason` behind the comment mark of any language.

A comment behind code speaks for its line; one alone on its line speaks for the next line that is none of its kind;
`ignore-file[rule]` speaks for the whole file. Rules are always named: a comment that means everything would hide what
nobody has seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from pinward.core.findings import Location
from pinward.core.ignores import Ignore

# What every comment holds, for a search of bytes.
NEEDLE = "pinward:"
_COMMENT = re.compile(
    r"(?:\#|//|/\*+|--|<!--|;|%|\(\*|\{[-#/]|\{\{/\*|\*|\b(?:rem|REM|dnl)\b)"
    r"[ \t]*(?P<comment>pinward:[ \t]*ignore(?P<file>-file)?(?:\[(?P<rules>[^\]\n]*)\]|\b)(?P<rest>[^\n]*))"
)
_UNTIL = re.compile(r"(?:^|\s)until=(\S*)")
# What may stand before a comment that is alone on its line; the quotes are those of a notebook's JSON.
_MARGIN = ' \t\ufeff"*'
# What may stand behind the reason: the end of the comment, and of a notebook's line.
_ENDS = re.compile(r"(?:\\n)?\"?,?$")
_CLOSERS = (" */", "*/", "*/}", "-->", "*)", "#}", "-}", "*/}}", "}}")
MAX_REST = 1000


def ignores_in(path: str, text: str) -> tuple[Ignore, ...]:
    """Return the comments of one file, in order."""
    if NEEDLE not in text:
        return ()
    lines = text.split("\n")
    found = [(number, match) for number, line in enumerate(lines, 1) if (match := _comment(line))]
    alone = {number for number, match in found if not match.string[: match.start()].strip(_MARGIN)}
    return tuple(_ignore(path, number, match, alone) for number, match in found)


def _comment(line: str) -> re.Match[str] | None:
    return _COMMENT.search(line) if NEEDLE in line else None


def _ignore(path: str, number: int, match: re.Match[str], alone: set[int]) -> Ignore:
    place = Location(path, number, match.start("comment") + 1, match.end("comment") + 1)
    lines = None if match["file"] else tuple(_covered(number, alone))
    rules = frozenset(name.strip() for name in (match["rules"] or "").split(",") if name.strip())
    rest = _tail(match["rest"])
    until = _UNTIL.search(rest)
    reason = _UNTIL.sub("", rest).strip()
    if not rules:
        return Ignore(place, lines, rules, None, reason, "it names no rule in brackets")
    try:
        day = date.fromisoformat(until[1]) if until else None
    except ValueError:
        return Ignore(place, lines, rules, None, reason, "its `until=` is no date (YYYY-MM-DD)")
    return Ignore(place, lines, rules, day, reason)


def _covered(number: int, alone: set[int]) -> Iterator[int]:
    yield number
    if number in alone:
        while number in alone:
            number += 1
        yield number


def _tail(text: str) -> str:
    rest = _ENDS.sub("", text[:MAX_REST].rstrip()).rstrip()
    for closer in _CLOSERS:
        rest = rest.removesuffix(closer)
    return rest.strip()
