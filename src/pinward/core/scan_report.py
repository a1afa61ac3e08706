"""What one scan found: every face (console, JSON, SARIF, annotations) is a function of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinward.core.facts import RepositoryFacts
from pinward.core.findings import Finding


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be read as it should, so that nothing is passed over in silence. `blind`: nothing was read."""

    path: str
    message: str
    blind: bool = True


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a face shows of a rule beside its findings. `page` is its documentation, where it was asked for."""

    id: str
    severity: str
    summary: str
    doc_url: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The findings of one scan with what they were drawn from.

    `facts.uses` are all model uses. `lines` holds the source lines of findings, by (path, line). `suppressed` counts
    findings that comments or a baseline keep quiet.
    """

    findings: tuple[Finding, ...]
    facts: RepositoryFacts
    notes: tuple[Note, ...]
    files_scanned: int
    rules: tuple[RuleText, ...] = ()
    lines: Mapping[tuple[str, int], str] = field(default_factory=dict)
    suppressed: int = 0
