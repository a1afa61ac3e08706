"""Comments that keep a finding quiet: `pinward: ignore[rule] until=2027-01-01 reason`, on its line or the line above.

They work in every comment syntax, because the words alone are looked for. Without a rule in brackets every rule is
meant. A comment that keeps nothing quiet, or whose day has passed, is itself told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from pinward.core.findings import Finding, Ignore

_COMMENT = re.compile(
    r"(?:#|//|--|;|%|\*|<!--)\s*pinward:\s*ignore(?:\[(?P<rules>[\w\s,-]*)\])?(?:\s+until=(?P<until>\d{4}-\d{2}-\d{2}))?(?P<reason>[^\n]*)"
)
_CODE_BEFORE = re.compile(r"^[\s#/;%*<!'\"-]*$")


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Findings that stay, findings that comments keep quiet, and comments that do nothing or no longer do."""

    kept: tuple[Finding, ...]
    quiet: tuple[Finding, ...]
    unused: tuple[Ignore, ...]
    expired: tuple[Ignore, ...]


def ignores_in(path: str, text: str) -> Iterator[Ignore]:
    """Yield the comments of one file. A date that is none is read as passed: a typing error must not hide findings."""
    for number, line in enumerate(text.split("\n"), 1) if "pinward:" in text else ():
        match = _COMMENT.search(line)
        if match is None:
            continue
        rules = frozenset(r.strip() for r in (match["rules"] or "").split(",") if r.strip())
        lines = (number, number + 1) if _CODE_BEFORE.match(line[: match.start()]) else (number,)
        yield Ignore(path, number, lines, rules, _day(match["until"]), match["reason"].strip(" */->#'\""))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def apply(findings: Iterable[Finding], ignores: Iterable[Ignore], today: date) -> Suppressed:
    """Part findings by the comments that speak of them."""
    ignores = tuple(ignores)
    kept: list[Finding] = []
    quiet: list[Finding] = []
    used: set[Ignore] = set()
    for finding in findings:
        covering = [ignore for ignore in ignores if ignore.covers(finding)]
        used.update(covering)
        live = any(not ignore.expired(today) for ignore in covering)
        (quiet if live else kept).append(finding)
    expired = tuple(ignore for ignore in ignores if ignore in used and ignore.expired(today))
    return Suppressed(tuple(kept), tuple(quiet), tuple(i for i in ignores if i not in used), expired)
