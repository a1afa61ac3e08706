"""Stand-ins at the runner's edges."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pinward.core.evidence import Call, Case, Completion, Grade, Message, Request, Round, Usage
from pinward.core.model_id import ModelId
from pinward.core.policy import BudgetPolicy
from pinward.evals.budget import Ledger
from pinward.evals.journal import Journal
from pinward.evals.runner import Arm, Edges, Limits, Runner, Work

OLD = ModelId("openai", "openai/old", "old", "pinned")
NEW = ModelId("openai", "openai/new", "new", "pinned")
USED = Usage(input=1000, output=500)


class FlatPrices:
    """One dollar per thousand tokens; models named in `unknown` have no price."""

    def __init__(self, *unknown: str) -> None:
        self._unknown = unknown

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        return None if model.id in self._unknown else (usage.input + usage.output) / 1000


class FakeClient:
    """Answers with the request's text after `delay` seconds, and keeps every request."""

    def __init__(self, name: str = "fake", delay: float = 0.0, answer: Callable[[Request], Completion] | None = None):
        self.name, self._delay, self._answer = name, delay, answer
        self.asked: list[Request] = []
        self.timeouts: list[float] = []
        self.in_flight = self.most = 0

    async def complete(self, request: Request, timeout: float) -> Completion:
        self.asked.append(request)
        self.timeouts.append(timeout)
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            await asyncio.sleep(self._delay)
        finally:
            self.in_flight -= 1
        if self._answer is not None:
            return self._answer(request)
        return Completion("ok", text=request.messages[0].content, usage=USED, latency=self._delay)

    async def aclose(self) -> None:
        pass


def case(name: str) -> Case:
    return Case(name, "happy_path", f"input of {name}", (), "suite.yml:1")


async def pass_all(case: Case, completion: Completion) -> Grade | None:
    return Grade(1.0, True)


def request_of(model: str, **params: int) -> Callable[[Case], Request]:
    return lambda one: Request(model, (Message("user", str(one.input)),), params)


def arms(old: FakeClient, new: FakeClient, *widths: int) -> dict[tuple[str, str], Arm]:
    before, after = widths or (16, 16)
    return {
        ("t", "baseline"): Arm(OLD, old, request_of("old", max_tokens=100), concurrency=before),
        ("t", "candidate"): Arm(NEW, new, request_of("new", max_tokens=100), concurrency=after),
    }


def work(cases: int, old: FakeClient, new: FakeClient, *widths: int) -> Work:
    named = [f"c{n}" for n in range(cases)]
    return Work({("t", name): case(name) for name in named}, arms(old, new, *widths), pass_all)


def first_round(cases: int) -> Round:
    return Round(
        tuple(Call("t", f"c{n}", arm) for arm in ("baseline", "candidate") for n in range(cases)), "first pass"
    )


def runner(
    todo: Work,
    limits: Limits | None = None,
    journal: Journal | None = None,
    edges: Edges | None = None,
    ledger: Ledger | None = None,
) -> Runner:
    prices = FlatPrices()
    return Runner(
        todo,
        limits or Limits(),
        ledger or Ledger(BudgetPolicy(max_usd=1e6, max_requests=10**6), prices),
        prices,
        journal,
        edges or Edges(),
    )
