"""`pinward rollout`: where a rollout stands, and what its next step needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TextIO

from pinward.commands.migrations import Known, migration
from pinward.commands.rollout.evidence import History, Outside, version_of
from pinward.commands.suite.check import need_tasks
from pinward.config.edit import with_percent
from pinward.config.project import load_project
from pinward.core.facts import Catalog, Move, Ruling
from pinward.core.fields import suggestion
from pinward.core.policy import Project, Task
from pinward.errors import ConfigError, ExitCode
from pinward.git.history import require_toplevel, resolve
from pinward.git.tree import CommitTree, WorkTree
from pinward.render import rollout as render
from pinward.verdict.checklist import checklist
from pinward.verdict.rollout import next_stage, rulings


@dataclass(frozen=True)
class Options:
    """The arguments of the verb."""

    task: str
    path: Path
    config: str = "pinward.yml"
    advance: bool = False


@dataclass(frozen=True)
class Edges:
    """The outside world: facts of models, the clock, GitHub and the metrics endpoint."""

    catalog: Catalog
    now: Callable[[], datetime]
    outside: Callable[[datetime], Outside]


def run(options: Options, edges: Edges, out: TextIO) -> int:
    """Print where the rollout stands; with `advance`, write its next step into the work tree.

    Ends with 1 where `advance` is asked for and a point speaks against it.
    """
    root = require_toplevel(options.path)
    project = load_project(WorkTree(root), options.config)
    task = _task(project, options)
    history = History(root, resolve(root, "HEAD"), options.config, edges.outside(edges.now()))
    stand = _stand(task, history, edges)
    out.write(render.stand(stand))
    if not options.advance or stand.move is None:
        return ExitCode.OK
    return _advance(root, options, stand, out)


def _task(project: Project | None, options: Options) -> Task:
    need_tasks(project or Project(source=options.config))
    tasks = project.tasks if project else {}
    if options.task not in tasks:
        raise ConfigError(f"{options.config}: there is no task `{options.task}`", suggestion(options.task, tasks))
    return tasks[options.task]


def _stand(task: Task, history: History, edges: Edges) -> render.Stand:
    tree = WorkTree(history.root)
    version = version_of(task, tree)
    if not task.candidates:
        return render.Stand(task, version)
    move, ruled = _next(task, history, edges)
    life = edges.catalog.lifetime(candidate := edges.catalog.identify(task.candidates[0]), edges.now().date())
    known = Known(task.model, candidate, life is not None, move, ruled)
    stages = tuple(history.stages(_committed(task, history)))
    seen = [(stage.task.rollout.percent, stage.merged.at if stage.merged else None, stage.why) for stage in stages]
    return render.Stand(task, version, move, ruled, tuple(checklist(migration(task, known, tree))), tuple(seen))


def _committed(task: Task, history: History) -> Task:
    """Return the task as the branch has it: stages are counted there, and not in files that nobody merged."""
    project = load_project(CommitTree(history.root, history.sha), history.config)
    return (project.tasks.get(task.name) if project else None) or task


def _next(task: Task, history: History, edges: Edges) -> tuple[Move | None, tuple[Ruling, ...]]:
    """Return the next step and what is ruled on it; at 100% that is the candidate's taking over."""
    committed = _committed(task, history)
    candidate, share = task.candidates[0], float(task.rollout.percent)
    after = next_stage(task.rollout, share)
    lifetime = edges.catalog.lifetime(edges.catalog.identify(task.model), edges.now().date())
    if after is None:
        taken = replace(task, model=candidate, candidates=(), fallbacks=(task.model, *task.fallbacks))
        move = Move(task.name, task.model, candidate, share, 100.0, promoted=True)
        return None, rulings(move, committed, taken, history.evidence(committed), lifetime)
    move = Move(task.name, task.model, candidate, share, after)
    evidence = history.evidence(committed, WorkTree(history.root))
    return move, rulings(move, committed, task, evidence, lifetime)


def _advance(root: Path, options: Options, stand: render.Stand, out: TextIO) -> int:
    against = [ruling for ruling in stand.rulings if ruling.state == "broken"]
    if stand.move is None or against:
        out.write("\nNot written: a point speaks against this step.\n")
        return ExitCode.BLOCKED
    path = root / options.config
    path.write_bytes(with_percent(path.read_bytes(), options.config, options.task, stand.move.after))
    out.write(f"\nWrote {options.config}: {stand.move.before:g}% -> {stand.move.after:g}%. Open the pull request; ")
    out.write("its gate decides.\n")
    return ExitCode.OK
