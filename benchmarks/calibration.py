"""How often the gate is wrong, and what it finds: every cell of docs/how-verdicts.md, "Measured".

    python -m benchmarks.calibration [--runs 1000] [--only NAME]

Each cell plays whole pull requests through `next_round`. Exits with 1 where a cell misses its bound by more than the
Monte Carlo error of the run (three standard errors).
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from benchmarks import worlds
from benchmarks.worlds import Trial, World, simulate
from pinward.core.policy import GatePolicy
from pinward.verdict.stats import mcnemar_p, permutation_p

ALPHA = 0.05
R1, R3 = GatePolicy(), GatePolicy(repeats=3)
Figure = Literal["fail", "proven", "named"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One row: a world, a suite size, a policy, and the bound that a figure must keep (`most` or `least`)."""

    name: str
    world: World
    cases: int
    policy: GatePolicy = R1
    draw: worlds.Draw = worlds.pass_fail
    figure: Figure = "fail"
    most: float | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a cell measured."""

    cell: Cell
    runs: int
    values: Counter[str]
    share: float
    calls: float
    others: dict[str, float]

    @property
    def error(self) -> float:
        """Three standard errors of the share, at the bound where there is one."""
        bound = self.cell.most or self.cell.least or self.share
        return 3 * math.sqrt(max(bound * (1 - bound), 1e-4) / max(self.runs, 1))

    @property
    def holds(self) -> bool:
        above = self.cell.most is not None and self.share > self.cell.most + self.error
        below = self.cell.least is not None and self.share < self.cell.least - self.error
        return not (above or below)


def null_cells(sizes: Sequence[int] = (20, 50, 200, 1000)) -> Iterator[Cell]:
    """Nothing changed: at most alpha may be blocked."""
    for cases in sizes:
        for rate in (0.5, 0.9, 0.99, None):
            shown = "mixed" if rate is None else f"{rate:.0%}"
            yield Cell(f"same, {shown}, N={cases}", worlds.same(rate), cases, most=ALPHA)
        for rate in (0.0, 0.01, 0.05):
            yield Cell(f"same, flips {rate:.0%}, N={cases}", worlds.flips(rate), cases, most=ALPHA)
        yield Cell(f"same, mixed, R=3, N={cases}", worlds.same(), cases, R3, most=ALPHA)
        yield Cell(f"same, thirds, N={cases}", worlds.same(0.9), cases, draw=worlds.thirds, most=ALPHA)
    for cases in sizes[:3]:
        yield Cell(f"same, graded, N={cases}", worlds.same(0.8), cases, draw=worlds.graded, most=ALPHA)


def margin_cells(sizes: Sequence[int] = (50, 100, 200, 400)) -> Iterator[Cell]:
    """Worse by exactly the margin: at most alpha/2 may be called proven."""
    for cases, margin in itertools.product(sizes, (0.05, 0.10)):
        policy = GatePolicy(require="non_inferior", margin=margin, confirm=0, max_regressions=10_000)
        shapes = {
            "sparse": (worlds.sparse_loss(margin), worlds.pass_fail),
            "dense": (worlds.dense_loss(margin), worlds.pass_fail),
            "sparse graded": (worlds.sparse_loss(margin, 0.9), worlds.exact),
            "dense graded": (worlds.dense_loss(margin, 0.7), worlds.graded),
        }
        for shape, (world, draw) in shapes.items():
            name = f"worse by {margin:.0%}, {shape}, N={cases}"
            yield Cell(name, world, cases, policy, draw, "proven", most=ALPHA / 2)


def power_cells() -> Iterator[Cell]:
    """What is found: at least the shares that docs/how-verdicts.md promises."""
    losses = {
        "3% broken": worlds.broken(0.03),
        "10% broken": worlds.broken(0.10),
        "5% half broken": worlds.half_broken(0.05),
        "all x .90": worlds.scaled(0.90),
    }
    # What is promised as 1.00 was rounded to two digits.
    promised = {30: (0.57, 0.94, 0.58, 0.13), 100: (0.94, 0.995, 0.94, 0.61), 300: (0.995, 0.995, 0.995, 0.98)}
    for cases, shares in promised.items():
        yield Cell(f"nothing changed, N={cases}", worlds.same(), cases, most=ALPHA)
        for (name, world), least in zip(losses.items(), shares, strict=True):
            yield Cell(f"{name}, N={cases}", world, cases, least=least)
    graded = worlds.graded_loss(0.05, 0.9, 0.6)
    yield Cell("graded .9 -> .6 on 5%, N=100", graded, 100, draw=worlds.graded, figure="named", least=0.5)


EARLY = GatePolicy(margin=0.05, early_stop=True)


def early_cells(cases: int = 1000) -> Iterator[Cell]:
    """Looking in between: the same bounds hold."""
    for name, world in {"mixed": worlds.same(), "flips 1%": worlds.flips(0.01)}.items():
        yield Cell(f"early, same, {name}, N={cases}", world, cases, EARLY, most=ALPHA)
    for name, world in {"10% broken": worlds.broken(0.10), "all x .80": worlds.scaled(0.80)}.items():
        yield Cell(f"early, {name}, N={cases}", world, cases, EARLY, least=0.995)
    policy = replace(EARLY, require="non_inferior", confirm=0, max_regressions=10_000)
    for name, world in {"sparse": worlds.sparse_loss(0.05), "dense": worlds.dense_loss(0.05)}.items():
        yield Cell(f"early, worse by 5%, {name}, N={cases}", world, cases, policy, figure="proven", most=ALPHA / 2)


def savings(results: Iterable[Result], runs: int) -> Iterator[tuple[str, float]]:
    """Yield each clear case's median calls over those of the same world without looking in between; at most 0.5."""
    for result in results:
        cell = result.cell
        if cell.policy is EARLY:
            whole = measure(replace(cell, name=f"{cell.name}, whole", policy=replace(EARLY, early_stop=False)), runs)
            yield cell.name, result.calls / whole.calls


def measure(cell: Cell, runs: int) -> Result:
    """Play a cell `runs` times, with seeds that depend on the cell's name alone."""
    trials = (simulate(cell.world, cell.cases, cell.policy, _rng(cell, run), cell.draw) for run in range(runs))
    values: Counter[str] = Counter()
    calls, hits, others = [], [], Counter[str]()
    for trial in trials:
        values[trial.verdict.value] += 1
        calls.append(trial.calls)
        hits += _hits(cell, trial)
        if cell.draw is worlds.pass_fail and cell.policy is R1:
            others.update(name for name, blocks in simpler_gates(trial).items() if blocks)
    share = sum(hits) / len(hits) if hits else 0.0
    return Result(cell, len(hits), values, share, median(calls), {k: n / runs for k, n in others.items()})


def _rng(cell: Cell, run: int) -> random.Random:
    return random.Random(f"{cell.name}/{run}")


def _hits(cell: Cell, trial: Trial) -> list[bool]:
    if cell.figure == "named":
        named = trial.named()
        return [case in named for case, (before, after) in trial.truth.items() if after < before]
    return [trial.proven if cell.figure == "proven" else trial.verdict.value == cell.figure]


def simpler_gates(trial: Trial) -> dict[str, bool]:
    """Return what gates would say that look at the first pass alone, on the same draws."""
    scores = [(before[0], after[0]) for before, after in trial.first_scores().values()]
    losses, gains = sum(c < b for b, c in scores), sum(c > b for b, c in scores)
    return {"any drop": losses > gains, "any flip": losses > 0, "McNemar": mcnemar_p(losses, gains) <= ALPHA / 2}


def three_runs_without_confirmation(world: World, cases: int, runs: int) -> float:
    """Return how often three runs a side and a test of each case alone would block."""
    blocked = 0
    for run in range(runs):
        trial = simulate(world, cases, GatePolicy(repeats=3, confirm=0), random.Random(f"three/{cases}/{run}"))
        blocked += any(permutation_p(before, after) <= ALPHA for before, after in trial.first_scores().values())
    return blocked / runs


def table(results: Iterable[Result]) -> Iterator[str]:
    """Yield a Markdown table, row by row as the cells finish."""
    yield "| cell | runs | measured | bound | pass / fail / inconclusive | calls | any drop / any flip / McNemar |"
    yield "|---|---|---|---|---|---|---|"
    for result in results:
        cell = result.cell
        bound = f"at most {cell.most:g}" if cell.most is not None else f"at least {cell.least:g}"
        values = " / ".join(f"{result.values[v] / result.values.total():.3f}" for v in ("pass", "fail", "inconclusive"))
        gates = " / ".join(f"{result.others.get(name, 0):.2f}" for name in ("any drop", "any flip", "McNemar"))
        measured = f"{cell.figure} {result.share:.3f}{'' if result.holds else ' **missed**'}"
        compared = gates if result.others else ""
        yield f"| {cell.name} | {result.runs} | {measured} | {bound} | {values} | {result.calls:.0f} | {compared} |"


def runs_of(cell: Cell, runs: int) -> int:
    """Return how often to play a cell: large and graded suites cost more and are played less often."""
    weight = cell.cases * (5 if cell.draw is worlds.graded else 1)
    return max(runs if weight <= 200 else runs * 200 // weight, min(runs, 100))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 where a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000, help="pull requests a cell, for suites of up to 200 cases")
    parser.add_argument("--only", default="", help="only cells whose name matches this pattern")
    options = parser.parse_args(arguments)
    cells = [
        c for c in (*null_cells(), *margin_cells(), *power_cells(), *early_cells()) if re.search(options.only, c.name)
    ]
    results = []

    def keep() -> Iterator[Result]:
        for cell in cells:
            results.append(measure(cell, runs_of(cell, options.runs)))
            yield results[-1]

    for row in table(keep()):
        print(row, flush=True)
    missed = [result.cell.name for result in results if not result.holds]
    for name, ratio in savings(results, max(options.runs // 20, 3)):
        print(f"{name}: {ratio:.0%} of the calls without looking in between")
        missed += [f"{name}: calls"] if ratio > 0.5 else []
    print(f"\n{len(results)} cells, {len(missed)} missed{': ' if missed else ''}{'; '.join(missed)}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
