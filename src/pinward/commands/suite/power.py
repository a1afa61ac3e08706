"""`pinward suite power`: what a suite can and cannot detect, before anyone pays for a run."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from pinward.commands.gate.files import read_report
from pinward.core.policy import Project
from pinward.core.quantities import count, percent
from pinward.core.tree import Tree
from pinward.errors import ExitCode, UsageError
from pinward.evals.suite import load_suite
from pinward.render.text import console
from pinward.verdict.foresight import foresee


def power(project: Project, tree: Tree, file: str, history: Path | None, out: TextIO) -> ExitCode:
    """Print what a suite will see under this policy. `history` is a report whose improved cases tell how often cases
    change by chance. Raises `ConfigError` for a wrong suite, `UsageError` for a report that says nothing of it."""
    cases = load_suite(tree, file).cases
    tasks = {task.name for task in project.tasks.values() if task.suite == file}
    rate, source = _flip_rate(history, tasks) if history else (0.0, "assumed; `--history REPORT` measures it")
    policy = project.policy.gate
    out.write(f"{console(file)}: {count(len(cases), 'case')}\n")
    out.write(f"Cases that change for the better by chance: {percent(rate)} ({source})\n")
    foreseen = foresee([case.repeats or 1 for case in cases], policy, rate)
    out.writelines(f"- {sentence}\n" for sentence in foreseen.sentences(policy))
    return ExitCode.OK


def _flip_rate(report: Path, tasks: set[str]) -> tuple[float, str]:
    compared = [task for task in read_report(report).tasks if task.valid and not task.no_baseline]
    chosen = [task for task in compared if task.task in tasks] or ([] if tasks else compared)
    if not chosen:
        raise UsageError(f"{report}: compares no task of this suite", "Name a report of a gate that ran it.")
    if impossible := next((task.task for task in chosen if task.improved > task.valid), None):
        raise UsageError(f"{report}: more cases of {impossible} improved than were compared", "Name a real report.")
    improved, valid = sum(task.improved for task in chosen), sum(task.valid for task in chosen)
    return improved / valid, f"{improved} of {count(valid, 'case')} improved in {console(str(report))}"
