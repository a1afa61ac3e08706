"""Events that GitHub has to complete: a dispatched pull request, and one whose workflow has finished."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pinward.errors import UsageError
from pinward.gh.event import Event, Mode, Plan, PullRequest, Trust, Workflow, after_workflow, at_pull_request, plan
from pinward.gh.payload import read_event

HEAD, BASE, MERGE, OURS = "a" * 40, "b" * 40, "c" * 40, "d" * 40
NOW = PullRequest(HEAD, BASE, "main", MERGE, "somebody", open=True, number=7)
DISPATCHED = Event("workflow_dispatch", Trust.TRUSTED, "acme/app", OURS, HEAD, number=7)
FINISHED = Event("workflow_run", Trust.FORK, "acme/app", OURS, HEAD, base_ref="main", branch="theirs:topic")


def test_a_dispatched_pull_request_takes_its_commits_from_github() -> None:
    event = at_pull_request(DISPATCHED, NOW)
    assert (event.sha, event.head, event.base, event.base_ref) == (MERGE, HEAD, BASE, "main")
    assert (event.author, event.number, event.trust) == ("somebody", 7, Trust.TRUSTED)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"head_sha": "e" * 40}, "the head of pull request 7 is eeeeeeeeeeee, not aaaaaaaaaaaa"),
        ({"open": False}, "pull request 7 has no test merge"),
        ({"merge_sha": None}, "pull request 7 has no test merge"),
        ({"base_sha": "main"}, "the base of the pull request is not a full commit id"),
        ({"merge_sha": "main"}, "the test merge of the pull request is not a full commit id"),
    ],
)
def test_trust_7_nothing_but_the_reviewed_head_of_an_open_pull_request_is_evaluated(
    changed: dict[str, Any], says: str
) -> None:
    now = {name: getattr(NOW, name) for name in NOW.__slots__} | changed
    with pytest.raises(UsageError, match=says):
        at_pull_request(DISPATCHED, PullRequest(**now))


def pull(number: int, base_ref: str = "main", head: str = HEAD, is_open: bool = True) -> PullRequest:
    return PullRequest(head, BASE, base_ref, MERGE, "somebody", is_open, number)


@pytest.mark.parametrize(
    ("candidates", "number"),
    [
        ([pull(9)], 9),
        ([pull(9), pull(4)], 4),
        ([pull(4, base_ref="release"), pull(9)], 9),  # into the default branch, before the older one
        ([pull(3, is_open=False), pull(4, head="e" * 40), pull(9)], 9),
    ],
)
def test_t28_the_pull_request_of_a_finished_workflow_is_the_open_one_of_its_head(
    candidates: list[PullRequest], number: int
) -> None:
    event = after_workflow(FINISHED, candidates)
    assert (event.number, event.idle, event.head, event.trust) == (number, "", HEAD, Trust.FORK)


@pytest.mark.parametrize("candidates", [[], [pull(3, is_open=False)], [pull(4, head="e" * 40)]])
def test_a_finished_workflow_whose_head_has_moved_on_asks_for_nothing(candidates: list[PullRequest]) -> None:
    event = after_workflow(FINISHED, candidates)
    assert event.idle == "no open pull request has the head aaaaaaaaaaaa"
    assert event.number is None
    assert plan(event) == Plan(None, why=event.idle)


def run_payload(**changed: Any) -> dict[str, Any]:
    run = {
        "event": "pull_request",
        "head_sha": HEAD,
        "head_branch": "topic",
        "head_repository": {"id": 2, "owner": {"login": "theirs"}},
        "actor": {"login": "somebody"},
        "triggering_actor": {"login": "somebody"},
    }
    repository = {"id": 1, "full_name": "acme/app", "default_branch": "main"}
    return {"action": "completed", "workflow_run": run, "repository": repository} | changed


def read(content: dict[str, Any], actor: str = "") -> Event:
    return read_event(json.dumps(content).encode(), Workflow("workflow_run", "acme/app", OURS, actor=actor))


def altered(**changed: Any) -> dict[str, Any]:
    content = run_payload()
    content["workflow_run"] |= changed
    return content


def test_a_forks_finished_workflow_is_scanned_with_our_token_and_never_asks_a_model() -> None:
    event = read(run_payload())
    assert (event.kind, event.trust, event.sha, event.head) == ("workflow_run", Trust.FORK, OURS, HEAD)
    assert (event.base_ref, event.branch, event.number, event.idle) == ("main", "theirs:topic", None, "")
    decided = plan(event)
    assert (decided.verb, decided.write, bool(decided.scan_only)) == ("gate", True, True)


def test_our_own_finished_workflow_is_left_to_its_own_run() -> None:
    event = read(altered(head_repository={"id": 1, "owner": {"login": "acme"}}))
    assert event.trust is Trust.SAME
    assert plan(event).verb is None
    assert "has published its result" in plan(event).why
    assert plan(event, "gate") == Plan("gate", write=True)


@pytest.mark.parametrize("field", ["actor", "triggering_actor"])
def test_dependabots_finished_workflow_is_a_forks(field: str) -> None:
    ours = {"head_repository": {"id": 1, "owner": {"login": "acme"}}}
    assert read(altered(**ours, **{field: {"login": "dependabot[bot]"}})).trust is Trust.FORK
    assert read(altered(**ours), actor="dependabot[bot]").trust is Trust.FORK


@pytest.mark.parametrize(
    ("content", "idle"),
    [
        (run_payload(action="requested"), "it was not a pull request's workflow that finished"),
        (altered(event="push"), "it was not a pull request's workflow that finished"),
        (altered(head_branch=None), "the branch is gone"),
        (altered(head_repository=None), "the branch is gone"),
    ],
)
def test_what_is_no_finished_run_of_a_pull_request_asks_for_nothing(content: dict[str, Any], idle: str) -> None:
    assert read(content).idle == idle


def test_a_review_s_finished_workflow_counts_as_its_pull_request_s() -> None:
    assert read(altered(event="pull_request_review")).idle == ""


@pytest.mark.parametrize("sha", ["", "main", "a" * 39, None, 1])
def test_a_finished_workflow_without_a_full_commit_is_refused(sha: object) -> None:
    with pytest.raises(UsageError, match=r"workflow_run\.head_sha is not a full commit id"):
        read(altered(head_sha=sha))


def test_the_runners_own_commit_is_held_against_the_same_measure() -> None:
    with pytest.raises(UsageError, match="GITHUB_SHA is not a full commit id"):
        read_event(b"{}", Workflow("schedule", "acme/app", "main"))


def request(action: str) -> bytes:
    side = {"sha": HEAD, "ref": "main", "repo": {"id": 1}}
    pull = {"number": 7, "head": side, "base": side, "user": {"login": "author"}}
    return json.dumps({"action": action, "pull_request": pull, "sender": {"login": "who"}}).encode()


@pytest.mark.parametrize(
    ("action", "pusher"),
    [("opened", "who"), ("synchronize", "who"), ("reopened", "who"), ("labeled", ""), ("submitted", "")],
)
def test_who_sent_an_event_pushed_the_head_only_where_the_action_is_a_push(action: str, pusher: str) -> None:
    assert read_event(request(action), Workflow("pull_request", "acme/app", OURS)).pusher == pusher


@pytest.mark.parametrize(("mode", "verb"), [("scan", "scan"), ("watch", "watch"), ("gate", "gate"), ("auto", "gate")])
def test_a_mode_that_is_named_is_the_verb(mode: Mode, verb: str) -> None:
    event = Event("pull_request", Trust.SAME, "acme/app", OURS, HEAD, number=7)
    assert plan(event, mode).verb == verb


@pytest.mark.parametrize(("trust", "writes"), [(Trust.FORK, False), (Trust.SAME, True)])
def test_publishing_runs_nothing_and_a_fork_writes_nothing(trust: Trust, writes: bool) -> None:
    event = Event("pull_request", trust, "acme/app", OURS, HEAD, number=7)
    assert plan(event, "publish") == Plan(None, write=writes)
