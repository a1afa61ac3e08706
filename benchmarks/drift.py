"""How often `watch --drift` is wrong, and how soon it finds a change: the figures of docs/watch.md, "Drift".

    python -m benchmarks.drift [--runs 400]

The rank of a night among exchangeable nights is uniform whatever the model, so that the time between false alarms is
measured on ranks alone; whole nights (cases that pass, fail and flicker) are played to confirm it, and for the delay.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean, median

from pinward.core.observation import Observation
from pinward.verdict.drift import follow, payout, threshold

FIRST = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class World:
    """A suite of `cases`, a share of which flickers (passes 7 nights in 10); on the last nights a share falls."""

    cases: int
    flaky: float
    falls: float = 0.0

    def night(self, draw: random.Random, number: int, fallen: frozenset[int] = frozenset()) -> Observation:
        """Play one night."""
        shaky = self.flaky * self.cases
        scores = {
            f"{case:016x}": float(case not in fallen and (case >= shaky or draw.random() < 0.7))
            for case in range(self.cases)
        }
        day = FIRST + timedelta(days=number)
        return Observation("task", "openai/gpt-4o", day, scores, int(sum(scores.values())))


def nights_between(arl_nights: float, runs: int, most: int = 20_000) -> float:
    """Return the mean number of nights until a false alarm, over uniform ranks."""
    bound, lengths = threshold(arl_nights), []
    for seed in range(runs):
        draw, wealth, night = random.Random(seed), 0.0, 1
        while wealth < bound and night < most:
            night += 1
            wealth = (wealth + 1) * payout(rank := draw.randint(1, night), rank, night)
        lengths.append(night)
    return mean(lengths)


def false_alarms(world: World, nights: int, runs: int, arl_nights: float = 365) -> int:
    """Return in how many of the runs a world in which nothing changes raised an alarm within so many nights."""
    alarms = 0
    for seed in range(runs):
        draw = random.Random(seed)
        drift = follow((world.night(draw, number) for number in range(nights)), arl_nights)
        alarms += drift is not None and drift.alarm is not None
    return alarms


def delay(world: World, before: int, seed: int, most: int = 40) -> int:
    """Return the nights from a change, which some of the cases do not survive, to its alarm; `most`: none by then."""
    draw = random.Random(seed)
    fallen = frozenset(draw.sample(range(world.cases), round(world.falls * world.cases)))
    played = [world.night(draw, number) for number in range(before)]
    for late in range(most):
        played.append(world.night(draw, before + late, fallen))
        drift = follow(played, 365)
        if drift is not None and drift.alarm is not None and drift.alarm.found_on >= FIRST + timedelta(days=before):
            return late + 1
    return most


def lines(runs: int) -> Iterable[str]:
    """Yield the table."""
    for arl in (100, 365, 1095):
        yield f"arl_nights {arl}: {nights_between(arl, runs):.0f} nights between false alarms"
    still = World(20, 0.2)
    yield f"{still}: {false_alarms(still, 120, 40)} of 40 stable runs of 120 nights raised an alarm"
    for world in (World(20, 0.2, 0.2), World(20, 0.2, 0.5), World(50, 0.2, 0.1)):
        for before in (30, 90):
            found = [delay(world, before, seed) for seed in range(15)]
            yield f"{world}, {before} nights before: found after {median(found):g} nights (median), {max(found)} (most)"


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    for line in lines(parser.parse_args().runs):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
