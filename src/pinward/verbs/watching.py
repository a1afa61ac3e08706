"""Verbs of the nightly run: watch."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from pinward.verbs.common import EXISTING, TODAY, day


@click.command()
@click.argument("path", type=EXISTING, default=Path())
@TODAY
def watch(path: Path, today: datetime | None) -> int:
    """List the shutdown dates of every model that the repository uses.

    \b
    pinward watch
    """
    from pinward.commands import watch as command
    from pinward.lifecycle.catalog import load

    return command.run(path, load(), day(today), sys.stdout)
