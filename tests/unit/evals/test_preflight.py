from __future__ import annotations

import asyncio

import pytest

from pinward.core.evidence import Call, Completion, Fault, FaultKind, Message, Outcome, Request
from pinward.core.model_id import ModelId
from pinward.errors import ConfigError, CredentialError, PinwardError, UnavailableError
from pinward.evals.preflight import PER_MODEL, Opening, Openings, preflight
from pinward.lifecycle.catalog import load
from tests.unit.evals.fakes import FakeClient

FIRST = ModelId("a", "a/first", "first", "pinned")
SECOND = ModelId("b", "b/second", "second", "pinned")
REQUEST = Request("first", (Message("user", "a long prompt"),), {"temperature": 0, "max_completion_tokens": 4096})


def failing(kind: FaultKind, detail: str = "x") -> FakeClient:
    return FakeClient("a", answer=lambda _: Completion("infra_error", fault=Fault(kind, detail)))


def nothing_like(_: ModelId) -> tuple[str, ...]:
    return ()


def opening(client: FakeClient, model: ModelId = FIRST, *, baseline: bool = False) -> Opening:
    openings = Openings()
    openings.note(Call("t", "c", "baseline" if baseline else "candidate"), model, client, REQUEST)
    return openings.all()[0]


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("auth", CredentialError, "refused the key"),
        ("not_found", UnavailableError, "does not serve this model"),
        ("quota", UnavailableError, "quota"),
        ("invalid_request", ConfigError, "parameters: max_completion_tokens, temperature"),
        ("connection", UnavailableError, "cannot be reached"),
    ],
)
def test_a_preflight_says_what_the_run_would_meet(kind: FaultKind, error: type[PinwardError], said: str) -> None:
    bad, good = failing(kind, "HTTP 499"), FakeClient("b")
    with pytest.raises(error, match=said) as raised:
        asyncio.run(preflight([opening(bad), opening(good, SECOND)], nothing_like))
    assert raised.value.message.startswith("`a/first`: ")
    assert raised.value.message.endswith(". No case was run.")
    assert "HTTP 499" in raised.value.message
    assert raised.value.hint
    assert good.asked[0].params == {"temperature": 0, "max_completion_tokens": 16}
    assert "long prompt" not in repr(good.asked)


def test_a_redirect_is_put_down_to_the_address_and_not_to_a_parameter() -> None:
    fault = Fault("invalid_request", "HTTP 307", 307)
    client = FakeClient("a", answer=lambda _: Completion("infra_error", fault=fault))
    with pytest.raises(ConfigError, match="HTTP 307") as raised:
        asyncio.run(preflight([opening(client)], nothing_like))
    assert "parameter" not in raised.value.message + raised.value.hint
    assert "base_url" in raised.value.hint


@pytest.mark.parametrize("kind", ["rate_limit", "server", "timeout", "bad_response", "budget"])
def test_a_fault_that_may_pass_leaves_the_run_its_patience(kind: FaultKind) -> None:
    client = failing(kind)
    asyncio.run(preflight([opening(client)], nothing_like))
    assert len(client.asked) == 1


@pytest.mark.parametrize("outcome", ["ok", "truncated", "refused"])
def test_a_cut_or_refused_answer_is_an_answer(outcome: Outcome) -> None:
    client = FakeClient(answer=lambda _: Completion(outcome))
    asyncio.run(preflight([opening(client)], nothing_like))
    assert len(client.asked) == 1


def test_a_retired_baseline_is_no_error_and_a_candidate_of_the_same_name_is_one() -> None:
    client = failing("not_found")
    asyncio.run(preflight([opening(client, baseline=True)], nothing_like))
    both = Openings()
    for arm in ("baseline", "candidate"):
        both.note(Call("t", "c", arm), FIRST, client, REQUEST)
    with pytest.raises(UnavailableError):
        asyncio.run(preflight(both.all(), nothing_like))


def test_an_unknown_model_is_told_with_the_name_that_it_is_most_like() -> None:
    catalog = load()
    written = opening(failing("not_found", "HTTP 404 model_not_found"), catalog.identify("openai/gpt-5.6-tera"))
    with pytest.raises(UnavailableError) as raised:
        asyncio.run(preflight([written], catalog.similar))
    assert raised.value.message == (
        "`openai/gpt-5.6-tera`: a does not serve this model (HTTP 404 model_not_found). "
        "Did you mean `gpt-5.6-terra`? No case was run."
    )


def test_what_is_refused_for_its_few_tokens_alone_is_asked_again_as_the_run_will_ask() -> None:
    """A thinking budget must be smaller than the limit of the answer (Anthropic, extended thinking)."""

    def thinking(request: Request) -> Completion:
        enough = request.params["max_completion_tokens"] == 4096
        return Completion("ok") if enough else Completion("infra_error", fault=Fault("invalid_request", "HTTP 400"))

    client = FakeClient(answer=thinking)
    asyncio.run(preflight([opening(client)], nothing_like))
    assert len(client.asked) == 2


def test_several_errors_are_said_together_and_the_gravest_decides_the_exit_code() -> None:
    gone, wrong = failing("not_found"), failing("auth")
    with pytest.raises(CredentialError, match="`a/first`: a does not serve"):
        asyncio.run(preflight([opening(gone), opening(wrong, SECOND)], nothing_like))


def test_each_way_of_asking_is_tried_once_and_few_of_each_model() -> None:
    client, openings = FakeClient(), Openings()
    for number in range(20):
        for seed in (1, 1, number):
            call = Call("t", f"c{number}", "candidate")
            openings.note(call, FIRST, client, Request("first", (Message("user", f"{number}"),), {"seed": seed}))
    openings.note(Call("t", "c", "candidate"), SECOND, client, REQUEST)
    assert len(openings.all()) == PER_MODEL + 1
    assert len({repr(one.request.params) for one in openings.all()}) == PER_MODEL + 1
