"""A year of nights over real repositories: which alert came on which night, was any late, was any told twice?

Usage: python -m benchmarks.nights REPOSITORY... [--from YYYY-MM-DD] [--nights 365]

Each night is the whole of `pinward watch --issue` against the tests' GitHub server, on a copy of the files in which the
scan finds models that are sent to a provider. What should have been told is computed beside it from the catalog's own
days, by another way: a stage begins on the first night with fewer days left than the policy says.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from pinward.commands.scan.run import ScanOptions, examine
from pinward.core.findings import ModelUse
from pinward.core.policy import LifecyclePolicy
from pinward.git.tree import WorkTree
from tests.integration.watch_fixture import CATALOG, Nights, nights

Event = tuple[str, str]  # a model's mark is enough to tell models apart; here the names are shown: (name, stage)


def selected(root: Path, today: date) -> list[ModelUse]:
    """Return the uses of a repository that are sent to a provider."""
    report = examine(root, WorkTree(root), CATALOG, ScanOptions(today))
    return [use for use in report.facts.uses if use.role == "selection"]


def expected(uses: list[ModelUse], first: date, count: int) -> dict[Event, date]:
    """Return the night on which each stage of each model begins, from the days that the catalog gives."""
    policy = LifecyclePolicy()
    due: dict[Event, date] = {}
    for use in {(u.model.provider, u.model.id): u for u in uses}.values():
        for night in (first + timedelta(days=n) for n in range(count)):
            life = CATALOG.lifetime(use.model, night)
            if life is None:
                continue
            days = [d for d in (life.reroutes_on, life.shutdown_on) if d]
            if life.shutdown_kind == "not-before":
                days = [d for d in (life.reroutes_on,) if d]
            left = (min(days) - night).days if days else None
            stage = "retired" if life.status == "retired" else None
            if life.rerouted_to:
                stage = "rerouted"
            elif stage is None and left is not None:
                stage = "urgent" if left < policy.urgent_days else "soon" if left < policy.warn_days else None
            if stage is None and life.reroutes_on:
                stage = "announced"
            if stage:
                due.setdefault((f"{use.model.provider}/{use.model.id}", stage), night)
    return due


def run(job: Nights, first: date, count: int) -> tuple[dict[Event, date], list[str]]:
    """Watch night after night; return on which night each alert came, and what was told twice."""
    came: dict[Event, date] = {}
    twice = []
    for night in (first + timedelta(days=n) for n in range(count)):
        for change in job.watch(night.isoformat()).changes:
            if change.ending is None:
                continue
            event = (f"{change.ending.model.provider}/{change.ending.model.id}", change.ending.standing.stage)
            if event in came:
                twice.append(f"{night} {event}")
            came.setdefault(event, night)
    return came, twice


def simulate(root: Path, first: date, count: int) -> bool:
    """Print one repository's year; return whether every alert came once and on its night."""
    uses = selected(root, first)
    tree = WorkTree(root)
    paths = sorted({use.location.path for use in uses})
    files: dict[str, str | bytes | None] = {path: tree.read(path) for path in paths}
    with tempfile.TemporaryDirectory() as folder, nights(Path(folder), files) as job:
        seen = selected(job.repository.root, first)
        came, twice = run(job, first, count)
        writes = Counter(exchange.operation for exchange in job.state.writes())
    due = expected(seen, first, count)
    late = [f"{event}: due {due[event]}, told {came.get(event)}" for event in due if came.get(event) != due[event]]
    early = [f"{event}: told {night}" for event, night in came.items() if event not in due]
    print(f"\n{root.name}: {len(seen)} uses of {len({u.model.id for u in seen})} models in {len(paths)} files")
    for (name, stage), night in sorted(came.items(), key=lambda item: (item[1], item[0])):
        print(f"  {night}  {stage:<9} {name}")
    print(f"  {count} nights, {len(came)} alerts on {len(set(came.values()))} nights; writes: {dict(writes)}")
    print(f"  told twice: {twice or 'none'}; late or missing: {late or 'none'}; not due: {early or 'none'}")
    return not (twice or late or early)


def main() -> int:
    """Simulate each repository; 1 where one of them was told late, twice or without cause."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2026, 5, 1))
    parser.add_argument("--nights", type=int, default=365)
    asked = parser.parse_args()
    good = [simulate(root, asked.first, asked.nights) for root in asked.repositories]
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(main())
