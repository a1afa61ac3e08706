"""Verbs for the first day: init."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pinward.verbs.common import EXISTING, day, settings


@click.command(short_help="Write pinward.yml, first suites and the workflows.")
@click.argument("path", type=EXISTING, default=Path())
def init(path: Path) -> int:
    """Propose tasks from the models that a repository calls, and write pinward.yml, suites and workflows.

    A file that exists is never replaced without asking; where nobody can answer, it stays.

    \b
    pinward init
    """
    from pinward.commands import init as command
    from pinward.git.tree import WorkTree
    from pinward.lifecycle.catalog import load

    def ask(question: str) -> bool:
        return sys.stdin.isatty() and click.confirm(question)

    person = command.Person(ask, sys.stdout, settings().screen)
    return command.run(path, WorkTree(path), load(), day(None), person)
