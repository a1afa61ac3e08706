"""Reads `pinward: ignore[rule] until=2027-01-01 reason` behind the comment mark of any language.

A comment behind code speaks for its line; one alone on its line speaks for the next line that is none of its kind;
`ignore-file[rule]` speaks for the whole file. Rules are always named: a comment that means everything would hide what
nobody has seen.
"""

from __future__ import annotations

import re
from datetime import date

from pinward.core.findings import Location
from pinward.core.ignores import Ignore

# What every comment holds, for a search of bytes.
NEEDLE = "pinward:"
_COMMENT = re.compile(
    r"(?:<?\#+|//+-?|\{?/\*+|--+(?:\[=*\[)?|<!--|;+|%+|\(\*+|\{[-#]|\{\{(?:/\*|!(?:--)?)|<%(?:\#|--)|@?\*|^\s*!|::"
    r"|\b(?:rem|REM|dnl)\b)[ \t]*"
    r"(?P<comment>pinward:[ \t]*ignore(?P<file>-file)?(?:\[(?P<rules>[^\]\n]*)\]|\b)(?P<rest>[^\n]*))"
)
_UNTIL = re.compile(r"(?:^|\s)until=(\S*)")
# What may stand before a comment that is alone on its line; the quotes are those of a notebook's JSON.
_MARGIN = ' \t\ufeff"*'
# What may stand behind the reason: the end of the comment, and of a notebook's line.
_ENDS = re.compile(r"(?:\\n)?\"?,?$")
_CLOSER = re.compile(r"\s*(?:\*/\}*|--+>|(?:--)?\}\}|\*\)|[#-]\}|\#>|\*@|%>|\]=*\])\s*")
_LAST_CLOSER = re.compile(_CLOSER.pattern + "$")
MAX_REST = 1000


def ignores_in(path: str, text: str) -> tuple[Ignore, ...]:
    """Return the comments of one file, in order."""
    if NEEDLE not in text:
        return ()
    lines = text.split("\n")
    found = [(number, match) for number, line in enumerate(lines, 1) if (match := _comment(line))]
    alone = {number for number, match in found if not match.string[: match.start()].strip(_MARGIN)}
    next_code = _Next(lines, alone)
    return tuple(_ignore(path, number, match, next_code) for number, match in found)


def _comment(line: str) -> re.Match[str] | None:
    return _COMMENT.search(line) if NEEDLE in line else None


class _Next:
    """The line that comments alone on theirs speak for: the first that is none of them, and does not only end one."""

    def __init__(self, lines: list[str], alone: set[int]) -> None:
        self.lines = lines
        self.alone = alone
        self.known: dict[int, int] = {}

    def after(self, number: int) -> int:
        """Return the line behind a run of comments. All lines of the run are told at once, however long it is."""
        last = number
        while last not in self.known and (last in self.alone or self._closes(last)):
            last += 1
        target = self.known.get(last, last)
        self.known |= dict.fromkeys(range(number, last), target)
        return target

    def _closes(self, number: int) -> bool:
        return number <= len(self.lines) and _CLOSER.fullmatch(self.lines[number - 1]) is not None


def _ignore(path: str, number: int, match: re.Match[str], following: _Next) -> Ignore:
    place = Location(path, number, match.start("comment") + 1, match.end("comment") + 1)
    covered = (number, following.after(number)) if number in following.alone else (number,)
    lines = None if match["file"] else covered
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


def _tail(text: str) -> str:
    rest = _ENDS.sub("", text[:MAX_REST].rstrip()).rstrip()
    return _LAST_CLOSER.sub("", rest).strip()
