from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.report import GateReport, ReportVerdict
from pinward.gh.client import Annotation, CheckRun, Comment, Fault
from pinward.gh.event import PullRequest
from pinward.gh.patience import Patience
from pinward.gh.publish import Published, Run, Target, Texts, conclusion, evidence_of, publish
from tests.support.memory_github import ACTIONS, HEAD, MemoryGitHub

VERDICTS: tuple[ReportVerdict, ...] = ("pass", "fail", "inconclusive", "error", "stale", "cancelled", "unchanged")


def report(verdict: Any, exit_code: int, evidence: str = "") -> GateReport:
    return GateReport(
        verdict=verdict,
        exit_code=exit_code,
        base="b" * 40,
        head="a" * 40,
        policy_source="defaults",
        started="2026-11-20T10:00:00Z",
        seconds=1,
        evidence=evidence,
    )


@given(st.sampled_from(VERDICTS), st.sampled_from([0, 1, 2, 3, 4, 5, 70, 130, 143]))
def test_only_a_settled_verdict_with_exit_code_0_is_green_and_nothing_is_neutral(verdict: str, exit_code: int) -> None:
    shown = conclusion(report(verdict, exit_code))
    assert shown in {"success", "failure", "cancelled"}
    if shown == "success":
        assert exit_code == 0
        assert verdict in {"pass", "unchanged", "inconclusive"}


@pytest.mark.parametrize(
    ("verdict", "exit_code", "shown"),
    [
        ("pass", 0, "success"),
        ("unchanged", 0, "success"),
        ("inconclusive", 0, "success"),  # the policy says: warn
        ("inconclusive", 3, "failure"),
        ("fail", 1, "failure"),
        ("error", 0, "failure"),
        ("unchanged", 1, "failure"),
        ("stale", 0, "cancelled"),
        ("cancelled", 143, "cancelled"),
    ],
)
def test_what_each_verdict_shows_as(verdict: str, exit_code: int, shown: str) -> None:
    assert conclusion(report(verdict, exit_code)) == shown


RUNS = st.builds(Run, st.integers(1, 5), st.integers(1, 3))


@given(RUNS, RUNS)
def test_two_runs_never_both_yield_to_each_other(one: Run, other: Run) -> None:
    assert not (one.yields_to(other) and other.yields_to(one))
    assert not one.yields_to(one)


# What is written where, against lists instead of HTTP

MOVED = "c" * 40
DONE = report("fail", 1)
FIRST = Run(100, 1)
ME = f"{ACTIONS}[bot]"


def post(
    github: MemoryGitHub, run: Run = FIRST, given: GateReport = DONE, number: int | None = 4, **texts: Any
) -> Published:
    written = Texts(**{"comment": "It broke.", "title": "2 of 48 broke", "summary": "**Broken**", **texts})
    patience = Patience(1000.0, lambda: 0.0, lambda _: None)
    return publish(github, Target(HEAD, run, number, "https://github.test/run"), given, written, patience)


def marked(head: str = HEAD, run: str = "100.1", text: str = "Old.") -> str:
    return f"<!-- pinward:report head={head} run={run} -->\n{text}"


def moved() -> PullRequest:
    return replace(MemoryGitHub().pull, head_sha=MOVED)


@pytest.mark.parametrize(
    "foreign",
    [
        Comment(1, "mallory", marked()),
        Comment(1, "github-actions", marked()),
        Comment(1, ME, f"I quote:\n{marked()}"),
        Comment(1, ME, f" {marked()}"),
        Comment(1, ME, marked(head="a" * 39)),
        Comment(1, ME, marked(run="100")),
    ],
)
def test_t25_only_a_comment_of_our_own_with_the_marker_on_its_first_line_is_overwritten(foreign: Comment) -> None:
    github = MemoryGitHub(posted=[foreign])
    done = post(github)
    assert github.posted == [foreign, Comment(2, ME, marked(text="It broke."), "#2")]
    assert (done.comment_url, done.problems, done.stale) == ("#2", [], False)


def test_a_marker_whose_line_ends_in_a_carriage_return_is_still_ours() -> None:
    github = MemoryGitHub(posted=[Comment(1, ME, marked().replace("\n", "\r\n"))])
    post(github)
    assert [comment.body for comment in github.posted] == [marked(text="It broke.")]


def test_the_oldest_of_our_comments_is_the_one_that_is_kept_up_to_date() -> None:
    github = MemoryGitHub(posted=[Comment(9, ME, marked(text="Later.")), Comment(3, ME, marked(), "#3")])
    assert post(github).comment_url == "#3"
    assert [comment.body for comment in github.posted] == [marked(text="Later."), marked(text="It broke.")]


def test_a_comment_that_says_the_same_already_is_not_written_again() -> None:
    github = MemoryGitHub(posted=[Comment(1, ME, marked(text="It broke."))])
    post(github)
    assert github.writes == ["create_check_run"]


@pytest.mark.parametrize(
    ("theirs", "run", "overwritten"),
    [
        ("100.1", Run(100, 1), True),
        ("101.1", Run(100, 1), False),
        ("100.2", Run(100, 1), False),
        ("101.1", Run(100, 2), True),  # somebody asked for it again
        ("99.7", Run(100, 1), True),
    ],
)
def test_trust_9_a_result_of_a_newer_run_of_the_same_commit_stands(theirs: str, run: Run, overwritten: bool) -> None:
    check = CheckRun(1, f"pinward/{theirs}", ACTIONS, 0, "/checks/1", "success")
    github = MemoryGitHub(posted=[Comment(1, ME, marked(run=theirs))], checks=[check])
    done = post(github, run)
    ours = marked(run=f"{run.id}.{run.attempt}", text="It broke.")
    assert github.posted[0].body == (ours if overwritten else marked(run=theirs))
    assert (github.checks != [check]) is overwritten
    assert github.writes == (["edit_check_run", "edit_comment"] if overwritten else [])
    assert done.check_url == "/checks/1"


def test_a_newer_run_of_an_earlier_commit_gives_way_to_the_head_s_own_result() -> None:
    github = MemoryGitHub(posted=[Comment(1, ME, marked(head=MOVED, run="900.1"))])
    post(github)
    assert github.posted[0].body == marked(text="It broke.")


def test_t26_a_result_for_a_head_that_moved_is_stale_and_says_so_where_an_older_one_stood() -> None:
    github = MemoryGitHub(pull=moved(), posted=[Comment(1, ME, marked(head="d" * 40), "#1")])
    done = post(
        github, given=report("pass", 0, evidence="f" * 64), annotations=(Annotation("a.py", 1, "warning", "!"),)
    )
    assert (done.stale, done.comment_url) == (True, "#1")
    said = f"**Pinward: stale.** The branch moved to `{MOVED[:7]}` while this ran; its own run follows."
    assert github.posted[0].body == marked(text=said)
    shown = github.shown[1]
    assert (shown["conclusion"], shown["external_id"]) == ("cancelled", "pinward/100.1")  # no evidence to be reused
    assert shown["output"] == {"title": f"Stale: the branch moved to {MOVED[:7]}", "summary": said, "text": ""}


def test_t26_the_comment_of_the_commit_that_the_branch_moved_to_is_left_alone() -> None:
    newer = Comment(1, ME, marked(head=MOVED, run="1.1"))
    github = MemoryGitHub(pull=moved(), posted=[newer])
    assert post(github).stale
    assert github.posted == [newer]


def test_a_stale_result_makes_no_comment_of_its_own() -> None:
    github = MemoryGitHub(pull=moved())
    done = post(github)
    assert (done.stale, done.comment_url, github.posted) == (True, "", [])


def test_where_nothing_changed_no_comment_is_made() -> None:
    github = MemoryGitHub()
    assert post(github, announce=False).comment_url == ""
    assert github.posted == []


class Racing(MemoryGitHub):
    """Another run's comment arrives while ours is made."""

    theirs = Comment(1, ME, marked(run="99.1"), "#1")

    def create_comment(self, number: int, body: str) -> Comment:
        self.posted.append(self.theirs)
        return super().create_comment(number, body)


def test_of_two_comments_made_at_once_the_older_stays_with_the_newer_result() -> None:
    github = Racing()
    assert post(github).comment_url == "#1"
    assert github.posted == [replace(Racing.theirs, body=marked(text="It broke."))]


@pytest.mark.parametrize(
    ("app", "user", "refused", "author"),
    [
        (ACTIONS, None, False, ME),
        ("our-app", None, False, "our-app[bot]"),
        ("", "alice", False, "alice"),
        (ACTIONS, "alice", True, "alice"),
        (ACTIONS, None, True, ME),
    ],
)
def test_whose_comments_are_ours_follows_the_check_run_then_the_token(
    app: str, user: str | None, refused: bool, author: str
) -> None:
    faults = {"check_runs": [Fault(403, "answered 403")] if refused else []}
    github = MemoryGitHub(app=app, user=user, posted=[Comment(1, author, marked())], faults=faults)
    done = post(github)
    assert [str(problem.message) for problem in done.problems] == (
        ["GitHub refused the check run: it answered 403"] if refused else []
    )
    assert [comment.body for comment in github.posted] == [marked(text="It broke.")]


def test_without_a_pull_request_there_is_a_check_run_alone() -> None:
    github = MemoryGitHub(pull=moved())
    done = post(github, number=None)
    assert github.asked == ["check_runs", "create_check_run"]
    assert (done.check_url, done.comment_url, done.stale) == ("/checks/1", "", False)
    assert github.shown[1]["conclusion"] == "failure"


def test_a_comment_that_github_refuses_is_told_and_leaves_the_check_run() -> None:
    github = MemoryGitHub(faults={"comments": [Fault(403, "answered 403")]})
    done = post(github)
    assert [problem.hint for problem in done.problems] == [
        "Give the job `permissions: pull-requests: write`, and the action its `token`."
    ]
    assert done.check_url == "/checks/1"


# The check run


@pytest.mark.parametrize(
    ("external_id", "digest"),
    [
        (f"pinward/1.1/{'f' * 64}", "f" * 64),
        ("pinward/1.1", ""),
        (f"pinward/1.1/{'f' * 63}", ""),
        (f"other/1.1/{'f' * 64}", ""),
        (f"pinward/1.1/{'f' * 64}\n", ""),
        ("", ""),
    ],
)
def test_what_a_result_was_earned_with_is_read_from_ids_of_our_shape_alone(external_id: str, digest: str) -> None:
    assert evidence_of(CheckRun(1, external_id, ACTIONS, 0)) == digest


def test_the_latest_check_run_of_ours_is_edited_and_one_of_another_shape_is_not() -> None:
    before = [CheckRun(n, name, ACTIONS, 0) for n, name in enumerate(["pinward/9.1", "pinward/10.1", "else"], 1)]
    github = MemoryGitHub(checks=list(before))
    post(github, given=report("fail", 1, evidence="f" * 64))
    assert [one == other for one, other in zip(before, github.checks, strict=True)] == [True, False, True]
    assert github.checks[1].external_id == f"pinward/100.1/{'f' * 64}"
    assert github.shown[2]["details_url"] == "https://github.test/run"


@pytest.mark.parametrize("status", [403, 404])
def test_t25_a_check_run_that_only_looks_like_ours_is_left_and_ours_is_made(status: int) -> None:
    theirs = CheckRun(1, "pinward/1.1", "other-app", 0)
    github = MemoryGitHub(checks=[theirs], faults={"edit_check_run": [Fault(status, "is refused")]})
    assert post(github).check_url == "/checks/2"
    assert github.checks[0] == theirs


@pytest.mark.parametrize("fault", [Fault(422, "answered 422"), Fault(403, "limits the rate", 2000.0)])
def test_any_other_refusal_of_an_edit_is_told_and_makes_no_second_check_run(fault: Fault) -> None:
    github = MemoryGitHub(checks=[CheckRun(1, "pinward/1.1", ACTIONS, 0)], faults={"edit_check_run": [fault]})
    done = post(github)
    assert len(done.problems) == 1
    assert len(github.checks) == 1


def many(count: int) -> tuple[Annotation, ...]:
    return tuple(Annotation(f"app/{n}.py", n + 1, "warning", "floats") for n in range(count))


@pytest.mark.parametrize(("given", "kept", "requests"), [(0, 0, 1), (50, 50, 1), (51, 51, 2), (501, 500, 10)])
def test_annotations_go_out_in_pages_up_to_a_bound(given: int, kept: int, requests: int) -> None:
    github = MemoryGitHub()
    post(github, annotations=many(given) + many(min(given, 1)))  # one of them twice
    assert github.marks[1] == list(many(kept))
    assert github.writes == ["create_check_run", *["edit_check_run"] * (requests - 1), "create_comment"]


def test_annotations_that_are_there_already_are_not_sent_again() -> None:
    github = MemoryGitHub(checks=[CheckRun(1, "pinward/1.1", ACTIONS, 30)], marks={1: list(many(30))})
    post(github, annotations=many(40))
    assert github.marks[1] == list(many(40))


def test_titles_and_texts_are_cut_to_what_github_takes() -> None:
    github = MemoryGitHub()
    long = "all of one line\n" * 5_000
    post(github, title="t" * 300, summary=long, text=long, comment=long)
    output = github.shown[1]["output"]
    assert len(output["title"]) == 255
    for text, most in ((output["summary"], 65_535), (output["text"], 65_535), (github.posted[0].body, 65_536)):
        assert most - 20 < len(text) <= most
