"""What verbs share: kinds of flags, the clock's day, the environment's settings, and the project of a folder."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinward.core.screen import Detail, Screen

if TYPE_CHECKING:
    from pinward.config.settings import Settings
    from pinward.core.policy import Project
    from pinward.git.tree import WorkTree

DATE = click.DateTime(["%Y-%m-%d"])
FOLDER = click.Path(path_type=Path)
EXISTING = click.Path(path_type=Path, exists=True, file_okay=False)
CONFIG = click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to PATH.")
PATH = click.option("--path", type=FOLDER, default=Path(), help="The repository's folder; the current one by default.")
DETAIL_FLAGS = ("-q", "--quiet", "-v", "--verbose")
TODAY = click.option(
    "--today", type=DATE, metavar="DAY", help="Judge as of this day (YYYY-MM-DD) instead of the clock's."
)


def now() -> datetime:
    """Return the time by the clock, in UTC."""
    return datetime.now(UTC)


def day(given: datetime | None) -> date:
    """Return the day that was given, or the clock's (UTC)."""
    return given.date() if given else datetime.now(UTC).date()


def settings() -> Settings:
    """Read the environment, and what the terminal and the flags `-q` and `-v` say of the screen."""
    from pinward.config import settings

    told, terminal = settings.load(), sys.stdout.isatty()
    width = shutil.get_terminal_size().columns
    return replace(told, screen=Screen(width, terminal, terminal and not told.no_color, detail()))


def detail() -> Detail:
    """Return what `-q` or `-v` asked for, of the verb that is running."""
    found: Detail = click.get_current_context().meta.get(__name__, Detail.USUAL)
    return found


def with_detail(command: click.Command) -> click.Command:
    """Give a verb, or each verb of a group, the flags `-q` and `-v`."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            with_detail(below)
    elif not any(param.name == "quiet" for param in command.params):
        command.params += [_flag("quiet", Detail.QUIET), _flag("verbose", Detail.FULL)]
    return command


def _flag(name: str, level: Detail) -> click.Option:
    def note(context: click.Context, _: click.Parameter, given: bool) -> None:
        if given and context.meta.setdefault(__name__, level) != level:
            raise click.UsageError("--quiet and --verbose contradict each other", context)

    help_ = "Print what decides and nothing else." if name == "quiet" else "Print all that there is to say."
    return click.Option([f"-{name[0]}", f"--{name}"], is_flag=True, expose_value=False, callback=note, help=help_)


def project(path: Path, config: str) -> tuple[Project, WorkTree]:
    """Return the project of a folder (an empty one where it has no configuration) and the folder's files."""
    from pinward.config.project import load_project
    from pinward.core.policy import Project
    from pinward.git.tree import WorkTree

    tree = WorkTree(path)
    return load_project(tree, config) or Project(source=config), tree
