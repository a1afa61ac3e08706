"""The client against llmock, which judges how a client behaves under faults (PyPI `llmock`, resilience verdict)."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinward.core.evidence import Completion, Message, Request
from pinward.core.policy import Provider
from pinward.providers.connect import Connections
from pinward.providers.retry import RetryPolicy

BASES = {
    "openai": "/v1",
    "openai-responses": "/v1",
    "anthropic": "/anthropic",
    "gemini": "/gemini/v1beta",
    "cohere": "/cohere",
}
WIRES = pytest.mark.parametrize("wire", BASES)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("llmock") / "log.txt").open("w")
    command = [str(Path(sys.executable).parent / "llmock"), "serve", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                call(base, "GET", "/health")
                break
            except OSError:
                time.sleep(0.1)
        yield base
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def call(base: str, method: str, path: str, body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310  # our own server
        base + path, data, {"content-type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310  # our own server
        return dict(json.loads(reply.read() or b"{}"))


def ask(base: str, wire: str, many: int = 1) -> list[Completion]:
    """Make calls that differ in their text, through one connection."""

    async def scene() -> list[Completion]:
        provider = Provider("mock", wire, base + BASES[wire], "K")
        retry = RetryPolicy(base=0.3, attempts=4)
        connections = Connections({"mock": provider}, lambda _: "sk-test", retry=retry)
        client = connections.client("mock")
        asked = [Request("gpt-4o", (Message("user", f"question {n}"),), {"max_tokens": 64}) for n in range(many)]
        completions = await asyncio.gather(*(client.complete(request, 30) for request in asked))
        await connections.aclose()
        return completions

    return asyncio.run(scene())


@pytest.fixture(autouse=True)
def fresh(server: str) -> None:
    call(server, "POST", "/_llmock/reset")


@WIRES
def test_a_well_server_is_read(server: str, wire: str) -> None:
    (completion,) = ask(server, wire)
    assert completion.outcome == "ok"
    assert completion.text
    assert completion.usage.input > 0
    assert completion.usage.output > 0


@WIRES
@pytest.mark.parametrize(("status", "times"), [(429, 2), (500, 1), (503, 2), (529, 1)])
def test_passing_faults_end_well_and_the_verdict_holds(server: str, wire: str, status: int, times: int) -> None:
    call(server, "POST", "/_llmock/scenario", {"behaviors": [{"type": "fail", "status": status, "times": times}]})
    (completion,) = ask(server, wire)
    verdict = call(server, "GET", "/_llmock/verdict")
    assert (completion.outcome, completion.attempts) == ("ok", times + 1)
    assert verdict["attempts"] == times + 1
    assert verdict["passed"] is True, verdict["findings"]


@WIRES
@pytest.mark.parametrize("status", [400, 401, 403])
def test_final_faults_are_not_tried_again_and_the_verdict_holds(server: str, wire: str, status: int) -> None:
    call(server, "POST", "/_llmock/scenario", {"behaviors": [{"type": "fail", "status": status, "times": 1}]})
    (completion,) = ask(server, wire)
    verdict = call(server, "GET", "/_llmock/verdict")
    assert (completion.outcome, completion.attempts, verdict["attempts"]) == ("infra_error", 1, 1)
    assert verdict["passed"] is True, verdict["findings"]


def test_thirty_calls_with_faults_among_them_all_end_well(server: str) -> None:
    faults = [{"type": "fail", "status": status, "times": 3} for status in (429, 500, 503)]
    call(server, "POST", "/_llmock/scenario", {"behaviors": faults})
    completions = ask(server, "openai", 30)
    verdict = call(server, "GET", "/_llmock/verdict")
    assert all(completion.outcome == "ok" for completion in completions)
    assert verdict["attempts"] == 39
    assert verdict["passed"] is True, verdict["findings"]
