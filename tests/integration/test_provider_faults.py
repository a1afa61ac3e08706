"""Rows F1-F26 of the fault table against every wire format, over real sockets: attempts, time and outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from pinward.core.evidence import Completion, Message, Request
from pinward.core.policy import Provider
from pinward.providers.connect import Connections
from pinward.providers.retry import RetryPolicy
from tests.integration.fault_server import (
    Action,
    FaultServer,
    drip,
    gzip_bomb,
    hang,
    http,
    reply,
    reset,
    serving,
    short_body,
)
from tests.integration.wires import SHAPES, Shape

SECRET = "sk-canary-0123456789"
FAST = RetryPolicy(base=0.02, longest=0.1, attempts=4, attempt_timeout=20.0)
HTML = b"<html><body><h1>502 Bad Gateway</h1><script>alert(1)</script></body></html>"
ASK = Request("m", (Message("user", "hi"),))


def no_keys(name: str) -> None:
    return None


def every(*shapes: Shape) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shape", shapes, ids=lambda shape: shape.wire)


shapes = every(*SHAPES)
# What happens below the wire format is the same for all of them: one stands for the slow rows.
one_shape = every(SHAPES[0])


@dataclass(frozen=True)
class Outcome:
    """What one call came to."""

    completion: Completion
    attempts: int
    seconds: float
    gaps: list[float]

    @property
    def kind(self) -> str | None:
        return self.completion.fault.kind if self.completion.fault else None


def connect(shape: Shape, server: FaultServer, retry: RetryPolicy = FAST) -> Connections:
    provider = Provider("here", shape.wire, server.base, "HERE_KEY")
    return Connections({"here": provider}, {"HERE_KEY": SECRET}.get, retry=retry)


def play(shape: Shape, *script: Action, timeout: float = 20.0, retry: RetryPolicy = FAST) -> Outcome:
    """Make one call against a server that plays `script`."""

    async def scene() -> Outcome:
        async with serving(*script) as server:
            connections = connect(shape, server, retry)
            started = time.monotonic()
            completion = await connections.client("here").complete(ASK, timeout)
            seconds = time.monotonic() - started
            await connections.aclose()
            times = [seen.at for seen in server.seen]
            gaps = [later - earlier for earlier, later in pairwise(times)]
            return Outcome(completion, len(server.seen), seconds, gaps)

    return asyncio.run(scene())


def assert_recovered(outcome: Outcome, attempts: int) -> None:
    assert (outcome.completion.outcome, outcome.completion.text) == ("ok", "hello")
    assert outcome.attempts == outcome.completion.attempts == attempts


def assert_gave_up(outcome: Outcome, kind: str, attempts: int) -> None:
    assert (outcome.completion.outcome, outcome.kind) == ("infra_error", kind)
    assert outcome.attempts == outcome.completion.attempts == attempts
    assert outcome.completion.text == ""


@shapes
def test_a_good_answer_is_read_whole(shape: Shape) -> None:
    outcome = play(shape, reply(shape.good))
    assert_recovered(outcome, 1)
    usage = outcome.completion.usage
    assert (usage.input, usage.output) == (7, 2)
    assert 0 < outcome.completion.latency <= outcome.seconds


@shapes
@pytest.mark.parametrize(("headers", "wait"), [({"retry-after": "0.3"}, 0.3), ({"retry-after-ms": "300"}, 0.3)])
def test_f1_retry_after_is_honoured(shape: Shape, headers: dict[str, str], wait: float) -> None:
    outcome = play(shape, reply({"error": {"message": "slow"}}, 429, headers), reply(shape.good))
    assert_recovered(outcome, 2)
    assert wait <= outcome.gaps[0] < wait + 0.5


@shapes
def test_f2_a_retry_after_longer_than_the_deadline_ends_the_call_at_once_and_is_named(shape: Shape) -> None:
    outcome = play(shape, reply({"error": {}}, 429, {"retry-after": "3600"}), reply(shape.good), timeout=2)
    assert_gave_up(outcome, "rate_limit", 1)
    assert outcome.seconds < 1
    assert outcome.completion.fault is not None
    assert "are left" in outcome.completion.fault.detail


@one_shape
@pytest.mark.parametrize(
    "value",
    ["0", "-5", "NaN", "inf", "soon", "", format_datetime(datetime(2001, 1, 1, tzinfo=UTC), usegmt=True)],
)
def test_f3_a_useless_retry_after_backs_off_without_a_busy_loop(shape: Shape, value: str) -> None:
    outcome = play(shape, *[reply({"error": {}}, 429, {"retry-after": value})] * 3, reply(shape.good))
    assert_recovered(outcome, 4)
    assert all(gap >= 0.009 for gap in outcome.gaps)
    assert outcome.gaps[2] > 0.03


@one_shape
def test_f3_an_http_date_is_a_wait(shape: Shape) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    outcome = play(shape, reply({"error": {}}, 429, {"retry-after": date}), reply(shape.good))
    assert_recovered(outcome, 2)
    assert 0.9 < outcome.gaps[0] < 2.6


@shapes
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "insufficient_quota", "type": "insufficient_quota", "message": "You exceeded your quota"}},
        {"error": {"type": "rate_limit_error", "message": "Your credit balance is too low to access the API"}},
        {"message": "You have reached your spending limit"},
    ],
)
def test_f4_a_spent_quota_spelled_as_429_is_fatal_after_one_attempt(shape: Shape, body: object) -> None:
    assert_gave_up(play(shape, reply(body, 429, {"retry-after": "0.1"}), reply(shape.good)), "quota", 1)


def google_error(*details: object) -> dict[str, object]:
    return {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "quota", "details": list(details)}}


@shapes
def test_f5_retry_info_with_a_fraction_is_waited_for(shape: Shape) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.251s"}
    minute = {"violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}
    outcome = play(shape, reply(google_error(minute, info), 429), reply(shape.good))
    assert_recovered(outcome, 2)
    assert 0.25 <= outcome.gaps[0] < 0.7


@shapes
def test_f5_a_quota_per_day_is_fatal(shape: Shape) -> None:
    day = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
    info = {"retryDelay": "0.1s"}
    assert_gave_up(play(shape, reply(google_error(day, info), 429), reply(shape.good)), "quota", 1)


@shapes
@pytest.mark.parametrize("status", [529, 503])
def test_f6_an_overloaded_provider_is_tried_again_and_then_an_infra_error(shape: Shape, status: int) -> None:
    assert_recovered(play(shape, reply({"error": {}}, status), reply(shape.good)), 2)
    assert_gave_up(play(shape, reply({"error": {}}, status)), "server", 4)


@shapes
@pytest.mark.parametrize("status", [500, 502])
def test_f7_html_from_a_gateway_is_tried_again_and_never_kept(shape: Shape, status: int) -> None:
    page = http(status, HTML, {"content-type": "text/html"})
    assert_recovered(play(shape, page, reply(shape.good)), 2)
    outcome = play(shape, page)
    assert_gave_up(outcome, "server", 4)
    assert "<" not in repr(outcome.completion)


@shapes
@pytest.mark.parametrize("status", [408, 409])
def test_f8_request_timeout_and_conflict_are_tried_again(shape: Shape, status: int) -> None:
    assert_recovered(play(shape, reply({"error": {}}, status), reply(shape.good)), 2)


@shapes
@pytest.mark.parametrize("status", [400, 413, 422])
def test_f9_a_rejected_request_is_the_cases_error_after_one_attempt(shape: Shape, status: int) -> None:
    assert_gave_up(play(shape, reply({"error": {"message": "bad"}}, status), reply(shape.good)), "invalid_request", 1)


@shapes
@pytest.mark.parametrize("status", [401, 403])
def test_f10_a_refused_key_ends_the_provider_after_one_attempt(shape: Shape, status: int) -> None:
    async def scene() -> tuple[list[Completion], int]:
        async with serving(reply({"error": {"message": f"Incorrect key {SECRET}"}}, status, after=0.05)) as server:
            connections = connect(shape, server)
            clients = [connections.client("here"), connections.client("here")]
            calls = [clients[n % 2].complete(ASK, 5) for n in range(30)]
            completions = await asyncio.gather(*calls)
            await connections.aclose()
            return completions, len(server.seen)

    completions, attempts = asyncio.run(scene())
    assert attempts == 1
    assert {c.fault.kind for c in completions if c.fault} == {"auth"}
    assert all(c.outcome == "infra_error" for c in completions)
    assert SECRET not in repr(completions)


@shapes
@pytest.mark.parametrize("status", [404, 410])
def test_f11_a_retired_model_is_its_own_outcome_and_is_asked_for_once(shape: Shape, status: int) -> None:
    gone = {"error": {"code": "model_not_found", "type": "not_found_error", "message": "The model does not exist"}}

    async def scene() -> tuple[list[Completion], int]:
        async with serving(reply(gone, status)) as server:
            client = connect(shape, server).client("here")
            completions = [await client.complete(ASK, 5) for _ in range(3)]
            await client.aclose()
            return completions, len(server.seen)

    completions, attempts = asyncio.run(scene())
    assert attempts == 1
    assert {c.outcome for c in completions} == {"model_unavailable"}


@shapes
def test_f11_a_wrong_path_is_not_a_retired_model(shape: Shape) -> None:
    assert_gave_up(play(shape, http(404, HTML)), "invalid_request", 1)


@shapes
def test_f12_a_reset_connection_is_tried_again(shape: Shape) -> None:
    assert_recovered(play(shape, reset(), reply(shape.good)), 2)


@shapes
def test_f13_a_body_shorter_than_announced_is_tried_again(shape: Shape) -> None:
    assert_recovered(play(shape, short_body(shape.good), reply(shape.good)), 2)


@shapes
@pytest.mark.parametrize(
    "body",
    [b'{"choices": [{"mess', b"", b"   ", HTML, b'{"error": {"message": "x"}}', b"[]", b'"x"', b"null", b"[" * 9999],
    ids=["F14 truncated", "F15 empty", "F15 blank", "F16 html", "F17 error", "list", "text", "null", "deep"],
)
def test_f14_to_f17_a_200_that_is_no_completion_is_tried_again_and_then_an_infra_error(
    shape: Shape, body: bytes
) -> None:
    assert_recovered(play(shape, http(200, body), reply(shape.good)), 2)
    assert_gave_up(play(shape, http(200, body)), "bad_response", 4)


@shapes
def test_f18_an_answer_without_choices_is_an_infra_error(shape: Shape) -> None:
    assert_gave_up(play(shape, reply(shape.empty)), "bad_response", 4)


@every(*(shape for shape in SHAPES if shape.refused))
def test_f19_a_refusal_is_its_own_outcome_after_one_attempt(shape: Shape) -> None:
    outcome = play(shape, reply(shape.refused))
    assert (outcome.completion.outcome, outcome.attempts, outcome.kind) == ("refused", 1, None)


@shapes
def test_f20_a_cut_answer_is_truncated(shape: Shape) -> None:
    outcome = play(shape, reply(shape.truncated))
    assert (outcome.completion.outcome, outcome.attempts, outcome.kind) == ("truncated", 1, None)


@one_shape
def test_f22_a_slow_drip_ends_at_the_wall_clock_deadline(shape: Shape) -> None:
    outcome = play(shape, drip(shape.good, pause=0.1), timeout=0.6)
    assert (outcome.completion.outcome, outcome.kind) == ("infra_error", "timeout")
    assert 0.5 < outcome.seconds < 1.2


@one_shape
def test_f23_the_deadline_of_a_hanging_call_covers_its_retries(shape: Shape) -> None:
    outcome = play(shape, hang(), timeout=1.0, retry=RetryPolicy(base=0.02, attempts=99, attempt_timeout=0.3))
    assert outcome.kind == "timeout"
    assert 0.8 < outcome.seconds < 1.5
    assert 2 <= outcome.attempts <= 4


@one_shape
def test_f24_a_gzip_bomb_is_cut_off_while_it_streams(shape: Shape) -> None:
    once = RetryPolicy(attempts=1)
    outcome = play(shape, gzip_bomb(300_000_000), retry=once, timeout=20)
    assert_gave_up(outcome, "bad_response", 1)
    assert outcome.completion.fault is not None
    assert "larger than" in outcome.completion.fault.detail


@every(*(shape for shape in SHAPES if shape.served))
def test_f26_the_model_that_served_is_recorded(shape: Shape) -> None:
    assert play(shape, reply(shape.served)).completion.served_model == "other-model"


@shapes
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_t2_a_redirect_to_another_origin_never_sees_the_key(shape: Shape, status: int) -> None:
    async def scene() -> tuple[Completion, int]:
        async with serving(reply(shape.good)) as canary:
            async with serving(http(status, b"", {"location": canary.base + "/v1"})) as server:
                client = connect(shape, server).client("here")
                completion = await client.complete(ASK, 5)
                await client.aclose()
                assert SECRET in repr(server.seen[0].headers)
            return completion, len(canary.seen)

    completion, canary_requests = asyncio.run(scene())
    assert canary_requests == 0
    assert completion.fault is not None
    assert completion.fault.kind == "invalid_request"
    assert "redirect" in completion.fault.detail


@shapes
def test_t3_proxies_and_base_urls_of_the_environment_are_not_used(
    shape: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(serve: Callable[[str], Awaitable[None]] | None = None) -> int:
        async with serving(reply(shape.good)) as canary, serving(reply(shape.good)) as server:
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
                monkeypatch.setenv(name, canary.base)
                monkeypatch.setenv(name.lower(), canary.base)
            client = connect(shape, server).client("here")
            assert (await client.complete(ASK, 5)).text == "hello"
            await client.aclose()
            return len(canary.seen)

    assert asyncio.run(scene()) == 0


def test_an_unreachable_provider_is_tried_by_one_call_for_all() -> None:
    async def scene() -> tuple[list[Completion], float]:
        connections = Connections({"here": Provider("here", "openai", "http://127.0.0.1:9/v1")}, no_keys, retry=FAST)
        client = connections.client("here")
        started = time.monotonic()
        completions = await asyncio.gather(*(client.complete(ASK, 5) for _ in range(50)))
        await client.aclose()
        return completions, time.monotonic() - started

    completions, seconds = asyncio.run(scene())
    assert sum(c.attempts for c in completions) == FAST.attempts
    assert {c.fault.kind for c in completions if c.fault} == {"connection"}
    assert seconds < 2


def test_many_calls_under_a_rate_limit_all_get_through_and_slow_down() -> None:
    """A server that allows four at once: calls beyond get 429; nobody is lost and the client stops hammering."""
    shape = SHAPES[0]

    async def scene() -> tuple[list[Completion], int]:
        async with serving(reply(shape.good)) as server:
            good, limited = reply(shape.good, after=0.02), reply({"error": {}}, 429, {"retry-after": "0.05"})

            async def at_most_four(writer: asyncio.StreamWriter) -> None:
                await (limited if server.in_flight > 4 else good)(writer)

            server.script[:] = [at_most_four]
            client = connect(shape, server, RetryPolicy(base=0.01)).client("here")
            completions = await asyncio.gather(*(client.complete(ASK, 20) for _ in range(200)))
            await client.aclose()
            return completions, len(server.seen)

    completions, requests = asyncio.run(scene())
    assert all(c.outcome == "ok" for c in completions)
    assert requests < 2 * len(completions)
