"""Verbs of a rollout: rollout."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pinward.verbs.common import PATH, now, settings


@click.command(short_help="Say where a rollout stands, and take its next step.")
@click.argument("task")
@click.option("--advance", is_flag=True, help="Write the next stage into pinward.yml, and nothing else.")
@click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to the root.")
@PATH
def rollout(task: str, advance: bool, config: str, path: Path) -> int:
    """Say where the rollout of a task's candidate stands, what its next step needs, and the checklist.

    GitHub is asked for merge times where GITHUB_TOKEN and GITHUB_REPOSITORY are set.

    \b
    pinward rollout extract_ticket
    pinward rollout extract_ticket --advance
    """
    from pinward.commands.rollout import run as command
    from pinward.commands.rollout.evidence import Outside
    from pinward.commands.rollout.outside import endpoint, merges
    from pinward.lifecycle.catalog import load

    known = settings()
    edges = command.Edges(load(), now, lambda moment: Outside(moment, merges(known), endpoint(known)))
    return command.run(command.Options(task, path, config, advance), edges, sys.stdout)
