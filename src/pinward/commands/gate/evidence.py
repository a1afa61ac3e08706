"""What earlier runs contribute to a gate: which of them count, and for what they stand in (docs/threats.md T24)."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pinward.commands.gate.files import REPORT, RESULTS, open_plain, read_report
from pinward.core.evidence import BASELINE, CANDIDATE, NEW_TASK, Evidence, Sample, TaskPlan
from pinward.core.policy import GatePolicy
from pinward.core.quantities import count
from pinward.core.report import GateReport, NotableCase, StoredAnswers
from pinward.errors import GitError, PinwardError
from pinward.evals.journal import Kept
from pinward.evals.runner import Work, sample_key
from pinward.evals.store import SampleStore, StoredRun, is_live
from pinward.git.history import is_ancestor, is_sha
from pinward.verdict.cases import first_calls
from pinward.verdict.notable import cut

MAX_RESULTS = 512 * 2**20  # bytes of one run's answers


@dataclass(frozen=True)
class Scope:
    """What counts as evidence here: runs of this very head, and of commits that the base contains, young enough."""

    root: Path
    base: str
    heads: frozenset[str]
    now: datetime
    days: int

    def accept(self, folder: Path) -> StoredRun | str:
        """Return the run that a report folder holds, or why it does not count."""
        try:
            report = read_report(folder)
            started = datetime.fromisoformat(report.started)
            if objection := self._objection(report, started):
                return objection
            return StoredRun(
                head=report.head,
                started=started,
                own=report.head in self.heads,
                passed=frozenset(task.task for task in report.tasks if task.verdict == "pass"),
                statuses={task.task: {c.id: c.status for c in task.notable_cases} for task in report.tasks},
                samples=Kept(_verified(folder / RESULTS, report), is_live),
            )
        except (PinwardError, ValueError, TypeError, OSError) as error:
            return error.message if isinstance(error, PinwardError) else "its files cannot be read"

    def _objection(self, report: GateReport, started: datetime) -> str | None:
        age = self.now - started
        if age > timedelta(days=self.days) or age < -timedelta(hours=1):
            return f"it began on {started.date()}, and `policy.gate.evidence_days` is {self.days}"
        if report.head not in self.heads and not self._is_merged(report.head):
            return f"its commit {report.head[:9]} is neither this head nor contained in the base"
        return None

    def _is_merged(self, sha: str) -> bool:
        try:
            return is_sha(sha) and is_ancestor(self.root, sha, self.base)
        except GitError:
            return False


def _verified(path: Path, report: GateReport) -> Path:
    if report.results_sha256 is None:
        raise ValueError
    with open_plain(path, MAX_RESULTS) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != report.results_sha256:
            raise ValueError
    return path


def report_folders(folder: Path) -> list[Path]:
    """Return the report folders that a folder is or holds, one level deep."""
    places = [folder, *sorted(entry for entry in folder.iterdir() if entry.is_dir())] if folder.is_dir() else []
    return [place for place in places if (place / REPORT).is_file()]


def find_runs(folder: Path, scope: Scope) -> tuple[list[StoredRun], list[str]]:
    """Read `folder` and the folders in it; return the runs that count, and a note on each that does not."""
    runs, notes = [], []
    places = report_folders(folder)
    for place in places:
        if not (place / RESULTS).exists():
            continue  # a report alone tells what its run cost (`gate.spending`), and nothing else
        found = scope.accept(place)
        if isinstance(found, StoredRun):
            runs.append(found)
        else:
            notes.append(f"Stored evidence in `{place.name}` is not used: {found}.")
    if not places:
        notes.append(f"`{folder.name}` holds no stored evidence: there is no {REPORT} in it.")
    return runs, notes


@dataclass(frozen=True)
class Reuse:
    """What one run takes from earlier ones, with notes on what does not count."""

    store: SampleStore
    now: datetime
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: Path | None, scope: Scope) -> Reuse:
        """Read the folder of earlier reports; None: there is none."""
        runs, notes = find_runs(folder, scope) if folder is not None else ([], [])
        return cls(SampleStore(runs), scope.now, tuple(notes))

    def planned(self, evidence: Evidence, work: Work, policy: GatePolicy) -> Evidence:
        """Return the evidence with what the store proves: candidates that need not be asked, baselines that cannot be.

        A shard sees a part of the cases, which proves nothing: it takes this commit's own answers alone.
        """
        if not self.store.runs or evidence.total_cases is not None:
            return evidence
        return replace(evidence, plans=tuple(self._planned(plan, work, policy) for plan in evidence.plans))

    def _planned(self, plan: TaskPlan, work: Work, policy: GatePolicy) -> TaskPlan:
        proof = _proof(self.store, plan, CANDIDATE, work, policy) if plan.candidate.pin != "floating" else None
        if proof is not None:
            self.store.choose(plan.task, CANDIDATE, proof)
            return replace(plan, proven_before=_said(plan, proof, self.now), no_baseline=None)
        proof = _proof(self.store, plan, BASELINE, work, policy)
        if proof is None:
            return plan
        self.store.choose(plan.task, BASELINE, proof)
        if plan.no_baseline is not None:
            self.store.gone.add(plan.task)
        return replace(plan, no_baseline=None)

    def with_history(self, report: GateReport) -> GateReport:
        """Return the report with what earlier runs of the default branch say of its notable cases."""
        if not self.store.runs:
            return report
        tasks = [
            task.model_copy(update={"notable_cases": [self._remembered(task.task, c) for c in task.notable_cases]})
            for task in report.tasks
        ]
        return report.model_copy(update={"tasks": tasks})

    def _remembered(self, task: str, case: NotableCase) -> NotableCase:
        runs = [run.statuses[task] for run in self.store.runs if not run.own and task in run.statuses]
        seen = Counter(statuses[case.id] for statuses in runs if case.id in statuses)
        if not runs:
            return case
        said = ", ".join(f"{name} in {number}" for name, number in sorted(seen.items())) or "never remarkable"
        return case.model_copy(update={"history": f"In {count(len(runs), 'earlier run')}: {said}."})

    def told(self, samples: Iterable[Sample]) -> list[StoredAnswers]:
        """Return which answers of this run are stored ones, and where they come from."""
        return stored_answers(self.store, samples, self.now)


def _proof(store: SampleStore, plan: TaskPlan, side: str, work: Work, policy: GatePolicy) -> StoredRun | None:
    """Return the run that holds the whole first pass of one side."""
    arm = work.arms.get((plan.task, side))
    if arm is None or plan.no_baseline == NEW_TASK:
        return None
    calls = (replace(call, arm=side) for call in first_calls(plan, policy) if call.arm == CANDIDATE)
    cases = ((call, work.cases[call.task, call.case]) for call in calls)
    keys = {sample_key(call, arm, arm.request(case), case, work.grader_version) for call, case in cases}
    return store.proof(plan.task, side, keys)


def _said(plan: TaskPlan, proof: StoredRun, now: datetime) -> str:
    return (
        f"`{plan.candidate.written}` with this prompt and these parameters passed on the default branch before "
        f"(commit `{proof.head[:9]}`, {_age(proof.started, now)}), so that nobody was asked again"
    )


def _age(then: datetime, now: datetime) -> str:
    days = (now - then).days
    return f"{then.date()}, {count(days, 'day')} old" if days > 0 else f"{then.date()}, less than a day old"


def stored_answers(store: SampleStore, samples: Iterable[Sample], now: datetime) -> list[StoredAnswers]:
    """Return which answers of a run are stored ones, and where they come from."""
    numbers: Counter[tuple[str, str, str, datetime]] = Counter()
    served: Mapping[tuple[str, str, str, datetime], set[str]] = defaultdict(set)
    for sample in samples:
        source = store.source(sample)
        if source is not None:
            place = (sample.call.task, sample.call.arm, source.head, source.started)
            numbers[place] += 1
            served[place] |= {cut(sample.completion.served_model or "unnamed", 500)}
    return [
        StoredAnswers(
            task=task,
            side=side,
            answers=number,
            commit=head,
            started=started.isoformat(timespec="seconds"),
            age=_age(started, now),
            served=sorted(served[task, side, head, started])[:10],
        )
        for (task, side, head, started), number in sorted(numbers.items())
    ]


def sentences(stored: Iterable[StoredAnswers]) -> list[str]:
    """Say in words where stored answers come from."""
    return [
        f"`{one.task}`: {count(one.answers, 'answer')} of the {one.side} from the run of commit `{one.commit[:9]}` "
        f"({one.age}), served as {', '.join(f'`{name}`' for name in one.served)}. Their latency is not counted."
        for one in stored
    ]
