"""`pinward watch`: which of our models will be shut down, when, and what replaces them?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TextIO

from pinward.commands.scan import ScanOptions, examine
from pinward.config.project import load_project
from pinward.core.facts import Catalog
from pinward.core.findings import Finding, Location, ModelUse
from pinward.core.policy import Policy, Project
from pinward.core.tree import Tree
from pinward.errors import ExitCode
from pinward.git.history import toplevel
from pinward.git.tree import WorkTree
from pinward.render.watch import Ending, Night, to_console
from pinward.rules.table import blocks

LIFECYCLE_RULES = frozenset(
    {"retired-model", "retiring-urgent", "retiring-soon", "alias-of-retiring", "silent-reroute", "stale-catalog"}
)


def run(path: Path, catalog: Catalog, today: date, out: TextIO) -> int:
    """Print what ends; 1 where a finding's rule is in `policy.scan.fail_on`."""
    root = toplevel(path) or path
    night, code = watch(root, WorkTree(root), catalog, today)
    out.write(to_console(night) + "\n")
    return code


def watch(root: Path, tree: Tree, catalog: Catalog, today: date) -> tuple[Night, ExitCode]:
    """Look at one state of the repository as of one day."""
    policy = (load_project(tree) or Project()).policy
    report = examine(root, tree, catalog, ScanOptions(today, policy=policy.scan, lifecycle=policy.lifecycle))
    endings = _endings(report.findings, catalog, today, policy)
    names = {(u.model.provider, u.model.id): u.model for u in report.facts.uses if u.role == "selection"}
    night = Night(
        today=today,
        catalog_date=catalog.compiled_on,
        models=len(names),
        unknown=sum(report.facts.lifetime(model) is None for model in names.values()),
        files=report.files_scanned,
        endings=endings,
        notes=[f"{note.path}: {note.message}" for note in report.notes],
    )
    return night, ExitCode.BLOCKED if any(ending.blocking for ending in endings) else ExitCode.OK


def _endings(findings: Iterable[Finding], catalog: Catalog, today: date, policy: Policy) -> list[Ending]:
    by_model: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.rule in LIFECYCLE_RULES and finding.use is not None:
            by_model[finding.use.model.provider, finding.use.model.id].append(finding)
    endings = []
    for group in by_model.values():
        uses = [finding.use for finding in group if finding.use is not None]
        lifetime = catalog.lifetime(uses[0].model, today)
        if lifetime is not None:
            blocking = any(blocks(finding, policy.scan.fail_on) for finding in group)
            endings.append(Ending(uses[0].model, lifetime, tuple(group), _places(uses), blocking))
    return sorted(endings, key=lambda e: (not e.blocking, e.lifetime.shutdown_on or date.max, e.model.written))


def _places(uses: Iterable[ModelUse]) -> tuple[Location, ...]:
    return tuple(sorted({use.location for use in uses}))
