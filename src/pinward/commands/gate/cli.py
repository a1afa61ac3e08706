"""`pinward gate` on a laptop or in any CI: names of commits in, a report folder and an exit code out."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pinward.commands import publish
from pinward.commands.gate.dry_run import dry_run
from pinward.commands.gate.progress import run_watched
from pinward.commands.gate.run import GateEdges, GateRequest
from pinward.commands.gate.shards import read_shard
from pinward.commands.gate.work import Connect
from pinward.commands.rollout.outside import endpoint, merges
from pinward.config.settings import GitHubSettings, Settings
from pinward.core.report import GateReport
from pinward.errors import ExitCode, GitError, PinwardError, UsageError
from pinward.gh.event import Trust
from pinward.git.history import merge_base, require_toplevel, resolve
from pinward.git.listing import tracked
from pinward.lifecycle.catalog import load
from pinward.lifecycle.prices import GenaiPrices
from pinward.net import DIRECT, Network, password_of
from pinward.providers.connect import Connections
from pinward.render import console


@dataclass(frozen=True)
class Options:
    """The flags of the verb."""

    base: str
    head: str
    config: str
    report_dir: Path
    path: Path
    dry_run: bool = False
    publish: bool = False
    event: Path | None = None
    shard: str | None = None
    evidence: Path | None = None
    store: bool = True


def run(options: Options, settings: Settings, out: TextIO) -> int:
    """Gate one branch against another and print the result."""
    shard = read_shard(options.shard) if options.shard else None
    if shard and options.publish:
        raise UsageError(f"{shard} decides nothing that could be published", "Publish what `pinward merge` leaves.")
    root = require_toplevel(options.path)
    head = resolve(root, options.head)
    tip = resolve(root, options.base)
    base = merge_base(root, tip, head)
    if base is None:
        hint = "Fetch more history (`git fetch --unshallow`), or name a base that this branch grew from."
        raise GitError(f"{options.base} and {options.head} have no common ancestor here", hint)
    request = GateRequest(root, base, head, options.report_dir, options.config, shard=shard, stored=options.evidence)
    edges = replace(real_edges(settings), store=_store(options, settings))
    if options.dry_run:
        out.write(dry_run(request, edges) + "\n")
        return ExitCode.OK
    refuse_tracked(root, options.report_dir)
    if options.evidence is not None:
        refuse_tracked(root, options.evidence)
    code = show(run_watched(request, edges, sys.stderr, settings.screen.detail), settings, out)
    if options.publish:
        _publish(options, settings)
    return code


def _store(options: Options, settings: Settings) -> Path | None:
    """Return the store of this machine; none for what is published or judged elsewhere (docs/threats.md T24)."""
    is_private = options.store and not (options.publish or options.event or options.shard)
    return settings.store if is_private else None


def show(report: GateReport, settings: Settings, out: TextIO) -> int:
    """Print a report and return its exit code."""
    out.write(console.gate(report, settings.screen))
    return report.exit_code


def refuse_tracked(root: Path, folder: Path) -> None:
    """Raise `UsageError` for a report folder that the repository itself fills: results there would be taken for those
    of an interrupted run, reports for those of shards, and links there would be written through."""
    for place in (folder.absolute(), Path(os.path.realpath(folder))):  # resolve() ends on circles
        if place.is_relative_to(root) and (found := tracked(root, str(place.relative_to(root)))):
            hint = "Name another folder, or take that one out of the repository."
            raise UsageError(f"the repository tracks {found[0]}, where reports are read and written", hint)


def _publish(options: Options, settings: Settings) -> None:
    """Publish the report; what GitHub does not take changes nothing about the verdict."""
    event = str(options.event) if options.event else settings.github.event_path
    told = replace(settings, github=replace(settings.github, event_path=event))
    _, problems = publish.publish_folder(options.report_dir, told, publish.Clock())
    sys.stderr.writelines(f"pinward: {problem}\n" for problem in problems)


def real_edges(settings: Settings, network: Network = DIRECT) -> GateEdges:
    """Return the real outside world, with the keys of this environment. Only the action passes a `network`."""
    edges = edges_over(lambda providers: Connections(providers, settings.key, network=network))
    hidden = tuple(secret for secret in (settings.github.token, password_of(network)) if secret)
    edges = replace(edges, merged=merges(settings), fetch=endpoint(settings), keys=settings.key, secrets=hidden)
    return replace(edges, no_programs=_whose_code(settings.github))


def _whose_code(github: GitHubSettings) -> str:
    """Say why programs of the head must not run in this job: a fork's code, or nobody knows whose. Empty elsewhere."""
    if not github.event_path:
        return ""
    try:
        event = publish.current_event(github)
    except PinwardError as error:
        return f"whose code this is cannot be told ({error.message})"
    return "the event is about a fork's code" if event.trust is Trust.FORK else ""


def edges_over(connect: Connect, deterministic: bool = False) -> GateEdges:
    """Return the real facts, prices and clock around other connections; see `GateEdges.deterministic`."""
    prices = GenaiPrices(datetime.now(UTC))
    return GateEdges(
        catalog=load(),
        prices=prices,
        window=prices.context_window,
        connect=connect,
        now=lambda: datetime.now(UTC),
        deterministic=deterministic,
    )
