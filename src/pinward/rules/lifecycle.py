"""Will the name go on being answered? Rules about shutdown dates and silent reroutes.

A date that a provider calls "not before" never becomes a finding; one that only a third party gives warns and never
fails a build.
"""

from __future__ import annotations

from collections.abc import Iterator

from pinward.core.facts import Lifetime, RepositoryFacts
from pinward.rules.base import Remark, Statement, Subject, confidence_of, edit, severity_of

# Providers announce the end of a generally available model at least this many days ahead (docs/rules/stale-catalog.md):
# an older catalog may have missed a whole shutdown.
CATALOG_DAYS = 45


def retired_model(subject: Subject) -> Statement | None:
    """The provider no longer answers."""
    life = subject.lifetime
    if life is None or not subject.is_retired or life.rerouted_to:
        return None
    when = f" since {life.shutdown_on}" if life.shutdown_on else ""
    through = f" (an alias of `{life.inherited_from}`)" if life.inherited_from else ""
    message = f"`{subject.name}`{through} is retired{when}: calls to it fail"
    return _statement(subject, life, message, "error")


def silent_reroute(subject: Subject) -> Statement | None:
    """The provider answers, or soon will, with another model under the old name."""
    life = subject.lifetime
    if life is None or not subject.is_rerouted:
        return None
    if life.rerouted_to:
        since = f" since {life.fact.routes_on}" if life.fact.routes_on else ""
        message = f"`{subject.name}` is answered by `{life.rerouted_to}`{since}: another model at another price"
    else:
        message = (
            f"`{subject.name}` will be answered by `{life.fact.routes_to}` from {life.reroutes_on}, without an error"
        )
    return _statement(subject, life, message, "error")


def retiring_urgent(subject: Subject) -> Statement | None:
    """The shutdown is closer than `policy.lifecycle.urgent_days`."""
    left = subject.days_left
    if left is None or not 0 < left < subject.policy.urgent_days or _told_elsewhere(subject):
        return None
    assert subject.lifetime is not None  # noqa: S101 - it has a date
    return _statement(subject, subject.lifetime, _ends(subject, subject.lifetime), "error")


def retiring_soon(subject: Subject) -> Statement | None:
    """The shutdown is closer than `policy.lifecycle.warn_days`."""
    left = subject.days_left
    if left is None or not subject.policy.urgent_days <= left < subject.policy.warn_days or _told_elsewhere(subject):
        return None
    assert subject.lifetime is not None  # noqa: S101 - it has a date
    return _statement(subject, subject.lifetime, _ends(subject, subject.lifetime), "warning")


def alias_of_retiring(subject: Subject) -> Statement | None:
    """The alias lives, but the snapshot behind it is being shut down."""
    life, left = subject.lifetime, subject.days_left
    if life is None or left is None or not 0 < left < subject.policy.warn_days or not _is_alias(subject):
        return None
    if subject.is_rerouted:  # what answers in its place lives on: that is `silent-reroute`
        return None
    target = life.inherited_from or subject.use.model.resolves_to
    behind = f"`{target}`, which is shut down on {life.shutdown_on} ({_days(left)})"
    message = f"`{subject.name}` is an alias of {behind}"
    return _statement(subject, life, message, "error" if left < subject.policy.urgent_days else "warning")


def stale_catalog(facts: RepositoryFacts) -> Iterator[Remark]:
    """The data is too old to know every shutdown."""
    age = (facts.today - facts.catalog_date).days
    if age > CATALOG_DAYS:
        message = f"the catalog is {age} days old ({facts.catalog_date}): shutdowns announced since are not in it"
        yield Remark(message, "Update Pinward; its releases carry the catalog.")


def _told_elsewhere(subject: Subject) -> bool:
    return subject.is_retired or subject.is_rerouted or _is_alias(subject)


def _is_alias(subject: Subject) -> bool:
    life, model = subject.lifetime, subject.use.model
    if life is None or subject.name.startswith("ft:"):
        return False
    return life.inherited_from is not None or (model.pin == "floating" and model.resolves_to is not None)


def _ends(subject: Subject, life: Lifetime) -> str:
    about = "at the earliest on" if life.shutdown_kind == "earliest" else "on"
    return f"`{subject.name}` is shut down {about} {life.shutdown_on} ({_days(subject.days_left or 0)})"


def _days(count: int) -> str:
    return "tomorrow" if count == 1 else f"in {count} days"


def _statement(subject: Subject, life: Lifetime, message: str, severity: str) -> Statement:
    wanted = severity_of(life, "error" if severity == "error" else "warning")
    confidence = confidence_of(life)
    note = "" if confidence != "low" else " The date is a third party's; check the provider's page."
    fix = edit(subject.use, life.replacement, safe=False) if life.replacement else None
    return Statement(message, _move(life) + note, wanted, confidence, fix)


def _move(life: Lifetime) -> str:
    if life.replacement is None:
        return "The provider names no living replacement: choose one, and gate the change."
    return f"Move to `{life.replacement}`, and gate the change."
