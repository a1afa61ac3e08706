from __future__ import annotations

import asyncio

import pytest

from pinward.core.evidence import Completion, Fault, FaultKind, Message, Outcome, Request
from pinward.errors import ConfigError, CredentialError, UnavailableError
from pinward.providers.preflight import preflight
from pinward.providers.router import Target
from tests.unit.evals.fakes import FakeClient


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("auth", CredentialError),
        ("not_found", UnavailableError),
        ("quota", UnavailableError),
        ("invalid_request", ConfigError),
        ("server", UnavailableError),
    ],
)
def test_preflight_says_what_a_run_would_meet(kind: FaultKind, error: type[Exception]) -> None:
    bad, good = FakeClient("a", answer=lambda _: Completion("infra_error", fault=Fault(kind, "x"))), FakeClient("b")
    request = Request("first", (Message("user", "a long prompt"),), {"temperature": 0, "max_completion_tokens": 4096})
    found = asyncio.run(
        preflight([(Target("a/first", bad, "first"), request), (Target("b/second", good, "second"), request)])
    )
    assert found["b/second"] is None
    assert isinstance(found["a/first"], error)
    assert "a/first" in str(found["a/first"])
    assert good.asked[0].params == {"temperature": 0, "max_completion_tokens": 16}
    assert "long prompt" not in repr(good.asked)


@pytest.mark.parametrize("outcome", ["ok", "truncated", "refused"])
def test_a_cut_or_refused_answer_is_an_answer(outcome: Outcome) -> None:
    client = FakeClient(answer=lambda _: Completion(outcome))
    found = asyncio.run(preflight([(Target("a/m", client, "m"), Request("m", ()))]))
    assert found == {"a/m": None}
    assert client.asked[0].params == {"max_tokens": 16}
