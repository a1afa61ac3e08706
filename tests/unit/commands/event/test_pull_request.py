from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pinward.commands.event.commits import Clone, Commits
from pinward.commands.event.pull_request import (
    MERGE_TRIES,
    Subject,
    approved,
    completed,
    earlier_pass,
    evidence,
    on_branch,
    reused,
    subject,
)
from pinward.errors import UsageError
from pinward.gh.client import CheckRun, Fault
from pinward.gh.event import Event, PullRequest, Trust
from pinward.gh.patience import Patience
from tests.support.memory_github import ACTIONS, BASE, HEAD, MERGE, MemoryGitHub
from tests.support.repository import Repository

ABOUT = Subject(4, HEAD, frozenset({"alice"}))
QUEUED = Event("merge_group", Trust.TRUSTED, "acme/invoices", MERGE, MERGE, BASE, "main", queued=4)
DISPATCHED = Event("workflow_dispatch", Trust.TRUSTED, "acme/invoices", BASE, HEAD, number=4)
FINISHED = Event("workflow_run", Trust.FORK, "acme/invoices", BASE, HEAD, base_ref="main", branch="alice:topic")
REFUSED = Fault(403, "answered 403")
DIGEST = "f" * 64
PASSED = CheckRun(1, f"pinward/1.1/{DIGEST}", ACTIONS, 0, "", "success")
NOWHERE = Clone(Path("/nonexistent"))


def patient() -> Patience:
    return Patience(1000.0, lambda: 0.0, lambda _: None)


# Who approved


@pytest.mark.parametrize(
    ("approving", "writers", "committers", "counts"),
    [
        (("bob",), {"bob"}, set(), True),
        ((), {"bob"}, set(), False),
        (("bob",), set(), set(), False),  # anybody may leave a review
        (("alice",), {"alice"}, set(), False),  # whoever opened it
        (("bob",), {"bob"}, {"bob"}, False),  # whoever made one of its commits
        (("alice", "bob"), {"alice", "bob"}, set(), True),
        (("bob", "carol"), {"carol"}, {"bob"}, True),
    ],
)
def test_trust_4_only_somebody_else_with_write_access_approves(
    approving: tuple[str, ...], writers: set[str], committers: set[str], counts: bool
) -> None:
    github = MemoryGitHub(approving=approving, writers=frozenset(writers), committers=frozenset(committers))
    assert approved(github, ABOUT, patient()) is counts


def test_trust_4_an_approval_of_an_earlier_head_counts_for_nothing() -> None:
    github = MemoryGitHub(approving=("bob",), writers=frozenset({"bob"}))
    assert not approved(github, replace(ABOUT, head="d" * 40), patient())


@pytest.mark.parametrize("method", ["approvers", "contributors", "can_write"])
def test_trust_4_what_github_does_not_tell_is_no_approval(method: str) -> None:
    github = MemoryGitHub(approving=("bob",), writers=frozenset({"bob"}), faults={method: [REFUSED]})
    assert not approved(github, ABOUT, patient())


def test_trust_4_without_a_token_or_a_pull_request_nobody_has_approved() -> None:
    assert not approved(None, ABOUT, patient())
    assert not approved(MemoryGitHub(), None, patient())


# Which pull request


def test_an_event_that_names_its_pull_request_is_about_it_and_its_author_and_pusher_made_it() -> None:
    event = replace(QUEUED, kind="pull_request", queued=None, number=7, head=HEAD, author="alice", pusher="bob")
    assert subject(event, None, NOWHERE, patient()) == Subject(7, HEAD, frozenset({"alice", "bob"}))
    assert subject(replace(event, author=""), None, NOWHERE, patient()) == Subject(7, HEAD, frozenset({"bob"}))


def test_t28_a_group_is_about_no_pull_request_that_github_and_the_commit_do_not_bear_out(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    base = repository.commit({"a": "1"})
    repository.branch("topic", base)
    head = repository.commit({"b": "2"})
    merge = repository.merge(base, head)
    clone = Clone(repository.root)
    event = replace(QUEUED, sha=merge, head=merge, base=base)
    pull = replace(MemoryGitHub().pull, head_sha=head)

    def about(event: Event = event, **changed: object) -> Subject | None:
        return subject(event, MemoryGitHub(pull=replace(pull, **changed)), clone, patient())  # type: ignore[arg-type]

    assert about() == Subject(4, head, frozenset({"alice"}))
    assert about(author="") == Subject(4, head, frozenset())
    assert about(open=False) is None
    assert about(base_ref="release") is None
    assert about(head_sha=base) is None
    assert about(replace(event, base="d" * 40)) is None
    assert about(replace(event, queued=5)) is None  # GitHub knows no such pull request
    assert about(replace(event, queued=None)) is None
    assert subject(event, None, clone, patient()) is None


# What was found before


def test_a_group_whose_pull_request_passed_with_the_same_evidence_needs_no_second_evaluation() -> None:
    assert earlier_pass(QUEUED, ABOUT, DIGEST, MemoryGitHub(checks=[PASSED]), patient()) == PASSED


@pytest.mark.parametrize(
    "checks",
    [
        [],
        [replace(PASSED, app="other-app")],
        [replace(PASSED, conclusion="failure")],
        [replace(PASSED, external_id="pinward/1.1")],
        [replace(PASSED, external_id=f"pinward/1.1/{'e' * 64}")],
        [PASSED, replace(PASSED, id=2, conclusion="failure")],
    ],
)
def test_t24_a_result_that_is_not_surely_the_pull_requests_last_is_not_reused(checks: list[CheckRun]) -> None:
    assert earlier_pass(QUEUED, ABOUT, DIGEST, MemoryGitHub(checks=checks), patient()) is None


def test_a_foreign_check_run_after_ours_changes_nothing() -> None:
    foreign = replace(PASSED, id=2, app="other-app", conclusion="failure")
    assert earlier_pass(QUEUED, ABOUT, DIGEST, MemoryGitHub(checks=[PASSED, foreign]), patient()) == PASSED


def test_only_a_group_with_a_known_pull_request_reuses_a_result() -> None:
    github = MemoryGitHub(checks=[PASSED], faults={"check_runs": [REFUSED]})
    assert earlier_pass(QUEUED, ABOUT, DIGEST, github, patient()) is None
    assert earlier_pass(QUEUED, None, DIGEST, github, patient()) is None
    assert earlier_pass(QUEUED, ABOUT, DIGEST, None, patient()) is None
    assert earlier_pass(replace(QUEUED, kind="pull_request"), ABOUT, DIGEST, github, patient()) is None


def test_evidence_tells_apart_base_files_configuration_and_approval(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    one = repository.commit({"a": "1"})
    two = repository.commit({"a": "2"})
    again = repository.commit({"a": "1"})
    clone = Clone(repository.root)
    same = evidence(clone, Commits(one, two), "pinward.yml", False)
    assert len(same) == 64
    others = [
        evidence(clone, Commits(again, two), "pinward.yml", False),
        evidence(clone, Commits(one, one), "pinward.yml", False),
        evidence(clone, Commits(one, two), "other.yml", False),
        evidence(clone, Commits(one, two), "pinward.yml", True),
    ]
    assert len({same, *others}) == 5
    assert evidence(clone, Commits(one, again), "pinward.yml", False) == others[1]  # the same files


def test_the_report_of_a_reused_result_says_whose_it_is() -> None:
    report = reused(QUEUED, ABOUT, Commits(BASE, MERGE), "pinward.yml", "2026-11-20T10:00:00+00:00")
    assert (report.verdict, report.exit_code, report.base, report.head) == ("pass", 0, BASE, MERGE)
    assert report.policy_source == f"pinward.yml@{BASE}"
    assert report.reasons == [
        f"Pull request 4 passed at {HEAD[:12]} on this base with these files. Nothing was asked again."
    ]


# What GitHub completes


def test_an_event_that_states_its_commits_is_left_as_it_is_and_nothing_is_asked() -> None:
    push = replace(QUEUED, kind="push")
    github = MemoryGitHub()
    for event in (QUEUED, push, replace(FINISHED, branch=""), replace(DISPATCHED, number=None)):
        assert completed(event, github, patient()) is event
    assert github.asked == []


@pytest.mark.parametrize("event", [DISPATCHED, FINISHED])
def test_without_a_token_an_event_that_names_a_pull_request_alone_is_refused(event: Event) -> None:
    with pytest.raises(UsageError, match="no token"):
        completed(event, None, patient())


@pytest.mark.parametrize("event", [DISPATCHED, FINISHED])
def test_a_pull_request_that_is_named_alone_gets_githubs_test_merge(event: Event) -> None:
    found = completed(event, MemoryGitHub(), patient())
    assert (found.idle, found.number, found.sha, found.head) == ("", 4, MERGE, HEAD)


def test_a_finished_workflow_without_an_open_pull_request_asks_no_further() -> None:
    github = MemoryGitHub(pull=replace(MemoryGitHub().pull, open=False))
    assert completed(FINISHED, github, patient()).idle
    assert github.asked == ["open_pull_requests"]


class Merging(MemoryGitHub):
    """Its test merge is there from the third question on."""

    def pull_request(self, number: int) -> PullRequest:
        now = super().pull_request(number)
        return now if len(self.asked) >= 3 else replace(now, merge_sha=None)


def test_a_test_merge_that_github_is_still_making_is_waited_for() -> None:
    pauses: list[float] = []
    assert completed(DISPATCHED, Merging(), Patience(1000.0, lambda: 0.0, pauses.append)).sha == MERGE
    assert pauses == [3.0, 3.0]


@pytest.mark.parametrize(("is_open", "questions"), [(True, MERGE_TRIES), (False, 1)])
def test_a_test_merge_that_never_comes_is_asked_for_a_bounded_number_of_times(is_open: bool, questions: int) -> None:
    github = MemoryGitHub(pull=replace(MemoryGitHub().pull, merge_sha=None, open=is_open))
    with pytest.raises(UsageError, match="no test merge"):
        completed(DISPATCHED, github, patient())
    assert github.asked == ["pull_request"] * questions


def test_without_a_token_no_commit_is_known_to_be_on_a_branch() -> None:
    assert on_branch(None, patient())("main", BASE) is False
