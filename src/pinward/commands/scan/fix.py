"""`pinward scan --fix`: makes the edits that findings propose, until none is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pinward.commands.scan.run import ScanOptions, examine
from pinward.core.facts import Catalog
from pinward.core.findings import Edit, Finding
from pinward.core.quantities import count
from pinward.core.tree import Tree
from pinward.providers.endpoints import KNOWN
from pinward.providers.parameters import demands
from pinward.render.text import console, one_line
from pinward.scan import fixes

Level = Literal["safe", "all"]
# A move can lead to an alias, which is then pinned: two rounds. More would be a circle.
MAX_ROUNDS = 3


def fix(
    root: Path, tree: Tree, catalog: Catalog, options: ScanOptions, level: Level, save: Callable[[str, bytes], object]
) -> Iterator[Edit]:
    """Make the fixes of what a scan tells, and yield each once its file is written. `save` writes one file."""
    for _ in range(MAX_ROUNDS):
        findings = examine(root, tree, catalog, replace(options, format="console")).findings
        made = 0
        for edit in _once(tree, findings, level, save):
            made += 1
            yield edit
        if not made:
            break


def _once(
    tree: Tree, findings: tuple[Finding, ...], level: Level, save: Callable[[str, bytes], object]
) -> Iterator[Edit]:
    for path, found in by_path(findings):
        edited = fixes.apply(tree.read(path), found, unsafe=level == "all")
        if edited.made:
            save(path, edited.data)
            yield from map(describe, edited.made)


def by_path(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """Return the findings that propose an edit, by the path of the file that it edits."""
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.fix is not None:
            found[finding.fix.path].append(finding)
    return sorted(found.items())


def describe(finding: Finding) -> Edit:
    """Return the edit that a finding's fix makes; the finding has a fix and a use."""
    assert finding.fix is not None  # noqa: S101 - it was made
    assert finding.use is not None  # noqa: S101 - only uses are edited
    model, text = finding.use.model, finding.fix.text
    wire = KNOWN[model.provider].wire if model.provider in KNOWN else model.provider
    return Edit(finding.fix.path, finding.fix.line, model.written, text, tuple(demands(wire, model.written, text)))


def said(made: list[Edit]) -> list[str]:
    """Return what was edited, as lines for a terminal."""
    lines = [f"fixed {count(len(made), 'name')}\n"]
    for edit in made:
        lines.append(f"  {shown(edit.path)}:{edit.line}: {shown(edit.before)} -> {shown(edit.after)}\n")
        lines += [f"    mind: {console(demand)}\n" for demand in edit.demands]
    return lines


def shown(text: str) -> str:
    """Return data on one line of a terminal."""
    return console(one_line(text))
