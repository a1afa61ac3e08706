"""From what differs to what is run: suites, arms and plans of the tasks that a pull request changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from pinward.commands.gate.params import accepted
from pinward.commands.gate.sides import Side, require_provider
from pinward.commands.gate.targets import parsers_of, target_of
from pinward.config.changes import TaskChange, TaskState
from pinward.core.evidence import (
    BASELINE,
    CANDIDATE,
    MODEL_ONLY,
    NEW_TASK,
    REST_ONLY,
    Case,
    Completion,
    Fault,
    PlannedCase,
    Request,
    TaskPlan,
)
from pinward.core.facts import Catalog
from pinward.core.model_id import ModelId
from pinward.core.policy import Json, Project, Provider, Target
from pinward.errors import BrokenBaseError, ConfigError
from pinward.evals.asking import Asking
from pinward.evals.cases import Cases, CasesByTask
from pinward.evals.grading import grade_case
from pinward.evals.runner import Arm, Work
from pinward.evals.suite import Suite, merge_suites
from pinward.prompts.registry import PromptVersion
from pinward.prompts.templates import render
from pinward.providers.connect import Wrap
from pinward.providers.target_format import input_message
from pinward.providers.targets import PREFIX, Providers, target_digest
from pinward.version import __version__

Connections = Providers
Connect = Callable[[Mapping[str, Provider]], Connections]


@dataclass(frozen=True)
class TaskRun:
    """One task that is evaluated: what changed, its plan, its cases, and what answers where no bare model does.

    `parsers` are what its checks run, by the name that their connections have.
    """

    change: TaskChange
    plan: TaskPlan
    cases: Cases
    target: Target | None = None
    parsers: Mapping[str, Target] = field(default_factory=dict)


def targets_of(runs: Iterable[TaskRun]) -> list[Target]:
    """Return all applications of the user's that answer or parse in these runs."""
    return [target for run in runs for target in (run.target, *run.parsers.values()) if target is not None]


@dataclass(frozen=True)
class Planned:
    """What the run will do, what it cannot cover, and which existing cases the head weakens, by task."""

    runs: tuple[TaskRun, ...] = ()
    uncovered: tuple[str, ...] = ()
    weakened: Mapping[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planner:
    """Decides what each changed task needs. Suites come from the base, new cases from the head as well."""

    base: Side
    head: Side
    project: Project
    catalog: Catalog
    today: date
    approved: bool = False
    _loaded: dict[str, tuple[Suite | None, Suite | None]] = field(default_factory=dict, init=False, repr=False)

    def plan(self, changes: Iterable[TaskChange]) -> Planned:
        """Plan every changed task. Raises `ConfigError` for a wrong suite, prompt or provider."""
        runs, uncovered = [], []
        if self.approved:
            check_suites(self.head)  # none of the base's is compared with, which would read the head's beside it
        weakened = self._weakened()
        for change in changes:
            if change.head is None:
                continue
            cases = self._cases(change.name)
            if cases:
                target = target_of(change, self.project)
                plan = self._task_plan(change, change.head, cases, target)
                # What scores is the base commit's, as the cases are; an approval covers both.
                scorer = self.head if self.approved else self.base
                runs.append(TaskRun(change, plan, cases, target, parsers_of(cases, self.project, scorer.tree.sha)))
            else:
                uncovered.append(f"task {change.name}: {', '.join(change.said)}; it has no suite")
        return Planned(tuple(runs), tuple(uncovered), weakened, self._notes(run.change.name for run in runs))

    def _notes(self, tasks: Iterable[str]) -> tuple[str, ...]:
        """Return what of other tools' files is not part of the suites that run, the first ten of each."""
        notes = dict.fromkeys(
            note
            for task in tasks
            for suite in self._suites(task)
            if suite
            for note in (
                *suite.notes[:10],
                *([f"{suite.path}: {len(suite.notes) - 10} more"] if suite.notes[10:] else []),
            )
        )
        return tuple(notes)

    def _suites(self, name: str) -> tuple[Suite | None, Suite | None]:
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> tuple[Suite | None, Suite | None]:
        before, after = self.base.tasks.get(name), self.head.tasks.get(name)
        base = self._base_suite(before.suite) if before and before.suite else None
        # A base suite that the head's file replaces is compared with it; moving the file is no weakening.
        head = self.head.suite(after.suite) if after and after.suite else None
        return base, head

    def _base_suite(self, path: str) -> Suite | None:
        """Read a suite of the base; one that cannot be read is none once a reviewer has approved this head's."""
        try:
            return self.base.suite(path)
        except ConfigError as error:
            if not self.approved:
                raise BrokenBaseError(error) from None
            return None

    def _cases(self, name: str) -> Cases:
        base, head = self._suites(name)
        return head.cases if self.approved and head else merge_suites(base, head)[0]

    def _is_added(self, name: str) -> Callable[[Case], bool]:
        """Return what tells whether the base lacks a case; never once a reviewer has approved this head's suite."""
        base = self._suites(name)[0]
        return lambda case: not self.approved and (base is None or case.id not in base.case_digests)

    def _weakened(self) -> dict[str, list[str]]:
        """Existing cases that the head deletes or edits, by task; none once a reviewer has approved this head.

        A task that the head removes takes its cases along: else renaming a task would shed its suite.
        """
        if self.approved:
            return {}
        by_task = {name: merge_suites(*self._suites(name))[1] for name in self.base.tasks}
        return {name: cases for name, cases in by_task.items() if cases}

    def _task_plan(self, change: TaskChange, head: TaskState, cases: Cases, target: Target | None) -> TaskPlan:
        where = f"tasks.{change.name}.model"
        for state in (head, change.base):
            if state is not None and target is None:  # a target calls its models itself
                require_provider(state.task.model, self.project, where)
        repeats = self.project.policy.gate.repeats
        is_added = self._is_added(change.name)
        return TaskPlan(
            task=change.name,
            cases=tuple(PlannedCase(c.id, c.category, max(repeats, c.repeats or 1), added=is_added(c)) for c in cases),
            baseline=self.catalog.identify(change.base.task.model) if change.base else None,
            candidate=self.catalog.identify(head.task.model),
            no_baseline=self._no_baseline(change),
            requests_per_month=head.task.requests_per_month,
            changed_with_model=_beside_the_model(change),
        )

    def _no_baseline(self, change: TaskChange) -> str | None:
        if change.base is None:
            return NEW_TASK
        model = self.catalog.identify(change.base.task.model)
        lifetime = self.catalog.lifetime(model, self.today)
        if lifetime is None or lifetime.status != "retired":
            return None
        since = f" since {lifetime.shutdown_on}" if lifetime.shutdown_on else ""
        return f"{change.base.task.model} is retired{since}"


def check_suites(side: Side) -> None:
    """Read every suite of a commit. Raises `ConfigError` for one that is wrong."""
    for task in side.tasks.values():
        if task.suite:
            side.suite(task.suite)


def _beside_the_model(change: TaskChange) -> str | None:
    """Name what changes together with the model, None where one of both stays."""
    names = {"prompt": "prompt", "params": "parameters"}
    beside = [said for part, said in names.items() if part in change.parts]
    return " and ".join(beside) if beside and "model" in change.parts else None


class Gone:
    """Stands where a retired model was: needs no key, and asks nobody."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def complete(self, request: Request, timeout: float) -> Completion:  # noqa: ARG002 -- the signature is Client's
        """Say that the model is gone."""
        return Completion("model_unavailable", attempts=0, fault=Fault("not_found", "the model is retired"))

    async def aclose(self) -> None:
        """Close nothing."""


@dataclass(frozen=True)
class _Told:
    """What a model is told beside the case: the task's parameters and the prompt of one commit."""

    params: Mapping[str, Json]
    prompt: PromptVersion | None
    commit: str

    @classmethod
    def at(cls, state: TaskState, side: Side) -> _Told:
        return cls(state.task.params, side.prompt(state.task), side.tree.sha)


def _mixes(run: TaskRun, base: Side, head: Side) -> Iterator[tuple[str, ModelId, TaskState, _Told]]:
    """Yield each arm with the model that it asks and what that model is told; the 2x2 where both changed together."""
    plan, before, after = run.plan, run.change.base, run.change.head
    if after is None:
        return
    yield CANDIDATE, plan.candidate, after, _Told.at(after, head)
    if before is None or plan.baseline is None:
        return
    yield BASELINE, plan.baseline, before, _Told.at(before, base)
    if plan.changed_with_model is not None and plan.no_baseline is None:
        yield MODEL_ONLY, plan.candidate, after, _Told.at(before, base)
        yield REST_ONLY, plan.baseline, before, _Told.at(after, head)


def make_work(
    runs: Iterable[TaskRun], base: Side, head: Side, connections: Connections, wrap: Callable[[ModelId], Wrap]
) -> Work:
    """Build what the runner asks: each side's model, parameters and prompt."""
    runs = tuple(runs)
    arms: dict[tuple[str, str], Arm] = {}
    for run in runs:
        name = run.change.name
        for arm, model, asked, told in _mixes(run, base, head):
            if run.target is not None:  # what a target spends is its own to say
                model = replace(model, provider="?", pin="unknown")  # noqa: PLW2901  # this arm's from here on
            way, request = _asked(run, asked.task.model, told)
            route = connections.route(way)
            is_gone = arm == BASELINE and run.plan.no_baseline is not None
            arms[name, arm] = Arm(
                model=model,
                client=Gone(way) if is_gone else connections.client(way, wrap(model)),
                request=accepted(request, route.wire.name) if arm in (MODEL_ONLY, REST_ONLY) else request,
                origin=route.base_url,
                wire=route.wire.name,
                target_digest=target_digest(run.target, base.tree.sha, head.tree.sha) if run.target else "",
                concurrency=route.max_concurrency,
            )
            if not is_gone:
                _check_encoding(route.wire.encode, arms[name, arm].request, run.cases)
    parsers = {way: target for run in runs for way, target in run.parsers.items()}
    ask = Asking(None, {target.name: connections.client(way) for way, target in parsers.items()})
    version = "/".join([__version__, *(target_digest(target, way) for way, target in sorted(parsers.items()))])
    cases = CasesByTask({run.change.name: run.cases for run in runs})
    return Work(cases, arms, lambda case, completion: grade_case(case, completion, ask), version, ask=ask)


def _check_encoding(encode: Callable[[Request], object], request: Callable[[Case], Request], cases: Cases) -> None:
    """Raise `ConfigError` where the API cannot be asked so: before the first call, and not once a case.

    Cases differ in their parameters alone.
    """
    for place, case in enumerate(cases):
        if place == 0 or case.params:
            encode(request(case))


def _asked(run: TaskRun, model: str, told: _Told) -> tuple[str, Callable[[Case], Request]]:
    """Return who is asked for a model, and how: a target gets the name in full, the input, and the prompt if there is
    one."""
    if run.target is None:
        provider, _, model_id = model.partition("/")
        return provider, _request(model_id, told)
    plain = _request(model, told)

    def request(case: Case) -> Request:
        asked = plain(case)
        return replace(asked, messages=(input_message(case.input), *(asked.messages if told.prompt else ())))

    # A program is the commit's whose prompt and parameters are asked with; what an address runs is not ours to choose.
    return f"{PREFIX}{run.target.name}" + (f"@{told.commit}" if run.target.command else ""), request


def _request(model_id: str, told: _Told) -> Callable[[Case], Request]:
    prompt = told.prompt

    def request(case: Case) -> Request:
        return Request(
            model=model_id,
            messages=render(prompt, case.input),
            params={**told.params, **(prompt.params if prompt else {}), **case.params},
            tools=prompt.tools if prompt else (),
            response_schema=prompt.response_schema if prompt else None,
        )

    return request
