"""Verbs for those who write suites and prompts: import, suite, prompts and judge."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pinward.verbs.common import CONFIG, FOLDER, PATH, project, settings


@click.command("import", short_help="Turn another tool's tests into a suite.")
@click.argument("file")
@click.option("--format", "format_", help="promptfoo, openai-evals, openai-platform, github-prompt.")
@CONFIG
@PATH
def import_(file: str, format_: str | None, config: str, path: Path) -> int:
    """Write another tool's tests and prompts as a suite and a prompt file, and list what cannot be carried.

    \b
    pinward import promptfooconfig.yaml
    """
    from pinward.commands import import_ as command
    from pinward.git.tree import WorkTree

    judge = project(path, config)[0].policy.judge.model is not None
    return command.run(WorkTree(path), path, command.Source(file, format_, judge), sys.stdout)


@click.group()
def suite() -> None:
    """Check the suites of all tasks, and see what they cover.

    \b
    pinward suite lint
    """


@suite.command(short_help="Check every suite and prompt before a gate does.")
@CONFIG
@PATH
def lint(config: str, path: Path) -> int:
    """Check every suite and prompt: what would stop a gate, and what no prompt reads.

    \b
    pinward suite lint
    """
    from pinward.commands.suite import check as command

    return command.lint(*project(path, config), sys.stdout)


@suite.command(short_help="Count cases by category, and name what is thin.")
@CONFIG
@PATH
def coverage(config: str, path: Path) -> int:
    """Count the cases of every task by category, and name what is thin.

    \b
    pinward suite coverage
    """
    from pinward.commands.suite import check as command

    return command.coverage(*project(path, config), sys.stdout)


@suite.command(short_help="Say what a suite can and cannot detect.")
@click.argument("file")
@click.option("--history", type=FOLDER, help="A gate's report: how often cases change by chance is taken from it.")
@CONFIG
@PATH
def power(file: str, history: Path | None, config: str, path: Path) -> int:
    """Say what a suite can and cannot detect, and what it takes to prove more, before a run is paid for.

    \b
    pinward suite power evals/extract.yml
    pinward suite power evals/extract.yml --history pinward-report
    """
    from pinward.commands.suite import power as command

    return command.power(*project(path, config), file, history, sys.stdout)


@suite.command("add", short_help="Turn regressions of a report into cases.")
@click.argument("report_dir", type=FOLDER)
@click.argument("case", nargs=-1)
@CONFIG
@PATH
def suite_add(report_dir: Path, case: tuple[str, ...], config: str, path: Path) -> int:
    """Turn regressions of a report into cases of their own: those named (id, or task/id), or all that regressed.

    \b
    pinward suite add pinward-report acme-invoice
    """
    from pinward.commands.suite import add as command

    return command.add(*project(path, config), path, report_dir, case, sys.stdout)


@suite.command("record", short_help="Write what the model answers as expected values.")
@click.argument("task")
@click.option("--out", "target", required=True, help="The suite file that is written, relative to the root.")
@click.option("--check", default="", help="A check added to each recorded case, such as levenshtein.")
@CONFIG
@PATH
def suite_record(task: str, target: str, check: str, config: str, path: Path) -> int:
    """Ask the task's model, as committed, and write its answers as expected values for review.

    \b
    pinward suite record reply --out evals/reply.recorded.yml --check token_f1
    """
    from pinward.commands.suite import record as command

    return command.run(path, config, command.Wanted(task, target, check), settings(), sys.stdout)


@click.group()
def prompts() -> None:
    """See which prompt each model gets, and how versions differ.

    \b
    pinward prompts list
    """


@prompts.command("list", short_help="Print which version each model gets.")
@CONFIG
@PATH
def prompts_list(config: str, path: Path) -> int:
    """Print the version of the prompt that each model of each task gets.

    \b
    pinward prompts list
    """
    from pinward.commands import prompts as command

    return command.listing(*project(path, config), sys.stdout)


@prompts.command("diff", short_help="Print how two versions differ.")
@click.argument("task")
@click.argument("one")
@click.argument("other")
@CONFIG
@PATH
def prompts_diff(task: str, one: str, other: str, config: str, path: Path) -> int:
    """Print how two versions of a task's prompt differ.

    \b
    pinward prompts diff extract_entities 1 2
    """
    from pinward.commands import prompts as command

    return command.diff(*project(path, config), task, (one, other), sys.stdout)


@click.group()
def judge() -> None:
    """Find out how far the judge of `policy.judge` can be trusted.

    \b
    pinward judge calibrate labels.csv --task reply
    """


@judge.command(short_help="Compare the judge with people.")
@click.argument("labels")
@click.option("--rubric", default="", help="What the judge decides by.")
@click.option("--task", default="", help="Take the check that this task's suite uses.")
@CONFIG
@PATH
def calibrate(labels: str, rubric: str, task: str, config: str, path: Path) -> int:
    """Compare the judge with people: LABELS (CSV, JSON lines) has the columns answer and label.

    \b
    pinward judge calibrate labels.csv --task reply
    """
    from pinward.commands import judge as command
    from pinward.commands.gate.cli import real_edges

    asked = command.Labels(labels, rubric, task)
    return command.calibrate(*project(path, config), asked, real_edges(settings()), sys.stdout)
