"""The whole loop over real sockets: plan, call, grade, journal, decide, with two models behind one server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pinward.core.evidence import (
    Case,
    Check,
    Completion,
    Evidence,
    Grade,
    Message,
    PlannedCase,
    Request,
    TaskPlan,
    Usage,
)
from pinward.core.model_id import ModelId
from pinward.core.policy import BudgetPolicy, GatePolicy, Provider
from pinward.core.redact import Redactor
from pinward.evals.budget import Ledger
from pinward.evals.grading import grade_case
from pinward.evals.journal import Journal, read_samples
from pinward.evals.runner import Arm, Limits, Runner, Work, run
from pinward.providers.connect import Connections
from pinward.providers.retry import RetryPolicy
from pinward.verdict.plan import next_round
from tests.integration.fault_server import Action, FaultServer, http, reply, serving
from tests.integration.wires import openai_answer

KEY = "sk-canary-0123456789"
CASES = {
    ("t", f"c{n}"): Case(f"c{n}", "format", f"item {n}", (Check("json_valid", True, "s:1"),), "s:1") for n in range(12)
}
OLD, NEW = ModelId("here", "here/old", "old", "pinned"), ModelId("here", "here/new", "new", "pinned")
PLAN = TaskPlan("t", tuple(PlannedCase(c.id, c.category) for c in CASES.values()), OLD, NEW)


class Prices:
    def cost(self, model: ModelId, usage: Usage) -> float | None:
        return (usage.input + usage.output) * 1e-5


@contextmanager
def in_a_thread(action: Action) -> Iterator[FaultServer]:
    """Serve beside the test: the runner has an event loop of its own."""
    ready: list[FaultServer] = []
    loop, started = asyncio.new_event_loop(), threading.Event()
    over = asyncio.Event()

    async def main() -> None:
        async with serving(action) as server:
            ready.append(server)
            started.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    started.wait(5)
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def by_model(**answers: Action) -> tuple[Action, list[FaultServer]]:
    """Answer by the model that is asked for."""
    servers: list[FaultServer] = []

    async def act(writer: asyncio.StreamWriter) -> None:
        await answers[servers[0].seen[-1].body["model"]](writer)

    return act, servers


def gate(base: str, journal: Path, policy: GatePolicy) -> tuple[Evidence, str]:
    """Run the whole loop as the gate does."""
    provider = Provider("here", "openai", base, "HERE_KEY")
    connections = Connections({"here": provider}, {"HERE_KEY": KEY}.get, retry=RetryPolicy(base=0.01, attempts=3))
    ledger = Ledger(BudgetPolicy(), Prices())
    arms = {
        ("t", name): Arm(
            model,
            connections.client("here", ledger.meter(model)),
            lambda case, model=model: Request(model.id, (Message("user", str(case.input)),), {"max_tokens": 50}),  # type: ignore[misc]
            base,
            "openai",
        )
        for name, model in (("baseline", OLD), ("candidate", NEW))
    }

    async def graded(case: Case, completion: Completion) -> Grade | None:
        return await grade_case(case, completion, None)

    out = Journal(journal, Redactor([KEY]))
    evidence, verdict, _ = run(
        Evidence((PLAN,)),
        lambda gathered: next_round(gathered, policy),
        lambda: Runner(Work(CASES, arms, graded), Limits(), ledger, Prices(), out),
        connections.aclose,
    )
    out.close()
    return evidence, verdict.value


def test_a_candidate_that_breaks_the_format_is_blocked_and_everything_is_in_the_journal(tmp_path: Path) -> None:
    good, bad = reply(openai_answer('{"a": 1}', "stop")), reply(openai_answer(f"Sure! {KEY}", "stop"))
    action, servers = by_model(old=good, new=bad)
    with in_a_thread(action) as server:
        servers.append(server)
        evidence, verdict = gate(server.base, tmp_path / "r.jsonl", GatePolicy())
    assert verdict == "fail"
    assert len(evidence.samples) == len(server.seen) == len(list(read_samples(tmp_path / "r.jsonl")))
    assert KEY not in (tmp_path / "r.jsonl").read_text()
    assert {seen.headers["authorization"] for seen in server.seen} == {f"Bearer {KEY}"}
    assert all(sample.completion.cost_usd for sample in evidence.samples)


def test_a_candidate_as_good_as_the_baseline_passes(tmp_path: Path) -> None:
    with in_a_thread(reply(openai_answer('{"a": 1}', "stop"))) as server:
        _, verdict = gate(server.base, tmp_path / "r.jsonl", GatePolicy())
    assert verdict == "pass"


def test_a_providers_bad_day_is_not_the_models_failure(tmp_path: Path) -> None:
    action, servers = by_model(old=reply(openai_answer('{"a": 1}', "stop")), new=http(503, b"<html>"))
    with in_a_thread(action) as server:
        servers.append(server)
        evidence, verdict = gate(server.base, tmp_path / "r.jsonl", GatePolicy())
    candidate = [s for s in evidence.samples if s.call.arm == "candidate"]
    assert {s.completion.outcome for s in candidate} == {"infra_error"}
    assert all(s.grade is None for s in candidate)
    assert verdict in {"inconclusive", "error"}


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from pinward.core.policy import GatePolicy
from tests.integration.test_run import gate
evidence, verdict = gate(sys.argv[1], Path(sys.argv[2]), GatePolicy())
print(evidence.stopped, len(evidence.samples), verdict)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_f25_a_process_that_is_interrupted_ends_within_seven_seconds_with_what_it_has(
    number: signal.Signals, tmp_path: Path
) -> None:
    root = Path(__file__).parents[2]
    action, servers = by_model(old=reply(openai_answer('{"a": 1}', "stop")), new=http(200, b"", after=600))
    with in_a_thread(action) as server:
        servers.append(server)
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(root=str(root)), server.base, str(tmp_path / "r.jsonl")],
            env={**os.environ, "PYTHONPATH": str(root / "src")},
            stdout=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and len(server.seen) < 20:
            time.sleep(0.05)
        started = time.monotonic()
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
        assert time.monotonic() - started < 7
    assert out.split() == ["cancelled", "12", "cancelled"]
    lines = (tmp_path / "r.jsonl").read_text().splitlines()
    assert {json.loads(line)["arm"] for line in lines} == {"baseline"}
