"""Answers of earlier runs, found again by the key of a sample (docs/how-verdicts.md, "Stored evidence").

Whether a run may be trusted at all is decided before it comes here (`commands.gate.evidence`, docs/threats.md T24).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pinward.core.evidence import CANDIDATE, Call, Sample


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One earlier run: the commit it judged, when it began, the tasks that passed in it, and its answers by key.

    `own` where that commit is the one under test; else it is a run of the default branch. `statuses` holds the cases
    that were worth a remark (regressed, flaky, ...), by task; a task that was compared without one has none.
    """

    head: str
    started: datetime
    own: bool
    passed: frozenset[str]
    samples: Mapping[str, Sample]
    statuses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def is_live(sample: Sample) -> bool:
    """Tell whether an answer is worth keeping: what an earlier run had itself from a store would look younger than it
    is."""
    return bool(sample.key) and sample.grade is not None and not sample.stored and not sample.completion.replayed


@dataclass(slots=True)
class SampleStore:
    """What earlier runs answered. The earliest run goes first, so that running again cannot pick the better luck.

    `gone` names tasks whose baseline is known to be dead, so that nobody is asked in vain.
    """

    runs: Sequence[StoredRun] = ()
    gone: set[str] = field(default_factory=set)
    _chosen: dict[tuple[str, str], StoredRun] = field(default_factory=dict)

    def proof(self, task: str, arm: str, keys: Collection[str]) -> StoredRun | None:
        """Return the latest run of the default branch in which this task passed and that holds all these answers.

        None for a candidate that the latest run which judged it blocked: as the baseline of the run that repaired it,
        it stands in one that passed, and is no better for it.
        """
        latest = sorted((run for run in self.runs if not run.own), key=lambda run: run.started, reverse=True)
        holding = [run for run in latest if keys and all(key in run.samples for key in keys)]
        judged = next((run for run in holding if all(run.samples[key].call.arm == CANDIDATE for key in keys)), None)
        if arm == CANDIDATE and judged is not None and task not in judged.passed:
            return None
        return next((run for run in holding if task in run.passed), None)

    def choose(self, task: str, arm: str, run: StoredRun) -> None:
        """Let the first-pass answers of one side come from one run of the default branch."""
        self._chosen[task, arm] = run

    def before(self, call: Call, key: str) -> Sample | None:
        """Return what stands instead of a call: this commit's own earlier answer, or a chosen run's first pass."""
        for run in self._own():
            if key in run.samples:
                return replace(run.samples[key], call=call, stored=True)
        return self.stand_in(call, key) if call.arm == CANDIDATE or call.task in self.gone else None

    def stand_in(self, call: Call, key: str) -> Sample | None:
        """Return a chosen run's answer to a first call. Confirmations are fresh by their nature and never stored."""
        run = self._chosen.get((call.task, call.arm))
        if run is None or call.phase != "first" or key not in run.samples:
            return None
        return replace(run.samples[key], call=call, stored=True, stands_in=True)

    def source(self, sample: Sample) -> StoredRun | None:
        """Return the run that a stored sample was taken from; None for a live one."""
        if sample.stands_in:
            return self._chosen.get((sample.call.task, sample.call.arm))
        own = [run for run in self._own() if not sample.key or sample.key in run.samples]
        return own[0] if sample.stored and own else None

    def _own(self) -> list[StoredRun]:
        return sorted((run for run in self.runs if run.own), key=lambda run: run.started)
