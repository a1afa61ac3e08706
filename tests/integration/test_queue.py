"""A merge queue: GitHub names the pull request in the group's ref, and the group's commit has to bear it out."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinward.gh.event import DEPENDABOT
from tests.integration.action_fixture import (
    ASKING,
    EVENTS,
    FORGETFUL,
    NUMBER,
    SUITE,
    Files,
    Job,
    Result,
    checkout,
    config,
    job,
    pull_request_payload,
)
from tests.integration.github_server.state import Fault, Review
from tests.support.llm_server import Recorded, llm_server

WEAKER: Files = {"evals/extract.yml": SUITE.replace("contains: 'Invoice 3'", "contains: Invoice")}


def echo(body: dict[str, Any]) -> str:
    return " ".join(message["content"] for message in body["messages"])


@pytest.fixture
def llm() -> Iterator[Recorded]:
    with llm_server(echo) as server:
        yield server


def files(llm: Recorded) -> Files:
    return {"pinward.yml": config(f"{llm.url}/v1"), "prompts/extract.yml": ASKING, "evals/extract.yml": SUITE}


def changed_model(llm: Recorded) -> Files:
    return {"pinward.yml": config(f"{llm.url}/v1", "local/model-b")}


@pytest.fixture
def queued(tmp_path: Path, llm: Recorded) -> Iterator[Job]:
    """A pull request that changes the model, as the queue merged it."""
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm), changed_model(llm))) as started:
        yield started


def group(job: Job, head: str, number: int = NUMBER, base: str = "") -> dict[str, Any]:
    payload: dict[str, Any] = copy.deepcopy(EVENTS["merge_group"][0])
    base = base or job.workspace.base
    payload["merge_group"] |= {
        "head_sha": head,
        "head_ref": f"refs/heads/gh-readonly-queue/main/pr-{number}-{base}",
        "base_sha": base,
        "base_ref": "refs/heads/main",
    }
    return payload


def run_group(job: Job, head: str = "", number: int = NUMBER, base: str = "") -> Result:
    head = head or job.workspace.merge
    ref = f"refs/heads/gh-readonly-queue/main/pr-{number}-{base or job.workspace.base}"
    payload = group(job, head, number, base)
    return job.run("merge_group", payload, GITHUB_SHA=head, GITHUB_REF=ref, GITHUB_RUN_ID="200")


def squashed(job: Job, **files: str) -> str:
    """Commit the merge's files, and perhaps others, as one commit on the base: a queue that squashes."""
    repository = job.workspace.repository
    (repository.root / ".git" / "info" / "exclude").write_text("pinward-report\n", encoding="utf-8")
    repository.branch("queue", job.workspace.base)
    repository.git("read-tree", "-u", "--reset", job.workspace.merge)
    return repository.commit(dict(files))


def last_check(job: Job) -> dict[str, Any]:
    run = job.state.check_runs[-1]
    return {"head_sha": run.head_sha, **run.fields}


@pytest.mark.parametrize("how", ["merged", "squashed"])
def test_a_group_with_the_base_and_files_that_passed_is_not_evaluated_again(
    queued: Job, llm: Recorded, how: str
) -> None:
    assert queued.run().code == 0
    asked = len(llm.requests)
    head = squashed(queued) if how == "squashed" else queued.workspace.merge
    result = run_group(queued, head)
    assert (result.code, result.outputs["verdict"]) == (0, "pass")
    assert len(llm.requests) == asked > 0
    assert (last_check(queued)["head_sha"], last_check(queued)["conclusion"]) == (head, "success")
    assert f"Pull request {NUMBER} passed" in last_check(queued)["output"]["summary"]
    assert len(queued.state.comments) == 1


def forged_check(job: Job) -> None:
    job.state.check_runs[0].app = "another-app"


def failed_since(job: Job) -> None:
    job.state.check_runs[0].fields["conclusion"] = "failure"


def unreadable(job: Job) -> None:
    job.state.faults.append(Fault(404, "checks/list-for-ref"))


def closed(job: Job) -> None:
    job.state.pulls[NUMBER].state = "closed"


def moved(job: Job) -> None:
    job.state.pulls[NUMBER].head_sha = "c" * 40


def into_another_branch(job: Job) -> None:
    job.state.pulls[NUMBER].base_ref = "release"


@pytest.mark.parametrize("spoil", [forged_check, failed_since, unreadable, closed, moved, into_another_branch])
def test_t24_a_result_that_is_not_surely_the_pull_requests_is_not_reused(
    queued: Job, llm: Recorded, spoil: Any
) -> None:
    assert queued.run().code == 0
    asked = len(llm.requests)
    spoil(queued)
    assert run_group(queued).code == 0
    assert len(llm.requests) > asked


def test_t24_a_group_with_other_files_or_another_base_is_evaluated(queued: Job, llm: Recorded) -> None:
    assert queued.run().code == 0
    asked = len(llm.requests)
    other = squashed(queued, **{"prompts/extract.yml": FORGETFUL})
    assert run_group(queued, other).code == 1
    assert len(llm.requests) > asked


def test_t28_a_group_that_names_a_foreign_pull_request_gets_none_of_its_results(queued: Job, llm: Recorded) -> None:
    assert queued.run().code == 0
    asked = len(llm.requests)
    run_group(queued, number=77)
    assert len(llm.requests) > asked


@pytest.mark.parametrize(
    ("how", "reviewer", "code"),
    [
        ("merged", "colleague", 0),
        ("squashed", "colleague", 0),
        ("squashed with more", "colleague", 1),
        ("merged", "Codertocat", 1),
        ("merged", "reader", 1),
    ],
)
def test_trust_4_an_approved_suite_passes_in_the_queue_as_well(
    tmp_path: Path, llm: Recorded, how: str, reviewer: str, code: int
) -> None:
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm), WEAKER)) as started:
        started.state.pulls[NUMBER].author = "Codertocat"
        started.state.permissions |= {"colleague": "write", "reader": "read", "Codertocat": "admin"}
        started.state.reviews.append(Review(1, NUMBER, reviewer, "APPROVED", started.workspace.head))
        weaker = str(WEAKER["evals/extract.yml"]).replace("contains: 'Invoice 4'", "contains: Invoice")
        more = {"evals/extract.yml": weaker} if how.endswith("more") else {}
        head = started.workspace.merge if how == "merged" else squashed(started, **more)
        result = run_group(started, head)
    assert result.code == code
    assert not [request for request in started.state.writes() if "comment" in request.operation]


@pytest.mark.parametrize("maker", ["opened", "pushed", "committed", "Dependabot's helper"])
def test_trust_4_whoever_made_the_change_is_nobody_else(tmp_path: Path, llm: Recorded, maker: str) -> None:
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm), WEAKER)) as started:
        payload = pull_request_payload(started.workspace, started.state)
        payload["action"] = "synchronize"
        if maker == "opened":
            payload["pull_request"]["user"]["login"] = "colleague"
        elif maker == "pushed":
            payload["sender"]["login"] = "colleague"
        elif maker == "committed":
            started.state.contributions += [(NUMBER, "Codertocat"), (NUMBER, "colleague")]
        else:
            started.state.contributions.append((NUMBER, DEPENDABOT))
        started.state.permissions["colleague"] = "write"
        started.state.reviews.append(Review(1, NUMBER, "colleague", "APPROVED", started.workspace.head))
        assert started.run(payload=payload).code == (0 if maker == "Dependabot's helper" else 1)
