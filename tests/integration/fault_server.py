"""A local server that answers each request as its script says, over real sockets, and records what it was sent."""

from __future__ import annotations

import asyncio
import gzip
import json
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, TypeVar

Action = Callable[[asyncio.StreamWriter], Awaitable[None]]
Server = TypeVar("Server", bound="FaultServer")


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class FaultServer:
    """Plays its script, one step a request; the last step repeats."""

    script: list[Action]
    base: str = ""
    seen: list[Seen] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        seen = Seen(time.monotonic(), method, path, headers, json.loads(raw) if raw else None)
        self.seen.append(seen)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self.action(seen)(writer)
            await writer.drain()
        finally:
            self.in_flight -= 1
        return not writer.is_closing()

    def action(self, seen: Seen) -> Action:
        """Return what to do with a request: the script's next step."""
        return self.script[min(len(self.seen), len(self.script)) - 1]


@asynccontextmanager
async def serving(*script: Action) -> AsyncIterator[FaultServer]:
    """Serve the script on a free port of this machine."""
    async with listening(FaultServer(list(script))) as server:
        yield server


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[Server]:
    """Serve on a free port of this machine until the block ends."""
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.base = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task() and "Server.serve" in repr(task.get_coro()):
                task.cancel()
        await asyncio.sleep(0)


def http(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, after: float = 0.0) -> Action:
    """Answer with a whole response, `after` seconds later."""

    async def act(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(after)
        lines = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body)

    return act


def reply(data: object, status: int = 200, headers: Mapping[str, str] | None = None, after: float = 0.0) -> Action:
    """Answer with JSON."""
    return http(status, json.dumps(data).encode(), headers, after)


def reset() -> Action:
    """Break the connection with a TCP reset (docs/threats.md F12)."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return act


def short_body(data: object) -> Action:
    """Announce more bytes than are sent, then close (docs/threats.md F13)."""

    async def act(writer: asyncio.StreamWriter) -> None:
        body = json.dumps(data).encode()
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body) + 50}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    return act


def drip(data: object, pause: float) -> Action:
    """Send one byte at a time (docs/threats.md F22)."""

    async def act(writer: asyncio.StreamWriter) -> None:
        body = json.dumps(data).encode()
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n".encode())
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(pause)

    return act


def hang() -> Action:
    """Never answer (docs/threats.md F23)."""

    async def act(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    return act


def gzip_bomb(size: int) -> Action:
    """Send `size` zero bytes, compressed (docs/threats.md F24)."""
    packed = gzip.compress(b"\0" * size)
    return http(200, packed, {"content-encoding": "gzip"})
