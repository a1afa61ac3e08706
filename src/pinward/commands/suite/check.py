"""`pinward suite lint` and `pinward suite coverage`: are the suites sound, and what do they leave out?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from pinward.commands.gate.targets import parsers_of
from pinward.core.policy import Project, Task
from pinward.core.quantities import count
from pinward.core.tree import Tree
from pinward.errors import ConfigError, ExitCode
from pinward.evals.foreign import load_prompts
from pinward.evals.lint import by_category, examples, thin, unrendered, unused_variables
from pinward.evals.suite import Suite, load_suite
from pinward.prompts.registry import PromptVersion
from pinward.render.text import console


def lint(project: Project, tree: Tree, out: TextIO) -> ExitCode:
    """Check the suite and prompts of every task; exit code 2 where something is wrong."""
    need_tasks(project)
    problems: list[str] = []
    for task in project.tasks.values():
        if task.suite is None:
            continue
        try:
            problems += _lint(task, project, tree, out)
        except ConfigError as error:
            problems.append(f"{error.message}\n  {error.hint}")
    out.writelines(f"{console(problem)}\n" for problem in problems)
    out.write(f"{count(len(problems), 'problem')}\n" if problems else "No problems.\n")
    return ExitCode.USAGE if problems else ExitCode.OK


def _lint(task: Task, project: Project, tree: Tree, out: TextIO) -> list[str]:
    suite = load_suite(tree, str(task.suite))
    parsers_of(suite.cases, project, "")
    prompts = _prompts(task, tree)
    out.writelines(f"{console(note)}\n" for note in suite.notes)
    prompted = unrendered(suite.cases, prompts or [None])
    return [*examples(suite.cases), *prompted, *unused_variables(suite.cases, prompts)]


def _prompts(task: Task, tree: Tree) -> list[PromptVersion]:
    """Return the versions that the task's models get."""
    if task.prompts is None:
        return []
    file = load_prompts(tree, task.prompts)
    chosen = {file.select(model).prompt.version: model for model in (task.model, *task.candidates, *task.fallbacks)}
    return [version for version in file.versions if version.version in chosen]


def coverage(project: Project, tree: Tree, out: TextIO) -> ExitCode:
    """Print the cases of every task by category, and what is thin or missing."""
    need_tasks(project)
    for task in project.tasks.values():
        suite = load_suite(tree, task.suite) if task.suite else None
        out.write("".join(f"{console(line)}\n" for line in _coverage(task, suite)))
    return ExitCode.OK


def _coverage(task: Task, suite: Suite | None) -> Sequence[str]:
    if suite is None:
        return [f"{task.name}: no suite, so a change of its model cannot be evaluated"]
    counts = ", ".join(f"{count} {name}" for name, count in by_category(suite.cases).items() if count)
    lines = [f"{task.name}: {count(len(suite.cases), 'case')} ({counts})"]
    if missing := thin(suite.cases):
        lines.append(f"  thin: {', '.join(missing)} (fewer than 3 cases each)")
    return lines


def need_tasks(project: Project) -> None:
    """Raise `ConfigError` where there is no task to look at."""
    if not project.tasks:
        raise ConfigError(
            f"{project.source}: there are no tasks", "Name a task and its suite there; `pinward init` proposes some."
        )
