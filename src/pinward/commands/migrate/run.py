"""`pinward migrate`: several candidates for one task, ranked against one shared baseline.

The runner, the budget and the policy are the gate's; what is compared is one commit with itself, but for the model.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from pinward.commands.gate import files as gate_files
from pinward.commands.gate.cli import real_edges, refuse_tracked, show
from pinward.commands.gate.judge import judging_of
from pinward.commands.gate.progress import showing
from pinward.commands.gate.run import GateEdges, GateRequest, GateRun, Prepared, evaluate, redactor
from pinward.commands.gate.sides import Difference, Side, read_side
from pinward.commands.gate.work import Planned, Planner, TaskRun
from pinward.commands.migrate.write import Desk, edits, write
from pinward.commands.migrations import at_once
from pinward.commands.models_in_use import in_use
from pinward.config.changes import task_changes
from pinward.config.schema import provider_model
from pinward.config.settings import Settings
from pinward.core.policy import Project, Task
from pinward.core.report import GateReport
from pinward.errors import ConfigError, UsageError
from pinward.git.history import require_toplevel, resolve
from pinward.verdict.checklist import checklist
from pinward.verdict.ranking import next_round_of_all, share_baseline
from pinward.verdict.report import build_report


@dataclass(frozen=True)
class Options:
    """The flags of the verb."""

    task: str
    to: tuple[str, ...]
    head: str
    config: str
    report_dir: Path
    path: Path
    write: bool = False


def run(options: Options, settings: Settings, out: TextIO) -> int:
    """Rank the candidates and print the result; the exit code is the best one's. With `write`, make its edit."""
    root = require_toplevel(options.path)
    refuse_tracked(root, options.report_dir)
    sha = resolve(root, options.head)
    request = GateRequest(root, sha, sha, options.report_dir, options.config)
    edges = real_edges(settings)
    desk = Desk(root, sha, options.config, options.task, edges.catalog, edges.now().date()) if options.write else None
    if desk is not None:
        for model in _named(options.to):
            edits(desk, model)  # what cannot be written is refused before anybody is asked
    with showing(sys.stderr, sys.stderr.isatty(), settings.screen.detail) as progress:
        report = migrate(request, options.task, options.to, replace(edges, progress=progress))
    code = show(report, settings, out)
    if desk is None:
        return code
    code, told = write(desk, report)
    out.write(f"\n{told}")
    return code


def migrate(request: GateRequest, task: str, to: tuple[str, ...], edges: GateEdges) -> GateReport:
    """Evaluate the candidates of a task at `request.head`, and leave the report in `request.report_dir`.

    Raises `PinwardError` where nothing could be evaluated, after leaving a report that says so.
    """
    run_of = GateRun(request, edges, edges.now())
    return gate_files.leave_report(request.report_dir, lambda: _report(run_of, task, to), run_of.failed)


def _report(run_of: GateRun, name: str, to: tuple[str, ...]) -> GateReport:
    request, edges = run_of.request, run_of.edges
    side = read_side(request.root, request.head, request.config)
    run_of.project = project = side.project or Project()
    task = _task(project, name)
    runs = tuple(_runs(run_of, side, task, to))
    judging = judging_of(runs, project.policy.judge, edges.catalog, run_of.started.date())
    ready = Prepared(side, side, Difference([], [], [], []), Planned(runs), judging)
    models, unseen = in_use(side, project.policy, edges.catalog, run_of.started.date())
    gate_policy = project.policy.gate
    outcome = evaluate(run_of, ready, lambda known: next_round_of_all(known, gate_policy))
    if outcome.verdict is None:
        raise ConfigError(f"tasks.{name}: its suite has no case", "Add cases.")
    facts = run_of.facts(outcome)
    facts = replace(
        facts,
        models=models,
        notes=[*facts.notes, *unseen],
        changed={run.plan.task: run.change.said for run in runs},
        next_step=f"Set `tasks.{name}.model` to the model of your choice, and open a pull request: its gate decides.",
    )
    evidence = share_baseline(outcome.evidence)
    report = build_report(outcome.verdict, evidence, project.policy, facts, redactor(project, edges))
    ranking = [task.candidate.name for task in report.tasks]
    comparisons = {comparison.plan.candidate.written: comparison for comparison in outcome.verdict.comparisons}
    best = at_once(task, ranking[0], side.tree, (edges.catalog, run_of.started.date()), comparisons[ranking[0]])
    code = int(outcome.interrupted or report.exit_code)
    return report.model_copy(update={"ranking": ranking, "exit_code": code, "checklist": checklist(best)})


def _task(project: Project, name: str) -> Task:
    if name not in project.tasks:
        known = ", ".join(project.tasks) or "none"
        raise UsageError(f"{project.source}: there is no task {name!r}", f"Its tasks: {known}.")
    if project.tasks[name].suite is None:
        raise ConfigError(f"tasks.{name}: has no suite to evaluate candidates with", "Name one under `suite`.")
    return project.tasks[name]


def _named(to: tuple[str, ...]) -> Iterator[str]:
    """Yield each candidate once. Raises `UsageError` for what names no model."""
    for model in dict.fromkeys(to):
        try:
            yield provider_model(model)
        except ValueError as error:
            raise UsageError(f"{model!r} names no model", f"{str(error).capitalize()}.") from None


def _runs(run_of: GateRun, side: Side, task: Task, to: tuple[str, ...]) -> Iterator[TaskRun]:
    """Yield one run a candidate: the same commit on both sides, but for the task's model."""
    project = replace(run_of.project, tasks={**run_of.project.tasks, task.name: replace(task, candidates=to)})
    for model in _named(to):
        if model == task.model:
            raise UsageError(f"{model} is what the task {task.name} already uses", "Name another model.")
        head = replace(side, project=replace(project, tasks={task.name: replace(task, model=model)}))
        planner = Planner(side, head, project, run_of.edges.catalog, run_of.started.date())
        before = {task.name: side.states()[task.name]}
        for run in planner.plan(task_changes(before, head.states())).runs:
            label = f"{task.name} on {model}"
            # Prompts are versioned by model: what a model is told belongs to it here, and nothing is told apart.
            plan = replace(run.plan, task=label, changed_with_model=None)
            yield replace(run, change=replace(run.change, name=label), plan=plan)
