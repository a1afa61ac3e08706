from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.evidence import Completion, Fault, FaultKind, Message, Request, Usage
from pinward.core.policy import BudgetPolicy
from pinward.errors import BudgetError
from pinward.evals.budget import Ledger, MeteredClient, worst_usage
from tests.unit.evals.fakes import NEW, OLD, FakeClient, FlatPrices

ASK = Request("old", (Message("user", "hello"),), {"max_tokens": 500})


def metered(client: FakeClient, usd: float = 100.0, requests: int = 1000) -> tuple[Ledger, MeteredClient]:
    ledger = Ledger(BudgetPolicy(max_usd=usd, max_requests=requests), FlatPrices("new"))
    return ledger, MeteredClient(client, ledger, OLD)


def test_the_worst_case_counts_text_images_tools_and_the_stated_output() -> None:
    plain = worst_usage(ASK)
    assert plain.output == 500
    assert plain.input >= 2
    longer = worst_usage(Request("old", (Message("user", "x" * 3000),), {"max_completion_tokens": 9}))
    assert longer.input > 1000
    assert longer.output == 9
    pictured = worst_usage(Request("old", (Message("user", "", images=("data:image/png;base64,AA==",)),)))
    assert pictured.input > 1600
    assert pictured.output == 4096
    with_tool = worst_usage(Request("old", ASK.messages, tools=({"name": "f", "description": "x" * 900},)))
    assert with_tool.input > plain.input + 250


def test_what_a_call_cost_is_on_the_completion_and_in_the_account() -> None:
    ledger, client = metered(FakeClient())
    completion = asyncio.run(client.complete(ASK, 1))
    assert completion.cost_usd == ledger.spent_usd == 1.5
    assert (ledger.requests, ledger.doubtful_usd) == (1, 0)


def test_a_model_without_a_price_is_named_and_never_free() -> None:
    ledger, _ = metered(FakeClient())
    completion = asyncio.run(MeteredClient(FakeClient(), ledger, NEW).complete(ASK, 1))
    assert completion.cost_usd is None
    assert ledger.unpriced == {"openai/new"}
    assert ledger.check([(NEW, ASK)]).unpriced == {"openai/new"}


def test_an_answer_that_does_not_say_its_tokens_counts_at_its_worst_case_and_never_as_nothing() -> None:
    ledger, client = metered(FakeClient(answer=lambda _: Completion("ok", "text")), usd=2.0)
    first = asyncio.run(client.complete(ASK, 1))
    assert (first.cost_usd, ledger.spent_usd, ledger.unpriced) == (None, 0, {"openai/old"})
    assert 0.5 < ledger.doubtful_usd < 0.6
    refused = [asyncio.run(client.complete(ASK, 1)).attempts for _ in range(4)]
    assert refused == [1, 1, 0, 0]


def test_the_request_ceiling_is_hard() -> None:
    ledger, client = metered(inner := FakeClient(), requests=3)

    async def scene() -> list[Completion]:
        return await asyncio.gather(*(client.complete(ASK, 1) for _ in range(10)))

    completions = asyncio.run(scene())
    assert len(inner.asked) == ledger.requests == 3
    assert [c.fault.kind for c in completions if c.fault] == ["budget"] * 7


@settings(max_examples=40, deadline=None)
@given(
    outputs=st.lists(st.integers(0, 500), min_size=1, max_size=30),
    ceiling=st.floats(0.1, 12),
    width=st.integers(1, 10),
)
def test_money_spent_never_passes_the_ceiling_where_answers_stay_within_their_limit(
    outputs: list[int], ceiling: float, width: int
) -> None:
    answers = iter(outputs)
    inner = FakeClient(answer=lambda _: Completion("ok", "x", usage=Usage(1, next(answers))))
    ledger, client = metered(inner, usd=ceiling)

    async def scene() -> None:
        gate = asyncio.Semaphore(width)

        async def one() -> None:
            async with gate:
                await client.complete(ASK, 1)

        await asyncio.wait_for(asyncio.gather(*(one() for _ in outputs)), 10)

    asyncio.run(scene())
    assert ledger.spent_usd <= ceiling
    assert ledger.requests == len(inner.asked)


def test_a_call_waits_for_a_reservation_that_others_may_give_back() -> None:
    """Two calls of worst case 0.5+ under a ceiling of 0.9: together not allowed, one after the other they are."""
    inner = FakeClient(delay=0.05, answer=lambda _: Completion("ok", usage=Usage(1, 1)))
    _, client = metered(inner, usd=0.9)

    async def scene() -> list[Completion]:
        return list(await asyncio.gather(client.complete(ASK, 1), client.complete(ASK, 1)))

    assert [c.outcome for c in asyncio.run(scene())] == ["ok", "ok"]
    assert inner.most == 1


@pytest.mark.parametrize(
    ("kind", "kept"), [("timeout", True), ("bad_response", True), ("server", False), ("auth", False)]
)
def test_an_attempt_that_may_have_been_billed_keeps_its_reservation(kind: FaultKind, kept: bool) -> None:
    inner = FakeClient(answer=lambda _: Completion("infra_error", fault=Fault(kind, "x")))
    ledger, client = metered(inner)
    asyncio.run(client.complete(ASK, 1))
    assert (ledger.doubtful_usd > 0.5) is kept
    assert ledger.spent_usd == 0


def test_a_call_that_is_broken_off_keeps_its_reservation_and_frees_the_rest() -> None:
    ledger, client = metered(FakeClient(delay=60))

    async def scene() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.complete(ASK, 1), 0.02)

    asyncio.run(scene())
    assert ledger.doubtful_usd > 0.5


def test_what_an_interrupted_run_spent_counts_against_the_same_ceilings() -> None:
    ledger, client = metered(FakeClient(), usd=2.4, requests=8)
    ledger.resume(OLD, ASK, Completion("ok", "x", attempts=2, cost_usd=1.5))
    ledger.resume(OLD, ASK, Completion("infra_error", attempts=1, fault=Fault("server", "HTTP 503", 503)))
    assert (ledger.requests, ledger.spent_usd, ledger.doubtful_usd) == (3, 1.5, 0)
    ledger.check([(OLD, ASK)])
    with pytest.raises(BudgetError, match=r"needs 6 requests, beside 3 before it was interrupted"):
        ledger.check([(OLD, ASK)] * 6)
    with pytest.raises(BudgetError, match=r"beside \$1\.50 before it was interrupted"):
        ledger.check([(OLD, ASK)] * 2)
    ledger.resume(OLD, ASK, Completion("infra_error", attempts=2, fault=Fault("timeout", "late")))
    assert ledger.doubtful_usd > 1
    assert asyncio.run(client.complete(ASK, 1)).attempts == 0
    ledger.check([])  # a run that needs nothing more has its verdict, whatever it cost
