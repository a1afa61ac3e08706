"""Ignore comments on a pull request: those of the base keep findings quiet, those that the head adds do not yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from pinward.core.findings import Finding
from pinward.core.ignores import Ignore, part

MAX_LISTED = 10
_Identity = tuple[str, bool, frozenset[str], date | None]


def introduced(
    before: Iterable[Finding], after: Iterable[Finding], old: Iterable[Ignore], new: Iterable[Ignore], today: date
) -> list[Finding]:
    """Return the findings that the head introduces and that no comment of the base keeps quiet.

    A comment of the base speaks for the place that it spoke for there (file, slot, rule): moved to another place it is
    a new one. `before` and `after` are all findings of both sides, `old` and `new` their comments.
    """
    before, old = tuple(before), tuple(old)
    known = {finding.fingerprint for finding in before}
    quiet = {_slot(finding) for finding in part(before, old, today).quiet}
    whole = {(i.location.path, rule) for i in old if i.lines is None and not i.expired(today) for rule in i.rules}
    fresh = [finding for finding in after if finding.fingerprint not in known]
    hidden = {
        finding.fingerprint
        for finding in part(fresh, new, today).quiet
        if _slot(finding) in quiet or (_slot(finding)[0], finding.rule) in whole
    }
    return [finding for finding in fresh if finding.fingerprint not in hidden]


def _slot(finding: Finding) -> tuple[str, str, str]:
    return (finding.place.path if finding.place else "", finding.slot, finding.rule)


def added(old: Iterable[Ignore], new: Iterable[Ignore]) -> list[str]:
    """Say in words which comments the head adds or changes; at most `MAX_LISTED`, the rest counted."""
    left = Counter(_identity(ignore) for ignore in old)
    fresh: list[Ignore] = []
    for ignore in new:
        if left[_identity(ignore)] > 0:
            left[_identity(ignore)] -= 1
        else:
            fresh.append(ignore)
    said = [_said(ignore) for ignore in fresh[:MAX_LISTED]]
    rest = len(fresh) - len(said)
    return [*said, f"{rest} more ignore comments are added; they take effect after the merge."] if rest else said


def _identity(ignore: Ignore) -> _Identity:
    return ignore.location.path, ignore.lines is None, ignore.rules, ignore.until


def _said(ignore: Ignore) -> str:
    rules = ", ".join(sorted(ignore.rules)) or "no rule"
    place = f"{ignore.location.path}:{ignore.location.line}"
    return f"{place} adds an ignore comment ({rules}); it takes effect after the merge."
