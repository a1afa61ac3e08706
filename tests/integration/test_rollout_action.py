"""A rollout from 1% to 10% through the whole action: the application writes its outcomes, GitHub tells the merge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from llmock.simulation import MockResponseSettings
from llmock.testing import LLMockServer

from pinward.runtime import Outcome, OutcomeRecorder, load_config
from tests.integration.action_fixture import ASKING, NUMBER, SUITE, Files, Job, checkout, config, job
from tests.integration.github_server.state import Actor, Pull

METRICS = "metrics/extract.json"
REQUESTS = 1_000  # of each model
STAGE = 7  # the pull request that set 1%


@pytest.fixture(scope="module")
def llm() -> Iterator[LLMockServer]:
    """LLMock (PyPI) answers every question with the words it was asked."""
    with LLMockServer(responses=MockResponseSettings(response_style="echo")) as server:
        yield server


def at(llm: LLMockServer, percent: int) -> str:
    limits = "limits: {quality: null, cost: null, completion: null}"
    rollout = f"{{percent: {percent}, metrics: {{file: {METRICS}, {limits}}}}}"
    lines = f"    candidate: [local/model-b]\n    rollout: {rollout}\n"
    return config(llm.base_url("openai")).replace("providers:", f"{lines}providers:", 1)


def outcomes(app: Path, files: Files, since: datetime, until: datetime, failing: int = 0) -> bytes:
    """Deploy files, let the application answer requests, and return what its recorder wrote."""
    for name, content in files.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(str(content), encoding="utf-8")
    task = load_config(app / "pinward.yml", {}).task("extract")
    times = iter(since + (until - since) * n / (2 * REQUESTS - 1) for n in range(2 * REQUESTS))
    with OutcomeRecorder(app / METRICS, "extract", interval=3600, now=lambda: next(times)) as recorder:
        for n in range(REQUESTS):
            recorder.record(task, Outcome("local/model-a", error=False, latency=0.5))
            recorder.record(task, Outcome("local/model-b", error=n < failing, latency=0.5))
    return (app / METRICS).read_bytes()


@contextmanager
def step(tmp_path: Path, llm: LLMockServer, merged_hours_ago: float, failing: int = 0) -> Iterator[Job]:
    """A pull request from 1% to 10%, where 1% was merged so many hours ago, and the outcomes of all that time."""
    now = datetime.now(UTC)
    merged = now - timedelta(hours=merged_hours_ago)
    files: Files = {"pinward.yml": at(llm, 0), "prompts/extract.yml": ASKING, "evals/extract.yml": SUITE}
    stage: Files = {**files, "pinward.yml": at(llm, 1)}
    met = outcomes(tmp_path / "app", stage, merged + timedelta(minutes=5), now - timedelta(minutes=5), failing)
    step_up: Files = {"pinward.yml": at(llm, 10)}
    workspace = checkout(tmp_path / "workspace", {METRICS: met}, step_up, files, stage)
    sha = workspace.repository.git("rev-parse", f"{workspace.base}~1")
    with job(tmp_path, workspace) as started:
        at_github = merged.strftime("%Y-%m-%dT%H:%M:%SZ")
        pull = Pull(STAGE, "a" * 40, "b" * 40, state="closed", merge_commit_sha=sha, merged_at=at_github)
        started.state.pulls[STAGE] = pull
        yield started


def conclusion(started: Job) -> object:
    (run,) = started.state.check_runs
    return run.fields["conclusion"]


def test_a_step_after_the_soak_time_with_sound_outcomes_passes_everywhere(tmp_path: Path, llm: LLMockServer) -> None:
    with step(tmp_path, llm, 72) as started:
        result = started.run()
        (comment,) = started.state.comments_of(NUMBER)
        assert (result.code, result.outputs["verdict"], conclusion(started)) == (0, "pass", "success")
    assert "a gradual rollout is set: 1% " in comment.body
    assert f"([evidence](https://github.test/acme/invoices/pull/{STAGE}))" in comment.body


@pytest.mark.parametrize(
    ("hours", "failing", "rule", "said"),
    [
        (24, 0, "rollout-soak", "has soaked 24 of 48 hours"),
        (72, 200, "rollout-metrics", "error rate +20.0 points"),
    ],
)
def test_a_step_that_comes_early_or_with_worse_outcomes_is_blocked_everywhere(
    tmp_path: Path, llm: LLMockServer, hours: float, failing: int, rule: str, said: str
) -> None:
    with step(tmp_path, llm, hours, failing) as started:
        result = started.run()
        (comment,) = started.state.comments_of(NUMBER)
        assert (result.code, result.outputs["verdict"], conclusion(started)) == (1, "fail", "failure")
    assert rule in comment.body
    assert said in result.summary


def test_a_token_that_may_not_read_pull_requests_makes_the_soak_time_unknowable(
    tmp_path: Path, llm: LLMockServer
) -> None:
    with step(tmp_path, llm, 72) as started:
        (token,) = started.state.tokens
        may = frozenset({"checks:write", "checks:read", "contents:read", "metadata:read", "issues:write"})
        started.state.tokens[token] = Actor("github-actions[bot]", may)
        result = started.run()
        started.state.rejected.clear()
    assert result.code == 1
    assert "not knowable" in result.summary
    assert "pull-requests: read" in result.summary


def test_a_merge_into_another_branch_is_no_beginning_of_a_stage(tmp_path: Path, llm: LLMockServer) -> None:
    with step(tmp_path, llm, 72) as started:
        started.state.pulls[STAGE].base_ref = "develop"
        result = started.run()
    assert result.code == 1
    assert "no pull request that was merged into the default branch" in result.summary
