"""Verbs that judge a candidate: gate, publish and demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from pinward.verbs.common import FOLDER, settings


@click.command(short_help="Evaluate what a branch changes, against the base.")
@click.option("--base", required=True, help="Branch, tag or commit to compare with; policy is read from it.")
@click.option("--head", default="HEAD", show_default=True, help="Branch, tag or commit that holds the change.")
@click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to the root.")
@click.option(
    "--report-dir", type=FOLDER, default=Path("pinward-report"), show_default=True, help="Folder for the report."
)
@click.option("--path", type=FOLDER, default=Path(), help="A folder of the repository; the current one by default.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it could cost; call nobody.")
@click.option("--publish", is_flag=True, help="Put the report on the pull request that the event names.")
@click.option("--event", type=FOLDER, help="Event file for --publish instead of GITHUB_EVENT_PATH.")
@click.option("--shard", metavar="I/N", help="Run part I of N only; `pinward merge` judges all parts together.")
@click.option("--evidence", type=FOLDER, help="Reports of earlier runs: what they proved, and what they cost.")
@click.option("--store/--no-store", default=True, help="Take first answers that this machine has already paid for.")
def gate(**given: Any) -> int:
    """Evaluate what a branch changes: model, prompt or parameters, against the base.

    \b
    pinward gate --base main --dry-run
    pinward gate --base origin/main --head feature --report-dir out
    pinward gate --base main --shard 1/4 --report-dir shards/1
    pinward gate --base main --evidence pinward-evidence
    pinward gate --base main --no-store
    """
    from pinward.commands.gate import cli as command

    return command.run(command.Options(**given), settings(), sys.stdout)


@click.command(short_help="Judge the shards of one gate together.")
@click.argument("folders", metavar="DIR...", type=FOLDER, nargs=-1, required=True)
@click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to the root.")
@click.option(
    "--report-dir", type=FOLDER, default=Path("pinward-report"), show_default=True, help="Folder for the report."
)
@click.option("--path", type=FOLDER, default=Path(), help="A folder of the repository; the current one by default.")
def merge(**given: Any) -> int:
    """Judge the shards of one gate together, and leave the report that a single run would have left.

    DIR is the report folder of one shard, or a folder that holds those of several.

    \b
    pinward merge shards/
    pinward merge shards/1 shards/2 --report-dir pinward-report
    """
    from pinward.commands import merge as command

    return command.run(command.Options(**given), settings(), sys.stdout)


@click.command(short_help="Rank candidates for a task's model.")
@click.argument("task")
@click.option("--to", required=True, multiple=True, metavar="MODEL", help="A candidate, provider/model; repeatable.")
@click.option("--head", default="HEAD", show_default=True, help="Commit whose task, suite and policy are used.")
@click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to the root.")
@click.option(
    "--report-dir", type=FOLDER, default=Path("pinward-migration"), show_default=True, help="Folder for reports."
)
@click.option("--path", type=FOLDER, default=Path(), help="A folder of the repository; the current one by default.")
@click.option("--write", is_flag=True, help="Make the edit of the best candidate, if it passed.")
def migrate(**given: Any) -> int:
    """Rank candidates for a task's model on one shared baseline; the exit code is the best one's.

    With --write the best one's edit is made in the work tree, if it passed: the task's model, and the code that calls
    it.

    \b
    pinward migrate extract_entities --to anthropic/claude-sonnet-4-6 --to gemini/gemini-3.8-flash
    pinward migrate extract_entities --to openai/gpt-6-luna --write
    """
    from pinward.commands.migrate import run as command

    return command.run(command.Options(**given), settings(), sys.stdout)


@click.command(short_help="Put a saved report on its pull request.")
@click.argument("report_dir", type=FOLDER)
def publish(report_dir: Path) -> int:
    """Publish a saved report: comment, check and summary on GitHub. Needs a token, no provider keys.

    \b
    pinward publish pinward-report
    """
    from pinward.commands import publish as command

    return command.run(report_dir, settings(), sys.stdout)


@click.command(short_help="See a blocked and a passing pull request.")
@click.option(
    "--report-dir", type=FOLDER, default=Path("demo-report"), show_default=True, help="Folder for both reports."
)
def demo(report_dir: Path) -> int:
    """Build a repository with two pull requests, gate both from recorded answers, and print both comments.

    \b
    pinward demo
    """
    from pinward.commands import demo as command

    return command.run(report_dir, sys.stdout.write)
