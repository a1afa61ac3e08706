"""Candidates ranked on one shared baseline: a real repository and a real HTTP server that counts what it is asked."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate.files import read_report
from pinward.commands.migrate.write import Desk, Edits, edits
from pinward.errors import ConfigError
from pinward.lifecycle.catalog import load
from pinward.verbs.main import run
from tests.integration.test_gate import SUITE, config
from tests.support.llm_server import Recorded, Reply
from tests.support.repository import Repository


def answer(body: dict[str, Any]) -> Reply | str:
    """`good` and `next` answer JSON, `patchy` fails the second half of the cases for ever, `chatty` fails them all."""
    model, said = body["model"], body["messages"][-1]["content"]
    number = int(said.removeprefix("Number ")) if said.startswith("Number ") else 0
    broken = model == "chatty" or (model == "patchy" and number >= 6)
    return 'Sure! {"a": 1}' if broken else '{"a": 1}'


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


def written(repository: Repository, *to: str) -> int:
    where = ["--path", str(repository.root), "--report-dir", str(repository.root.parent / "report")]
    return run(["migrate", "extract", "--write", *[flag for model in to for flag in ("--to", model)], *where])


def test_the_edit_of_the_best_candidate_is_written_where_the_tasks_model_stands(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (repository.root / "pinward.yml").read_text()
    assert written(repository, "local/chatty", "local/next") == 0
    assert (repository.root / "pinward.yml").read_text() == before.replace("local/good", "local/next")
    printed = capsys.readouterr().out
    assert "fixed 1 name\n  pinward.yml:4: local/good -> local/next\n" in printed
    assert "[x] the candidate was evaluated" in printed
    assert "git restore pinward.yml" in printed
    assert "Revert this commit: no end of local/good is near." in printed


def test_what_is_not_proven_is_not_written(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert written(repository, "local/chatty") == 1
    assert repository.git("status", "--porcelain") == ""
    assert "Nothing was written: local/chatty is not proven (fail)." in capsys.readouterr().out


def test_a_file_with_edits_of_somebodys_own_is_refused_before_anybody_is_asked(
    repository: Repository, server: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository.root / "pinward.yml"
    path.write_text(edited := f"{path.read_text()}# mine\n")
    assert written(repository, "local/next") == 2
    assert "pinward.yml in the work tree is not what" in capsys.readouterr().err
    assert (path.read_text(), server.requests) == (edited, [])


def test_a_model_that_another_file_names_is_written_there_and_nowhere_else(
    repository: Repository, server: Recorded
) -> None:
    project = config(server.url, "{file: app/llm.toml, key: extract.model}")
    project = project.replace("providers:", "  other: {model: local/good}\nproviders:")
    names = '# local/good is the old one\r\n[other]\r\nmodel = "local/good"\r\n[extract]\r\nmodel = "local/good"\r\n'
    repository.commit({"pinward.yml": project, "app/llm.toml": names})
    assert written(repository, "local/next") == 0
    expected = names[:-14] + names[-14:].replace("good", "next")
    assert (repository.root / "app/llm.toml").read_bytes() == expected.encode()
    assert repository.git("status", "--porcelain") == "M app/llm.toml"


OLD, NEW = "openai/gpt-4o-2024-08-06", "openai/gpt-5.4-mini-2026-03-17"
CALL = 'client.chat.completions.create(model="gpt-4o-2024-08-06", messages=[])\n'


def edited(tmp_path: Path, tasks: str, to: str = NEW, **files: str) -> Edits:
    made = Repository(tmp_path / "repository")
    sources = {f"{name}.py": text for name, text in files.items()}
    sha = made.commit({"pinward.yml": f"version: 1\ntasks:\n{tasks}", **sources})
    return edits(Desk(made.root, sha, "pinward.yml", "extract", load(), date(2026, 12, 20)), to)


def test_the_code_that_calls_the_tasks_model_goes_with_it(tmp_path: Path) -> None:
    done = edited(tmp_path, f"  extract: {{model: {OLD}, fallbacks: [{OLD}], candidate: [{NEW}]}}\n", llm=CALL)
    task = f"  extract: {{model: {NEW}, fallbacks: [{OLD}], candidate: [{NEW}]}}\n"
    assert done.files["pinward.yml"].decode() == f"version: 1\ntasks:\n{task}"
    assert done.files["llm.py"].decode() == CALL.replace("gpt-4o-2024-08-06", "gpt-5.4-mini-2026-03-17")
    assert done.left == ""
    assert done.way_back == f"Revert this commit: `{OLD}` answers until 2027-01-14."


@pytest.mark.parametrize(
    ("other", "to", "why"),
    [
        (f"  other: {{model: {OLD}}}\n", NEW, "other, extract share this model"),
        ("", "anthropic/claude-sonnet-4-6", "they call another provider"),
    ],
)
def test_code_that_is_not_the_tasks_alone_is_named_and_left(tmp_path: Path, other: str, to: str, why: str) -> None:
    done = edited(tmp_path, f"{other}  extract: {{model: {OLD}}}\n", to, llm=CALL)
    assert [(m.path, m.before, m.after) for m in done.made] == [("pinward.yml", OLD, to)]
    assert done.files["pinward.yml"].decode() == f"version: 1\ntasks:\n{other}  extract: {{model: {to}}}\n"
    assert done.left == f"1 call in other files not edited ({why}).\n"


def test_a_name_that_no_edit_of_its_own_can_reach_is_refused(tmp_path: Path) -> None:
    spelled = OLD.replace("openai", '"\\x6fpenai') + '"'
    with pytest.raises(ConfigError, match="no edit of one name moves the task extract alone"):
        edited(tmp_path, f"  extract: {{model: {spelled}}}\n")
