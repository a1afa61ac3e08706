"""`pinward rollout` as a process, on a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.test_command_line import pinward
from tests.support.repository import Repository

CONFIG = """\
# our models
version: 1
tasks:
  extract:
    model: openai/gpt-5.1-2025-11-13   # proven
    candidate: [openai/gpt-5.5-2026-04-23]
    suite: evals/extract.yml
    rollout: {percent: 0, metrics: {file: metrics/extract.json}}
"""
SUITE = "cases: [{id: one, input: a, checks: [{contains: a}]}]\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit({"pinward.yml": CONFIG, "evals/extract.yml": SUITE, "docs/models.md": "We use gpt-5.1-2025-11-13."})
    return made


def test_it_says_where_the_rollout_stands_and_what_is_next(repository: Repository) -> None:
    done = pinward("rollout", "extract", cwd=repository.root)
    assert done.returncode == 0, done.stderr
    assert "openai/gpt-5.1-2025-11-13 -> openai/gpt-5.5-2026-04-23 at 0% (stages 1, 10, 50, 100)" in done.stdout
    assert "Next step: 0% -> 1%" in done.stdout
    assert "Checklist: " in done.stdout
    assert "still named in docs/models.md" in done.stdout
    assert "no scheduled workflow runs Pinward" in done.stdout


def test_advance_writes_one_number(repository: Repository) -> None:
    done = pinward("rollout", "extract", "--advance", cwd=repository.root)
    assert done.returncode == 0, done.stderr
    assert (repository.root / "pinward.yml").read_text() == CONFIG.replace("percent: 0", "percent: 1")


def test_without_github_the_next_step_is_not_knowable_here(repository: Repository) -> None:
    repository.commit({"pinward.yml": CONFIG.replace("percent: 0", "percent: 1")})
    done = pinward("rollout", "extract", cwd=repository.root)
    assert "1%: GitHub was not asked" in done.stdout
    assert "not knowable here: task extract: the stage 1% began" in done.stdout.replace("`", "")
    assert "metrics/extract.json: there is no such file" in done.stdout


def test_a_first_stage_that_is_too_large_is_not_written(repository: Repository) -> None:
    text = CONFIG.replace("percent: 0", "percent: 0, stages: [50, 100]")
    repository.commit({"pinward.yml": text})
    done = pinward("rollout", "extract", "--advance", cwd=repository.root)
    assert (done.returncode, "Not written" in done.stdout) == (1, True)
    assert (repository.root / "pinward.yml").read_text() == text


def test_at_100_percent_the_candidate_takes_over(repository: Repository) -> None:
    repository.commit({"pinward.yml": CONFIG.replace("percent: 0", "percent: 100")})
    done = pinward("rollout", "extract", cwd=repository.root)
    assert "Next step: write `model: openai/gpt-5.5-2026-04-23`, and keep openai/gpt-5.1-2025-11-13" in done.stdout


def test_a_task_without_a_candidate_and_an_unknown_task_say_so(repository: Repository) -> None:
    repository.commit({"pinward.yml": CONFIG.replace("    candidate: [openai/gpt-5.5-2026-04-23]\n", "")})
    assert "no rollout is under way" in pinward("rollout", "extract", cwd=repository.root).stdout
    unknown = pinward("rollout", "extrakt", cwd=repository.root)
    assert (unknown.returncode, "Did you mean `extract`?" in unknown.stderr) == (2, True)


def test_a_percentage_with_a_comma_is_a_clear_error(repository: Repository) -> None:
    repository.write({"pinward.yml": CONFIG.replace("{percent: 0,", '{percent: "2,5",')})
    done = pinward("rollout", "extract", cwd=repository.root)
    assert (done.returncode, "pinward.yml:8: `tasks.extract.rollout.percent` is '2,5'" in done.stderr) == (2, True)
