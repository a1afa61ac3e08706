"""Executes rounds of calls: interleaved, bounded, journalled, within one deadline and one budget.

What to run next is `next_round`'s decision; this module knows no statistics. Clock, clients, journal and signals are
parameters.
"""

from __future__ import annotations

import asyncio
import signal
import time
from array import array
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from pinward.core.evidence import (
    BASELINE,
    Call,
    Case,
    Client,
    Completion,
    Evidence,
    Grade,
    PriceBook,
    Request,
    Round,
    Sample,
    Verdict,
)
from pinward.core.model_id import ModelId
from pinward.core.policy import Json
from pinward.errors import InternalError
from pinward.evals.asking import NOBODY, Asking
from pinward.evals.budget import Ledger, Window, cost_of, require_fit
from pinward.evals.graders.base import UngradedError
from pinward.evals.interleave import interleave
from pinward.evals.journal import Journal
from pinward.evals.preflight import Openings, Similar, preflight
from pinward.evals.samples import Samples
from pinward.providers.base import canonical, digest

Grading = Callable[[Case, Completion], Awaitable[Grade | None]]
NextRound = Callable[[Evidence], Round | Verdict]
StopReason = Literal["budget", "deadline", "cancelled"]


@dataclass(frozen=True, slots=True)
class Arm:
    """One configuration that answers: which model, asked how, and what a case becomes.

    `origin`, `wire` and `target_digest` (of a user's own program) are part of a sample's key. `concurrency`: calls at
    once, over all arms with a client of the same name.
    """

    model: ModelId
    client: Client
    request: Callable[[Case], Request]
    origin: str = ""
    wire: str = ""
    target_digest: str = ""
    concurrency: int = 16


@dataclass(frozen=True, slots=True)
class Work:
    """What can be asked and how it is judged. Cases by (task, case id), arms by (task, arm).

    `judging` gives the calls that judging the answer to a request can need at worst, `judged` what an interrupted run
    was told about an answer; `ask` is whom checks can ask, `judge` the way to their judge.
    """

    cases: Mapping[tuple[str, str], Case]
    arms: Mapping[tuple[str, str], Arm]
    grade: Grading
    grader_version: str = ""
    judging: Callable[[Case, Request], Iterable[tuple[ModelId, Request]]] = lambda _case, _request: ()
    judged: Callable[[Case, Completion], Iterable[tuple[ModelId, Request, Completion]]] = lambda _case, _completion: ()
    ask: Asking = NOBODY
    judge: Client | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for one call (its retries included) and for the run.

    `grace_seconds` is left to answers under way when the run is cancelled: they are paid for, and the whole stop has
    to stay within 7 s (docs/threats.md F25). Beyond `whole_samples` only figures stay in memory; the journal has all.
    """

    call_seconds: float = 300.0
    run_seconds: float = 1200.0
    grace_seconds: float = 3.0
    whole_samples: int = 5_000


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a round stands, after each answer and each second. Money is what the run has cost so far, None where a
    model has no known price."""

    why: str
    done: int
    total: int
    cost_usd: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Edges:
    """What the runner needs from outside; the defaults are the real clock and no reuse of earlier samples.

    `preflight`: each model is asked once before the first round (`evals.preflight`). A recording needs none.
    `similar` gives ids that look like one that a provider does not know.
    `window` knows how many tokens fit into one request to a model.
    `stored` is asked before each call, `stand_in` where a baseline turns out to be gone.
    """

    clock: Callable[[], float] = time.monotonic
    progress: Callable[[Progress], None] = lambda _: None
    stored: Callable[[Call, str], Sample | None] = lambda _call, _key: None
    preflight: bool = False
    similar: Similar = lambda _: ()
    window: Window = lambda _: None
    stand_in: Callable[[Call, str], Sample | None] = lambda _call, _key: None


REAL_EDGES = Edges()


class Runner:
    """One run: rounds share its deadline, its budget and its journal."""

    def __init__(
        self,
        work: Work,
        limits: Limits,
        ledger: Ledger,
        prices: PriceBook,
        journal: Journal | None = None,
        edges: Edges = REAL_EDGES,
    ) -> None:
        self.stopped: StopReason | None = None
        self._work, self._limits = work, limits
        self._ledger, self._prices = ledger, prices
        self._journal, self._edges = journal, edges
        self._started = edges.clock()
        self._abort = asyncio.Event()
        self.samples = Samples(limits.whole_samples if journal is not None else None)

    async def open(self, planned: Round) -> None:
        """Compute the worst case of the first round, then ask each of its models once.

        Raises `BudgetError` before any call, `ConfigError` from a prompt, and what `preflight` raises.
        """
        self._resume()
        openings = Openings()
        self._ledger.check(self.first_calls(planned.calls, openings))
        if self._edges.preflight and openings.all():
            await self._finish([preflight(openings.all(), self._edges.similar)])

    def _resume(self) -> None:
        """Let the account begin with what this run had spent when it was interrupted: on the answers under its keys."""
        for sample in self._journal.earlier() if self._journal is not None else ():
            call, told = sample.call, sample.completion
            arm, case = self._work.arms.get((call.task, call.arm)), self._work.cases.get((call.task, call.case))
            if arm is None or case is None or sample.stored:
                continue
            request = arm.request(case)
            if sample_key(call, arm, request, case, self._work.grader_version) == sample.key:
                self._ledger.resume(arm.model, request, told)
                for paid in self._work.judged(case, told):
                    self._ledger.resume(*paid)

    def stop(self, reason: StopReason) -> None:
        """Begin no further call. `cancelled` and `deadline` also break off the calls under way."""
        if self.stopped is None or reason == "cancelled":
            self.stopped = reason
        if reason != "budget":
            self._abort.set()

    async def round(self, planned: Round) -> None:
        """Make the calls of a round; the samples that arrived follow those of earlier rounds, in the round's order."""
        slots = array("l", [-1]) * len(planned.calls)
        done = 0
        lanes: dict[str, array[int]] = {}
        widths: dict[str, int] = {}
        for place in interleave(planned.calls):
            arm = self._arm(planned.calls[place])
            lanes.setdefault(arm.client.name, array("L")).append(place)
            widths[arm.client.name] = arm.concurrency

        async def work(lane: Iterator[int]) -> None:
            nonlocal done
            for place in lane:
                if self.stopped is not None:
                    return
                sample = await self._sample(planned.calls[place])
                if sample is not None:
                    slots[place] = self.samples.keep(sample)
                    done += 1
                    self._edges.progress(self._progress(planned, done))

        async def tick() -> None:
            while True:
                await asyncio.sleep(1)
                self._edges.progress(self._progress(planned, done))

        ticking = asyncio.ensure_future(tick())
        try:
            shared = {name: iter(lane) for name, lane in lanes.items()}
            workers = [work(shared[name]) for name in lanes for _ in range(min(widths[name], len(lanes[name])))]
            await self._finish(workers)
        finally:
            ticking.cancel()
        self.samples.arrange(slot for slot in slots if slot >= 0)

    async def _finish(self, work: list[Coroutine[None, None, None]]) -> None:
        """Run the workers to their end, or until the run is stopped; raise what one of them raised."""
        if not work:
            return
        workers = [asyncio.ensure_future(one) for one in work]
        everyone: asyncio.Future[Any] = asyncio.gather(*workers)
        abort: asyncio.Future[Any] = asyncio.ensure_future(self._abort.wait())
        await asyncio.wait({everyone, abort}, timeout=self._left(), return_when=asyncio.FIRST_COMPLETED)
        if not everyone.done():
            if not abort.done():
                self.stop("deadline")
            await asyncio.wait({everyone}, timeout=self._limits.grace_seconds if self.stopped == "cancelled" else 0)
        for task in (*workers, abort):
            task.cancel()
        outcomes = await asyncio.gather(everyone, *workers, return_exceptions=True)
        for problem in outcomes:
            if isinstance(problem, Exception):
                raise problem

    async def _sample(self, call: Call) -> Sample | None:
        """Ask and grade one call; None where the budget did not allow it."""
        arm, case = self._arm(call), self._case(call)
        request = arm.request(case)
        key = sample_key(call, arm, request, case, self._work.grader_version)
        known = self._known(call, key)
        if known is not None:
            if self._journal is not None and self._journal.known(key) is None:
                self._journal.append(known, case.category)
            return known
        timeout = max(min(self._limits.call_seconds, self._left()), 0.0)
        completion = await arm.client.complete(request, timeout)
        if completion.cost_usd is None and completion.fault is None:
            completion = replace(completion, cost_usd=cost_of(completion, arm.model, self._prices))
        completion, grade = await self._judged(case, completion)
        if completion.fault is not None and completion.fault.kind == "budget":
            self.stop("budget")
            return None
        sample = Sample(call, completion, grade, key)
        if completion.outcome == "model_unavailable" and call.arm == BASELINE:
            sample = self._edges.stand_in(call, key) or sample
        if self._journal is not None:
            self._journal.append(sample, case.category)
        return sample

    async def _judged(self, case: Case, completion: Completion) -> tuple[Completion, Grade | None]:
        """Return an answer and its grade; a judge or parser that does not answer is a fault of the infrastructure."""
        if completion.outcome in {"infra_error", "model_unavailable"} or completion.answered_by is not None:
            return completion, None  # a fallback's answer says nothing about the model under test
        try:
            return completion, await self._work.grade(case, completion)
        except UngradedError as error:
            return replace(completion, outcome="infra_error", fault=error.fault), None

    def _known(self, call: Call, key: str) -> Sample | None:
        """Return the sample of an interrupted run, or a stored one."""
        known = self._journal.known(key) if self._journal is not None else None
        if known is not None:
            return replace(known, call=call)
        return self._edges.stored(call, key)

    def first_calls(self, calls: Iterable[Call], openings: Openings) -> Iterator[tuple[ModelId, Request]]:
        """Yield what has no answer yet, and then the preflight of just that: what a round costs at worst.

        Raises `ConfigError` for a request that its model's window cannot hold.
        """
        for call in calls:
            arm, case = self._arm(call), self._case(call)
            request = arm.request(case)
            if self._known(call, sample_key(call, arm, request, case, self._work.grader_version)) is None:
                if not arm.target_digest:  # an application is asked its cases; what else it would take nobody knows
                    openings.note(call, arm.model, arm.client, request)
                    require_fit(call, arm.model, request, self._edges.window)
                yield arm.model, request
                yield from openings.judged(self._work.judge, self._work.judging(case, request))
        if self._edges.preflight:
            yield from openings.calls()

    def _arm(self, call: Call) -> Arm:
        try:
            return self._work.arms[call.task, call.arm]
        except KeyError:
            raise InternalError(f"the plan asks for the unknown arm {call.arm} of task {call.task}") from None

    def _case(self, call: Call) -> Case:
        try:
            return self._work.cases[call.task, call.case]
        except KeyError:
            raise InternalError(f"the plan asks for the unknown case {call.case} of task {call.task}") from None

    def _left(self) -> float:
        return self._started + self._limits.run_seconds - self._edges.clock()

    def _progress(self, planned: Round, done: int) -> Progress:
        seconds = self._edges.clock() - self._started
        cost = None if self._ledger.unpriced else self._ledger.spent_usd
        return Progress(planned.why, done, len(planned.calls), cost, seconds)


def sample_key(call: Call, arm: Arm, request: Request, case: Case, grader_version: str) -> str:
    """Return the identity (hex) of everything that a sample depends on (docs/architecture.md, "Key of a sample")."""
    checks: list[Json] = [[check.grader, check.argument, check.weight] for check in case.checks]
    return digest(
        {
            **canonical(request),
            "provider": arm.model.provider,
            "origin": arm.origin,
            "wire": arm.wire,
            "target": arm.target_digest,
            "grader": [grader_version, checks, case.expected],
            "repeat": call.repeat,
            "phase": call.phase,
        }
    )


def run(
    evidence: Evidence,
    next_round: NextRound,
    runner: Callable[[], Runner],
    close: Callable[[], Awaitable[None]] | None = None,
    signals: Iterable[signal.Signals] = (signal.SIGINT, signal.SIGTERM),
) -> tuple[Evidence, Verdict, signal.Signals | None]:
    """Alternate between deciding and calling until there is a verdict; the blocking face of the runner.

    `runner` is called inside the event loop, `close` at the end of it. Returns the evidence, the verdict, and the
    signal that interrupted the run, if one did.
    """
    told: list[tuple[Evidence, Verdict, signal.Signals | None]] = []

    async def whole() -> None:  # returns nothing: `asyncio.run` looks a handler up that writes its task's result out
        try:
            made = runner()
            with _interruptible(made, tuple(signals)) as caught:
                decided = await _alternate(evidence, next_round, made)
                told.append((*decided, caught[0] if caught else None))
        finally:
            if close is not None:
                await close()

    asyncio.run(whole())
    return told[0]


async def _alternate(evidence: Evidence, next_round: NextRound, runner: Runner) -> tuple[Evidence, Verdict]:
    first = True
    runner.samples.arrange([runner.samples.keep(sample) for sample in evidence.samples])
    while True:
        step = next_round(evidence)
        if isinstance(step, Verdict):
            return evidence, step
        if evidence.stopped is not None or not step.calls:
            raise InternalError("the plan asks for calls that cannot be made")
        if first:
            await runner.open(step)
            first = False
        await runner.round(step)
        evidence = replace(evidence, samples=runner.samples, stopped=runner.stopped)


@contextmanager
def _interruptible(runner: Runner, signals: tuple[signal.Signals, ...]) -> Iterator[list[signal.Signals]]:
    """Let the first of these signals end the run with what it has; as process 1 too, where no default action exists."""
    loop = asyncio.get_running_loop()
    caught: list[signal.Signals] = []

    def handle(number: signal.Signals) -> None:
        caught.append(number)
        runner.stop("cancelled")

    before = {number: signal.getsignal(number) for number in signals}
    for number in signals:
        loop.add_signal_handler(number, handle, number)
    try:
        yield caught
    finally:
        for number, earlier in before.items():
            loop.remove_signal_handler(number)  # which leaves the default, and that is no report
            signal.signal(number, earlier or signal.SIG_DFL)
