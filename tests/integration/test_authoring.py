"""A regression becomes a case, and answers become expected values: real git, real HTTP, the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pinward.evals.suite import load_suite
from pinward.git.tree import WorkTree
from tests.support.llm_server import Recorded, Reply
from tests.support.repository import Repository

SRC = Path(__file__).parents[2] / "src"
SUITE = "# our tickets\ncases:\n" + "".join(
    f"  - id: case-{n}   # number {n}\n    input: 'Number {n}'\n    checks: [json_valid]\n" for n in range(8)
)


def config(url: str, model: str = "local/good") -> str:
    return f"""\
version: 1
tasks: {{extract: {{model: {model}, suite: evals/extract.yml}}}}
providers: {{local: {{type: openai, base_url: "{url}/v1", api_key_env: LOCAL_KEY}}}}
"""


def answer(body: dict[str, Any]) -> Reply | str:
    if "Number 3" in body["messages"][0]["content"] and body["model"] == "gappy":
        return Reply(400, {"error": {"message": "no"}})
    return "Sure!" if body["model"] == "chatty" else '{"a": 1}'


def pinward(repository: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(SRC), "PATH": os.environ["PATH"], "LOCAL_KEY": "sk-canary-1", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "pinward", *arguments]
    return subprocess.run(
        command, cwd=repository.root, env=environment, capture_output=True, text=True, timeout=90, check=False
    )


@pytest.fixture
def blocked(repository: Repository, server: Recorded) -> Path:
    """A report in which every case regressed."""
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    repository.commit({"pinward.yml": config(server.url, "local/chatty")})
    report = repository.root.parent / "report"
    assert pinward(repository, "gate", "--base", base, "--report-dir", str(report)).returncode == 1
    return report


def test_a_regression_of_a_report_becomes_a_case_with_the_baselines_answer(
    repository: Repository, blocked: Path
) -> None:
    done = pinward(repository, "suite", "add", str(blocked), "case-3", "extract/case-5")
    assert (done.returncode, done.stderr) == (0, "")
    assert "evals/extract.yml: added regression-case-3, to be reviewed" in done.stdout
    text = (repository.root / "evals" / "extract.yml").read_text()
    assert text.startswith(SUITE)
    assert "# review: the expected value is what the baseline answered" in text
    added = {case.id: case for case in load_suite(WorkTree(repository.root), "evals/extract.yml").cases[8:]}
    assert list(added) == ["regression-case-3", "regression-case-5"]
    case = added["regression-case-3"]
    assert (case.category, case.input, case.expected) == ("regression", "Number 3", {"a": 1})
    assert [check.grader for check in case.checks] == ["json_valid"]


def test_a_case_is_added_once_and_an_unknown_one_never(repository: Repository, blocked: Path) -> None:
    assert pinward(repository, "suite", "add", str(blocked), "case-3").returncode == 0
    before = (repository.root / "evals" / "extract.yml").read_text()
    for names, said in ((["case-3"], "stands twice"), (["case-99"], "shows no case `case-99`")):
        done = pinward(repository, "suite", "add", str(blocked), *names)
        assert (done.returncode, said in done.stderr) == (2, True)
    assert (repository.root / "evals" / "extract.yml").read_text() == before


def test_the_answers_of_the_committed_model_become_expected_values(repository: Repository, server: Recorded) -> None:
    repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    done = pinward(repository, "suite", "record", "extract", "--out", "evals/r.yml", "--check", "json_equals")
    assert (done.returncode, done.stderr) == (0, "")
    assert "evals/r.yml: 8 of 8 answers recorded, to be reviewed" in done.stdout
    cases = load_suite(WorkTree(repository.root), "evals/r.yml").cases
    assert {str(case.expected) for case in cases} == {"{'a': 1}"}
    assert [check.grader for check in cases[0].checks] == ["json_valid", "json_equals"]
    assert len(server.requests) == 8
    again = pinward(repository, "suite", "record", "extract", "--out", "evals/r.yml")
    assert (again.returncode, "exists" in again.stderr) == (2, True)


def test_what_does_not_arrive_is_named_and_a_second_run_asks_for_nothing_else(
    repository: Repository, server: Recorded
) -> None:
    repository.commit({"pinward.yml": config(server.url, "local/gappy"), "evals/extract.yml": SUITE})
    done = pinward(repository, "suite", "record", "extract", "--out", "evals/r.yml")
    assert "7 of 8 answers recorded" in done.stdout
    assert "not recorded: case-3" in done.stdout
    asked = len(server.requests)
    (repository.root / "evals" / "r.yml").unlink()
    pinward(repository, "suite", "record", "extract", "--out", "evals/r.yml")
    assert len(server.requests) == asked + 1


def test_a_recording_leaves_data_of_the_same_stem_alone(repository: Repository, server: Recorded) -> None:
    data = '{"input": "one row, and no line break at its end"}'
    repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE, "evals/r.jsonl": data})
    assert pinward(repository, "suite", "record", "extract", "--out", "evals/r.yml").returncode == 0
    assert (repository.root / "evals" / "r.jsonl").read_text() == data
    other = pinward(repository, "suite", "record", "extract", "--out", "evals/s.csv")
    assert (other.returncode, "a suite is written as YAML" in other.stderr) == (2, True)


def test_a_recording_stays_within_the_budget(repository: Repository, server: Recorded) -> None:
    tight = config(server.url) + "policy: {budget: {max_requests: 7}}\n"
    repository.commit({"pinward.yml": tight, "evals/extract.yml": SUITE})
    done = pinward(repository, "suite", "record", "extract", "--out", "evals/r.yml")
    assert (done.returncode, "needs 8 requests" in done.stderr) == (5, True)
    assert not server.requests
