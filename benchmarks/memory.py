"""What a whole gate needs in memory, from two commits to the report (docs/architecture.md, budgets).

    PYTHONPATH=src python benchmarks/memory.py [--cases 1000 10000 100000] [--traced]

A suite of JSON lines in a git repository of its own, two models that answer within the process: each size runs in a
fresh process. Every 50th case breaks on the candidate, so that it is confirmed. What HTTP adds does not depend on the
number of cases; `benchmarks/runner.py --memory-cases` runs over sockets.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CONFIG = """\
version: 1
tasks:
  extract: {{model: local/{model}, params: {{max_tokens: 50}}, suite: evals/extract.yml}}
policy:
  budget: {{max_usd: 1000000, max_requests: 10000000, deadline_minutes: 360}}
providers:
  local: {{type: openai, base_url: "http://127.0.0.1:9/v1"}}
"""
SUITE = "cases: cases.jsonl\ndefaults: {checks: [json_valid]}\n"
BUDGET_MB = 200


def case_line(number: int) -> str:
    """Return one case of about 250 bytes."""
    text = f"Ticket {number}: " + "the parcel has not arrived, please look where it is. " * 3
    return json.dumps({"id": f"ticket-{number}", "category": f"kind {number % 7}", "input": text}) + "\n"


def repository(root: Path, cases: int) -> tuple[str, str]:
    """Make the repository; return the base and the head."""

    def git(*arguments: str) -> str:
        named = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.invalid")
        done = subprocess.run(["git", *named, *arguments], cwd=root, capture_output=True, check=True, text=True)
        return done.stdout.strip()

    def commit(model: str) -> str:
        (root / "pinward.yml").write_text(CONFIG.format(model=model))
        git("add", "--all")
        git("commit", "--quiet", "-m", model)
        return git("rev-parse", "HEAD")

    (root / "evals").mkdir(parents=True)
    git("init", "--quiet")
    (root / "evals/extract.yml").write_text(SUITE)
    with (root / "evals/cases.jsonl").open("w") as file:
        file.writelines(case_line(number) for number in range(cases))
    return commit("old"), commit("new")


def gate(root: Path, base: str, head: str) -> dict[str, Any]:
    """Run the gate with models that answer at once."""
    from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
    from pinward.core.evidence import Client, Completion, Request, Usage
    from pinward.core.model_id import ModelId
    from pinward.core.policy import Provider
    from pinward.lifecycle.catalog import load
    from pinward.providers.connect import Connections, Wrap

    class Model:
        name = "local"

        async def complete(self, request: Request, timeout: float) -> Completion:  # noqa: ARG002  # Client
            asked = request.messages[0].content
            number = int(asked[7 : asked.index(":")]) if asked.startswith("Ticket ") else 1
            text = "no JSON" if request.model == "new" and number % 50 == 0 else json.dumps({"ticket": number})
            usage = Usage(300 + number * 7 % 3_001, 300 + number * 11 % 2_003, 257 + number % 40, 257 + number % 30)
            return Completion("ok", text, finish_reason="stop", usage=usage, latency=number / 7, served_model="m")

        async def aclose(self) -> None:
            pass

    class Local(Connections):
        def client(self, name: str, wrap: Wrap = lambda client: client) -> Client:  # type: ignore[override]  # noqa: ARG002
            return wrap(Model())

    class Prices:
        def cost(self, model: ModelId, usage: Usage) -> float | None:  # noqa: ARG002  # PriceBook
            return (usage.input + usage.output) * 1e-7

    def connect(providers: Mapping[str, Provider]) -> Connections:
        return Local(providers, lambda _: None)

    edges = GateEdges(load(), Prices(), connect, lambda: datetime.now(UTC))
    report = run_gate(GateRequest(root, base, head, root.parent / "report"), edges)
    return {"verdict": report.verdict, "requests": report.requests}


def held() -> float:
    """Return the resident memory of this process now (MB)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


@contextmanager
def sampled(every: float = 0.5) -> Iterator[list[tuple[float, float]]]:
    """Note the resident memory (seconds, MB) beside what runs."""
    noted: list[tuple[float, float]] = []
    over, started = threading.Event(), time.monotonic()

    def note() -> None:
        while not over.wait(every):
            noted.append((round(time.monotonic() - started, 1), round(held())))

    thread = threading.Thread(target=note)
    thread.start()
    try:
        yield noted
    finally:
        over.set()
        thread.join()


def part(cases: int, traced: bool) -> None:
    """Run one gate and print its time, its peak (MB), and the memory as time passed."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "repository"
        root.mkdir()
        base, head = repository(root, cases)
        if traced:
            tracemalloc.start()
        started = time.monotonic()
        with sampled() as noted:
            told = gate(root, base, head)
        told |= {"seconds": time.monotonic() - started, "curve": noted}
        told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told["traced_mb"] = tracemalloc.get_traced_memory()[1] / 2**20 if traced else None
    print(json.dumps(told))


def report(sizes: list[int], traced: bool) -> None:
    """Print the curve."""
    print(f"{'cases':>8} {'requests':>9} {'verdict':>8} {'seconds':>8} {'peak MB':>8}  budget {BUDGET_MB} MB")
    for size in sizes:
        command = [sys.executable, __file__, "--part", "--cases", str(size), *(["--traced"] if traced else [])]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        peak = told["peak_mb"]
        within = "ok" if peak <= BUDGET_MB else "OVER"
        print(f"{size:>8} {told['requests']:>9} {told['verdict']:>8} {told['seconds']:>8.1f} {peak:>8.0f}  {within}")
        if traced:
            print(
                f"{'':>8} traced peak {told['traced_mb']:.0f} MB, {told['traced_mb'] * 2**20 / size:.0f} bytes a case"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--traced", action="store_true", help="also trace what Python allocates, which is slow")
    parser.add_argument("--part", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        part(given.cases[0], given.traced)
    else:
        report(given.cases, given.traced)


if __name__ == "__main__":
    main()
