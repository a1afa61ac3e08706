"""Simulated suites: what each case's true quality is before and after a change, and answers drawn from it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pinward.core.evidence import CANDIDATE, Completion, Evidence, Grade, PlannedCase, Sample, TaskPlan, Verdict
from pinward.core.model_id import ModelId
from pinward.core.policy import GatePolicy
from pinward.verdict.plan import next_round

OLD = ModelId("openai", "openai/old", "old", "pinned")
NEW = ModelId("openai", "openai/new", "new", "pinned")
_ANSWER = Completion("ok", replayed=True)
_PASS, _FAIL = Grade(1.0, True), Grade(0.0, False)

Draw = Callable[[random.Random, float], Grade]
Truth = tuple[float, float]  # a case's quality on the baseline and on the candidate
World = Callable[[random.Random], Truth]  # draws one case


def pass_fail(rng: random.Random, quality: float) -> Grade:
    """Pass with probability `quality`."""
    return _PASS if rng.random() < quality else _FAIL


def graded(rng: random.Random, quality: float) -> Grade:
    """Score around `quality` with a spread of 0.1."""
    score = min(max(rng.gauss(quality, 0.1), 0.0), 1.0)
    return Grade(score, score >= 0.5)


def thirds(rng: random.Random, quality: float) -> Grade:
    """Score as a case with three checks of equal weight does."""
    met = sum(rng.random() < quality for _ in range(3))
    return Grade(met / 3, met == 3)


def exact(_: random.Random, quality: float) -> Grade:
    """Score exactly `quality`: all variation lies between the cases."""
    return Grade(quality, quality >= 0.5)


def mixed(rng: random.Random) -> float:
    """70% solid, 20% flaky (passing half to all of the time), 10% hopeless."""
    kind = rng.random()
    return 1.0 if kind < 0.7 else rng.uniform(0.5, 1.0) if kind < 0.9 else 0.0


def same(rate: float | None = None) -> World:
    """Nothing changed; every case passes at `rate`, or as in the mixed suite."""

    def draw(rng: random.Random) -> Truth:
        quality = mixed(rng) if rate is None else rate
        return quality, quality

    return draw


def flips(rate: float) -> World:
    """Nothing changed; 80% of the cases pass and 20% fail, but each answer is the other one at `rate`."""

    def draw(rng: random.Random) -> Truth:
        quality = 1 - rate if rng.random() < 0.8 else rate
        return quality, quality

    return draw


def broken(share: float) -> World:
    """Each case of the mixed suite breaks for good with probability `share`."""

    def draw(rng: random.Random) -> Truth:
        quality = mixed(rng)
        return quality, 0.0 if rng.random() < share else quality

    return draw


def half_broken(share: float) -> World:
    """Each case is, with probability `share`, a solid one that now passes 40% of the time."""

    def draw(rng: random.Random) -> Truth:
        quality = mixed(rng)
        return (1.0, 0.4) if rng.random() < share else (quality, quality)

    return draw


def scaled(factor: float) -> World:
    """Every case of the mixed suite passes less often by a factor."""

    def draw(rng: random.Random) -> Truth:
        quality = mixed(rng)
        return quality, quality * factor

    return draw


def sparse_loss(loss: float, quality: float = 1.0) -> World:
    """Each case is lost as a whole with probability loss / quality: the mean falls by exactly `loss`."""
    return lambda rng: (quality, 0.0 if rng.random() < loss / quality else quality)


def dense_loss(loss: float, quality: float = 0.9) -> World:
    """Every case falls by exactly `loss`."""
    return lambda _: (quality, quality - loss)


def graded_loss(share: float, before: float, after: float) -> World:
    """Each case is worth `before`, and with probability `share` only `after` on the candidate."""
    return lambda rng: (before, after if rng.random() < share else before)


@dataclass(frozen=True, slots=True)
class Trial:
    """One simulated pull request: what was decided, what it took, and each case's truth."""

    verdict: Verdict
    evidence: Evidence
    truth: Mapping[str, Truth]

    @property
    def calls(self) -> int:
        return len(self.evidence.samples)

    @property
    def proven(self) -> bool:
        return self.verdict.comparisons[0].proven

    def named(self) -> set[str]:
        """Return the cases that were called regressed."""
        return {case.case for c in self.verdict.comparisons for case in c.cases if case.status == "regressed"}

    def first_scores(self) -> dict[str, tuple[list[float], list[float]]]:
        """Return each case's first-pass scores on both sides."""
        scores: dict[str, tuple[list[float], list[float]]] = {case: ([], []) for case in self.truth}
        for sample in self.evidence.samples:
            if sample.call.phase == "first" and sample.grade:
                scores[sample.call.case][sample.call.arm == CANDIDATE].append(sample.grade.score)
        return scores


def simulate(world: World, cases: int, policy: GatePolicy, rng: random.Random, draw: Draw = pass_fail) -> Trial:
    """Play one pull request to its verdict."""
    planned = tuple(PlannedCase(f"c{i}", "any") for i in range(cases))
    truth = {case.id: world(rng) for case in planned}
    evidence = Evidence((TaskPlan("task", planned, OLD, NEW),))
    while not isinstance(step := next_round(evidence, policy), Verdict):
        new = tuple(Sample(c, _ANSWER, draw(rng, truth[c.case][c.arm == CANDIDATE])) for c in step.calls)
        evidence = Evidence(evidence.plans, (*evidence.samples, *new))
    return Trial(step, evidence, truth)
