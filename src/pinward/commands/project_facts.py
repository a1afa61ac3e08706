"""Gathers what the rules about `pinward.yml` look at: tasks, their prompts and their suites, at one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from pinward.commands.rollout.evidence import Rulings, steps, unasked
from pinward.config.changes import TaskChange
from pinward.core.facts import ProjectFacts, TaskFacts
from pinward.core.policy import Project, Task
from pinward.core.scan_report import Note
from pinward.core.tree import Tree
from pinward.errors import ConfigError, MissingFileError
from pinward.evals.foreign import load_prompts
from pinward.evals.lint import by_category, thin
from pinward.evals.suite import Suite, load_suite


def gather(
    tree: Tree,
    project: Project,
    before: Project | None = None,
    changes: Iterable[TaskChange] = (),
    rulings: Rulings | None = None,
    load: Callable[[str], Suite] | None = None,
) -> tuple[ProjectFacts, list[Note]]:
    """Return the facts, and notes on what could not be read: a scan goes on where a gate would stop.

    `rulings` on the steps of rollouts are made here where nobody can be asked; `load` reads a suite of the tree.
    """
    load = load or partial(load_suite, tree)
    if rulings is None and before is not None:
        rulings = steps(before, project, unasked, lambda _: None)
    changed = {change.name: frozenset[str](change.parts) for change in changes}
    notes: list[Note] = []
    tasks = tuple(
        _task(tree, task, changed.get(task.name, frozenset()), notes, load) for task in project.tasks.values()
    )
    ruled = tuple(replace(found, rulings=(rulings or {}).get(found.task.name, ())) for found in tasks)
    return ProjectFacts(project, ruled, before), notes


def _task(
    tree: Tree, task: Task, changed: frozenset[str], notes: list[Note], load: Callable[[str], Suite]
) -> TaskFacts:
    facts = TaskFacts(task, _strangers(tree, task, notes), changed=changed)
    if task.suite is None:
        return facts
    try:
        cases = load(task.suite).cases
    except ConfigError as error:
        if isinstance(error, MissingFileError) and not tree.exists(task.suite):
            return TaskFacts(task, facts.strangers, suite_absent=True, changed=changed)
        notes.append(Note(task.suite, f"the suite of task {task.name} was not checked: {error.message}", blind=False))
        return facts
    return TaskFacts(task, facts.strangers, by_category(cases), tuple(thin(cases)), changed=changed)


def _strangers(tree: Tree, task: Task, notes: list[Note]) -> tuple[str, ...]:
    if task.prompts is None:
        return ()
    try:
        file = load_prompts(tree, task.prompts)
    except ConfigError as error:
        message = f"the prompts of task {task.name} were not checked: {error.message}"
        notes.append(Note(task.prompts, message, blind=False))
        return ()
    models = dict.fromkeys((task.model, *task.candidates, *task.fallbacks))
    return tuple(model for model in models if file.select(model).fallback)
