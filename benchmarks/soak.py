"""A long run on a bad network, interrupted again and again: no call is paid twice and no result is lost.

    python -m benchmarks.soak [--cases 5000] [--signals 10] [--rate 0.05] [--seed 1]

A gate of two models over real sockets, in a process of its own. A share of all requests meets a fault, one of every
kind of docs/threats.md that a retry can mend; answers that are refused, cut short or rejected come too. The process is
ended by SIGTERM and SIGKILL in turn, and by days on which the provider refuses everything (a spent quota, a wrong key,
a model that is gone, an endless wait), and started again each time. Held against each other at the end:

- whole answers that the server sent, and answers in `results.jsonl`: the difference is what was under way when a
  SIGKILL came, which nobody can know of;
- the report of a run that nothing disturbed: the same samples and the same verdict.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.fault_server import (
    Action,
    FaultServer,
    Seen,
    drip,
    gzip_bomb,
    hang,
    http,
    listening,
    reply,
    reset,
    short_body,
)
from tests.support.repository import Repository

ROOT = Path(__file__).parents[1]
WIDE = 32  # calls under way at once
CONFIG = """\
version: 1
tasks: {{t: {{model: local/{model}, suite: s.yml}}}}
policy: {{budget: {{max_usd: 1000, max_requests: 1000000, deadline_minutes: 60}}}}
providers: {{local: {{type: openai, base_url: "{base}/v1", max_concurrency: {wide}}}}}
"""
HTML = b"<html><body>502 Bad Gateway</body></html>"
LIMITED = {"error": {"message": "slow down"}}
RETRY_INFO = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"retryDelay": "0.05s"}]}}
# Faults that pass. Those that take as long as one attempt may are the last two.
PASSING: Mapping[str, Action] = {
    "F1": reply(LIMITED, 429, {"retry-after": "0.05"}),
    "F3": reply(LIMITED, 429, {"retry-after": "soon"}),
    "F5": reply(RETRY_INFO, 429),
    "F6 503": reply({"error": {}}, 503),
    "F6 529": reply({"error": {}}, 529),
    "F7": http(502, HTML, {"content-type": "text/html"}),
    "F8 408": reply({"error": {}}, 408),
    "F8 409": reply({"error": {}}, 409),
    "F12": reset(),
    "F13": short_body({"choices": []}),
    "F14": http(200, b'{"choices": [{"mess'),
    "F15": http(200, b""),
    "F16": http(200, HTML, {"content-type": "text/html"}),
    "F17": reply({"error": {"message": "x"}}),
    "F18": reply({"model": "m", "choices": []}),
    "F24": gzip_bomb(60_000_000),
    "F22": drip({"choices": "never whole in time"}, pause=0.5),
    "F23": hang(),
}
# Days on which everything is refused.
QUOTA = {"error": {"code": "insufficient_quota", "type": "insufficient_quota", "message": "You exceeded your quota"}}
BAD_DAYS: Mapping[str, Action] = {
    "F2": reply(LIMITED, 429, {"retry-after": "36000"}),
    "F4": reply(QUOTA, 429),
    "F10": reply({"error": {"message": "Incorrect key"}}, 401),
    "F11": reply({"error": {"code": "model_not_found", "message": "The model does not exist"}}, 404),
}
ATTEMPT_SECONDS = 6.0


@dataclass
class Bumpy(FaultServer):
    """Answers as a function of model and case; a share of the requests, chosen by the seed, meets a fault."""

    rate: float = 0.0
    seed: int = 1
    kinds: Sequence[str] = tuple(PASSING)
    bad_day: str = ""
    paid: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    asked: Counter[tuple[str, int]] = field(default_factory=Counter)

    def action(self, seen: Seen) -> Action:
        """Return the answer, or a fault in its place."""
        number = re.search(r"Number (\d+)", seen.body["messages"][-1]["content"])
        if number is None:  # the preflight
            return reply(completion(seen.body["model"], "yes"))
        if self.bad_day:
            self.faults[self.bad_day] += 1
            return BAD_DAYS[self.bad_day]
        of = seen.body["model"], int(number[1])
        if of[1] % 499 == 0:
            self.faults["F9"] += 1
            return reply({"error": {"message": "too long"}}, 400)  # this case's error, each time
        self.asked[of] += 1
        dice = random.Random(f"{self.seed} {of} {self.asked[of]}")
        if dice.random() < self.rate:
            kind = dice.choice(self.kinds)
            self.faults[kind] += 1
            return PASSING[kind]
        return self._paid(answer(*of))

    def _paid(self, action: Action) -> Action:
        async def act(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.002)
            self.paid += 1
            await action(writer)

        return act


def answer(model: str, number: int) -> Action:
    """Return what a model says to a case. The new one breaks the format now and then, and the old one elsewhere."""
    finish = "content_filter" if number % 211 == 0 else "length" if number % 223 == 0 else "stop"  # F19, F20
    broken = number % (97 if model == "new" else 89) == 0
    return reply(completion(model, "no JSON" if broken else json.dumps({"n": number}), finish))


def completion(model: str, text: str, finish: str = "stop") -> dict[str, Any]:
    """Return a Chat Completions answer."""
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return {"model": model, "choices": [{"index": 0, "finish_reason": finish, "message": message}], "usage": usage}


# The gate's process


def gate(root: Path, base: str, head: str, folder: Path) -> int:
    """Run the gate as the command does, with waits short enough for a soak."""
    from pinward.commands.gate.cli import edges_over
    from pinward.commands.gate.run import GateRequest, run_gate
    from pinward.providers.connect import Connections
    from pinward.providers.retry import RetryPolicy

    retry = RetryPolicy(base=0.02, longest=0.1, attempts=8, attempt_timeout=ATTEMPT_SECONDS)
    edges = edges_over(lambda providers: Connections(providers, lambda _: None, retry=retry))
    return run_gate(GateRequest(root, base, head, folder), edges).exit_code


@dataclass
class Job:
    """One gate and its folder; started again after each end."""

    root: Path
    base: str
    head: str
    folder: Path

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process."""
        arguments = [str(self.root), self.base, self.head, str(self.folder)]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            command = [sys.executable, "-m", "benchmarks.soak", "--gate", *arguments]
            return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def lines(self) -> list[dict[str, Any]]:
        """Return the answers of the journal that were judged; a torn last line is none."""
        path = self.folder / "results.jsonl"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        rows = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return [row for row in rows if row["grade"] is not None]

    def report(self) -> dict[str, Any]:
        """Return the report without what a clock or a network wrote into it."""
        found = json.loads((self.folder / "report.json").read_bytes())
        return {name: [_timeless(task) for task in found[name]] if name == "tasks" else found[name] for name in SAME}


SAME = ("verdict", "exit_code", "complete", "reasons", "tasks", "uncovered", "next_step")


def _timeless(task: dict[str, Any]) -> dict[str, Any]:
    cases = [{k: v for k, v in case.items() if k in {"id", "status", "category"}} for case in task["notable_cases"]]
    left = {name: value for name, value in task.items() if name not in {"latency", "cost"}}
    return {**left, "notable_cases": cases}


@dataclass
class Told:
    """What a soak came to."""

    paid: int
    kept: int
    kills: int
    lost: int
    doubled: int
    gone: int
    requests: int
    runs: int
    faults: Counter[str]
    verdicts: tuple[dict[str, Any], dict[str, Any]]
    samples: tuple[Counter[str], Counter[str]]
    seconds: float

    def problems(self) -> list[str]:
        """Say what must not be."""
        found = []
        if self.doubled:
            found.append(f"{self.doubled} answers stand twice in the journal")
        if self.gone:
            found.append(f"{self.gone} answers of the journal were lost in an interruption")
        if not 0 <= self.lost <= WIDE * self.kills:
            found.append(f"{self.paid} answers were paid and {self.kept} kept, after {self.kills} kills")
        if self.samples[0] != self.samples[1]:
            found.append("the samples differ from those of an undisturbed run")
        if self.verdicts[0] != self.verdicts[1]:
            found.append("the report differs from that of an undisturbed run")
        return found


def known_of(job: Job) -> Counter[str]:
    """Return the answers of a run and their grades, without the time that they took."""
    names = ("key", "case", "arm", "phase", "repeat", "grade")
    return Counter(json.dumps([row["completion"]["text"], *(row[name] for name in names)]) for row in job.lines())


def spread(signals: Sequence[signal.Signals], bad_days: Sequence[str]) -> list[signal.Signals | str]:
    """Return all ends in an order in which they are mixed."""
    ends: list[tuple[float, signal.Signals | str]] = [((n + 0.5) / len(signals), s) for n, s in enumerate(signals)]
    ends += [((n + 0.4) / len(bad_days), day) for n, day in enumerate(bad_days)]
    return [end for _, end in sorted(ends, key=lambda pair: pair[0])]


async def until_ended(
    process: subprocess.Popen[bytes], server: Bumpy, end: signal.Signals | str | None, aim: int = 0
) -> None:
    """Wait for the end of a run; bring it about once the server has sent `aim` answers."""
    ended = asyncio.ensure_future(asyncio.to_thread(process.wait))
    while end is not None and server.paid < aim and not ended.done():
        await asyncio.sleep(0.01)
    if isinstance(end, signal.Signals):
        process.send_signal(end)
    else:
        server.bad_day = end or ""
    await ended
    server.bad_day = ""


async def soak(
    cases: int, signals: Sequence[signal.Signals], bad_days: Sequence[str], server: Bumpy, scratch: Path
) -> Told:
    """Play the whole soak against one server: an undisturbed run first, then the bumpy one."""
    started = time.monotonic()
    rate, server.rate = server.rate, 0.0
    async with listening(server):
        repository = Repository(scratch / "repository")
        suite = "".join(f"  - {{id: c{n}, input: 'Number {n}', checks: [json_valid]}}\n" for n in range(1, cases + 1))
        base = repository.commit(
            {"pinward.yml": CONFIG.format(model="old", base=server.base, wide=WIDE), "s.yml": f"cases:\n{suite}"}
        )
        head = repository.commit({"pinward.yml": CONFIG.format(model="new", base=server.base, wide=WIDE)})
        calm = Job(repository.root, base, head, scratch / "calm")
        for _ in range(2):  # the second run asks for what a busy machine let time out, and for nothing else
            await until_ended(calm.start(), server, None)
        server.rate, server.paid = rate, 0
        server.seen.clear()
        server.asked.clear()
        bumpy = Job(repository.root, base, head, scratch / "bumpy")
        runs, gone = 0, 0
        known: set[str] = set()
        ends = spread(signals, bad_days)
        for number, end in enumerate(ends, 1):
            runs += 1
            await until_ended(bumpy.start(), server, end, number * 2 * cases // (len(ends) + 1))
            kept = {json.dumps(row) for row in bumpy.lines()}
            gone, known = gone + len(known - kept), kept
        # A call that met a fault at each of its attempts is the infrastructure's error; the next run asks again.
        while runs < len(ends) + 1 or (known_of(bumpy) != known_of(calm) and runs < len(ends) + 6):
            runs += 1
            await until_ended(bumpy.start(), server, None)
    rows = bumpy.lines()
    keys = Counter(row["key"] for row in rows)
    return Told(
        paid=server.paid,
        kept=len(rows),
        kills=sum(number is signal.SIGKILL for number in signals),
        lost=server.paid - len(rows),
        doubled=sum(keys.values()) - len(keys),
        gone=gone,
        requests=len(server.seen),
        runs=runs,
        faults=server.faults,
        verdicts=(calm.report(), bumpy.report()),
        samples=(known_of(calm), known_of(bumpy)),
        seconds=time.monotonic() - started,
    )


def run(cases: int, signals: int, rate: float, seed: int, quick: bool = False) -> Told:
    """Run a soak; a quick one leaves out faults that take as long as one attempt may, and bad days."""
    kinds = [kind for kind in PASSING if not (quick and kind in {"F22", "F23", "F24"})]
    ends = [(signal.SIGTERM, signal.SIGKILL)[n % 2] for n in range(signals)]
    server = Bumpy([], rate=rate, seed=seed, kinds=kinds)
    with tempfile.TemporaryDirectory(prefix="pinward-soak-") as scratch:
        return asyncio.run(soak(cases, ends, () if quick else tuple(BAD_DAYS), server, Path(scratch)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--signals", type=int, default=10)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gate", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.gate:
        root, base, head, folder = given.gate
        return gate(Path(root), base, head, Path(folder))
    told = run(given.cases, given.signals, given.rate, given.seed)
    print(
        f"{given.cases} cases on two sides, seed {given.seed}: {told.runs} runs, {told.requests} requests, "
        f"{told.seconds:.0f} s"
    )
    print(f"faults met: {', '.join(f'{kind} {n}' for kind, n in sorted(told.faults.items()))}")
    print(f"answers sent {told.paid}, kept {told.kept}; under way at one of {told.kills} kills: {told.lost}")
    print(f"verdict {told.verdicts[1]['verdict']}, undisturbed {told.verdicts[0]['verdict']}")
    for problem in told.problems():
        print(f"WRONG: {problem}")
    return bool(told.problems())


if __name__ == "__main__":
    sys.exit(main())
