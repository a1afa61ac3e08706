from __future__ import annotations

import subprocess
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
import yaml

from pinward.commands.init import Person, run
from pinward.commands.suite.check import lint
from pinward.config.project import load_project
from pinward.errors import ExitCode, UsageError
from pinward.evals.suite import load_suite
from pinward.git.tree import WorkTree
from pinward.lifecycle.catalog import load

TODAY = date(2026, 11, 22)


def init(root: Path, *, replace: bool = False) -> tuple[ExitCode, str]:
    out = StringIO()
    code = run(root, WorkTree(root), load(), TODAY, Person(lambda _: replace, out))
    return code, out.getvalue()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    files = {
        "app/chat.py": 'client.chat.completions.create(model="gpt-4o", messages=m)\n',
        "app/summary/main.py": 'client.messages.create(model="claude-sonnet-4-6", messages=m)\n',
        "app/search.py": 'client.embeddings.create(model="text-embedding-3-small", input=x)\n',
        "app/known.py": 'if model == "gpt-4o":\n    limit = 128_000\n',
        "llm.toml": '[extract]\nmodel = "openai/gpt-5.1-2025-11-13"\n',
        "app/cloud.py": 'bedrock.converse(modelId="anthropic.claude-sonnet-4-5-20250929-v1:0", messages=m)\n',
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_each_file_that_asks_a_text_model_becomes_a_task_that_loads(root: Path) -> None:
    code, said = init(root)
    assert code == ExitCode.OK
    project = load_project(WorkTree(root))
    assert project is not None
    assert {name: task.model for name, task in project.tasks.items()} == {
        "chat": "openai/gpt-4o",
        "summary": "anthropic/claude-sonnet-4-6",
        "llm": "openai/gpt-5.1-2025-11-13",
    }
    for task in project.tasks.values():
        assert task.suite is not None
        assert len(load_suite(WorkTree(root), task.suite).cases) == 1
    assert "wrote: pinward.yml\n" in said


def test_a_name_that_the_application_reads_from_a_file_is_referred_to_there(root: Path) -> None:
    init(root)
    project = load_project(WorkTree(root))
    assert project is not None
    assert (project.tasks["llm"].model_file, project.tasks["llm"].model_key) == ("llm.toml", "extract.model")


def test_a_sample_that_repeats_a_program_is_no_task_and_one_of_its_own_is_named_after_its_setting(root: Path) -> None:
    (root / ".env.sample").write_text("CHAT_MODEL=gpt-4o\nVISION_MODEL=gpt-5.1-2025-11-13\nFAST_MODEL=gpt-5-mini\n")
    init(root)
    project = load_project(WorkTree(root))
    assert project is not None
    assert set(project.tasks) == {"chat", "summary", "llm", "fast_model"}


def test_the_first_suites_are_not_taken_for_real_ones(root: Path) -> None:
    init(root)
    project, out = load_project(WorkTree(root)), StringIO()
    assert project is not None
    assert lint(project, WorkTree(root), out) == ExitCode.USAGE
    assert "case `first-example` is still the example of `pinward init`" in out.getvalue()


def test_what_cannot_be_a_task_is_named(root: Path) -> None:
    said = init(root)[1]
    name = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert f"left out: app/cloud.py:1: {name}: name its provider under `providers:` first" in said


def test_the_workflows_hold_the_keys_of_the_providers_found(root: Path) -> None:
    init(root)
    workflow = yaml.safe_load((root / ".github/workflows/pinward.yml").read_text())
    (step,) = [step for step in workflow["jobs"]["pinward"]["steps"] if "pinward" in step["uses"]]
    assert step["env"] == {
        "OPENAI_API_KEY": "${{ secrets.OPENAI_API_KEY }}",
        "ANTHROPIC_API_KEY": "${{ secrets.ANTHROPIC_API_KEY }}",
    }
    assert "\n  schedule:\n" in (root / ".github/workflows/pinward-nightly.yml").read_text()


def test_the_first_scan_is_shown(root: Path) -> None:
    assert "app/chat.py:1:" in init(root)[1]


def test_what_exists_stays_unless_the_answer_is_yes(root: Path) -> None:
    (root / "pinward.yml").write_text("version: 1\n")
    (root / ".github" / "workflows").mkdir(parents=True)
    (root / ".github" / "workflows" / "pinward.yml").write_text("on: push\n")
    said = init(root)[1]
    assert (root / "pinward.yml").read_text() == "version: 1\n"
    assert (root / ".github/workflows/pinward.yml").read_text() == "on: push\n"
    assert "kept: pinward.yml\n" in said
    assert not (root / "evals").exists()  # no suite for a task that the configuration does not name
    init(root, replace=True)
    assert "tasks:" in (root / "pinward.yml").read_text()


def test_twice_is_like_once(root: Path) -> None:
    init(root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git/" not in str(path)}
    said = init(root)[1]
    assert {path: path.read_bytes() for path in before} == before
    assert "wrote:" not in said


def test_a_repository_without_models_gets_the_workflows_alone(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    code, said = init(tmp_path)
    assert (code, (tmp_path / "pinward.yml").exists()) == (ExitCode.OK, False)
    assert "No task proposed" in said


def test_a_hostile_file_name_stays_text(tmp_path: Path) -> None:
    (tmp_path / "a\n::error::'x\033[31m: [.py").write_text('client.chat.completions.create(model="gpt-4o")\n')
    said = init(tmp_path)[1]
    project = load_project(WorkTree(tmp_path))
    assert project is not None
    assert [task.model for task in project.tasks.values()] == ["openai/gpt-4o"]
    assert "\033" not in said + (tmp_path / "pinward.yml").read_text()
    assert not [line for line in said.splitlines() if line.lstrip().startswith("::")]


def test_a_folder_that_cannot_be_written_is_a_clear_error(root: Path) -> None:
    (root / "evals").write_text("a file where the folder should be")
    with pytest.raises(UsageError, match=r"evals/\w+.yml: cannot be written"):
        init(root)


def test_an_empty_folder_is_no_repository_to_start_from(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing was scanned"):
        init(tmp_path)
