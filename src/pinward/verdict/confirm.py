"""The confirmation of fallen cases on fresh runs of both sides, in two looks.

The first pass chose these cases, so it may not judge them: only fresh runs count. Every look controls its family-wise
error by Holm's procedure over all fallen cases; the looks' levels add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pinward.core.evidence import BASELINE, CANDIDATE, Call, CaseComparison, CaseStatus
from pinward.core.policy import GatePolicy
from pinward.verdict.cases import Ledger, Runs, collect, tally
from pinward.verdict.stats import can_decide, holm, permutation_p, runs_needed

SECOND_LOOK = 16  # fresh runs a side in all
_SIDES = (BASELINE, CANDIDATE)
Key = tuple[str, str]  # task, case


@dataclass(frozen=True, slots=True)
class Look:
    """One look: fresh runs a side up to here, and the error rate that it may spend."""

    runs: int
    level: float


def plan_looks(policy: GatePolicy, fallen: int, share: float) -> tuple[Look, ...]:
    """Return the looks at so many fallen cases.

    `share` is this family's part of the error rate (1 without shards). A number in `confirm` is exactly so many fresh
    runs a side: one look, which may spend what the two share.
    """
    level = policy.alpha * share / 4
    if policy.confirm != "auto":
        return (Look(policy.confirm, 2 * level),)
    first = runs_needed(fallen, level)
    return (Look(first, level), Look(max(first, SECOND_LOOK), level))


@dataclass(slots=True)
class Confirmation:
    """The state of one family of fallen cases: what is decided, and the calls that are still needed."""

    fallen: Mapping[Key, CaseComparison]
    looks: tuple[Look, ...]
    decided: dict[Key, CaseComparison] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def look_at(self, ledger: Ledger, stopped: bool) -> None:
        """Take the looks in turn, until one lacks calls that may still be made."""
        waiting = dict(self.fallen)
        for look in self.looks:
            missing = [call for call in _calls(waiting, look.runs) if call not in ledger]
            if missing and not stopped:
                self.calls = missing
                return
            cut = {(call.task, call.case) for call in missing}
            self.decided |= {key: waiting.pop(key) for key in cut}
            waiting = self._take(waiting, look, ledger)
        self.decided |= waiting

    def _take(self, waiting: dict[Key, CaseComparison], look: Look, ledger: Ledger) -> dict[Key, CaseComparison]:
        """Decide what this look can decide; return the cases that go on."""
        seen = {key: _Fresh.of(key, case, look, ledger) for key, case in waiting.items()}
        # A case that an earlier look found regressed is rejected already, one that was released never will be.
        earlier = [0.0 if case.status == "regressed" else 1.0 for case in self.decided.values()]
        significant = holm([fresh.p for fresh in seen.values()] + earlier, look.level)
        going_on = {}
        last = look is self.looks[-1]
        for (key, fresh), hit in zip(seen.items(), significant, strict=False):
            able = can_decide(fresh.runs, len(self.fallen), look.level)
            if hit:
                self.decided[key] = replace(fresh.case, status="regressed")
            elif able and (last or not fresh.trails):
                self.decided[key] = replace(fresh.case, status=fresh.released)
            else:
                going_on[key] = fresh.case
        return going_on


def _calls(cases: Mapping[Key, CaseComparison], runs: int) -> list[Call]:
    """Return all fresh calls up to `runs` a side: round by round, sides interleaved, the first side alternating."""
    return [
        Call(*key, side, "confirm", repeat)
        for repeat in range(runs)
        for key in cases
        for side in _SIDES[:: -1 if repeat % 2 else 1]
    ]


@dataclass(frozen=True, slots=True)
class _Fresh:
    """One fallen case as one look sees it."""

    case: CaseComparison
    p: float
    runs: int
    trails: bool
    released: CaseStatus

    @classmethod
    def of(cls, key: Key, case: CaseComparison, look: Look, ledger: Ledger) -> _Fresh:
        fresh = collect(key, _SIDES, "confirm", look.runs, ledger)
        p = _p_value(fresh)
        baseline, candidate = tally(fresh.grades[BASELINE]), tally(fresh.grades[CANDIDATE])
        trails = (candidate.score or 0) < (baseline.score or 0) - 1e-12
        mixed = 0 < baseline.passes + candidate.passes < baseline.runs + candidate.runs
        seen = replace(case, fresh_baseline=baseline, fresh_candidate=candidate, p_value=p)
        return cls(seen, p, baseline.runs, trails, "flaky" if mixed or trails else "recovered")


def _p_value(fresh: Runs) -> float:
    baseline, candidate = ([grade.score for grade in fresh.grades[side]] for side in _SIDES)
    return permutation_p(baseline, candidate)
