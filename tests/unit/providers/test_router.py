from __future__ import annotations

import asyncio

import pytest

from pinward.core.evidence import Completion, Fault, FaultKind, Message, Request
from pinward.providers.router import Breaker, Router, Target
from tests.unit.evals.fakes import FakeClient

ASK = Request("first", (Message("user", "hi"),))


def failing(kind: FaultKind) -> Completion:
    return Completion("model_unavailable" if kind == "not_found" else "infra_error", fault=Fault(kind, "x"))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def pair(first: FakeClient, second: FakeClient, clock: Clock | None = None) -> Router:
    targets = [Target("a/first", first, "first"), Target("b/second", second, "second")]
    return Router(targets, clock=clock or Clock())


def ask(router: Router) -> Completion:
    return asyncio.run(router.complete(ASK, 10))


def test_the_first_answers_where_it_can_and_nobody_else_is_asked() -> None:
    first, second = FakeClient("a"), FakeClient("b")
    answer = ask(pair(first, second))
    assert (answer.text, answer.answered_by, second.asked) == ("hi", None, [])


@pytest.mark.parametrize("kind", ["rate_limit", "quota", "auth", "not_found", "server", "timeout", "connection"])
def test_a_fallback_answers_under_its_own_name_and_model(kind: FaultKind) -> None:
    first, second = FakeClient("a", answer=lambda _: failing(kind)), FakeClient("b")
    answer = ask(pair(first, second))
    assert (answer.outcome, answer.answered_by) == ("ok", "b/second")
    assert [r.model for r in second.asked] == ["second"]


@pytest.mark.parametrize(
    "answer", [Completion("refused"), Completion("truncated"), failing("invalid_request"), failing("budget")]
)
def test_an_answer_of_the_model_and_a_fault_of_the_request_do_not_fall_back(answer: Completion) -> None:
    first, second = FakeClient("a", answer=lambda _: answer), FakeClient("b")
    assert ask(pair(first, second)) == answer
    assert second.asked == []


def test_an_open_circuit_skips_the_provider_until_one_call_may_try_again() -> None:
    clock = Clock()
    down = [True]
    first = FakeClient("a", answer=lambda _: failing("server") if down[0] else Completion("ok", "back"))
    router = pair(first, FakeClient("b"), clock)
    for _ in range(10):
        assert ask(router).answered_by == "b/second"
    assert len(first.asked) == 3
    clock.now += 31
    ask(router)
    ask(router)
    assert len(first.asked) == 4
    down[0] = False
    clock.now += 31
    assert ask(router).text == "back"
    assert ask(router).text == "back"


def test_a_retired_model_says_nothing_against_its_provider() -> None:
    breaker = Breaker(failures=1)
    first = FakeClient("a", answer=lambda _: failing("not_found"))
    router = Router([Target("a/x", first, "x"), Target("a/y", FakeClient("a"), "y")], {"a": breaker})
    assert ask(router).answered_by == "a/y"
    assert breaker.allows()


def test_the_last_fault_comes_back_where_nobody_answers_and_the_deadline_is_shared() -> None:
    first = FakeClient("a", answer=lambda _: failing("server"))
    second = FakeClient("b", answer=lambda _: failing("connection"))
    answer = ask(pair(first, second))
    assert answer.fault == Fault("connection", "x")
    assert (first.timeouts, second.timeouts) == ([5.0], [10.0])
