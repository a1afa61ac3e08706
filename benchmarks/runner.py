"""How close the runner comes to the wire (docs/architecture.md, budgets): every ratio is measured in this one run.

    python benchmarks/runner.py [--calls 1000] [--concurrency 50] [--memory-cases 100000]

A server process answers OpenAI Chat Completions after a fixed delay. Beside the runner run the ideal, a bare loop over
httpx2 and, where it is installed, a bare loop over aiohttp.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

ANSWER = json.dumps(
    {
        "id": "x",
        "object": "chat.completion",
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": '{"ok": true}'}}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25},
    }
).encode()
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER)


class Answering(asyncio.Protocol):
    """The cheapest HTTP server that keeps connections: finds the end of a request by its content-length."""

    def __init__(self, delay: float, arrivals: list[float]) -> None:
        self._delay, self._arrivals, self._buffer = delay, arrivals, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._arrivals.append(time.monotonic())
            asyncio.get_running_loop().call_later(self._delay, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(RESPONSE)  # type: ignore[attr-defined]  # a stream transport
            self._arrivals.append(time.monotonic())


def serve(delay: float, pipe: Connection) -> None:
    """Serve until told to stop; then report when each request arrived and each answer left."""

    async def main() -> None:
        arrivals: list[float] = []
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(lambda: Answering(delay, arrivals), "127.0.0.1", 0, backlog=1024)
        pipe.send(listener.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, pipe.recv)
        pipe.send(arrivals)

    asyncio.run(main())


class Server:
    """The server in a process of its own."""

    def __init__(self, delay: float) -> None:
        self._pipe, child = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=serve, args=(delay, child), daemon=True)
        self._process.start()
        self.base = f"http://127.0.0.1:{self._pipe.recv()}/v1"

    def stop(self, before: int = 0) -> float:
        """End it; return the seconds from the first request to the last answer, less `before` calls that went first."""
        self._pipe.send("stop")
        moments: list[float] = sorted(self._pipe.recv())[2 * before :]
        self._process.join()
        return moments[-1] - moments[0]


@dataclass(frozen=True)
class Measured:
    """Span on the wire, CPU of the client and wall clock of the call, all in seconds."""

    span: float
    cpu: float
    wall: float


def measure(delay: float, work: Callable[[str], None]) -> Measured:
    """Run `work` against a fresh server."""
    server = Server(delay)
    wall, cpu = time.monotonic(), time.process_time()
    work(server.base)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    return Measured(server.stop(), cpu, wall)


PREFLIGHT = 2  # calls: each side's model is asked once before the first case
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "x" * 80}], "max_tokens": 50}).encode()


def bounded(calls: int, concurrency: int, one: Callable[[], Awaitable[None]]) -> Awaitable[object]:
    """Make `calls` calls with this many workers."""
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            await one()

    return asyncio.gather(*(worker() for _ in range(concurrency)))


def bare_httpx2(base: str, calls: int, concurrency: int) -> None:
    """The least that httpx2 can do: post, read, parse."""
    import httpx2

    async def main() -> None:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx2.AsyncClient(limits=limits, trust_env=False) as client:

            async def one() -> None:
                reply = await client.post(base + "/chat/completions", content=BODY)
                json.loads(reply.content)

            await bounded(calls, concurrency, one)

    asyncio.run(main())


def bare_aiohttp(base: str, calls: int, concurrency: int) -> None:
    """The same over aiohttp."""
    import aiohttp  # type: ignore[import-not-found, unused-ignore]  # compared with where it is installed

    async def main() -> None:
        async with aiohttp.ClientSession() as client:

            async def one() -> None:
                async with client.post(base + "/chat/completions", data=BODY) as reply:
                    json.loads(await reply.read())

            await bounded(calls, concurrency, one)

    asyncio.run(main())


def pinward(base: str, calls: int, concurrency: int, journal: Path) -> None:
    """The runner as the gate uses it: two arms, metered, retried, graded, journalled."""
    from pinward.core.evidence import Call, Case, Check, Evidence, Message, PriceBook, Request, Round, Usage, Verdict
    from pinward.core.model_id import ModelId
    from pinward.core.policy import BudgetPolicy, Provider
    from pinward.evals.budget import Ledger
    from pinward.evals.grading import grade_case
    from pinward.evals.journal import Journal
    from pinward.evals.runner import Arm, Edges, Limits, Runner, Work, run
    from pinward.providers.connect import Connections

    class Prices:
        def cost(self, model: ModelId, usage: Usage) -> float | None:  # noqa: ARG002  # PriceBook
            return (usage.input + usage.output) * 1e-9

    def request(case: Case) -> Request:
        return Request("m", (Message("user", f"{case.input}" + "x" * 70),), {"max_tokens": 50})

    prices: PriceBook = Prices()
    provider = Provider("here", "openai", base, None, concurrency)
    connections = Connections({"here": provider}, lambda _: None)
    checks = (Check("json_valid", True, "s.yml:1"),)
    cases = {("t", f"c{n}"): Case(f"c{n}", "format", f"{n}", checks, "s.yml:1") for n in range(calls // 2)}
    ledger = Ledger(BudgetPolicy(max_usd=1e9, max_requests=10**9), prices)
    arms = {}
    for name in ("baseline", "candidate"):
        model = ModelId("here", f"here/{name}", name, "pinned")
        client = connections.client("here", ledger.meter(model))
        arms["t", name] = Arm(model, client, request, base, "openai", concurrency=concurrency)

    async def graded(case: Case, completion):  # type: ignore[no-untyped-def]  # the runner's grading
        return await grade_case(case, completion, None)

    planned = Round(tuple(Call("t", case, arm) for _, case in cases for arm in ("baseline", "candidate")), "")
    out = Journal(journal)
    evidence, *_ = run(
        Evidence(()),
        lambda e: Verdict("pass", ()) if e.samples else planned,
        lambda: Runner(Work(cases, arms, graded), Limits(), ledger, prices, out, Edges(preflight=True)),
        connections.aclose,  # without the signals, `asyncio.run` writes all the evidence out (`signal.getsignal`)
    )
    out.close()
    assert len(evidence.samples) == len(planned.calls)
    assert all(s.grade and s.grade.passed for s in evidence.samples)


def in_a_process(*arguments: str) -> tuple[float, dict[str, float]]:
    """Run one part of this file as a process of its own; return its wall clock and what it printed."""
    started = time.monotonic()
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    return time.monotonic() - started, json.loads(done.stdout)


def part(base: str, calls: int, concurrency: int) -> None:
    """Run the runner once and print its CPU seconds and peak memory (MB)."""
    with tempfile.TemporaryDirectory() as folder:
        before = time.process_time()
        pinward(base, calls, concurrency, Path(folder) / "results.jsonl")
        cpu = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": cpu, "peak_mb": peak}))


def row(name: str, value: float, budget: float | None, unit: str = "s") -> None:
    verdict = "" if budget is None else f"   budget {budget:g} {unit}   {'ok' if value <= budget else 'OVER'}"
    print(f"{name:<58}{value:8.3f} {unit}{verdict}")


def report(calls: int, concurrency: int, memory_cases: int) -> None:
    """Print the table of budgets."""
    ideal = calls * 0.1 / concurrency
    server = Server(0.1)
    wall, _ = in_a_process("--part", server.base, "--calls", str(calls), "--concurrency", str(concurrency))
    span = server.stop(PREFLIGHT)
    print(f"{calls} calls, concurrency {concurrency}, 100 ms server; the ideal is {ideal:.2f} s")
    row("first to last request, grading and journal included", span, 1.15 * ideal)
    row("ratio to the ideal", span / ideal, 1.15, "x")
    bare_span = measure(0.1, lambda base: bare_httpx2(base, calls, concurrency)).span
    row("bare httpx2 loop, ratio to the ideal", bare_span / ideal, None, "x")
    row("ratio to the bare loop, which a busy machine slows down alike", span / bare_span, None, "x")
    row("whole process", wall, 3.0)
    print(f"{calls} calls, concurrency {concurrency}, 0 ms server: CPU of the client")
    bare = min(measure(0.0, lambda base: bare_httpx2(base, calls, concurrency)).cpu for _ in range(3))
    row("bare httpx2 loop, CPU", bare, None)
    with tempfile.TemporaryDirectory() as folder:
        names = iter(Path(folder) / f"{n}.jsonl" for n in range(3))
        ours = min(measure(0.0, lambda base: pinward(base, calls, concurrency, next(names))).cpu for _ in range(3))
    row("runner, CPU", ours, None)
    row("ratio to the bare loop", ours / bare, 1.5, "x")
    try:
        row("bare aiohttp loop, CPU", measure(0.0, lambda base: bare_aiohttp(base, calls, concurrency)).cpu, None)
    except ImportError:
        print("bare aiohttp loop: aiohttp is not installed")
    if memory_cases:
        server = Server(0.0)
        wall, measured = in_a_process("--part", server.base, "--calls", str(2 * memory_cases), "--concurrency", "50")
        server.stop()
        print(f"{memory_cases} cases on two sides, {wall:.0f} s")
        row("peak memory", measured["peak_mb"], 200, "MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--memory-cases", type=int, default=0, help="cases of the memory run; 0 leaves it out")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        part(given.part, given.calls, given.concurrency)
    else:
        report(given.calls, given.concurrency, given.memory_cases)


if __name__ == "__main__":
    main()
