"""What a hostile pull request tries in order to get a green check without the work being done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pinward.errors import ConfigError
from tests.integration.test_gate import SUITE, answer, config, gate, pull_request  # noqa: F401  # the server asks `answer`
from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository

SRC = Path(__file__).parents[2] / "src"


def in_file(url: str, key: str = "extract.model") -> str:
    return config(url).replace("model: local/good", f"model: {{file: app/llm.toml, key: {key}}}")


def test_a_model_file_that_is_no_longer_read_does_not_hide_its_new_model(
    repository: Repository, server: Recorded
) -> None:
    toml = '[extract]\nmodel = "local/{}"\n'
    base = repository.commit(
        {"pinward.yml": in_file(server.url), "evals/extract.yml": SUITE, "app/llm.toml": toml.format("good")}
    )
    head = repository.commit({"pinward.yml": config(server.url), "app/llm.toml": toml.format("chatty")})
    report = gate(repository, base, head)
    assert report.exit_code == 1


def test_another_key_of_a_model_file_is_not_covered_by_the_task_that_reads_the_file(
    repository: Repository, server: Recorded
) -> None:
    toml = '[extract]\nmodel = "local/good"\n[summary]\nmodel = "gpt-4o-{}"\n'
    base = repository.commit(
        {"pinward.yml": in_file(server.url), "evals/extract.yml": SUITE, "app/llm.toml": toml.format("2024-08-06")}
    )
    head = repository.commit({"app/llm.toml": toml.format("2024-11-20")})
    report = gate(repository, base, head)
    assert len(report.uncovered) == 1


@pytest.mark.parametrize(("approved", "code"), [(False, 3), (True, 0)])
def test_cases_of_the_head_do_not_dilute_failed_calls_until_a_reviewer_approves(
    repository: Repository, approved: bool, code: int
) -> None:
    def one_is_refused(body: dict[str, Any]) -> Reply | str:
        refused = body["model"] == "better" and body["messages"][0]["content"] == "Number 3"
        return Reply(400, {"error": {"message": "too long"}}) if refused else '{"a": 1}'

    more = SUITE + "".join(f"  - {{id: new-{n}, input: 'New {n}', checks: [json_valid]}}\n" for n in range(80))
    with llm_server(one_is_refused) as server:
        text = config(server.url).replace("temperature: 0", "max_tokens: 100")
        base = repository.commit({"pinward.yml": text, "evals/extract.yml": SUITE})
        better = text.replace("local/good", "local/better")
        head = repository.commit({"pinward.yml": better, "evals/extract.yml": more})
        report = gate(repository, base, head, approved=approved)
    assert report.exit_code == code
    assert report.tasks[0].cases == 92


def test_fallbacks_are_said_to_be_unevaluated(repository: Repository, server: Recorded) -> None:
    text = config(server.url).replace("    params", "    fallbacks: [FALLBACK]\n    params")
    base = repository.commit(
        {"pinward.yml": text.replace("FALLBACK", "anthropic/claude-opus-4-6"), "evals/extract.yml": SUITE}
    )
    head = repository.commit({"pinward.yml": text.replace("FALLBACK", "openai/gpt-4o-2024-08-06")})
    report = gate(repository, base, head)
    assert len(report.uncovered) == 1


def test_a_configuration_that_is_a_link_is_an_error_and_no_first_adoption(
    repository: Repository, server: Recorded
) -> None:
    repository.write({"real.yml": config(server.url), "evals/extract.yml": SUITE, "p": "1"})
    (repository.root / "pinward.yml").symlink_to("real.yml")
    base = repository.commit({})
    head = repository.commit({"p": "2"})
    with pytest.raises(ConfigError, match="symbolic link"):
        gate(repository, base, head)


def test_a_suite_that_cannot_be_read_is_not_adopted(repository: Repository, server: Recorded) -> None:
    base = repository.commit({"a": "1"})
    head = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": "cases: []"})
    with pytest.raises(ConfigError, match="no cases"):
        gate(repository, base, head)


def test_excluded_paths_do_not_block(repository: Repository, server: Recorded) -> None:
    text = config(server.url, extra="policy: {scan: {exclude: [old]}}\n")
    base = repository.commit({"pinward.yml": text, "evals/extract.yml": SUITE})
    head = repository.commit({"old/app.py": "client.chat.completions.create(model='gpt-4o', messages=[])\n"})
    report = gate(repository, base, head)
    assert report.exit_code == 0


def pinward(repository: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(SRC), "LOCAL_KEY": "sk-canary-123456", "PATH": os.defpath, "HOME": "/proc/none"}
    command = [sys.executable, "-m", "pinward", *arguments]
    return subprocess.run(command, cwd=repository.root, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("folder", ["pinward-report", "link", "link/below", "sub/../pinward-report"])
def test_results_that_the_head_commits_are_not_taken_for_a_run(
    repository: Repository, server: Recorded, folder: str
) -> None:
    base, head = pull_request(repository, server.url, "local/better")
    gate(repository, base, head)
    forged = (repository.root.parent / "report" / "results.jsonl").read_bytes()
    server.requests.clear()
    (repository.root / "link").symlink_to("pinward-report")
    files: dict[str, str | bytes | None] = {
        "pinward-report/results.jsonl": forged,
        "pinward-report/below/results.jsonl": forged,
        "sub/a": "",
    }
    repository.commit(files)
    done = pinward(repository, "gate", "--base", base, "--report-dir", folder)
    assert (done.returncode, server.requests) == (2, [])
    assert "the repository tracks" in done.stderr
    assert "Name another folder" in done.stderr


@pytest.mark.parametrize("rule", ["*.py binary", "app.py -diff"])
def test_attributes_of_the_head_hide_nothing_from_the_scan(repository: Repository, rule: str) -> None:
    call = "client.chat.completions.create(model='gpt-4o', messages=[])\n"
    repository.commit({"app.py": call, "sub/app.py": call, ".gitattributes": rule + "\n"})
    done = pinward(repository, "scan")
    assert done.returncode == 1
    assert "2 findings" in done.stdout or all(f"{path}:1" in done.stdout for path in ("app.py", "sub/app.py"))


def test_a_replaced_commit_of_the_clone_does_not_stand_in_for_the_base(
    repository: Repository, server: Recorded
) -> None:
    base, head = pull_request(repository, server.url, "local/chatty")
    stand_in = repository.git("commit-tree", "-m", "Stand in", f"{head}^{{tree}}", "-p", base)
    repository.git("replace", base, stand_in)
    assert gate(repository, base, head).exit_code == 1


@pytest.mark.parametrize("arguments", [["scan"], ["gate", "--base", "HEAD"]])
def test_a_configuration_that_is_nowhere_is_never_a_silent_start(repository: Repository, arguments: list[str]) -> None:
    repository.commit({"a.py": "1", "pinward.yaml": "version: 1"})
    named = pinward(repository, *arguments, "--config", "ci/pinward.yml")
    assert (named.returncode, "ci/pinward.yml: there is no such configuration" in named.stderr) == (2, True)
    other_ending = pinward(repository, *arguments)
    assert (other_ending.returncode, "Rename it to `pinward.yml`" in other_ending.stderr) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["gate", "--base", "main", "--report-dir", "taken"],
        ["scan", "--output", "gone/x"],
        ["scan", "--output", "folder"],
    ],
)
def test_a_place_that_cannot_be_written_is_named_and_no_internal_error(
    repository: Repository, arguments: list[str]
) -> None:
    repository.commit({"app.py": "1"})
    repository.write({"taken": "", "folder/x": ""})
    done = pinward(repository, *arguments)
    assert done.returncode == 2
    assert arguments[-1] in done.stderr
    assert "internal error" not in done.stderr


@pytest.mark.parametrize("line", ["{}", "[]", "nonsense", '{"key": 1}'])
def test_results_that_are_none_are_named_and_no_internal_error(
    repository: Repository, server: Recorded, line: str
) -> None:
    base, _ = pull_request(repository, server.url, "local/better")
    repository.write({"out/results.jsonl": line + "\n"})
    done = pinward(repository, "gate", "--base", base, "--report-dir", "out")
    assert (done.returncode, server.requests) == (2, [])
    assert "results.jsonl:1: not a result of a run" in done.stderr


def test_a_parameter_that_no_request_may_hold_is_an_error_before_the_first_call(
    repository: Repository, server: Recorded
) -> None:
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": config(server.url).replace("temperature: 0", "n: 5")})
    with pytest.raises(ConfigError, match="may not set n"):
        gate(repository, base, head)
    assert server.requests == []


def test_a_misspelt_name_of_the_policy_is_said(repository: Repository, server: Recorded) -> None:
    policy = "policy: {scan: {fail_on: [unpined-alias]}, gate: {strict_categories: [formt, format]}}\n"
    text = config(server.url, extra=policy)
    base = repository.commit({"pinward.yml": text, "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": text.replace("local/good", "local/better")})
    notes = gate(repository, base, head).notes
    assert "`policy.scan.fail_on`: no rule is called unpined-alias." in notes
    assert "`policy.gate.strict_categories`: no case here is in formt." in notes


def test_traffic_that_a_pull_request_moves_to_a_candidate_is_evaluated_and_held_to_the_stages(
    repository: Repository, server: Recorded
) -> None:
    text = config(server.url).replace(
        "    params", "    candidate: [local/chatty]\n    rollout: {percent: 10}\n    params"
    )
    base = repository.commit({"pinward.yml": text, "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": text.replace("percent: 10", "percent: 100")})
    report = gate(repository, base, head)
    assert "chatty" in server.models()
    assert (report.tasks[0].verdict, report.exit_code) == ("fail", 1)
    blocking = {finding.rule for finding in report.findings if finding.blocking}
    assert {"rollout-stage-skipped", "rollout-soak", "rollout-metrics"} <= blocking
