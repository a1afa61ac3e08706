"""`pinward watch --drift`: evaluate the models in use, keep what was seen, and compare it with earlier nights.

The runner, the budget, the keys and the limits of a bad day are the gate's: a night on which too many calls failed is
said and not kept, so that it can neither raise an alarm nor hide one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from pinward.commands.gate import files as gate_files
from pinward.commands.gate.judge import judging_of
from pinward.commands.gate.run import GateEdges, GateRequest, GateRun, Prepared, evaluate
from pinward.commands.gate.sides import Difference, Side, read_side
from pinward.commands.gate.work import Planned, Planner, TaskRun
from pinward.commands.watch.run import Watched
from pinward.config.changes import TaskState, task_changes
from pinward.core import observation
from pinward.core.documents import decode
from pinward.core.drift import Drift
from pinward.core.evidence import Evidence, Round, Sample, Verdict
from pinward.core.findings import mark
from pinward.core.observation import Observation
from pinward.core.policy import DriftPolicy, GatePolicy, Project, Task
from pinward.core.quantities import count
from pinward.errors import BudgetError, ExitCode, PinwardError, PublishError, UnavailableError, worst
from pinward.evals.journal import read_samples
from pinward.evals.suite import case_digest
from pinward.git.history import resolve
from pinward.verdict.cases import first_calls
from pinward.verdict.drift import follow
from pinward.verdict.served import is_other

FILE = "nights.jsonl"


class Nights(Protocol):
    """Where earlier nights are kept."""

    def read(self) -> str:
        """Return the lines that are kept; empty where there are none. Raises `PinwardError`."""
        ...

    def write(self, text: str) -> None:
        """Replace what was read last. Raises `PublishError` where that is not possible, or another one wrote since."""
        ...


@dataclass(frozen=True, slots=True)
class FolderNights:
    """A folder that somebody keeps between nights: a disk, or an artifact that the next run downloads."""

    folder: Path

    def read(self) -> str:
        """Return the file's text. Raises `ConfigError` for a file that is none of ours."""
        path = self.folder / FILE
        return decode(path.read_bytes(), str(path), observation.MAX_BYTES * 2) if path.is_file() else ""

    def write(self, text: str) -> None:
        """Replace the file."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            new = self.folder / f".{FILE}"
            new.write_text(text, encoding="utf-8")
            new.replace(self.folder / FILE)
        except OSError as error:
            raise PublishError(f"{self.folder / FILE} was not written: {error.strerror}", "Name a folder that can be "
                               "written.") from None  # fmt: skip


@dataclass
class _Night:
    """What one night does: its day, the commit that it asks about, and what it could not do."""

    root: Path
    sha: str
    edges: GateEdges
    today: date
    problems: list[PinwardError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look(
    watched: Watched, root: Path, edges: GateEdges, nights: Nights, config: str
) -> tuple[Watched, list[PinwardError]]:
    """Return the night with what became of each task's model, and what could not be asked or kept."""
    night = _Night(root, resolve(root, "HEAD"), edges, watched.night.today)
    before, refused = observation.read(nights.read())
    if refused:
        night.notes.append(f"drift: {count(refused, 'line')} of the earlier nights cannot be read and are left out")
    known = {seen.stream for seen in before if seen.day == night.today}
    side = read_side(root, night.sha, config)
    runs = list(_runs(side, night))
    new = [seen for seen in _observations(side, [run for run in runs if _stream(run) not in known], night) if seen]
    _keep(nights, new, night)
    drifts = _followed([*before, *new], [_stream(run) for run in runs], watched.project.policy.watch.drift)
    told = replace(watched.night, drifts=drifts, notes=[*watched.night.notes, *night.notes])
    is_new = any(d.alarm is not None and d.alarm.found_on == night.today for d in drifts)
    codes = [watched.code, *(problem.exit_code for problem in night.problems), *([ExitCode.BLOCKED] if is_new else [])]
    return replace(watched, night=told, code=worst(codes)), night.problems


def _stream(run: TaskRun) -> tuple[str, str]:
    return run.change.name, run.plan.candidate.written


def _followed(nights: Iterable[Observation], streams: list[tuple[str, str]], policy: DriftPolicy | None) -> list[Drift]:
    """Follow each stream; they share the rate of false alarms."""
    by_stream: dict[tuple[str, str], list[Observation]] = {stream: [] for stream in streams}
    for seen in nights:
        if seen.stream in by_stream:
            by_stream[seen.stream].append(seen)
    arl = (policy or DriftPolicy()).arl_nights * max(len(by_stream), 1)
    return [drift for seen in by_stream.values() if (drift := follow(seen, arl))]


def _keep(nights: Nights, new: list[Observation], night: _Night) -> None:
    """Keep the new ones; where another run wrote since, once more on top of what that one wrote."""
    for last in (False, True):
        try:
            text = nights.read()
            wanted = observation.appended(text, new)
            if wanted != text:
                nights.write(wanted)
        except PublishError as error:
            if last:
                night.problems.append(error)
        else:
            return


def _runs(side: Side, night: _Night) -> Iterator[TaskRun]:
    """Yield one run for each model and candidate of a task with a suite; what is left out is said."""
    project = side.project or Project()
    for task in project.tasks.values():
        if task.suite is None or task.target is not None:
            why = "has no suite" if task.suite is None else "asks an application, which changes with its code"
            night.notes.append(f"drift: {task.name} {why}, and is not evaluated at night")
            continue
        for model in dict.fromkeys((task.model, *task.candidates)):
            lifetime = night.edges.catalog.lifetime(night.edges.catalog.identify(model), night.today)
            if lifetime is not None and lifetime.status == "retired":
                continue  # its end is told already
            try:
                yield from _planned(side, project, replace(task, model=model), night)
            except PinwardError as error:
                night.problems.append(error)


def _planned(side: Side, project: Project, task: Task, night: _Night) -> Iterator[TaskRun]:
    head = replace(side, project=replace(project, tasks={task.name: task}))
    planner = Planner(side, head, project, night.edges.catalog, night.today)
    yield from planner.plan(task_changes({}, head.states())).runs


def _observations(side: Side, runs: Iterable[TaskRun], night: _Night) -> Iterator[Observation | None]:
    """Evaluate one after the other under one budget: what one provider does is not the others' fault."""
    project = side.project or Project()
    started, budget = night.edges.now(), project.policy.budget
    for run in runs:
        spent = (night.edges.now() - started).total_seconds() / 60
        budget = replace(budget, deadline_minutes=max(project.policy.budget.deadline_minutes - spent, 0.01))
        policy = replace(project.policy, budget=budget)
        try:
            if budget.max_requests <= 0 or budget.max_usd < 0:
                raise BudgetError("drift: the budget was spent before every task was asked", "Raise policy.budget.")
            asked = replace(side, project=replace(project, policy=policy))
            seen, cost, requests = _evaluated(asked, run, night)
        except PinwardError as error:
            night.problems.append(error)
            continue
        budget = replace(budget, max_usd=budget.max_usd - cost, max_requests=budget.max_requests - requests)
        yield seen


def _evaluated(side: Side, run: TaskRun, night: _Night) -> tuple[Observation | None, float, int]:
    """Ask one model all cases of a task once; also return the dollars and requests that it took."""
    project = side.project or Project()
    policy = project.policy
    judging = judging_of((run,), policy.judge, night.edges.catalog, night.today)
    ready = Prepared(side, side, Difference([], [], [], []), Planned((run,)), judging)
    with TemporaryDirectory() as folder:
        request = GateRequest(night.root, night.sha, night.sha, Path(folder))
        asking = GateRun(request, night.edges, night.edges.now(), project)
        with gate_files.signals_as_before():
            outcome = evaluate(asking, ready, lambda known: _once(known, policy.gate))
        samples = list(read_samples(Path(folder) / gate_files.RESULTS))
    cost = outcome.cost_usd or 0.0
    asked = sum(1 for _ in first_calls(run.plan, policy.gate))
    failed = asked - sum(sample.grade is not None for sample in samples)
    if failed > policy.gate.max_infra_errors * asked:
        why = f" ({outcome.evidence.stopped})" if outcome.evidence.stopped else _faults(samples)
        said = (
            f"drift: {run.change.name} on {run.plan.candidate.written}: {failed} of {count(asked, 'call')} failed{why}"
        )
        kind = BudgetError if outcome.evidence.stopped else UnavailableError
        night.problems.append(kind(f"{said}, so that this night is not compared", "The next night asks again."))
        return None, cost, outcome.requests
    return _seen(run, samples, _asked_as(run, project, judging is not None), night), cost, outcome.requests


def _once(evidence: Evidence, policy: GatePolicy) -> Round | Verdict:
    """Decide nothing: a night is one first pass."""
    known = {sample.call for sample in evidence.samples}
    calls = tuple(call for plan in evidence.plans for call in first_calls(plan, policy) if call not in known)
    return (
        Round(calls, f"tonight: {count(len(calls), 'call')}") if calls and not evidence.stopped else Verdict("pass", ())
    )


def _faults(samples: Iterable[Sample]) -> str:
    kinds = sorted({s.completion.fault.kind for s in samples if s.grade is None and s.completion.fault is not None})
    return f" ({', '.join(kinds)})" if kinds else ""


def _asked_as(run: TaskRun, project: Project, judged: bool) -> str:
    """Return what decides the answers beside the case: parameters, prompt, endpoint, and the judge if one is asked."""
    state = run.change.head or TaskState(Task(run.change.name, ""))
    provider = project.providers.get(state.task.model.partition("/")[0])
    judge = [project.policy.judge.model, dict(project.policy.judge.params)] if judged else []
    where = [provider.type, provider.base_url] if provider else []
    return json.dumps([dict(state.task.params), state.prompt, where, judge], sort_keys=True, default=dict)


def _seen(run: TaskRun, samples: Iterable[Sample], asked_as: str, night: _Night) -> Observation:
    digests = {case.id: case_digest(case).hex() for case in run.cases}
    graded = [(sample, sample.grade) for sample in samples if sample.grade is not None]
    served = observation.names(sample.completion.served_model for sample, _ in graded)
    model = run.plan.candidate
    others = [name for name in served if is_other(model, name)]
    if others:
        night.notes.append(f"drift: {run.change.name} asked for `{model.written}`, and `{', '.join(others)}` answered")
    return Observation(
        task=run.change.name,
        model=model.written,
        day=night.today,
        scores={
            mark(sample.call.case, digests[sample.call.case], asked_as, str(sample.call.repeat)): grade.score
            for sample, grade in graded
        },
        passed=sum(grade.passed for _, grade in graded),
        served=served,
        fingerprints=observation.names(sample.completion.fingerprint for sample, _ in graded),
    )
