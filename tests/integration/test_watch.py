"""The nightly run against a GitHub server that is checked against GitHub's schema, and a webhook's server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinward.errors import ConfigError, ExitCode
from pinward.render.dashboard import MARK, TITLE
from tests.integration.github_server.state import ALL, Actor, Fault, Issue
from tests.integration.watch_fixture import CALL, HOOK, Nights, hook, nights
from tests.support.json_server import json_server

FILES: dict[str, str | bytes | None] = {
    "app/llm.py": CALL.format("gpt-4o-2024-08-06"),
    "app/chat.py": CALL.format("gpt-4o"),
    ".github/CODEOWNERS": "* @acme/all\n/app/llm.py @acme/ml ml@example.com\n",
}
WEBHOOK = 'version: 1\npolicy:\n  watch:\n    webhook: {{url_env: HOOK_URL, origin: "{}", format: {}}}\n'


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Nights]:
    with nights(tmp_path, FILES) as started:
        yield started


def test_trust_10_one_issue_is_kept_over_a_years_end_and_news_are_told_once(watched: Nights) -> None:
    assert watched.watch("2026-10-01").code == ExitCode.OK
    assert watched.state.writes() == []  # nothing ends: no issue is made to say so
    assert watched.watch("2026-10-17").code == ExitCode.OK  # a warning
    assert (watched.issue.title, watched.issue.state, watched.issue.author.login) == (
        TITLE,
        "open",
        "github-actions[bot]",
    )
    assert watched.issue.body.startswith(MARK)
    assert "shut down on 2027-01-14, in 89 days" in watched.issue.body
    for day in range(18, 31):
        watched.watch(f"2026-10-{day}")
    assert watched.comments() == []  # days go by, which is no news; the count in the issue goes on
    assert "in 76 days" in watched.issue.body
    assert watched.watch("2026-12-16").code == ExitCode.BLOCKED
    (urgent,) = watched.comments()
    assert "2 urgent" in urgent
    assert "soon (2027-01-14)" in urgent
    watched.watch("2027-01-14")
    assert len(watched.comments()) == 2
    assert "2 retired" in watched.comments()[-1]


def test_the_second_look_at_one_night_writes_nothing(watched: Nights) -> None:
    watched.watch("2026-12-16")
    before = len(watched.state.writes())
    assert watched.watch("2026-12-16").changes == ()
    assert len(watched.state.writes()) == before


def test_the_issue_says_what_where_when_who_and_what_follows(watched: Nights) -> None:
    watched.watch("2026-12-16")
    body = watched.issue.body
    assert "### `gpt-4o-2024-08-06`: shut down on 2027-01-14, in 29 days" in body
    assert "- Replacement: `gpt-6-luna`" in body
    assert "`gpt-4o` is an alias of `gpt-4o-2024-08-06`" in body
    assert "- On the way: the price per million tokens goes from" in body
    assert "- Proof so far: none; the replacement was not evaluated here" in body
    assert "- Where: `app/llm.py:1`\n- Owners: `@acme/ml`, `ml@example.com`" in body
    assert "- Owners: `@acme/all`" in body
    assert "Watched 2 model names in 3 files on" in body


def test_the_issue_is_closed_when_all_is_clear_and_opened_again(watched: Nights) -> None:
    watched.watch("2026-12-16")
    old = {name: (watched.repository.root / name).read_bytes() for name in ("app/llm.py", "app/chat.py")}
    watched.repository.commit({"app/llm.py": CALL.format("gpt-6-luna"), "app/chat.py": CALL.format("gpt-6-luna")})
    watched.watch("2026-12-17")
    assert watched.issue.state == "closed"
    assert "2 cleared" in watched.comments()[-1]
    watched.repository.commit({**old})
    watched.watch("2026-12-18")
    assert watched.issue.state == "open"
    assert "2 urgent" in watched.comments()[-1]


def test_t25_a_foreign_issue_with_our_mark_is_left_alone(watched: Nights) -> None:
    for number in range(1, 120):
        watched.state.issues[number] = Issue(number, TITLE, f"{MARK}\nmine", Actor("somebody", app=None))
    watched.watch("2026-12-16")
    assert {issue.body for n, issue in watched.state.issues.items() if n < 120} == {f"{MARK}\nmine"}
    assert watched.state.issues[120].body.startswith(MARK)


def test_trust_10_a_lost_answer_makes_no_second_issue_and_no_second_comment(watched: Nights) -> None:
    watched.state.faults.append(Fault(0, "issues/create", after=True))
    watched.watch("2026-10-17")
    watched.state.faults.append(Fault(502, "issues/create-comment", after=True))
    watched.watch("2026-12-16")
    assert (len(watched.state.issues), len(watched.comments())) == (1, 1)


def test_trust_10_a_night_with_many_models_writes_one_issue_within_githubs_limit(tmp_path: Path) -> None:
    calls = "".join(f"def f{n}():\n    {CALL.format(f'ft:gpt-4o-2024-08-06:acme::{n:08}')}" for n in range(400))
    with nights(tmp_path, {"app.py": calls}) as many:
        told = many.watch("2026-12-16")
        assert len(told.watched.night.endings) == 400
        assert len(many.issue.body) <= 65_536
        assert len(many.state.writes()) == 1
        assert many.watch("2026-12-17").changes == ()


def test_a_token_that_may_not_write_issues_is_said_and_never_hides_the_night(watched: Nights) -> None:
    watched.state.tokens["token"] = Actor("github-actions[bot]", ALL - {"issues:write"})
    told = watched.watch("2026-12-16")
    assert told.code == ExitCode.UNAVAILABLE
    assert [p.hint for p in told.problems] == ["Give the job `permissions: issues: write`, and the action its `token`."]


def test_another_apps_token_is_named_and_leaves_no_open_issue(watched: Nights) -> None:
    watched.state.tokens["token"] = Actor("acme-pinward[bot]", ALL, "acme-pinward")
    (problem,) = watched.watch("2026-12-16").problems
    assert problem.hint == "Set policy.watch.author: acme-pinward[bot]"
    assert watched.issue.state == "closed"


@pytest.mark.parametrize("form", ["slack", "json"])
def test_the_webhook_hears_news_and_nothing_else(tmp_path: Path, form: str) -> None:
    with hook() as taken, nights(tmp_path, {**FILES, "pinward.yml": WEBHOOK.format("{}", form)}) as watched:
        watched.repository.commit({"pinward.yml": WEBHOOK.format(taken.url, form)})
        watched.variables["HOOK_URL"] = f"{taken.url}{HOOK}?thread=1"
        for day in ("2026-12-16", "2026-12-17", "2026-12-18"):
            assert watched.watch(day).problems == []
        ((path, body),) = taken.received
    assert path == f"{HOOK}?thread=1"
    if form == "slack":
        assert set(body) == {"text"}
        assert body["text"].startswith("Pinward: 2 urgent\n• gpt-4o")
        assert body["text"].endswith("/issues/1")
    else:
        assert [change["days_left"] for change in body["changes"]] == [29, 29]
        assert body["schema"] == "pinward.news/1"


def test_the_webhooks_address_is_bound_to_its_origin(tmp_path: Path) -> None:
    with hook() as taken, hook() as other, nights(tmp_path, FILES) as watched:
        watched.repository.commit({"pinward.yml": WEBHOOK.format(taken.url, "slack")})
        for address in (f"{other.url}{HOOK}", f"{taken.url}@evil.example/", f"{taken.url}.evil.example/"):
            watched.variables["HOOK_URL"] = address
            watched.state.issues.clear()
            (problem,) = watched.watch("2026-12-16").problems
            assert "does not lie on" in problem.message
            assert HOOK not in str(problem)
        assert (taken.received, other.received) == ([], [])


def test_a_webhook_that_fails_is_said_without_its_address(tmp_path: Path) -> None:
    with hook() as taken, nights(tmp_path, FILES) as watched:
        watched.repository.commit({"pinward.yml": WEBHOOK.format(taken.url, "json")})
        watched.variables["HOOK_URL"] = f"{taken.url}{HOOK}"
        taken.status = 500
        (problem,) = watched.watch("2026-12-16").problems
        assert (problem.message, watched.issue.state) == ("the webhook answered 500", "open")


def test_hostile_names_stay_text_in_the_issue_and_the_message(tmp_path: Path) -> None:
    hostile = "openai/ft:gpt-4o-2024-08-06:@acme/all|&:![x](y):1"
    with hook() as taken, nights(tmp_path, {"a @b `x`.py": CALL.format("gpt-4o-2024-08-06")}) as watched:
        config = WEBHOOK.format(taken.url, "slack") + f"tasks:\n  extract:\n    fallbacks: ['{hostile}']\n"
        watched.repository.commit({"pinward.yml": config + "    model: openai/gpt-6-luna\n"})
        watched.variables["HOOK_URL"] = f"{taken.url}{HOOK}"
        watched.watch("2026-12-16")
        ((_, message),) = taken.received
        assert "@acme/all|&amp;:" in message["text"]
        (row,) = [line for line in watched.issue.body.splitlines() if line.startswith("### `openai/ft:")]
        assert [part for part in row.split("`")[2::2] if "@" in part or "](" in part] == []
        assert "fallback of extract" in watched.issue.body
        assert watched.watch("2026-12-16").changes == ()


def test_the_command_keeps_the_issue_and_prints_the_night(watched: Nights) -> None:
    src = Path(__file__).parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-m", "pinward", "watch", "--issue", "--today", "2026-12-16", "--format", "json"],
        cwd=watched.repository.root,
        env={"PYTHONPATH": str(src), "PATH": "/usr/bin:/bin", **watched.environ()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    document = json.loads(done.stdout)
    assert [row["stage"] for row in document["endings"]] == ["urgent", "urgent"]
    assert document["endings"][1]["owners"] == ["@acme/ml", "ml@example.com"]
    assert watched.issue.body.startswith(MARK)


@pytest.mark.parametrize(
    ("days", "chain"),
    [
        (30, ["gpt-4o-mini-transcribe-2025-12-15"]),
        (90, ["gpt-4o-mini-transcribe-2025-12-15", "gpt-live-transcribe"]),
    ],
)
def test_a_replacement_lives_beyond_the_warning_window_of_the_policy(
    tmp_path: Path, days: int, chain: list[str]
) -> None:
    policy = f"version: 1\npolicy:\n  lifecycle: {{urgent_days: 20, warn_days: {days}}}\n"
    call = CALL.format("gpt-4o-mini-transcribe-2025-03-20")
    with nights(tmp_path, {"llm.py": call, "pinward.yml": policy}) as job:
        (ending,) = job.watch("2026-12-25").watched.night.endings
    assert list(ending.lifetime.chain) == chain


def test_another_configuration_is_read_and_one_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    task = "version: 1\ntasks:\n  chat: {model: openai/o3-2025-04-16}\n"
    with nights(tmp_path, {"llm.py": "x = 1\n", "ci/pinward.yml": task}) as job:
        (ending,) = job.watch("2026-12-01", config="ci/pinward.yml").watched.night.endings
        assert [(place.path, place.line) for place in ending.places] == [("ci/pinward.yml", 3)]
        with pytest.raises(ConfigError, match="there is no such configuration"):
            job.watch("2026-12-01", config="elsewhere.yml")


def test_a_policy_that_fails_on_a_rule_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    policy = "version: 1\npolicy: {scan: {fail_on: [retired-modle]}}\n"
    files: dict[str, str | bytes | None] = {"llm.py": "x = 1\n", "pinward.yml": policy}
    with nights(tmp_path, files) as job, pytest.raises(ConfigError, match="there is no rule `retired-modle`"):
        job.watch("2026-12-01")


def test_trust_10_an_issue_that_a_person_closed_stays_closed_until_there_is_news(watched: Nights) -> None:
    watched.watch("2026-10-17")
    watched.issue.state = "closed"
    watched.watch("2026-10-18")
    assert watched.issue.state == "closed"
    assert "in 88 days" in watched.issue.body  # its table goes on
    watched.watch("2026-12-16")
    assert watched.issue.state == "open"
    assert "2 urgent" in watched.comments()[-1]


def test_a_locked_issue_is_said_its_table_goes_on_and_the_news_wait(watched: Nights) -> None:
    watched.watch("2026-10-17")
    watched.state.faults.append(Fault(403, "issues/create-comment", message="Unable to create comment: it is locked"))
    told = watched.watch("2026-12-16")
    assert told.code == ExitCode.UNAVAILABLE
    assert "in 29 days" in watched.issue.body
    assert watched.comments() == []
    assert watched.watch("2026-12-17").code == ExitCode.BLOCKED
    assert "2 urgent" in watched.comments()[0]  # unlocked: what was not heard is told


def test_a_text_that_a_person_edited_is_written_again_and_what_is_no_standing_is_told_again(watched: Nights) -> None:
    watched.watch("2026-10-17")
    watched.issue.body = f"{MARK}\n<!-- pinward:told <script> ::error:: 0123456789abcdef:soon:9999-99-99 -->\nmine"
    watched.issue.title = "Ours now"
    watched.watch("2026-10-18")
    assert (watched.issue.title, "mine" in watched.issue.body) == (TITLE, False)
    assert len(watched.comments()) == 1
    watched.watch("2026-10-19")
    assert len(watched.comments()) == 1


def test_of_two_dashboards_the_older_is_kept_and_the_other_closed(watched: Nights) -> None:
    watched.watch("2026-10-17")
    watched.state.issues[50] = Issue(50, TITLE, f"{MARK}\nold", watched.issue.author)
    first = watched.state.issues[min(watched.state.issues)]
    watched.watch("2026-10-18")
    assert (first.state, watched.state.issues[50].state) == ("open", "closed")
    writes = len(watched.state.writes())
    watched.watch("2026-10-18")
    assert len(watched.state.writes()) == writes


def test_a_secondary_rate_limit_is_waited_for_and_the_night_is_told_once(watched: Nights) -> None:
    limit = Fault(
        403, "issues/create", headers={"Retry-After": "30"}, message="You have exceeded a secondary rate limit"
    )
    watched.state.faults.append(limit)
    assert watched.watch("2026-12-16").problems == []
    assert watched.clock.pauses == [30]
    assert len(watched.state.issues) == 1
    watched.state.faults.append(Fault(403, "issues/.*", times=99, headers={"Retry-After": "9999"}, message="limit"))
    (problem,) = watched.watch("2026-12-17").problems
    assert problem.hint == "The next night tries again."


def test_one_model_on_two_channels_has_two_dates(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        "pinward.yml": "version: 1\ntasks:\n  a: {model: openai/gpt-5-2025-08-07}\n"
        "  b: {model: 'azure/gpt-5 (2025-08-07)'}\n"
    }
    with nights(tmp_path, files) as both:
        told = both.watch("2026-12-01")
    days = {(e.model.provider, str(e.standing.day)) for e in told.watched.night.endings}
    assert days == {("openai", "2026-12-11"), ("azure", "2027-02-09")}


def test_the_policy_asks_the_providers_where_the_dashboard_is_kept(tmp_path: Path) -> None:
    listed = {"/models": {"data": [{"id": "gpt-6-luna", "shutdown_date": "2026-12-20"}]}}
    with json_server(listed) as server:
        project = (
            "version: 1\ntasks:\n  a: {model: openai/gpt-6-luna}\npolicy: {watch: {live: true}}\n"
            f"providers:\n  openai: {{type: openai, base_url: '{server.url}', api_key_env: LIVE_KEY}}\n"
        )
        with nights(tmp_path, {"pinward.yml": project}) as job:
            job.variables["LIVE_KEY"] = "sk-live-canary"
            told = job.watch("2026-12-01")
            assert "shut down on 2026-12-20" in job.issue.body
    assert told.code == ExitCode.BLOCKED
    assert server.paths() == ["/models"]


def test_one_name_on_two_channels_is_told_twice_and_says_which_is_which(tmp_path: Path) -> None:
    config = "version: 1\ntasks:\n  a: {model: gemini/gemini-2.5-pro}\n  b: {model: vertex/gemini-2.5-pro}\n"
    call = (
        'from google import genai\n\ngenai.Client({}).models.generate_content(model="gemini-2.5-pro", contents="x")\n'
    )
    files: dict[str, str | bytes | None] = {
        "a.py": call.format(""),
        "b.py": call.format('vertexai=True, project="p"'),
        "pinward.yml": config,
    }
    with nights(tmp_path, files) as watched:
        told = watched.watch("2026-09-20")
        days = {e.name: str(e.standing.day) for e in told.watched.night.endings}
        body = watched.issue.body
    assert days == {"gemini/gemini-2.5-pro": "2026-12-01", "vertex/gemini-2.5-pro": "2026-10-20"}
    assert [line.partition(":")[0] for line in body.splitlines() if line.startswith("###")] == [
        "### `vertex/gemini-2.5-pro`",
        "### `gemini/gemini-2.5-pro`",
    ]
