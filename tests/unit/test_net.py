from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.errors import ConfigError
from pinward.net import HttpClient, origin_of


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com"),
        ("https://host:8443/v1/", "https://host:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/v1", "http://[::1]:8080"),
        ("http://localhost:11434/v1", "http://localhost:11434"),
    ],
)
def test_an_origin_is_scheme_host_and_port(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "http://llm.example.com/v1",
        "http://127.0.0.1.evil.example/v1",
        "http://localhost.evil.example/v1",
        "https://user:pass@host/v1",
        "https://host/v1?key=1",
        "https://host/v1#x",
        "ftp://host/v1",
        "host/v1",
        "https://",
        "https://ho st/v1",
        "https://host:99999/v1",
        "https://[::1/v1",
        "",
    ],
)
def test_an_address_that_cannot_carry_a_key_safely_is_refused(address: str) -> None:
    with pytest.raises(ConfigError):
        origin_of(address)


@given(st.text(max_size=40))
def test_any_text_is_an_origin_or_a_clear_error(address: str) -> None:
    with suppress(ConfigError):
        assert origin_of(address).startswith("http")


@pytest.mark.parametrize("path", ["@evil.example/v1", ".evil.example/", "https://evil.example/", "", ":8080/"])
def test_t1_a_path_cannot_change_the_host(path: str) -> None:
    async def scene() -> None:
        client = HttpClient("http://127.0.0.1:9", {"authorization": "Bearer sk"})
        with pytest.raises(ConfigError):
            await client.send("POST", path, timeout=1)
        await client.aclose()

    asyncio.run(scene())


def listen(server: socket.socket, pieces: list[bytes]) -> None:
    """Answer what comes over one connection, and note the pieces in which it comes."""
    connection, _ = server.accept()
    with connection:
        while piece := connection.recv(65_536):
            pieces.append(piece)
            if piece.endswith(b"the body"):
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")


def test_a_request_leaves_as_one_piece_over_one_connection() -> None:
    pieces: list[bytes] = []

    async def scene(port: int) -> None:
        client = HttpClient(f"http://127.0.0.1:{port}", {})
        for _ in range(20):
            reply = await client.send("POST", "/", content=b"the body", timeout=5)
            assert reply.body == b"ok"
        await client.aclose()

    with socket.create_server(("127.0.0.1", 0)) as server:
        listening = Thread(target=listen, args=(server, pieces))
        listening.start()
        asyncio.run(scene(server.getsockname()[1]))
        listening.join()
    assert len(pieces) == 20
    assert all(piece.startswith(b"POST / HTTP/1.1\r\n") for piece in pieces)
