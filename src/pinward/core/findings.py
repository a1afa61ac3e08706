"""What the scanner sees: model uses, and findings about them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from pinward.core.model_id import ModelId

Role = Literal["selection", "catalog", "compare", "test", "prose", "data"]
Severity = Literal["error", "warning", "note"]
FindingConfidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span in one file. `path` is relative to the scanned root with `/`; `line` and `column` count from 1,
    in characters; `end` is the column behind the last character on that line."""

    path: str
    line: int
    column: int
    end: int


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One model name at one place, and what it is used for.

    `slot` names the place by file and key path or qualified name, so that it survives line moves.
    `role_why` says in a few words what the role was decided from.
    """

    model: ModelId
    location: Location
    role: Role
    slot: str
    role_why: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A pure text edit on one line: replace [column, end) of `line` by `text`. `safe` keeps today's behaviour."""

    path: str
    line: int
    column: int
    end: int
    text: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """One edited place: from which name to which, and what the new model asks of its callers."""

    path: str
    line: int
    before: str
    after: str
    demands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of one rule about one model use (or about the repository, where `use` is None).

    `about` is then the key in the configuration that it speaks of (`tasks/extract/fallbacks`).
    """

    rule: str
    severity: Severity
    confidence: FindingConfidence
    message: str
    help: str
    doc_url: str
    fingerprint: str
    use: ModelUse | None = None
    fix: Fix | None = None
    location: Location | None = None
    about: str = ""

    @property
    def place(self) -> Location | None:
        """Where the finding stands: at its use, else at a place of its own; None where it is about the repository."""
        return self.use.location if self.use else self.location

    @property
    def slot(self) -> str:
        """What it stands at, whatever the line: the slot of its use, else the key that it is about."""
        return self.use.slot if self.use else self.about


def fingerprint(rule: str, use: ModelUse, ordinal: int) -> str:
    """Identify a finding without its line: path, slot, ordinal within the slot, rule and id (16 hex digits)."""
    return mark(use.location.path, use.slot, str(ordinal), rule, use.model.id)


def mark(*parts: str) -> str:
    """Return 16 hex digits that stand for these parts."""
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
