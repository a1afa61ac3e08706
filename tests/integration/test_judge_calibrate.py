"""`pinward judge calibrate` as a process, over real HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.judges import verdict
from tests.support.llm_server import Recorded, Reply, llm_server

SRC = Path(__file__).parents[2] / "src"
JUDGE = "gpt-4.1-2025-04-14"
LABELS = "answer,label\n" + "".join(f"good {n},pass\nbad {n},fail\n" for n in range(10)) + "good but wrong,fail\n"


def answer(body: dict[str, Any]) -> Reply | str:
    told = [(message["role"], message["content"]) for message in body["messages"]]
    return verdict(lambda texts: "pass" if texts["answer"].startswith("good") else "fail", told)


def config(url: str, more: str = "", suite: str = "") -> str:
    return f"""\
version: 1
tasks: {{reply: {{model: openai/gpt-5.1-2025-11-13{suite}}}}}
policy: {{judge: {{model: openai/{JUDGE}{more}}}}}
providers: {{openai: {{type: openai, base_url: "{url}/v1", api_key_env: SOME_KEY}}}}
"""


def calibrate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(SRC), "PATH": os.defpath, "SOME_KEY": "sk-canary-1234567", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "pinward", "judge", "calibrate", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_agreement_and_kappa_are_printed_with_the_answers_that_differ(server: Recorded, tmp_path: Path) -> None:
    (tmp_path / "pinward.yml").write_text(config(server.url))
    (tmp_path / "labels.csv").write_text(LABELS)
    done = calibrate(tmp_path, "labels.csv", "--rubric", "Is it good?")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"openai/{JUDGE}: 21 labelled answers judged\n" in done.stdout
    assert "Agreement 95.2% (95% interval 76.2% to 99.9%)" in done.stdout
    assert "Cohen's kappa 0.90 (95% interval 0.52 to 1.00)" in done.stdout
    assert "The judge says pass, people do not: 1 (lines 22)" in done.stdout
    assert "warning" not in done.stdout
    assert len(server.requests) == 21


def test_a_judge_below_the_stated_kappa_warns(server: Recorded, tmp_path: Path) -> None:
    (tmp_path / "pinward.yml").write_text(config(server.url, ", min_kappa: 0.95"))
    (tmp_path / "labels.csv").write_text(LABELS)
    done = calibrate(tmp_path, "labels.csv", "--rubric", "Is it good?")
    assert done.returncode == 0
    assert "warning: this judge does not reach kappa 0.95 (policy.judge.min_kappa)" in done.stdout


def test_the_check_of_a_tasks_suite_is_calibrated(server: Recorded, tmp_path: Path) -> None:
    (tmp_path / "pinward.yml").write_text(config(server.url, suite=", suite: s.yml"))
    (tmp_path / "s.yml").write_text("cases: [{id: a, input: x, expected: y, checks: [{all: [{judge: Fine?}]}]}]\n")
    (tmp_path / "labels.jsonl").write_text('{"answer": "good", "label": true}\n{"answer": "bad", "label": 0}\n')
    done = calibrate(tmp_path, "labels.jsonl", "--task", "reply")
    assert "Cohen's kappa 1.00" in done.stdout
    assert all("Fine?" in body["messages"][0]["content"] for _, _, body in server.requests)


@pytest.mark.parametrize(
    ("labels", "arguments", "said"),
    [
        ("answer,label\nx,maybe\n", ["--rubric", "r"], "labels.csv:2: the label `maybe` is not known"),
        ("answer\nx\n", ["--rubric", "r"], "labels.csv:2: the row has no `label`"),
        ("answer,label\n", ["--rubric", "r"], "has no rows"),
        (LABELS, [], "name the check"),
        (LABELS, ["--task", "nope"], "no task `nope`"),
        (LABELS, ["--task", "reply"], "asks a judge in 0 ways"),
    ],
)
def test_what_cannot_be_calibrated_ends_with_2(
    server: Recorded, tmp_path: Path, labels: str, arguments: list[str], said: str
) -> None:
    (tmp_path / "pinward.yml").write_text(config(server.url))
    (tmp_path / "labels.csv").write_text(labels)
    done = calibrate(tmp_path, "labels.csv", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not server.requests


@pytest.mark.parametrize("label", ["nan", "inf", "9", "-3"])
def test_a_number_that_the_judge_could_not_give_is_no_label(server: Recorded, tmp_path: Path, label: str) -> None:
    (tmp_path / "pinward.yml").write_text(config(server.url, suite=", suite: evals/reply.yml"))
    check = "{judge: {rubric: Is it good?, range: [1, 5], min: 4}}"
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals/reply.yml").write_text(f"cases: [{{id: a, input: x, checks: [{check}]}}]\n")
    (tmp_path / "labels.csv").write_text(f"answer,label\ngood,{label}\n")
    done = calibrate(tmp_path, "labels.csv", "--task", "reply")
    assert (done.returncode, server.requests) == (2, [])
    assert f"labels.csv:2: the label `{label}` is not known" in done.stderr


def test_a_judge_that_answers_nothing_is_unavailable(tmp_path: Path) -> None:
    with llm_server(lambda _: Reply(400, {"error": {"message": "no"}})) as server:
        (tmp_path / "pinward.yml").write_text(config(server.url))
        (tmp_path / "labels.csv").write_text(LABELS)
        done = calibrate(tmp_path, "labels.csv", "--rubric", "r")
    assert (done.returncode, "answered none of 21" in done.stderr) == (4, True)
