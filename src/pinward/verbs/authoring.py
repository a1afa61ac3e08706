"""Verbs for those who write suites and prompts: import, suite and prompts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pinward.verbs.common import CONFIG, PATH, project


@click.command("import")
@click.argument("file")
@click.option("--format", "format_", help="promptfoo, openai-evals or github-prompt; recognised where it is left out.")
@PATH
def import_(file: str, format_: str | None, path: Path) -> int:
    """Write another tool's tests and prompts as a suite and a prompt file, and list what cannot be carried.

    \b
    pinward import promptfooconfig.yaml
    """
    from pinward.commands import import_ as command
    from pinward.git.tree import WorkTree

    return command.run(WorkTree(path), path, file, format_, sys.stdout)


@click.group()
def suite() -> None:
    """Check the suites of all tasks, and see what they cover."""


@suite.command()
@CONFIG
@PATH
def lint(config: str, path: Path) -> int:
    """Check every suite and prompt: what would stop a gate, and what no prompt reads.

    \b
    pinward suite lint
    """
    from pinward.commands import suite as command

    return command.lint(*project(path, config), sys.stdout)


@suite.command()
@CONFIG
@PATH
def coverage(config: str, path: Path) -> int:
    """Count the cases of every task by category, and name what is thin.

    \b
    pinward suite coverage
    """
    from pinward.commands import suite as command

    return command.coverage(*project(path, config), sys.stdout)


@click.group()
def prompts() -> None:
    """See which prompt each model gets, and how versions differ."""


@prompts.command("list")
@CONFIG
@PATH
def prompts_list(config: str, path: Path) -> int:
    """Print the version of the prompt that each model of each task gets.

    \b
    pinward prompts list
    """
    from pinward.commands import prompts as command

    return command.listing(*project(path, config), sys.stdout)


@prompts.command("diff")
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
