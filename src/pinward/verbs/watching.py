"""Verbs of the nightly run: watch."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from pinward.verbs.common import EXISTING, TODAY, day, settings


class Asked(TypedDict):
    """What a night does beside looking at dates."""

    live: bool
    propose: bool
    drift: bool
    nights: Path | None
    config: str


@click.command(short_help="List when the models in use are shut down.")
@click.argument("path", type=EXISTING, default=Path())
@TODAY
@click.option(
    "--format", "output", type=click.Choice(["console", "json", "markdown"]), default="console", help="What to print."
)
@click.option("--issue", is_flag=True, help="Keep one dashboard issue on GitHub, and send news to the webhook.")
@click.option("--live", is_flag=True, help="Ask the providers in use as well, with the keys at hand.")
@click.option("--propose", is_flag=True, help="Open pull requests that move to the replacements; implies --issue.")
@click.option("--drift", is_flag=True, help="Evaluate the models in use as well, and compare with earlier nights.")
@click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to the root.")
@click.option("--nights", type=click.Path(path_type=Path, file_okay=False), help="Folder that keeps earlier nights.")
def watch(path: Path, today: datetime | None, output: str, issue: bool, **asked: Unpack[Asked]) -> int:
    """List the shutdown dates of every model that the repository uses.

    Models are found by the scan, and in pinward.yml: primaries, fallbacks, candidates and the judge. Ends with 1 where
    a rule of policy.scan.fail_on says so. A date that a provider calls "not before" never fails.

    \b
    pinward watch
    pinward watch --today 2026-12-16 --format json
    OPENAI_API_KEY=... pinward watch --live
    GITHUB_REPOSITORY=acme/app GITHUB_TOKEN=... pinward watch --issue
    OPENAI_API_KEY=... pinward watch --drift --nights ~/nights
    """
    from pinward.commands.catalog import current, standard
    from pinward.commands.watch import run as command

    env = settings()
    catalog, notes = current(standard(env.data_folder), day(today))
    tells = issue or asked["propose"]
    live = True if asked["live"] else None if tells else False
    outside = command.Outside(catalog, day(today), notes, env.key, live, asked["config"])
    if not (tells or asked["drift"]):
        return command.run(path, outside, sys.stdout.write, output)
    from pinward.commands.publish import Clock
    from pinward.commands.watch import tell as watch_tell

    if tells:
        wanted = watch_tell.Asked(asked["propose"], asked["drift"], asked["nights"])
        told = watch_tell.run(path, outside, env, Clock(), wanted)
    else:
        told = watch_tell.drift(path, outside, env, Clock(), asked["nights"])
    sys.stdout.write(command.FORMATS[output](told.watched.night) + "\n")
    sys.stderr.writelines(f"{problem}\n" for problem in told.problems)
    return told.code


@click.group()
def catalog() -> None:
    """Show, check and refresh the data behind dates and pins.

    \b
    pinward catalog show --provider openai
    pinward catalog verify
    pinward catalog refresh
    """


@catalog.command(short_help="Say what the catalog holds, and how old it is.")
@click.option("--provider", help="List every row of one provider.")
@click.option("--format", "output", type=click.Choice(["console", "json"]), default="console", help="What to print.")
@TODAY
def show(provider: str | None, output: str, today: datetime | None) -> int:
    """Say what the catalog holds, how old it is, and where each row was read."""
    from pinward.commands import catalog as command

    found, _ = command.current(command.standard(settings().data_folder), day(today))
    return command.show(found, day(today), provider, output, sys.stdout.write)


@catalog.command(short_help="Check the catalog in use, or a file of one.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@TODAY
def verify(file: Path | None, today: datetime | None) -> int:
    """Check the catalog in use (1: older than its promise), or FILE against FILE.sig and the keys of this version."""
    from pinward.commands import catalog as command

    return command.verify(file, command.standard(settings().data_folder), day(today), sys.stdout.write)


@catalog.command(short_help="Fetch newer data, if it is signed.")
@TODAY
def refresh(today: datetime | None) -> int:
    """Fetch newer data, and keep it only where it is signed with a key of this version and nothing is amiss."""
    from pinward.commands import catalog as command

    return command.refresh(command.standard(settings().data_folder), day(today), sys.stdout.write)
