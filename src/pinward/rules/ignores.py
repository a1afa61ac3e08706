"""Is an ignore comment still of use? Rules about `pinward: ignore[...]` comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date

from pinward.core.findings import Finding, mark
from pinward.core.ignores import Ignore, Parted
from pinward.rules.base import Rule

UNUSED = Rule("unused-ignore", "warning", "An ignore comment keeps nothing quiet")
EXPIRED = Rule("expired-ignore", "warning", "The day of an ignore comment has passed")


def check(ignores: Iterable[Ignore], parted: Parted, known: Collection[str], today: date) -> tuple[Finding, ...]:
    """Return what the two rules say of comments. `parted` must stem from all findings, the auditor's among them;
    `known` are the ids of all rules."""
    seen: Counter[tuple[str, ...]] = Counter()
    found: list[Finding] = []
    for ignore in ignores:
        for rule, message, help_ in _statements(ignore, parted, known, today):
            key = (ignore.location.path, rule.id, ",".join(sorted(ignore.rules)))
            fingerprint = mark(*key, str(seen[key]))
            seen[key] += 1
            place = ignore.location
            found.append(
                Finding(rule.id, rule.severity, "high", message, help_, rule.doc_url, fingerprint, location=place)
            )
    return tuple(found)


def _statements(ignore: Ignore, parted: Parted, known: Collection[str], today: date) -> Iterator[tuple[Rule, str, str]]:
    if ignore.problem:
        yield UNUSED, f"this comment keeps nothing quiet: {ignore.problem}", "Write `pinward: ignore[rule] reason`."
        return
    strange = sorted(ignore.rules - set(known))
    if strange:
        yield UNUSED, f"there is no rule {_names(strange)}", "`pinward explain RULE` prints the page of a rule."
    idle = sorted(ignore.rules - parted.used.get(ignore, frozenset()) - set(strange))
    if idle:
        yield UNUSED, f"nothing here is found by {_names(idle)}", "Remove the comment, or the rule from it."
    elif ignore.expired(today):
        message = f"this comment kept {_names(sorted(ignore.rules))} quiet until {ignore.until}, which has passed"
        yield EXPIRED, message, "Repair what it hid, or give it another day and say why."


def _names(rules: Iterable[str]) -> str:
    return ", ".join(f"`{rule}`" for rule in rules)
