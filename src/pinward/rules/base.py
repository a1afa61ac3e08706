"""What a rule is: an id, a severity, a summary, and a check of one model use against the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pinward.core.facts import Lifetime, RepositoryFacts
from pinward.core.findings import FindingConfidence, Fix, ModelUse, Severity
from pinward.core.policy import LifecyclePolicy
from pinward.version import doc

Persona = Literal["user", "auditor"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One use with all that a rule may look at. `lifetime` is None where the catalog has no row;
    `in_program`: the name stands in code, and not in a configuration."""

    use: ModelUse
    lifetime: Lifetime | None
    today: date
    policy: LifecyclePolicy
    in_program: bool = False

    @property
    def name(self) -> str:
        """The name as it was written."""
        return self.use.model.written

    @property
    def days_left(self) -> int | None:
        """Days until a shutdown that a provider announced; None without one. A promise "not before" is none."""
        life = self.lifetime
        if life is None or life.shutdown_on is None or life.shutdown_kind == "not-before":
            return None
        return (life.shutdown_on - self.today).days

    @property
    def is_retired(self) -> bool:
        """Whether the provider no longer answers the name."""
        return self.lifetime is not None and self.lifetime.status == "retired"

    @property
    def is_rerouted(self) -> bool:
        """Whether the provider answers, or will answer, with another model under this name."""
        return self.lifetime is not None and bool(self.lifetime.rerouted_to or self.lifetime.fact.routes_to)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a rule says of one use. `severity` None means the rule's own."""

    message: str
    help: str
    severity: Severity | None = None
    confidence: FindingConfidence = "high"
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule says of the repository as a whole, at the key of `pinward.yml` that it is about.

    `detail` tells several remarks of one rule on one key apart, and is part of the fingerprint.
    """

    message: str
    help: str
    key: tuple[str, ...] = ()
    detail: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `persona` says who asks for it: `auditor` rules are silent by default.

    `check` looks at one use, `survey` at everything at once; a rule has one of them, or is checked elsewhere (ignore
    comments).
    """

    id: str
    severity: Severity
    summary: str
    check: Callable[[Subject], Statement | None] | None = None
    persona: Persona = "user"
    survey: Callable[[RepositoryFacts], Iterable[Remark]] | None = None

    @property
    def doc_url(self) -> str:
        """The rule's page."""
        return doc(f"rules/{self.id}.md")


def confidence_of(life: Lifetime) -> FindingConfidence:
    """Say how far a lifetime can be trusted: a date that only a third party gives warns, and never fails a build."""
    trust: dict[str, FindingConfidence] = {"first-party": "high", "first-party-mirror": "high", "third-party": "low"}
    return trust.get(life.fact.confidence, "low")


def severity_of(life: Lifetime, wanted: Severity) -> Severity:
    """Lower an error to a warning where no provider's own word stands behind it."""
    return "warning" if wanted == "error" and confidence_of(life) == "low" else wanted


def edit(use: ModelUse, target: str, *, safe: bool) -> Fix | None:
    """Return the edit that writes `target` in place of the name, with the prefix as it was; None where the text at the
    place is not the name itself (a library's constant) or the prefix is part of the id."""
    place, written = use.location, use.model.written
    if place.end - place.column != len(written) or not written.endswith(use.model.id) or written.startswith("ft:"):
        return None
    text = written.removesuffix(use.model.id) + target
    return Fix(place.path, place.line, place.column, place.end, text, safe)
