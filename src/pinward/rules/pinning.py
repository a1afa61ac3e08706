"""Can the name change under its caller? Rules about pins."""

from __future__ import annotations

import re

from pinward.rules.base import Statement, Subject, edit

_ENVIRONMENT = re.compile(r"env", re.IGNORECASE)


def unpinned_alias(subject: Subject) -> Statement | None:
    """A floating name that the provider still answers with the model of that name."""
    model = subject.use.model
    if model.pin != "floating" or subject.is_retired or subject.is_rerouted:
        return None
    target = model.resolves_to
    if target is None or target.endswith("latest"):
        return Statement(
            f"`{subject.name}` is a moving name: {model.why}",
            "Choose a dated or numbered snapshot, or accept it with an ignore comment that says why.",
        )
    message = f"`{subject.name}` is an alias: it answers as `{target}` today and can change without a commit"
    if subject.days_left is not None and subject.days_left < subject.policy.warn_days:
        return Statement(message, _successor(subject))
    return Statement(message, f"Pin `{target}`.", fix=edit(subject.use, target, safe=True))


def _successor(subject: Subject) -> str:
    life = subject.lifetime
    if life is None or life.replacement is None:
        return "Its snapshot is being retired too: choose a living one."
    return f"Its snapshot is being retired too: move to `{life.replacement}`, and gate the change."


def undated_model(subject: Subject) -> Statement | None:
    """The provider publishes nothing to pin to."""
    model = subject.use.model
    if model.pin != "undated" or model.preview or subject.is_retired:
        return None
    return Statement(
        f"`{subject.name}` has no dated snapshot: {model.why}",
        "Nothing better exists to pin to. Keep an evaluation suite and watch the dates.",
    )


def preview_model(subject: Subject) -> Statement | None:
    """A preview or experimental build, pinned or not."""
    if not subject.use.model.preview or subject.is_retired:
        return None
    return Statement(
        f"`{subject.name}` is a preview build, which can vanish at about two weeks' notice",
        "Move to a generally available model before relying on it.",
    )


def hardcoded_model(subject: Subject) -> Statement | None:
    """A name that only a change of the code can change; the fallback of an environment variable is no such."""
    if not subject.in_program or subject.use.role != "selection" or _ENVIRONMENT.search(subject.use.slot):
        return None
    return Statement(
        f"`{subject.name}` is written into the code",
        "Keep it in a configuration that the code reads, so that going back to the old model is one line.",
        confidence="medium",
    )


def unknown_model(subject: Subject) -> Statement | None:
    """A name in a model's place that nothing is known of."""
    model = subject.use.model
    if model.pin != "unknown":
        return None
    return Statement(
        f"nothing is known of `{subject.name}`: {model.why}",
        "If it is a deployment or a proxy's alias, its pin stands elsewhere: scan that configuration too.",
        confidence="low",
    )
