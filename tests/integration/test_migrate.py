"""Candidates ranked on one shared baseline: a real repository and a real HTTP server that counts what it is asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate.files import read_report
from pinward.verbs.main import run
from tests.integration.test_gate import SUITE, config
from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository


def answer(body: dict[str, Any]) -> Reply | str:
    """`good` and `next` answer JSON, `patchy` fails the second half of the cases for ever, `chatty` fails them all."""
    model, said = body["model"], body["messages"][-1]["content"]
    number = int(said.removeprefix("Number ")) if said.startswith("Number ") else 0
    broken = model == "chatty" or (model == "patchy" and number >= 6)
    return 'Sure! {"a": 1}' if broken else '{"a": 1}'


@pytest.fixture
def server() -> Iterator[Recorded]:
    with llm_server(answer) as recorded:
        yield recorded


@pytest.fixture
def repository(tmp_path: Path, server: Recorded, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("LOCAL_KEY", "sk-canary-123456")
    made = Repository(tmp_path / "repository")
    made.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    return made


def migrate(repository: Repository, *to: str, task: str = "extract") -> int:
    folder = str(repository.root.parent / "report")
    models = [flag for model in to for flag in ("--to", f"local/{model}")]
    return run(["migrate", task, *models, "--path", str(repository.root), "--report-dir", folder])


def test_candidates_are_ranked_and_the_best_decides(
    repository: Repository, server: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate(repository, "chatty", "next", "patchy") == 0
    report = read_report(repository.root.parent / "report")
    assert report.ranking == ["local/next", "local/patchy", "local/chatty"]
    assert [task.verdict for task in report.tasks] == ["pass", "fail", "fail"]
    assert [task.regressed for task in report.tasks] == [0, 6, 12]
    points = {item.text: item.state for item in report.checklist}
    assert len(points) == 9
    assert points["the candidate was evaluated"] == points["regressions were reviewed"] == "done"
    printed = " ".join(capsys.readouterr().out.split())
    assert "local/next comes first. 1 of 3 candidates passed." in printed
    assert "local/patchy blocked 50% of 12 cases -50.0 points" in printed


def test_the_baseline_is_asked_once_for_all_candidates(repository: Repository, server: Recorded) -> None:
    assert migrate(repository, "next", "third") == 0
    cases = Counter(body["model"] for _, _, body in server.requests if body["messages"][-1]["content"][:6] == "Number")
    assert set(cases) == {"good", "next", "third"}
    journal = (repository.root.parent / "report" / "results.jsonl").read_text().splitlines()
    arms = Counter((sample["task"], sample["arm"]) for sample in map(json.loads, journal))
    assert arms == {
        ("extract on local/next", "baseline"): 12,
        ("extract on local/next", "candidate"): 12,
        ("extract on local/third", "candidate"): 12,
    }


def test_where_none_passes_the_exit_code_is_the_best_ones(repository: Repository) -> None:
    assert migrate(repository, "chatty") == 1
    assert read_report(repository.root.parent / "report").verdict == "fail"


@pytest.mark.parametrize(
    ("task", "to", "message"),
    [
        ("nothing", "next", "there is no task 'nothing'"),
        ("extract", "good", "is what the task extract already uses"),
        ("extract", "good ", "'local/good ' names no model"),
        ("extract", "", "'local/' names no model"),
        ("extract", "next\n::error::x", "names no model"),
    ],
)
def test_what_cannot_be_migrated_is_refused(
    repository: Repository, server: Recorded, capsys: pytest.CaptureFixture[str], task: str, to: str, message: str
) -> None:
    assert migrate(repository, to, task=task) == 2
    assert message in capsys.readouterr().err
    assert server.requests == []


def test_a_candidate_may_be_of_a_provider_that_no_task_uses_yet(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    where = ["--path", str(repository.root), "--report-dir", str(repository.root.parent / "report")]
    assert run(["migrate", "extract", "--to", "openai/gpt-5.1-2025-11-13", *where]) == 2
    assert "OPENAI_API_KEY is not set" in capsys.readouterr().err
