"""Verbs that look at names: scan and explain."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import click

from pinward.verbs.common import FOLDER, TODAY, day, settings

SCAN_FORMATS = ("console", "json", "sarif", "markdown", "github", "gitlab", "baseline")


@click.command(short_help="Find model names that can change or vanish.")
@click.argument("path", type=click.Path(path_type=Path, exists=True), default=Path())
@click.option(
    "--format",
    type=click.Choice(SCAN_FORMATS),
    default="console",
    show_default=True,
    help="What to write.",
)
@click.option("--output", type=FOLDER, help="Write there instead of printing.")
@click.option(
    "--persona",
    type=click.Choice(["user", "auditor"]),
    default="user",
    show_default=True,
    help="An auditor hears of uncertain findings too.",
)
@click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to PATH.")
@click.option("--baseline", type=FOLDER, help="Findings of this file stay quiet; `--format baseline` writes one.")
@click.option("--since", metavar="REF", help="Only findings on lines that are new since the merge base with REF.")
@click.option("--fix", type=click.Choice(["safe", "all"]), help="Pin aliases; `all` also moves retiring names.")
@TODAY
def scan(path: Path, today: datetime | None, **flags: Any) -> int:
    """Find model names that are not pinned, or are retired, retiring or rerouted.

    \b
    pinward scan
    pinward scan services/chat --format sarif --output findings.sarif
    pinward scan --since origin/main
    pinward scan --fix safe
    """
    from pinward.scan.discovery import search

    # Git searches while Python is still loading the rest.
    searching = None if flags["fix"] or path.is_file() else search(path)
    from pinward.commands.scan import cli as command

    try:
        return command.run(
            path, command.Flags(day(today), **flags, screen=settings().screen), sys.stdout, sys.stderr, searching
        )
    finally:
        if searching is not None:
            searching.stop()


@click.command(short_help="Tell what is known of a model, or of a rule.")
@click.argument("names", nargs=-1, required=True)
@click.option("--client", help="Provider that the surrounding code tells, for example azure.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["console", "json"]),
    default="console",
    show_default=True,
    help="What to print.",
)
@TODAY
def explain(names: tuple[str, ...], client: str | None, format_: str, today: datetime | None) -> int:
    """Tell what is known of model names (pin, target, dates, replacement, source), or print the page of a rule.

    \b
    pinward explain gpt-4o claude-opus-4-6
    pinward explain gemini-2.5-flash --client vertex --format json
    pinward explain unpinned-alias
    """
    from pinward.commands import explain as command
    from pinward.lifecycle.catalog import load

    chosen: Literal["console", "json"] = "json" if format_ == "json" else "console"
    return command.run(names, load(), day(today), sys.stdout, client, chosen)
