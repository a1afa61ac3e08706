"""Publishing against a GitHub server that checks every request and answer against GitHub's own schema."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pinward.errors import PublishError
from pinward.gh.client import GitHub
from pinward.gh.publish import CHECK_NAME, Run
from tests.integration.github_fixture import BASE, HEAD, NUMBER, Scene, marks, report, scene
from tests.integration.github_server.state import ACTIONS, REPORT, Actor, CheckRun, Fault, Pull, Trigger

MOVED = "c" * 40
MALLORY = Actor("mallory", app=None)
MARKER = f"<!-- pinward:report head={HEAD} run=100.1 -->"


@pytest.fixture
def github() -> Iterator[Scene]:
    with scene() as running_scene:
        yield running_scene


def move_head(github: Scene) -> None:
    github.state.pulls[NUMBER].head_sha = MOVED


def test_a_first_run_creates_one_comment_and_one_check(github: Scene) -> None:
    published = github.publish(report(), annotations=marks(2))
    assert published.problems == []
    assert github.comment_bodies == [f"{MARKER}\nIt broke."]
    assert (github.check["name"], github.check["conclusion"]) == (CHECK_NAME, "failure")
    assert github.state.check_runs[0].head_sha == HEAD
    assert github.check["output"]["title"] == "2 of 48 broke"
    assert len(github.state.check_runs[0].annotations) == 2
    assert github.state.rejected == []


def test_a_rerun_updates_the_same_comment_and_the_same_check(github: Scene) -> None:
    github.publish(report(), annotations=marks(60))
    github.publish(report("pass", 0), Run(100, 2), comment="It holds.", annotations=marks(60))
    assert len(github.state.comments) == 1
    assert github.comment_bodies[0].endswith("run=100.2 -->\nIt holds.")
    assert github.check["conclusion"] == "success"
    assert len(github.state.check_runs[0].annotations) == 60


def test_annotations_go_out_in_pages_of_50(github: Scene) -> None:
    github.publish(report(), annotations=marks(120))
    pages = [e.body["output"]["annotations"] for e in github.state.writes() if "check" in e.operation]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [mark["path"] for mark in github.state.check_runs[0].annotations] == [f"app/{n}.py" for n in range(120)]


def test_a_large_repository_stays_far_below_the_hourly_budget(github: Scene) -> None:
    for n in range(300):
        github.state.add_comment(NUMBER, MALLORY, f"comment {n}")
    github.publish(report(), annotations=marks(5000))
    assert len(github.state.journal) <= 25
    assert len(github.state.check_runs[0].annotations) == 500


def test_t25_a_forged_marker_is_never_taken_for_ours(github: Scene) -> None:
    for n in range(150):
        github.state.add_comment(NUMBER, MALLORY, f"comment {n}")
    forged = github.state.add_comment(NUMBER, MALLORY, f"{MARKER}\nPinward: passed.")
    quoted = github.state.add_comment(NUMBER, ACTIONS, f"Somebody wrote:\n{MARKER}")
    github.publish(report())
    mine = github.state.comments[-1]
    for n in range(150):
        github.state.add_comment(NUMBER, MALLORY, f"later {n}")
    github.publish(report(), Run(101, 1), comment="Still broken.")
    assert (forged.revisions, quoted.revisions, mine.revisions) == (1, 1, 2)
    assert mine.body.endswith("Still broken.")
    assert len(github.state.comments) == 303


def test_t25_a_foreign_check_run_of_our_name_is_left_alone(github: Scene) -> None:
    foreign = CheckRun(7, "other-app", HEAD, {"name": CHECK_NAME, "external_id": "pinward/1.1", "status": "queued"})
    github.state.check_runs.append(foreign)
    published = github.publish(report("pass", 0))
    assert published.problems == []
    assert foreign.fields.get("conclusion") is None
    assert [run.app for run in github.state.check_runs] == ["other-app", "github-actions"]


def test_t26_a_head_that_moved_before_the_check_is_stale_and_never_green(github: Scene) -> None:
    move_head(github)
    published = github.publish(report("pass", 0))
    assert published.stale
    assert github.check["conclusion"] == "cancelled"
    assert github.check["output"]["title"] == f"Stale: the branch moved to {MOVED[:7]}"
    assert github.state.comments == []


def test_t26_a_head_that_moves_before_the_comment_leaves_no_verdict_there(github: Scene) -> None:
    github.publish(report("fail"), Run(99, 1))
    github.state.triggers.append(Trigger("issues/list-comments", lambda _: move_head(github)))
    github.publish(report("pass", 0), comment="It holds.")
    assert "It holds." not in github.comment_bodies[0]
    assert "**Pinward: stale.** The branch moved to `ccccccc`" in github.comment_bodies[0]


def test_t26_a_stale_run_leaves_the_newer_runs_comment(github: Scene) -> None:
    move_head(github)
    github.publish(report("fail"), Run(101, 1), head=MOVED, comment="Newer.")
    github.publish(report("pass", 0), Run(100, 1), comment="Older.")
    assert github.comment_bodies[0].endswith("Newer.")
    assert [run.fields["conclusion"] for run in github.state.check_runs] == ["failure", "cancelled"]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (Run(101, 1), Run(100, 1), "first"),
        (Run(100, 2), Run(100, 1), "first"),
        (Run(101, 1), Run(100, 2), "second"),
        (Run(100, 1), Run(101, 1), "second"),
    ],
)
def test_trust_9_an_older_run_of_the_same_commit_never_overwrites(
    github: Scene, first: Run, second: Run, kept: str
) -> None:
    github.publish(report("fail"), first, comment="first", title="first")
    github.publish(report("pass", 0), second, comment="second", title="second")
    assert github.comment_bodies[0].endswith(kept)
    assert github.check["output"]["title"] == kept


def test_two_runs_at_once_leave_one_comment(github: Scene) -> None:
    runs = [threading.Thread(target=github.publish, args=(report(), Run(100 + n, 1))) for n in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(github.state.comments_of(NUMBER)) == 1


def test_nothing_changed_makes_no_comment_but_mends_an_old_one(github: Scene) -> None:
    github.publish(report("unchanged", 0), comment="Nothing changed.", announce=False)
    assert github.state.comments == []
    assert github.check["conclusion"] == "success"
    github.publish(report("fail"), Run(101, 1))
    github.publish(report("unchanged", 0), Run(102, 1), comment="Nothing changed.", announce=False)
    assert github.comment_bodies[0].endswith("Nothing changed.")


@pytest.mark.parametrize(("status", "times"), [(500, 1), (502, 3), (503, 4), (0, 2)])
def test_a_passing_fault_is_waited_out(github: Scene, status: int, times: int) -> None:
    github.state.faults.append(Fault(status, times=times))
    assert github.publish(report()).problems == []
    assert github.clock.pauses == [1.0, 2.0, 4.0, 8.0][:times]


@pytest.mark.parametrize("operation", ["issues/create-comment", "checks/create"])
def test_an_answer_that_was_lost_doubles_nothing(github: Scene, operation: str) -> None:
    github.state.faults.append(Fault(502, operation, after=True))
    assert github.publish(report(), annotations=marks(70)).problems == []
    assert len(github.state.comments) == 1
    assert len(github.state.check_runs) == 1
    assert len(github.state.check_runs[0].annotations) == 70


def test_an_annotation_page_that_was_lost_doubles_nothing(github: Scene) -> None:
    github.state.faults.append(Fault(0, "checks/update", after=True))
    assert github.publish(report(), annotations=marks(70)).problems == []
    assert len(github.state.check_runs[0].annotations) == 70


def test_a_secondary_rate_limit_is_honoured_by_its_header(github: Scene) -> None:
    limited = Fault(403, "issues/create-comment", headers={"Retry-After": "30"}, message="secondary rate limit")
    github.state.faults.append(limited)
    assert github.publish(report()).problems == []
    assert github.clock.pauses == [30.0]


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_rate_limit_without_a_header_is_a_minute(github: Scene, status: int) -> None:
    github.state.faults.append(Fault(status, "checks/create", message="You have exceeded a secondary rate limit."))
    assert github.publish(report()).problems == []
    assert github.clock.pauses == [60.0]


def test_a_spent_hourly_limit_beyond_the_deadline_is_named_and_not_waited_for(github: Scene) -> None:
    reset = str(int(github.clock.now()) + 1800)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    github.state.faults.append(Fault(403, times=99, headers=headers, message="API rate limit exceeded"))
    problems = github.publish(report()).problems
    assert github.clock.pauses == []
    assert "asks to wait 1801 s; 240 s are left" in problems[0].message


def test_github_down_is_one_error_a_thing_and_leaves_the_verdict_alone(github: Scene) -> None:
    github.state.faults.append(Fault(503, times=99))
    done = github.publish(report())
    assert [type(problem) for problem in done.problems] == [PublishError, PublishError]
    assert "answered 503 5 times" in done.problems[0].message
    assert github.state.writes() == []


def test_a_token_without_the_right_is_told_which_one_and_the_rest_is_published(github: Scene) -> None:
    github.state.tokens["token"] = Actor("github-actions[bot]", REPORT - {"checks:write"})
    done = github.publish(report())
    assert [problem.hint for problem in done.problems] == [
        "Give the job `permissions: checks: write`, and the action its `token`."
    ]
    assert len(github.state.comments) == 1


def test_a_persons_token_comments_as_that_person(github: Scene) -> None:
    github.state.tokens["pat"] = Actor("release-manager", app=None)
    github.publish(report(), token="pat")
    github.publish(report(), Run(101, 1), token="pat", comment="Again.")
    assert len(github.state.comments) == 1
    assert github.comment_bodies[0].endswith("Again.")


def test_a_bad_token_is_refused_without_a_second_try_and_never_named(github: Scene) -> None:
    problems = github.publish(report(), token="ghs_wrong").problems
    assert all(len(github.state.requests(name)) <= 1 for name in ("checks/list-for-ref", "issues/list-comments"))
    assert "ghs_wrong" not in "".join(map(str, problems)) + repr(github.access("ghs_wrong"))


def test_every_text_is_cut_to_what_github_takes(github: Scene) -> None:
    long = "\n".join(["| é | " + "x" * 90] * 3000)
    assert github.publish(report(), comment=long, summary=long, title="t" * 900).problems == []
    assert len(github.comment_bodies[0]) <= 65_536
    assert len(github.check["output"]["summary"].encode()) <= 65_535
    assert github.state.rejected == []


def test_the_check_has_the_lines_that_its_summary_had_no_room_for(github: Scene) -> None:
    github.publish(report(), text="\n".join(f"- line {n} {'é' * 40}" for n in range(2000)))
    text = github.check["output"]["text"]
    assert len(text.encode()) <= 65_535
    assert text.startswith("- line 0 ")
    assert text.endswith("(Cut here: the full text is in the report's files.)")
    github.publish(report(), Run(100, 2))
    assert github.check["output"]["text"] == ""


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_t3_a_proxy_variable_gets_no_request(github: Scene, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    with scene() as canary:
        monkeypatch.setenv(variable, canary.server.url)  # the environment is what is under test here
        assert github.publish(report()).problems == []
        assert canary.state.journal == []


def test_every_request_carries_the_token_on_one_kept_connection(github: Scene) -> None:
    github.publish(report(), annotations=marks(120))
    assert {exchange.authorization for exchange in github.state.journal} == {"token token"}
    assert len({exchange.connection for exchange in github.state.journal}) == 1


def test_the_merge_time_of_a_commit_is_githubs_and_a_commit_without_a_pull_request_has_none() -> None:
    with scene() as stage:
        state = stage.state
        state.pulls[7] = Pull(7, "c" * 40, BASE, merge_commit_sha="d" * 40, merged_at="2026-11-20T10:00:00Z")
        state.pulls[8] = Pull(8, "e" * 40, BASE, merge_commit_sha="d" * 40)  # closed without a merge
        state.pulls[9] = replace(state.pulls[7], number=9, base_ref="develop")
        github = GitHub(stage.access(), stage.clock.now)
        try:
            (merged,) = github.merged_with("d" * 40)
            assert github.merged_with("f" * 40) == []
        finally:
            github.close()
    assert (merged.number, merged.at.isoformat()) == (7, "2026-11-20T10:00:00+00:00")
