"""Verbs of the nightly run: watch."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from pinward.verbs.common import EXISTING, TODAY, day, settings


@click.command()
@click.argument("path", type=EXISTING, default=Path())
@TODAY
@click.option("--format", "output", type=click.Choice(["console", "json", "markdown"]), default="console")
@click.option("--issue", is_flag=True, help="Keep one dashboard issue on GitHub, and send news to the webhook.")
@click.option("--live", is_flag=True, help="Ask the providers in use as well, with the keys at hand.")
def watch(path: Path, today: datetime | None, output: str, issue: bool, live: bool) -> int:
    """List the shutdown dates of every model that the repository uses.

    Models are found by the scan, and in pinward.yml: primaries, fallbacks, candidates and the judge. Ends with 1 where
    a rule of policy.scan.fail_on says so. A date that a provider calls "not before" never fails.

    \b
    pinward watch
    pinward watch --today 2026-12-16 --format json
    OPENAI_API_KEY=... pinward watch --live
    GITHUB_REPOSITORY=acme/app GITHUB_TOKEN=... pinward watch --issue
    """
    from pinward.commands import watch as command
    from pinward.lifecycle.catalog import load

    outside = command.Outside(load(), day(today), keys=settings().key if live else None)
    if not issue:
        return command.run(path, outside, sys.stdout.write, output)
    from pinward.commands import watch_tell
    from pinward.commands.publish import Clock

    told = watch_tell.run(path, outside, settings(), Clock())
    sys.stdout.write(command.FORMATS[output](told.watched.night) + "\n")
    sys.stderr.writelines(f"{problem}\n" for problem in told.problems)
    return told.code
