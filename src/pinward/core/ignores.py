"""Comments that keep findings quiet, as nouns; `scan.suppression` reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pinward.core.findings import Finding, Location


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment. `lines` are those that it speaks for, None for the whole file.

    `problem` says why it can keep nothing quiet (no rule in brackets, a date that is none).
    """

    location: Location
    lines: tuple[int, ...] | None
    rules: frozenset[str]
    until: date | None = None
    reason: str = ""
    problem: str = ""

    def covers(self, finding: Finding) -> bool:
        """Tell whether the comment speaks of this finding, whatever the day."""
        place = finding.place
        if self.problem or place is None or place.path != self.location.path or finding.rule not in self.rules:
            return False
        return self.lines is None or place.line in self.lines

    def expired(self, today: date) -> bool:
        """Tell whether its day has passed; the day itself still counts."""
        return self.until is not None and today > self.until


@dataclass(frozen=True, slots=True)
class Parted:
    """Findings that stay, findings that comments keep quiet, and the rules for which each comment was of use."""

    kept: tuple[Finding, ...]
    quiet: tuple[Finding, ...]
    used: dict[Ignore, frozenset[str]]


def part(findings: Iterable[Finding], ignores: Iterable[Ignore], today: date) -> Parted:
    """Part findings by the comments that speak of them. A comment whose day has passed keeps nothing quiet."""
    by_path: dict[str, list[Ignore]] = {}
    for ignore in ignores:
        by_path.setdefault(ignore.location.path, []).append(ignore)
    kept: list[Finding] = []
    quiet: list[Finding] = []
    used: dict[Ignore, frozenset[str]] = {}
    for finding in findings:
        covering = [i for i in by_path.get(finding.place.path if finding.place else "", ()) if i.covers(finding)]
        for ignore in covering:
            used[ignore] = used.get(ignore, frozenset()) | {finding.rule}
        live = any(not ignore.expired(today) for ignore in covering)
        (quiet if live else kept).append(finding)
    return Parted(tuple(kept), tuple(quiet), used)
