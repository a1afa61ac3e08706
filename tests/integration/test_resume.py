"""The command as a process that is killed, and run again: no answer that arrived is paid for twice."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository

SRC = Path(__file__).parents[2] / "src"
WIDE = 4
CASES = 20
SUITE = "cases:\n" + "".join(f"  - {{id: c{n}, input: 'Number {n}', checks: [json_valid]}}\n" for n in range(CASES))


def config(url: str, model: str, provider: str = "local", more: str = "") -> str:
    local = f'{{type: openai, base_url: "{url}/v1", api_key_env: LOCAL_KEY, max_concurrency: {WIDE}}}'
    task = f"{{model: {provider}/{model}, params: {{max_tokens: 100}}, suite: s.yml}}"
    return f"version: 1\ntasks:\n  t: {task}\nproviders: {{{provider}: {local}}}\n{more}"


def started(repository: Repository, base: str) -> subprocess.Popen[str]:
    environment = {"PYTHONPATH": str(SRC), "PATH": os.defpath, "HOME": "/proc/none", "LOCAL_KEY": "sk-canary-12345"}
    command = [sys.executable, "-m", "pinward", "gate", "--base", base]
    return subprocess.Popen(
        command, cwd=repository.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def cases_asked(server: Recorded) -> Counter[tuple[str, str]]:
    prompts = ((body["model"], body["messages"][0]["content"]) for _, _, body in server.requests)
    return Counter(asked for asked in prompts if "Number" in asked[1])


def wait(for_what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while not for_what() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    if not for_what():
        process.kill()
        pytest.fail(f"ended with {process.returncode}: {process.communicate()}")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_interrupted_run_goes_on_where_it_stopped_and_pays_for_no_answer_twice(
    number: signal.Signals, tmp_path: Path
) -> None:
    def answer(_: object) -> str:
        time.sleep(0.1)
        return '{"a": 1}'

    repository = Repository(tmp_path / "r")
    with llm_server(answer) as server:
        base = repository.commit({"pinward.yml": config(server.url, "old"), "s.yml": SUITE})
        repository.commit({"pinward.yml": config(server.url, "new")})
        first = started(repository, base)
        wait(lambda: len(cases_asked(server)) >= 14, first)
        first.send_signal(number)
        first.communicate(timeout=20)
        journal = repository.root / "pinward-report" / "results.jsonl"
        kept = len([line for line in journal.read_text().splitlines() if line.endswith("}")])
        assert 0 < kept < 2 * CASES
        assert first.returncode == (-number if number == signal.SIGKILL else 128 + number)
        second = started(repository, base)
        out, _ = second.communicate(timeout=60)
        asked = cases_asked(server)
    assert (second.returncode, "pass" in out.lower()) == (0, True)
    assert len(asked) == 2 * CASES
    # What was under way when the process died is unknown to anybody; a signal that can be caught waits for it.
    assert asked.total() - 2 * CASES <= (WIDE if number == signal.SIGKILL else 0)
    report = json.loads((journal.parent / "report.json").read_text())
    assert report["tasks"][0]["valid"] == CASES


def test_a_run_that_goes_on_spends_what_its_ceiling_left_it_and_no_more(tmp_path: Path) -> None:
    """The answers use far more tokens than they may, as a thinking model's can: only the ceiling after each call
    stands against that."""
    usage = {"prompt_tokens": 10, "completion_tokens": 400_000, "total_tokens": 400_010}
    choice = {"index": 0, "message": {"role": "assistant", "content": '{"a": 1}'}, "finish_reason": "stop"}
    reply = Reply(200, {"object": "chat.completion", "model": "m", "choices": [choice], "usage": usage})
    limit = "policy: {budget: {max_usd: 4.0}}\n"
    old, new = ("gpt-4.1-2025-04-14", "gpt-4.1-mini-2025-04-14")
    repository = Repository(tmp_path / "r")
    with llm_server(lambda _: reply) as server:
        base = repository.commit({"pinward.yml": config(server.url, old, "openai", limit), "s.yml": SUITE})
        repository.commit({"pinward.yml": config(server.url, new, "openai", limit)})
        ends = []
        for _ in range(2):
            process = started(repository, base)
            out, err = process.communicate(timeout=60)
            ends.append((process.returncode, out + err, len(server.requests)))
    (first, _, paid), (second, said, in_all) = ends
    assert (first, second) == (5, 5)
    assert in_all == paid  # the preflight and the calls of the first run, and nothing since
    assert "before it was interrupted" in said


def test_two_runs_never_write_into_one_folder(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    with llm_server(lambda _: '{"a": 1}') as server:
        base = repository.commit({"pinward.yml": config(server.url, "old"), "s.yml": SUITE})
        repository.commit({"pinward.yml": config(server.url, "new")})
        folder = repository.root / "pinward-report"
        folder.mkdir()
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        process = started(repository, base)
        _, err = process.communicate(timeout=60)
        assert (process.returncode, "another run is writing to" in err) == (2, True)
        assert (list(folder.iterdir()), server.requests) == ([], [])
        os.close(held)
        process = started(repository, base)
        process.communicate(timeout=60)
    assert process.returncode == 0
