"""Is an ignore comment still doing its work? Rules about the comments themselves."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from pinward.core.findings import Finding, Ignore, Location
from pinward.version import HOMEPAGE

UNUSED = "unused-ignore"
EXPIRED = "expired-ignore"
SUMMARIES = {UNUSED: "The ignore comment keeps nothing quiet", EXPIRED: "The day of the ignore comment has passed"}


def doc_url(rule: str) -> str:
    """Return the rule's page."""
    return f"{HOMEPAGE}/blob/main/docs/rules/{rule}.md"


def check(unused: Iterable[Ignore], expired: Iterable[Ignore]) -> tuple[Finding, ...]:
    """Return a finding for each comment that does nothing, or no longer does."""
    dead = [_finding(UNUSED, i, "this ignore comment keeps no finding quiet", "Remove it.") for i in unused]
    past = [
        _finding(EXPIRED, i, f"this ignore comment held until {i.until}", "Mend the finding, or decide on a new day.")
        for i in expired
    ]
    return (*dead, *past)


def _finding(rule: str, ignore: Ignore, message: str, help_: str) -> Finding:
    place = Location(ignore.path, ignore.line, 1, 1)
    words = "\0".join((ignore.path, rule, ",".join(sorted(ignore.rules)), ignore.reason))
    mark = sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Finding(rule, "warning", "high", message, help_, doc_url(rule), mark, location=place)
