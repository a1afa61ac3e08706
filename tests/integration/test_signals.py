"""The action as a process: a signal ends it in time whatever it is at, and the check says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.action_fixture import ASKING, SUITE, Files, Job, checkout, config, job, pull_request_payload
from tests.integration.github_server.state import State, Trigger

SRC = Path(__file__).parents[2] / "src"
NOBODY = "http://127.0.0.1:9/v1"


def hanging_git(folder: Path, word: str, reached: Path) -> str:
    """Return a PATH whose `git` hangs as soon as an argument is the given word."""
    folder.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    script = f'#!/bin/sh\nfor a; do [ "$a" = {word} ] && {{ : > {reached}; exec sleep 30; }}; done\nexec {real} "$@"\n'
    (folder / "git").write_text(script, encoding="utf-8")
    (folder / "git").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def interrupted(job: Job, sent: signal.Signals, reached: Callable[[], bool], **environ: str) -> tuple[int, float]:
    """Start the action, send a signal once it is where it should be, and return exit code and seconds until its end."""
    given = job.environ("pull_request", pull_request_payload(job.workspace, job.state), **environ)
    start = f"import sys; sys.path.insert(0, {str(SRC)!r}); from pinward.action import main; main()"
    python = [sys.executable, "-c", start]
    process = subprocess.Popen(python, env={"PATH": os.environ["PATH"], **given}, stdout=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not reached() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.05)
    began = time.monotonic()
    process.send_signal(sent)
    process.communicate(timeout=30)
    return process.returncode, time.monotonic() - began


def cancelled_everywhere(job: Job, code: int) -> bool:
    report = json.loads((job.workspace.root / "pinward-report" / "report.json").read_text(encoding="utf-8"))
    assert (report["verdict"], report["exit_code"]) == ("cancelled", code)
    assert [run.fields["conclusion"] for run in job.state.check_runs] == ["cancelled"]
    return True


@pytest.mark.parametrize("word", ["fetch", "diff-tree"])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_f25_a_signal_while_git_works_leaves_a_cancelled_check(
    tmp_path: Path, word: str, sent: signal.Signals, code: int
) -> None:
    base: Files = {"pinward.yml": config(NOBODY), "prompts/extract.yml": ASKING, "evals/extract.yml": SUITE}
    workspace = checkout(tmp_path / "workspace", base, {"pinward.yml": config(NOBODY, "local/model-b")})
    with job(tmp_path, workspace) as started:
        changed = {"GITHUB_SHA": "c" * 40} if word == "fetch" else {}
        path = hanging_git(tmp_path / "bin", word, tmp_path / "reached")
        got, seconds = interrupted(started, sent, (tmp_path / "reached").exists, PATH=path, **changed)
        assert (got, seconds < 7) == (code, True)
        assert cancelled_everywhere(started, code)


def test_f25_a_signal_while_github_is_asked_leaves_a_cancelled_check(tmp_path: Path) -> None:
    workspace = checkout(tmp_path / "workspace", {"notes.txt": "a"}, {"notes.txt": "b"})
    asked = tmp_path / "asked"

    def hang(_state: State) -> None:
        asked.touch()
        time.sleep(2)

    with job(tmp_path, workspace) as started:
        started.state.triggers.append(Trigger("pulls/list-reviews", hang))
        got, seconds = interrupted(started, signal.SIGTERM, asked.exists)
        assert (got, seconds < 7) == (143, True)
        assert cancelled_everywhere(started, 143)
