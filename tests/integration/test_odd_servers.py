"""Servers that keep to HTTP in unusual ways, or do not: what they say is read whole or is a fault, never half."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from pinward.core.evidence import Completion
from tests.integration.fault_server import Action, reply, serving
from tests.integration.test_provider_faults import ASK, FAST, connect, play
from tests.integration.wires import OPENAI, openai_answer

GOOD = json.dumps(OPENAI.good).encode()


def raw(*pieces: bytes, close: bool = True, pause: float = 0.0) -> Action:
    """Write these bytes as they stand, then close."""

    async def act(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if close:
            writer.close()

    return act


def chunked(body: bytes, size: int = 7, end: bytes = b"0\r\n\r\n", extension: bytes = b"") -> bytes:
    parts = (body[at : at + size] for at in range(0, len(body), size))
    written = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + written + end


LENGTH = b"content-length: %d\r\n" % len(GOOD)
READ = {
    "chunks of seven bytes": raw(chunked(GOOD), close=False),
    "chunks with extensions and trailers": raw(chunked(GOOD, 99, b"0\r\nx-took: 3\r\n\r\n", b";a=b"), close=False),
    "HTTP/1.0 without a length": raw(b"HTTP/1.0 200 OK\r\n\r\n" + GOOD),
    "connection: close": raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n" + LENGTH + b"\r\n" + GOOD),
    "early hints before the answer": raw(
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + LENGTH + b"\r\n" + GOOD,
        close=False,
    ),
    "JSON under the name of a page": raw(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=latin-1\r\n" + LENGTH + b"\r\n" + GOOD, close=False
    ),
    "a byte order mark": raw(
        b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (len(GOOD) + 3) + b"\xef\xbb\xbf" + GOOD, close=False
    ),
    "many headers": raw(
        b"HTTP/1.1 200 OK\r\n" + b"x-h: 1\r\n" * 500 + LENGTH + b"\r\n" + GOOD, close=False
    ),
    "a status without words": raw(b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + GOOD, close=False),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_an_unusual_answer_is_read_whole(name: str) -> None:
    outcome = play(OPENAI, READ[name])
    assert (outcome.completion.text, outcome.attempts) == ("hello", 1)


BROKEN = {
    "chunks without their end": raw(chunked(GOOD, end=b"")),
    "a header of a megabyte": raw(b"HTTP/1.1 200 OK\r\nx-h: " + b"x" * 2**20 + b"\r\n" + LENGTH + b"\r\n" + GOOD),
    "no HTTP at all": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "another protocol": raw(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n"),
    "a length that is no number": raw(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n" + GOOD),
    "two lengths": raw(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n" + LENGTH + b"\r\n" + GOOD),
    "half an answer by HTTP/1.0": raw(b"HTTP/1.0 200 OK\r\n\r\n" + GOOD[: len(GOOD) // 2]),
    "nothing to read": raw(b"HTTP/1.1 204 No Content\r\n\r\n", close=False),
    "plain text under the name of an encoding": raw(
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n" + LENGTH + b"\r\n" + GOOD, close=False
    ),
    "a list": reply([OPENAI.good]),
    "a number too large to be one": raw(b"HTTP/1.0 200 OK\r\n\r\n" + b'{"choices": ' + b"9" * 5_000 + b"}"),
    "brackets without end": raw(b"HTTP/1.0 200 OK\r\n\r\n" + b"[" * 100_000),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_is_tried_again_and_never_half_an_answer(name: str) -> None:
    recovered = play(OPENAI, BROKEN[name], reply(OPENAI.good))
    assert (recovered.completion.text, recovered.attempts) == ("hello", 2)
    broken = play(OPENAI, BROKEN[name])
    assert (broken.completion.outcome, broken.attempts) == ("infra_error", FAST.attempts)
    assert broken.completion.text == ""


def test_a_server_that_closes_what_it_promised_to_keep_costs_no_call() -> None:
    """It answers as if the connection stayed open, and closes it a moment later, as an idle timeout does."""
    kept = raw(b"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n" + LENGTH + b"\r\n" + GOOD)

    async def scene() -> list[Completion]:
        async with serving(kept) as server:
            connections = connect(OPENAI, server)
            client = connections.client("here")
            told = []
            for _ in range(4):
                told.append(await client.complete(ASK, 5))
                await asyncio.sleep(0.05)
            await connections.aclose()
            return told

    told = asyncio.run(scene())
    assert [(one.text, one.attempts) for one in told] == [("hello", 1)] * 4


def test_a_server_that_dawdles_over_its_head_is_held_to_the_deadline() -> None:
    head = [b"HTTP/1.1 200 OK\r\n", *(b"x-%d: 1\r\n" % n for n in range(100))]
    started = time.monotonic()
    outcome = play(OPENAI, raw(*head, pause=0.2), timeout=0.8)
    assert (outcome.kind, time.monotonic() - started < 3) == ("timeout", True)


NOTHING_SAID = {
    "no usage": {**OPENAI.good, "usage": None},
    "usage in words": {**OPENAI.good, "usage": {"prompt_tokens": "7", "completion_tokens": "2"}},
    "usage below nothing": {**OPENAI.good, "usage": {"prompt_tokens": -7, "completion_tokens": -2}},
}


@pytest.mark.parametrize("name", NOTHING_SAID)
def test_an_answer_that_does_not_say_what_it_took_is_read_with_no_tokens(name: str) -> None:
    told = play(OPENAI, reply(NOTHING_SAID[name])).completion
    assert (told.text, told.usage.input, told.usage.output) == ("hello", 0, 0)


def test_the_last_of_two_usages_counts_and_text_that_is_no_text_is_carried() -> None:
    body = json.dumps(openai_answer("half \ud800 and nul \0", "stop"))
    doubled = body.replace('"usage":', '"usage": {"prompt_tokens": 999}, "usage":')
    told = play(OPENAI, raw(b"HTTP/1.0 200 OK\r\n\r\n" + doubled.encode())).completion
    assert (told.text, told.usage.input) == ("half \ud800 and nul \0", 7)
