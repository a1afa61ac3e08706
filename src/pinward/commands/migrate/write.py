"""`pinward migrate --write`: the edit that a proposal holds, made in the work tree once a candidate has passed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from pinward.commands.scan.fix import by_path, describe, said, shown
from pinward.commands.scan.run import ScanOptions, examine
from pinward.commands.watch.facts import key_of
from pinward.commands.written import Written, save
from pinward.config.project import load_project
from pinward.core.facts import Catalog
from pinward.core.findings import Edit, Finding, Fix, Location, ModelUse, fingerprint
from pinward.core.policy import Project
from pinward.core.quantities import count
from pinward.core.report import GateReport
from pinward.errors import ConfigError, ExitCode, GitError, UsageError, worst
from pinward.git.diff import edited_paths
from pinward.git.tree import WorkTree
from pinward.lifecycle.alerts import standing
from pinward.render.console import plain
from pinward.render.proposal import check, way_back
from pinward.rules.base import edit
from pinward.scan import fixes

MOST_TRIED = 50


@dataclass(frozen=True, slots=True)
class Desk:
    """A task in a work tree, the commit that is evaluated, and what dates are known as of a day."""

    root: Path
    sha: str
    config: str
    task: str
    catalog: Catalog
    today: date


@dataclass(frozen=True, slots=True)
class Edits:
    """Files as they shall be, what was edited in them, what is said of places that stay, and the way back."""

    files: Mapping[str, bytes]
    made: list[Edit]
    left: str
    way_back: str


def edits(desk: Desk, target: str) -> Edits:
    """Return the edit that makes `target` the model of the task, and of the code that calls the task's model.

    Raises `GitError` where a file is not as the evaluated commit has it, `ConfigError` where no place can be edited so
    that this task alone changes.
    """
    tree = WorkTree(desk.root)
    _require_committed(desk, desk.config)
    project = load_project(tree, desk.config) or Project()
    if desk.task not in project.tasks:
        raise UsageError(f"{project.source}: there is no task {desk.task!r}", "Name one of its tasks.")
    task = project.tasks[desk.task]
    _require_committed(desk, task.model_file or desk.config)
    calls = _calls(desk, tree, project, target)
    why = _why_left(desk, project, target)
    edited = {}
    for path, found in by_path([_own(desk, tree, project, target), *(() if why else calls)]):
        _require_committed(desk, path)
        edited[path] = fixes.apply(tree.read(path), found, unsafe=True)
    made = [describe(finding) for each in edited.values() for finding in each.made]
    left = f"{count(len(calls), 'call')} in other files not edited ({why}).\n" if why and calls else ""
    return Edits({path: each.data for path, each in edited.items()}, made, left, _way_back(desk, project))


def _require_committed(desk: Desk, path: str) -> None:
    if edited_paths(desk.root, desk.sha, path):
        hint = "Commit or stash your edits, or check that commit out."
        raise GitError(f"{path} in the work tree is not what {desk.sha[:12]} holds, so that nothing is written", hint)


def _own(desk: Desk, tree: WorkTree, project: Project, target: str) -> Finding:
    """Return the edit of the one place that decides the task's model: read back with it, nothing else has changed."""
    task = project.tasks[desk.task]
    path = task.model_file or desk.config
    key = project.place("tasks", task.name, "model") if path == desk.config else None
    wanted = replace(project, tasks={**project.tasks, task.name: replace(task, model=target)})
    data = tree.read(path)
    for place in islice(_places(data.decode("utf-8"), task.model, path, key.line if key else 1), MOST_TRIED):
        use = ModelUse(desk.catalog.identify(task.model), place, "selection", f"tasks.{task.name}.model")
        finding = _finding(use, Fix(path, place.line, place.column, place.end, target, safe=False))
        text = fixes.apply(data, [finding], unsafe=True).data.decode("utf-8")
        try:
            if load_project(Written(tree, {path: text}, tree.label), desk.config) == wanted:
                return finding
        except ConfigError:
            continue
    raise ConfigError(f"{path}: no edit of one name moves the task {task.name} alone", "Edit it by hand.")


def _places(text: str, name: str, path: str, start: int) -> Iterator[Location]:
    """Yield where a name stands as a whole word, from a line on."""
    whole = re.compile(rf"(?<![\w./:-]){re.escape(name)}(?![\w./:-])")
    for number, line in enumerate(text.split("\n"), 1):
        for found in whole.finditer(line) if number >= start else ():
            yield Location(path, number, found.start() + 1, found.end() + 1)


def _calls(desk: Desk, tree: WorkTree, project: Project, target: str) -> list[Finding]:
    """Return the edits of code that names the task's model, outside of the files that decide what tasks use."""
    task, policy = project.tasks[desk.task], project.policy
    options = ScanOptions(desk.today, policy=policy.scan, lifecycle=policy.lifecycle)
    uses = examine(desk.root, tree, desk.catalog, options).facts.uses
    deciding = {desk.config, *(other.model_file for other in project.tasks.values())}
    current, wanted = desk.catalog.identify(task.model), desk.catalog.identify(target)
    ours = [u for u in uses if u.role == "selection" and key_of(u.model) == key_of(current)]
    fixed = [(u, edit(u, wanted.id, safe=False)) for u in ours if u.location.path not in deciding]
    return [_finding(use, fix) for use, fix in fixed if fix]


def _why_left(desk: Desk, project: Project, target: str) -> str:
    """Say why code stays as it is; empty where it goes with the task."""
    identify, task = desk.catalog.identify, project.tasks[desk.task]
    current = identify(task.model)
    if identify(target).provider != current.provider:
        return "they call another provider"
    shared = [other.name for other in project.tasks.values() if key_of(identify(other.model)) == key_of(current)]
    return f"{', '.join(shared)} share this model" if len(shared) > 1 else ""


def _finding(use: ModelUse, fix: Fix) -> Finding:
    return Finding("migrate", "note", "high", "", "", "", fingerprint("migrate", use, 0), use, fix)


def _way_back(desk: Desk, project: Project) -> str:
    model, policy = desk.catalog.identify(project.tasks[desk.task].model), project.policy.lifecycle
    life = desk.catalog.lifetime(model, desk.today, policy)
    return way_back(
        model.written, standing(life, desk.today, policy) if life else None, life.rerouted_to if life else None
    )


def write(desk: Desk, report: GateReport) -> tuple[ExitCode, str]:
    """Write the edit of the best candidate where it passed; return the exit code and what to tell.

    Raises as `edits` does: minutes have passed since it was asked first.
    """
    code, best = ExitCode(report.exit_code), report.ranking[0]
    verdict = next(task.verdict for task in report.tasks if task.candidate and task.candidate.name == best)
    if verdict != "pass" or code != ExitCode.OK:
        return worst([code, ExitCode.INCONCLUSIVE]), f"Nothing was written: {shown(best)} is not proven ({verdict}).\n"
    done = edits(desk, best)
    for path, data in done.files.items():
        save(desk.root / path, data)
    checks = "".join(f"  {plain(check(item))}\n" for item in report.checklist)
    undo = shown(f"git restore {shlex.join(done.files)}")
    lines = [*said(done.made), done.left, "\nBefore the merge:\n", checks, "\nThe way back:\n"]
    return code, "".join([*lines, f"  Before a commit: {undo}\n", f"  {plain(done.way_back)}\n"])
