"""Authors who want to skip stages, save soak time or bring metrics of their own, through the real gate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pinward.core.outcomes import write_outcomes
from tests.integration.rollout_fixture import METRICS, NOW, SUITE, Scene, config, rules, window
from tests.support.llm_server import llm_server
from tests.support.repository import Repository


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with llm_server(lambda body: body["messages"][0]["content"]) as server:
        yield Scene(Repository(tmp_path / "repo"), server, {})


def test_trust_12_a_model_that_nobody_evaluated_gets_no_share_where_another_takes_over(scene: Scene) -> None:
    scene.at_stage(100)
    text = config(scene.server.url, 100, "local/new", task="    fallbacks: [local/old]\n")
    report = scene.gate({"pinward.yml": text.replace("candidate: [local/new]", "candidate: [local/newer]")})
    assert "in one pull request" in rules(report)["rollout-stage-skipped"]
    assert report.exit_code == 1


def test_a_commit_that_deployed_another_prompt_carries_no_outcomes_over(scene: Scene) -> None:
    prompts = "    prompts: prompts.yml\n"

    def prompt(text: str) -> str:
        return f"versions: [{{version: 1, models: ['local/*'], messages: [{{role: user, content: '{text}'}}]}}]\n"

    begun = {"pinward.yml": config(scene.server.url, 0, task=prompts), "evals/extract.yml": SUITE}
    scene.merge(900, {**begun, "prompts.yml": prompt("Read {{ input }}")})
    deployed = scene.merge(60, {"pinward.yml": config(scene.server.url, 1, task=prompts)})
    scene.metrics({"version": deployed}, {"version": deployed})
    assert rules(scene.step(10, task=prompts)) == {}
    scene.repository.git("checkout", "--quiet", "--detach", scene.sha)
    scene.merge(1, {"prompts.yml": prompt("Look at {{ input }}")})
    assert f"are of version {deployed}" in rules(scene.step(10, task=prompts))["rollout-metrics"]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_that_no_calendar_holds_is_never_a_pass(scene: Scene, time: str) -> None:
    scene.at_stage(1)
    good = write_outcomes("extract", (window("local/old", scene.version), window("local/new", scene.version)))
    start = (NOW - timedelta(hours=49)).isoformat(timespec="seconds")
    assert start in good.decode()
    scene.sha = scene.repository.commit({METRICS: good.decode().replace(start, time)})
    assert "a time with its zone" in rules(scene.step(10))["rollout-metrics"]
