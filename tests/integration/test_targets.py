"""The user's own application in the place of a bare model, over real git, HTTP and processes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate import GateEdges, GateRequest, run_gate
from pinward.commands.gate_dry import dry_run
from pinward.core.evidence import Usage
from pinward.core.model_id import ModelId
from pinward.core.report import GateReport
from pinward.errors import ConfigError, CredentialError
from pinward.lifecycle.catalog import load
from pinward.providers.connect import Connections
from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository

ROOT = Path(__file__).parents[2]
KEYS = {"STAGING_KEY": "sk-staging-canary", "OPENAI_API_KEY": "sk-openai-canary"}
OLD, NEW = "openai/gpt-5.1-2025-11-13", "anthropic/claude-opus-4-6"
SUITE = "cases:\n" + "".join(
    f"  - {{id: case-{n}, category: c, input: {{number: {n}}}, checks: [{{contains: '{n}'}}]}}\n" for n in range(6)
)


def config(url: str, model: str = OLD, allow: str = "http", task: str = "", target: str = "") -> str:
    return f"""\
version: 1
tasks:
  extract: {{model: {model}, params: {{temperature: 0}}, suite: evals/extract.yml, target: app{task}}}
targets:
  app: {{http: "{url}/pinward", api_key_env: STAGING_KEY{target}}}
policy:
  targets: {{allow: [{allow}]}}
"""


class FlatPrices:
    """A cent a token."""

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        return None if model.provider == "?" else 0.01 * (usage.input + usage.output)


EDGES = GateEdges(
    catalog=load(),
    prices=FlatPrices(),
    connect=lambda providers: Connections(providers, KEYS.get),
    keys=KEYS.get,
    now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
    signals=(),
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def application(body: dict[str, Any]) -> Reply | str:
    """Answer well with every model but `claude`; state what it cost and which model served."""
    number = body["input"]["number"]
    text = "I cannot say" if "claude" in body["model"] else f"number {number}"
    return Reply(200, {"output": text, "cost_usd": 0.001, "model": "served", "usage": {"input_tokens": 3}})


@pytest.fixture
def server() -> Iterator[Recorded]:
    with llm_server(application) as recorded:
        yield recorded


def requested(repository: Repository, base: str, head: str) -> GateRequest:
    base_sha = repository.commit({"pinward.yml": base, "evals/extract.yml": SUITE})
    head_sha = repository.commit({"pinward.yml": head})
    return GateRequest(repository.root, base_sha, head_sha, repository.root.parent / "report")


def gate(repository: Repository, base: str, head: str) -> GateReport:
    return run_gate(requested(repository, base, head), EDGES)


def test_a_chain_behind_an_address_is_gated_with_the_models_name_of_each_side(
    repository: Repository, server: Recorded
) -> None:
    report = gate(repository, config(server.url), config(server.url, NEW))
    (task,) = report.tasks
    assert (report.verdict, task.regressed, task.pass_rate.baseline) == ("fail", 6, 1.0)
    assert task.candidate.served == ["served"]
    assert sorted(set(server.models())) == [NEW, OLD]
    path, headers, body = server.requests[0]
    assert (path, headers["authorization"]) == ("/pinward", "Bearer sk-staging-canary")
    assert body.keys() == {"model", "input", "params"}
    assert body["params"] == {"temperature": 0}
    assert {body["input"]["number"] for _, _, body in server.requests} == set(range(6))


def test_what_the_application_says_it_cost_is_the_cost(repository: Repository, server: Recorded) -> None:
    report = gate(repository, config(server.url), config(server.url, NEW))
    assert report.cost_usd == pytest.approx(0.001 * report.requests)
    assert report.tasks[0].cost.unpriced == []


def test_an_application_that_states_no_cost_is_unpriced_and_never_free(repository: Repository) -> None:
    with llm_server(lambda body: Reply(200, {"output": str(body["input"]["number"])})) as server:
        report = gate(repository, config(server.url), config(server.url, NEW))
    assert (report.verdict, report.cost_usd) == ("pass", None)
    assert report.tasks[0].cost.unpriced == [OLD, NEW]


def test_no_preflight_asks_an_application_what_is_no_case(repository: Repository, server: Recorded) -> None:
    report = gate(repository, config(server.url), config(server.url, "openai/gpt-5.2"))
    assert report.requests == len(server.requests) == 12


def test_a_target_that_only_the_head_names_is_never_asked(repository: Repository, server: Recorded) -> None:
    with llm_server(application) as canary:
        report = gate(repository, config(server.url), config(canary.url, NEW))
        assert canary.requests == []
    assert any("targets` change here" in note for note in report.notes)


def test_another_target_of_a_task_takes_effect_after_the_merge(repository: Repository, server: Recorded) -> None:
    with llm_server(application) as canary:
        other = f'  other: {{http: "{canary.url}/x"}}\npolicy:'
        base = config(server.url).replace("policy:", other)
        head = config(server.url, NEW).replace("policy:", other).replace("target: app", "target: other")
        report = gate(repository, base, head)
        assert canary.requests == []
    assert "Task extract: another `target` takes effect after the merge." in report.notes


def test_a_head_that_drops_the_target_still_asks_it(repository: Repository, server: Recorded) -> None:
    report = gate(repository, config(server.url), config(server.url, NEW).replace(", target: app", ""))
    assert (report.verdict, len(server.requests) > 0) == ("fail", True)


@pytest.mark.parametrize(
    ("allow", "said"), [("provider", "does not name `http`"), ("provider, command", "does not name `http`")]
)
def test_an_address_that_the_base_does_not_allow_is_refused_before_any_call(
    repository: Repository, server: Recorded, allow: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        gate(repository, config(server.url, allow=allow), config(server.url, NEW, allow="http"))
    assert server.requests == []


def test_a_policy_without_bare_models_refuses_a_task_without_a_target(repository: Repository, server: Recorded) -> None:
    base = config(server.url).replace(", target: app", "")
    with pytest.raises(ConfigError, match="leaves bare models out"):
        gate(repository, base, base.replace(OLD, NEW))


def test_a_target_that_does_not_exist_is_named_with_those_that_do(repository: Repository, server: Recorded) -> None:
    base = config(server.url).replace("target: app", "target: ap")
    with pytest.raises(ConfigError, match="has no target `ap`") as caught:
        gate(repository, base, base.replace(OLD, NEW))
    assert "Did you mean `app`" in caught.value.hint


def test_a_missing_key_ends_the_run_before_any_call(repository: Repository, server: Recorded) -> None:
    base = config(server.url).replace("STAGING_KEY", "UNSET_KEY")
    with pytest.raises(CredentialError, match="UNSET_KEY is not set"):
        gate(repository, base, base.replace(OLD, NEW))
    assert server.requests == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{http: "http://staging.example.com/x"}', "https"),
        ('{http: "https://a.example/x", command: [x]}', "either http: or command:"),
        ("{api_key_env: KEY}", "either http: or command:"),
        ('{http: "https://a.example/x", env: [KEY]}', "env beside command:"),
    ],
)
def test_a_wrong_target_is_named_with_what_to_write(repository: Repository, written: str, said: str) -> None:
    wrong = f"version: 1\ntargets:\n  app: {written}\n"
    with pytest.raises(ConfigError) as caught:
        gate(repository, wrong, wrong)
    assert said in str(caught.value)
    assert "pinward.yml:3" in caught.value.message


@pytest.mark.parametrize("body", [{}, {"output": None}, {"output": 3}, {"error": "down"}])
def test_an_answer_that_keeps_no_contract_is_the_infrastructures_fault(repository: Repository, body: Any) -> None:
    with llm_server(lambda _: Reply(200, body)) as server:
        cases = SUITE.split("  - {id: case-1,")[0]
        base = {"pinward.yml": config(server.url), "evals/extract.yml": cases}
        base_sha = repository.commit({**base})
        head_sha = repository.commit({"pinward.yml": config(server.url, NEW)})
        report = run_gate(GateRequest(repository.root, base_sha, head_sha, repository.root.parent / "report"), EDGES)
    assert (report.verdict, report.exit_code) == ("error", 4)


def test_a_dry_run_names_the_cost_unknown(repository: Repository, server: Recorded) -> None:
    said = dry_run(requested(repository, config(server.url), config(server.url, NEW)), EDGES)
    assert "12 requests" in said
    assert "has no known price" in said
    assert server.requests == []


def test_a_task_with_prompts_sends_what_its_model_would_be_told(repository: Repository, server: Recorded) -> None:
    prompts = (
        "versions:\n  - {version: 1, models: ['*'], messages: [{role: user, content: 'Read {{ input.number }}'}]}\n"
    )
    base = config(server.url, task=", prompts: prompts/p.yml")
    base_sha = repository.commit({"pinward.yml": base, "evals/extract.yml": SUITE, "prompts/p.yml": prompts})
    head_sha = repository.commit({"pinward.yml": base.replace(OLD, NEW)})
    run_gate(GateRequest(repository.root, base_sha, head_sha, repository.root.parent / "report"), EDGES)
    body = server.requests[0][2]
    assert body["messages"] == [{"role": "user", "content": f"Read {body['input']['number']}"}]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_documented_example_server_keeps_the_contract(repository: Repository) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "examples/targets/server.py"), str(port)], stderr=subprocess.PIPE
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        url = f"http://127.0.0.1:{port}"
        base = config(url).replace(", api_key_env: STAGING_KEY", "")
        report = gate(repository, base, base.replace(OLD, NEW))
    finally:
        process.terminate()
        process.communicate()
    assert (report.verdict, report.tasks[0].valid) == ("pass", 6)
