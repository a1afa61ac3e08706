"""What verbs share: kinds of flags, the clock's day, the environment's settings, and the project of a folder."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pinward.config.settings import Settings
    from pinward.core.policy import Project
    from pinward.git.tree import WorkTree

DATE = click.DateTime(["%Y-%m-%d"])
FOLDER = click.Path(path_type=Path)
EXISTING = click.Path(path_type=Path, exists=True, file_okay=False)
CONFIG = click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to PATH.")
PATH = click.option("--path", type=FOLDER, default=Path(), help="The repository's folder; the current one by default.")
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
    """Read the environment."""
    from pinward.config import settings

    return settings.load()


def project(path: Path, config: str) -> tuple[Project, WorkTree]:
    """Return the project of a folder (an empty one where it has no configuration) and the folder's files."""
    from pinward.config.project import load_project
    from pinward.core.policy import Project
    from pinward.git.tree import WorkTree

    tree = WorkTree(path)
    return load_project(tree, config) or Project(source=config), tree
