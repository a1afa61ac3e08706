"""`workflow_run`: after a fork's own run, which could not write, the base repository scans the fork's commit itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinward.gh.event import DEPENDABOT
from tests.integration.action_fixture import ASKING, EVENTS, NUMBER, SUITE, Files, Job, Result, checkout, config, job
from tests.integration.github_server.state import Pull
from tests.support.llm_server import Recorded, llm_server
from tests.unit.gh.runner import commands

FORK_ID = 4_000_001


@pytest.fixture
def llm() -> Iterator[Recorded]:
    with llm_server(lambda body: str(body["messages"][0]["content"])) as server:
        yield server


def files(llm: Recorded) -> Files:
    return {"pinward.yml": config(f"{llm.url}/v1"), "prompts/extract.yml": ASKING, "evals/extract.yml": SUITE}


def forked(tmp_path: Path, llm: Recorded, change: Files) -> Any:
    return job(tmp_path, checkout(tmp_path / "workspace", files(llm), change))


def finished(job: Job, fork: bool = True, **changed: Any) -> dict[str, Any]:
    payload: dict[str, Any] = copy.deepcopy(EVENTS["workflow_run"][0])
    run, repository = payload["workflow_run"], payload["repository"]
    repository |= {"full_name": job.state.repository, "default_branch": "main"}
    owner = "octo-fork" if fork else job.state.repository.split("/")[0]
    run["head_repository"] |= {"id": FORK_ID if fork else repository["id"], "owner": {"login": owner}}
    run |= {"event": "pull_request", "head_branch": "feature", "head_sha": job.workspace.head, "pull_requests": []}
    run |= changed
    payload["action"] = "completed"
    job.state.pulls[NUMBER].head_owner = owner
    return payload


def run_after(job: Job, payload: dict[str, Any], mode: str = "auto") -> Result:
    ref = "refs/heads/main"
    return job.run("workflow_run", payload, {"INPUT_MODE": mode}, GITHUB_SHA=job.workspace.base, GITHUB_REF=ref)


def test_trust_7_a_forks_change_of_a_model_gets_its_failed_check_without_a_call(tmp_path: Path, llm: Recorded) -> None:
    with forked(tmp_path, llm, {"pinward.yml": config(f"{llm.url}/v1", "local/model-b")}) as started:
        result = run_after(started, finished(started))
        (check,) = started.state.check_runs
        assert (result.code, check.head_sha) == (1, started.workspace.head)
        assert check.fields["conclusion"] == "failure"
        assert "nothing was evaluated" in started.state.comments_of(NUMBER)[0].body
    assert llm.requests == []


def test_a_fork_that_changes_no_model_gets_the_check_that_branch_protection_requires(
    tmp_path: Path, llm: Recorded
) -> None:
    with forked(tmp_path, llm, {"notes.txt": "unrelated"}) as started:
        assert run_after(started, finished(started)).code == 0
        (check,) = started.state.check_runs
        assert (check.head_sha, check.fields["conclusion"]) == (started.workspace.head, "success")
        assert started.state.comments == []


def test_t28_the_number_is_found_by_the_head_and_several_requests_prefer_the_default_branch(
    tmp_path: Path, llm: Recorded
) -> None:
    with forked(tmp_path, llm, {"notes.txt": "unrelated"}) as started:
        here = started.state.pulls[NUMBER]
        started.state.pulls[1] = Pull(1, here.head_sha, "d" * 40, "release", merge_commit_sha="e" * 40)
        started.state.pulls[9] = Pull(9, "f" * 40, here.base_sha, "main", merge_commit_sha="e" * 40)
        payload = finished(started, pull_requests=[{"number": 9}])
        for other in (1, 9):
            started.state.pulls[other].head_owner = here.head_owner
        assert run_after(started, payload).code == 0
        assert started.state.check_runs[0].head_sha == here.head_sha


def test_t26_a_fork_that_has_moved_on_is_left_to_its_own_next_run(tmp_path: Path, llm: Recorded) -> None:
    with forked(tmp_path, llm, {"notes.txt": "unrelated"}) as started:
        payload = finished(started)
        started.state.pulls[NUMBER].head_sha = "c" * 40
        result = run_after(started, payload)
        assert (result.code, started.state.writes()) == (0, [])
        assert "no open pull request has the head" in result.log


@pytest.mark.parametrize("field", ["actor", "triggering_actor"])
def test_a_branch_of_dependabots_is_a_forks(tmp_path: Path, llm: Recorded, field: str) -> None:
    with forked(tmp_path, llm, {"pinward.yml": config(f"{llm.url}/v1", "local/model-b")}) as started:
        payload = finished(started, fork=False, **{field: {"login": DEPENDABOT}})
        assert run_after(started, payload).code == 1
        assert started.state.check_runs[0].fields["conclusion"] == "failure"
    assert llm.requests == []


def test_a_request_of_our_own_has_written_its_result_itself(tmp_path: Path, llm: Recorded) -> None:
    with forked(tmp_path, llm, {"pinward.yml": config(f"{llm.url}/v1", "local/model-b")}) as started:
        result = run_after(started, finished(started, fork=False))
        assert (result.code, started.state.journal) == (0, [])


@pytest.mark.parametrize("changed", [{"event": "push"}, {"event": ["pull_request"]}])
def test_the_end_of_another_workflow_asks_for_nothing(tmp_path: Path, llm: Recorded, changed: dict[str, Any]) -> None:
    with forked(tmp_path, llm, {"notes.txt": "x"}) as started:
        assert run_after(started, finished(started, **changed)).code == 0
        assert started.state.journal == []


def test_t28_the_report_of_a_forks_own_run_is_not_published(tmp_path: Path, llm: Recorded) -> None:
    with forked(tmp_path, llm, {"pinward.yml": config(f"{llm.url}/v1", "local/model-b")}) as started:
        result = run_after(started, finished(started), mode="publish")
        assert (result.code, started.state.writes()) == (2, [])
        assert "can write anything into it" in commands(result.log)[0].data


def test_the_report_that_a_request_of_our_own_left_is_published(tmp_path: Path, llm: Recorded) -> None:
    with forked(tmp_path, llm, {"pinward.yml": config(f"{llm.url}/v1", "local/model-b")}) as started:
        assert started.run(INPUT_PUBLISH="false").code == 0
        assert run_after(started, finished(started, fork=False), mode="publish").code == 0
        assert started.state.check_runs[0].fields["conclusion"] == "success"


def test_a_test_merge_that_github_is_still_making_is_waited_for(tmp_path: Path, llm: Recorded) -> None:
    with forked(tmp_path, llm, {"notes.txt": "x"}) as started:
        payload = finished(started)
        pull = started.state.pulls[NUMBER]
        pull.merge_commit_sha = None

        def made(seconds: float) -> None:
            started.clock.pauses.append(seconds)
            pull.merge_commit_sha = started.workspace.merge

        started.clock.sleep = made
        assert run_after(started, payload).code == 0
        assert len(started.clock.pauses) == 1
