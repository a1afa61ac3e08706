"""The action's entry over a real repository, a real event, real HTTP to a model server and to GitHub."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llmock.simulation import MockResponseSettings
from llmock.testing import LLMockServer

from pinward.commands.gate.run import GateRequest
from pinward.core.report import GateReport
from tests.integration.action_fixture import (
    ASKING,
    FORGETFUL,
    KEY,
    NUMBER,
    SUITE,
    Files,
    Job,
    Workspace,
    checkout,
    config,
    job,
    pull_request_payload,
)
from tests.integration.github_server.state import Fault, Review, Trigger
from tests.unit.gh.runner import commands


@pytest.fixture(scope="module")
def llm() -> Iterator[LLMockServer]:
    """LLMock (PyPI) answers every question with the words it was asked."""
    with LLMockServer(responses=MockResponseSettings(response_style="echo")) as server:
        yield server


def files(llm: LLMockServer) -> Files:
    url = llm.base_url("openai")
    return {"pinward.yml": config(url), "prompts/extract.yml": ASKING, "evals/extract.yml": SUITE}


@pytest.fixture
def blocked(tmp_path: Path, llm: LLMockServer) -> Iterator[Job]:
    """A pull request whose new model gets a prompt that forgot the document."""
    change: Files = {"pinward.yml": config(llm.base_url("openai"), "local/model-b"), "prompts/extract.yml": FORGETFUL}
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm), change)) as started:
        yield started


@pytest.fixture
def passing(tmp_path: Path, llm: LLMockServer) -> Iterator[Job]:
    change: Files = {"pinward.yml": config(llm.base_url("openai"), "local/model-b")}
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm), change)) as started:
        yield started


def check(job: Job) -> dict[str, Any]:
    (run,) = job.state.check_runs
    return {"head_sha": run.head_sha, **run.fields}


def test_a_pull_request_that_breaks_the_work_is_blocked_everywhere(blocked: Job) -> None:
    result = blocked.run()
    assert result.code == 1
    (comment,) = blocked.state.comments_of(NUMBER)
    marker, first, *_ = comment.body.split("\n")
    assert marker == f"<!-- pinward:report head={blocked.workspace.head} run=100.1 -->"
    assert first.startswith("**Pinward: blocked.")
    shown = check(blocked)
    assert (shown["head_sha"], shown["name"], shown["conclusion"]) == (blocked.workspace.head, "pinward", "failure")
    assert shown["details_url"] == "https://github.test/acme/invoices/actions/runs/100"
    assert "blocked" in result.summary
    assert result.outputs["verdict"] == "fail"
    assert (result.outputs["regressions"], result.outputs["pass-rate"]) == ("12", "0.0000")
    report = json.loads((blocked.workspace.root / result.outputs["report"] / "report.json").read_text())
    assert (report["head"], report["base"]) == (blocked.workspace.head, blocked.workspace.base)


def test_a_pull_request_that_does_the_work_passes_and_a_rerun_makes_nothing_new(passing: Job) -> None:
    assert passing.run().code == 0
    assert passing.run(GITHUB_RUN_ATTEMPT="2").code == 0
    assert len(passing.state.comments) == 1
    assert passing.state.comments[0].revisions == 2
    assert check(passing)["conclusion"] == "success"


def test_t14_the_key_is_on_no_surface(blocked: Job) -> None:
    result = blocked.run()
    report = b"".join(path.read_bytes() for path in (blocked.workspace.root / "pinward-report").iterdir())
    surfaces = [result.log, result.summary, str(result.outputs), report.decode(), json.dumps(check(blocked))]
    surfaces += [comment.body for comment in blocked.state.comments]
    assert not [surface for surface in surfaces if KEY in surface]


@pytest.mark.parametrize("action", ["opened", "ready_for_review"])
@pytest.mark.parametrize("draft", [True, False])
def test_a_draft_is_gated_like_any_other(passing: Job, action: str, draft: bool) -> None:
    payload = pull_request_payload(passing.workspace, passing.state) | {"action": action}
    payload["pull_request"]["draft"] = draft
    assert passing.run(payload=payload).code == 0
    assert check(passing)["conclusion"] == "success"


def test_a_pull_request_of_dependabots_gets_no_key_and_no_write(blocked: Job, llm: LLMockServer) -> None:
    before = len(llm.state.journal)
    payload = pull_request_payload(blocked.workspace, blocked.state)
    payload["pull_request"]["user"]["login"] = "dependabot[bot]"
    assert blocked.run(payload=payload).code == 1
    assert (blocked.state.writes(), len(llm.state.journal)) == ([], before)


def test_trust_7_a_fork_is_scanned_only_and_fails_where_a_model_changed(blocked: Job, llm: LLMockServer) -> None:
    before = len(llm.state.journal)
    payload = pull_request_payload(blocked.workspace, blocked.state)
    payload["pull_request"]["head"]["repo"]["id"] += 1
    result = blocked.run(payload=payload)
    assert result.code != 0
    assert blocked.state.writes() == []
    assert "fork" in result.summary
    assert "blocked. Task `extract` (model, prompt) changes, and nothing was evaluated" in result.summary
    assert "Give the task a suite" not in result.summary
    assert len(llm.state.journal) == before
    blocked.run()
    assert len(llm.state.journal) > before


def test_trust_7_a_fork_that_weakens_the_suite_fails_without_a_call(tmp_path: Path, llm: LLMockServer) -> None:
    weaker: Files = {"evals/extract.yml": SUITE.replace("contains: 'Invoice 3'", "contains: Invoice")}
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm), weaker)) as started:
        payload = pull_request_payload(started.workspace, started.state)
        payload["pull_request"]["head"]["repo"] = None
        result = started.run(payload=payload)
    assert result.code == 1
    assert "edited or deleted" in result.summary


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "    fallbacks: [local/model-c]\n"),
        ("    candidate: [local/model-c]\n", "    candidate: [local/model-c]\n    rollout: {percent: 1}\n"),
    ],
)
def test_trust_7_a_fork_that_changes_only_fallback_or_rollout_fails(
    tmp_path: Path, llm: LLMockServer, before: str, after: str
) -> None:
    def with_lines(lines: str) -> Files:
        return {"pinward.yml": config(llm.base_url("openai")).replace("providers:", f"{lines}providers:", 1)}

    with job(tmp_path, checkout(tmp_path / "workspace", files(llm) | with_lines(before), with_lines(after))) as started:
        payload = pull_request_payload(started.workspace, started.state)
        payload["pull_request"]["head"]["repo"]["id"] += 1
        result = started.run(payload=payload)
    assert result.code == 1
    assert "nothing was evaluated" in result.summary


def test_an_error_of_the_gate_keeps_the_gates_own_report(tmp_path: Path, llm: LLMockServer) -> None:
    change: Files = {"pinward.yml": config(llm.base_url("openai"), "elsewhere/model-b")}
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm), change)) as started:
        result = started.run()
        report = json.loads((started.workspace.root / "pinward-report" / "report.json").read_text())
    assert result.code == report["exit_code"] == 2
    assert report["policy_source"] == f"pinward.yml@{started.workspace.base[:9]}"


def test_a_report_folder_that_cannot_be_made_still_publishes_a_failure(tmp_path: Path, llm: LLMockServer) -> None:
    workspace = checkout(tmp_path / "workspace", files(llm), {"notes.txt": "x", "out": "a file"})
    with job(tmp_path, workspace) as started:
        assert started.run(inputs={"INPUT_REPORT-DIR": "out/report"}).code == 2
        assert check(started)["conclusion"] == "failure"


def test_github_down_leaves_the_report_on_disk_and_the_code_true(blocked: Job) -> None:
    blocked.state.faults.append(Fault(503, times=999))
    result = blocked.run()
    assert result.code == 1
    assert (blocked.workspace.root / "pinward-report" / "report.json").is_file()
    assert {command.name for command in commands(result.log)} == {"warning"}
    assert result.outputs["verdict"] == "fail"


def test_t26_a_head_that_moves_while_the_gate_runs_never_goes_green(passing: Job) -> None:
    def move(state: Any) -> None:
        state.pulls[NUMBER].head_sha = "c" * 40

    passing.state.triggers.append(Trigger("pulls/list-reviews", move))
    passing.run()
    assert check(passing)["conclusion"] == "cancelled"
    assert check(passing)["head_sha"] == passing.workspace.head


@pytest.mark.parametrize(
    ("reviews", "code"),
    [
        ([], 1),
        ([("colleague", "APPROVED", "head")], 0),
        ([("Codertocat", "APPROVED", "head")], 1),
        ([("reader", "APPROVED", "head")], 1),
        ([("colleague", "APPROVED", "older")], 1),
        ([("colleague", "APPROVED", "head"), ("colleague", "CHANGES_REQUESTED", "head")], 1),
        ([("colleague", "APPROVED", "head"), ("colleague", "DISMISSED", "head")], 1),
        ([("helper[bot]", "APPROVED", "head")], 1),
        ([("an-app[bot]", "APPROVED", "head"), ("colleague", "APPROVED", "head")], 0),
        ([("account-that-left", "APPROVED", "head"), ("colleague", "APPROVED", "head")], 0),
    ],
)
def test_trust_4_only_a_colleagues_approval_of_this_very_commit_lets_a_weaker_suite_in(
    tmp_path: Path, llm: LLMockServer, reviews: list[tuple[str, str, str]], code: int
) -> None:
    weaker: Files = {"evals/extract.yml": SUITE.replace("contains: 'Invoice 3'", "contains: Invoice")}
    with job(tmp_path, checkout(tmp_path / "workspace", files(llm), weaker)) as started:
        started.state.permissions |= {
            "colleague": "write",
            "reader": "read",
            "Codertocat": "admin",
            "helper[bot]": "write",
        }
        for n, (login, decision, commit) in enumerate(reviews):
            sha = started.workspace.head if commit == "head" else "d" * 40
            started.state.reviews.append(Review(n, NUMBER, login, decision, sha))
        assert started.run().code == code


def test_trust_2_the_policy_is_the_first_parents_although_the_event_names_an_older_base(
    tmp_path: Path, llm: LLMockServer
) -> None:
    workspace = checkout(tmp_path / "workspace", files(llm), {"notes.txt": "unrelated"})
    payload_base = workspace.repository.git("rev-parse", f"{workspace.base}^")
    with job(tmp_path, workspace) as started:
        payload = pull_request_payload(workspace, started.state)
        payload["pull_request"]["base"]["sha"] = payload_base
        assert started.run(payload=payload).code == 0
        report = json.loads((workspace.root / "pinward-report" / "report.json").read_text())
        assert report["base"] == workspace.base


def test_trust_2_github_is_asked_where_the_clone_cannot_tell(tmp_path: Path, llm: LLMockServer) -> None:
    workspace = checkout(tmp_path / "workspace", files(llm), {"notes.txt": "unrelated"})
    workspace.repository.git("update-ref", "-d", "refs/remotes/origin/main")
    with job(tmp_path, workspace) as started:
        payload = pull_request_payload(workspace, started.state)
        payload["pull_request"]["base"]["sha"] = "e" * 40
        started.state.comparisons[f"main...{workspace.base}"] = "diverged"
        assert started.run(payload=payload).code == 2
        started.state.comparisons[f"main...{workspace.base}"] = "behind"
        assert started.run(payload=payload).code == 0


def shallow(workspace: Workspace, target: Path, depth: int) -> Workspace:
    """Clone as actions/checkout does with `fetch-depth`."""
    source = workspace.repository
    source.git("config", "uploadpack.allowAnySHA1InWant", "true")
    source.git("update-ref", "refs/pull/2/merge", workspace.merge)
    clone = type(source)(target)
    clone.git("remote", "add", "origin", source.root.as_uri())
    clone.git("fetch", "--quiet", f"--depth={depth}", "origin", workspace.merge)
    clone.git("checkout", "--quiet", "--detach", workspace.merge)
    return Workspace(clone, workspace.base, workspace.head, workspace.merge)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_is_deepened_by_exact_commits(tmp_path: Path, llm: LLMockServer, depth: int) -> None:
    whole = checkout(tmp_path / "whole", files(llm), {"pinward.yml": config(llm.base_url("openai"), "local/model-b")})
    with job(tmp_path, shallow(whole, tmp_path / "workspace", depth)) as started:
        assert started.run().code == 0


def test_a_shallow_clone_that_cannot_be_deepened_says_what_to_set(tmp_path: Path, llm: LLMockServer) -> None:
    whole = checkout(tmp_path / "whole", files(llm), {"notes.txt": "x"})
    clone = shallow(whole, tmp_path / "workspace", 1)
    clone.repository.git("remote", "set-url", "origin", (tmp_path / "gone").as_uri())
    with job(tmp_path, clone) as started:
        result = started.run()
        assert result.code == 2
        assert "fetch-depth: 0" in commands(result.log)[0].data
        assert check(started)["conclusion"] == "failure"


def test_trust_7_a_dispatch_evaluates_only_the_commit_that_was_read(passing: Job) -> None:
    event = {"inputs": {"pr": str(NUMBER), "head_sha": passing.workspace.head}}
    assert passing.run("workflow_dispatch", event, GITHUB_SHA=passing.workspace.base).code == 0
    assert check(passing)["conclusion"] == "success"
    passing.state.pulls[NUMBER].head_sha = "c" * 40
    result = passing.run("workflow_dispatch", event, GITHUB_SHA=passing.workspace.base, GITHUB_RUN_ID="101")
    assert result.code == 2
    assert "not" in commands(result.log)[0].data


def test_trust_6_the_report_job_publishes_what_the_other_left(blocked: Job) -> None:
    evaluated = blocked.run(INPUT_PUBLISH="false")
    assert evaluated.code == 1
    assert blocked.state.writes() == []
    published = blocked.run(INPUT_MODE="publish", LOCAL_KEY="")
    assert published.code == 1
    assert check(blocked)["conclusion"] == "failure"
    assert len(blocked.state.comments) == 1


def test_the_report_job_of_a_forks_own_run_writes_nothing_and_ends_as_the_evaluation(blocked: Job) -> None:
    payload = pull_request_payload(blocked.workspace, blocked.state)
    payload["pull_request"]["head"]["repo"] = None
    assert blocked.run(payload=payload).code == 1
    assert blocked.run(payload=payload, INPUT_MODE="publish").code == 1
    assert blocked.state.writes() == []


def test_trust_6_a_missing_report_publishes_a_failure(passing: Job) -> None:
    assert passing.run(INPUT_MODE="publish").code != 0
    assert check(passing)["conclusion"] == "failure"


def test_t28_a_report_of_another_commit_is_not_believed(passing: Job) -> None:
    passing.run(INPUT_PUBLISH="false")
    path = passing.workspace.root / "pinward-report" / "report.json"
    path.write_text(path.read_text().replace(passing.workspace.head, "d" * 40), encoding="utf-8")
    assert passing.run(INPUT_MODE="publish").code != 0
    assert check(passing)["conclusion"] == "failure"


@pytest.mark.parametrize(("event", "words"), [("push", "scan"), ("schedule", "watch")])
def test_push_scans_and_schedule_watches_into_log_and_summary(passing: Job, event: str, words: str) -> None:
    payload = {"repository": {"default_branch": "main"}, "before": "0" * 40}
    result = passing.run(event, payload, GITHUB_REF="refs/heads/main")
    assert result.code == 0
    assert f"## pinward {words}" in result.summary
    assert result.outputs == {"verdict": "pass"}
    assert passing.state.writes() == []


def test_a_push_annotates_the_findings_of_the_scan(tmp_path: Path, llm: LLMockServer) -> None:
    code = 'from openai import OpenAI\nOpenAI().chat.completions.create(model="gpt-4o", messages=[])\n'
    workspace = checkout(tmp_path / "workspace", files(llm), {"app,1.py": code})
    with job(tmp_path, workspace) as started:
        payload = {"repository": {"default_branch": "main"}, "before": "0" * 40}
        result = started.run("push", payload, GITHUB_REF="refs/heads/main")
    assert result.code == 1
    mark = next(command for command in commands(result.log) if "app" in command.properties["file"])
    assert (mark.name, mark.properties["file"], mark.properties["line"]) == ("error", "app,1.py", "2")


def test_a_scan_reads_the_configuration_that_the_input_names(tmp_path: Path, llm: LLMockServer) -> None:
    workspace = checkout(tmp_path / "workspace", {"notes.txt": "x"}, {"other.yml": "version: 7\n"})
    with job(tmp_path, workspace) as started:
        payload = {"repository": {"default_branch": "main"}, "before": "0" * 40}
        assert started.run("push", payload, {"INPUT_CONFIG": "other.yml"}, GITHUB_REF="refs/heads/main").code == 2


def test_a_schedule_keeps_the_dashboard_issue(passing: Job) -> None:
    passing.workspace.repository.write({"app.py": "client.chat.completions.create(model='gpt-4-0613', messages=[])\n"})
    result = passing.run("schedule", {}, GITHUB_REF="refs/heads/main")
    assert (result.code, result.outputs) == (1, {"verdict": "fail"})
    (issue,) = passing.state.issues.values()
    assert "gpt-4-0613" in issue.body
    assert "gpt-4-0613" in result.summary
    assert "Watched" in result.log


def test_a_schedule_that_may_not_tell_anybody_fails(passing: Job) -> None:
    passing.workspace.repository.write({"app.py": "client.chat.completions.create(model='gpt-4-0613', messages=[])\n"})
    passing.state.faults.append(Fault(403, "issues/create", message="Resource not accessible by integration"))
    result = passing.run("schedule", {}, GITHUB_REF="refs/heads/main")
    assert (result.code, result.outputs) == (4, {"verdict": "error"})
    assert "issues: write" in result.log
    assert "gpt-4-0613" in result.summary


def test_t18_a_report_folder_that_the_head_made_a_link_is_refused(tmp_path: Path, llm: LLMockServer) -> None:
    workspace = checkout(tmp_path / "workspace", files(llm), {"notes.txt": "x"})
    (tmp_path / "elsewhere").mkdir()
    (workspace.root / "pinward-report").symlink_to(tmp_path / "elsewhere")
    with job(tmp_path, workspace) as started:
        assert started.run().code == 2
        assert list((tmp_path / "elsewhere").iterdir()) == []


def test_t18_a_link_inside_the_report_folder_is_not_written_through(tmp_path: Path, llm: LLMockServer) -> None:
    workspace = checkout(tmp_path / "workspace", files(llm), {"notes.txt": "x"})
    secret = tmp_path / "runner-file"
    secret.write_text("mine", encoding="utf-8")
    (workspace.root / "pinward-report").mkdir()
    (workspace.root / "pinward-report" / "report.json").symlink_to(secret)
    with job(tmp_path, workspace) as started:
        assert started.run().code == 0
    assert secret.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["pinward-report", "pinward-report/results.jsonl/x", "pinward-report/report.json/x"])
def test_what_the_head_puts_in_the_way_of_the_report_is_moved_aside(
    tmp_path: Path, llm: LLMockServer, name: str
) -> None:
    workspace = checkout(tmp_path / "workspace", files(llm), {"notes.txt": "x", name: "x"})
    with job(tmp_path, workspace) as started:
        assert started.run().code == 0
        assert started.state.check_runs[0].fields["conclusion"] == "success"


def test_a_crash_of_the_gate_is_published_as_a_failure(tmp_path: Path, llm: LLMockServer) -> None:
    workspace = checkout(tmp_path / "workspace", files(llm), {"notes.txt": "x"})

    def broken(_request: GateRequest) -> GateReport:
        raise ZeroDivisionError("secret text")

    with job(tmp_path, workspace) as started:
        result = started.run(gate=broken)
        assert result.code == 70
        assert started.state.check_runs[0].fields["conclusion"] == "failure"
        assert "secret text" not in result.log + result.summary


@pytest.mark.parametrize("name", ["..", ".", "../x", "/tmp/x", ".git", ".git/hooks"])  # noqa: S108 - refused
def test_a_report_folder_outside_the_workspace_is_refused(passing: Job, name: str) -> None:
    assert passing.run(inputs={"INPUT_REPORT-DIR": name}).code == 2


def test_an_event_that_is_not_served_says_which_are(passing: Job) -> None:
    result = passing.run("issue_comment", {})
    assert result.code == 2
    assert "pull_request" in commands(result.log)[0].data


def shards(job: Job, of: int = 2) -> list[int]:
    """Run the shards of a matrix, each into a folder of its own; return their exit codes."""
    return [
        job.run(
            inputs={"INPUT_SHARD": f"{n}/{of}", "INPUT_REPORT-DIR": f"pinward-shards/{n}"}, INPUT_PUBLISH="false"
        ).code
        for n in range(1, of + 1)
    ]


def test_shards_of_a_matrix_are_judged_and_published_together(blocked: Job) -> None:
    assert shards(blocked) == [0, 0]
    assert blocked.state.writes() == []
    result = blocked.run(INPUT_SHARDS="pinward-shards")
    assert (result.code, result.outputs["verdict"], result.outputs["regressions"]) == (1, "fail", "12")
    assert check(blocked)["conclusion"] == "failure"


def test_a_shard_writes_neither_comment_nor_check_although_it_may(blocked: Job) -> None:
    assert blocked.run(INPUT_SHARD="1/2").code == 0
    assert blocked.state.writes() == []


def test_a_matrix_that_lost_a_shard_is_published_as_a_failure(passing: Job) -> None:
    assert shards(passing) == [0, 0]
    shutil.rmtree(passing.workspace.root / "pinward-shards" / "2")
    assert passing.run(INPUT_SHARDS="pinward-shards").code == 2
    assert check(passing)["conclusion"] == "failure"


def test_t27_shards_that_the_pull_request_committed_are_not_believed(passing: Job) -> None:
    assert shards(passing) == [0, 0]
    passing.workspace.repository.git("add", "--force", "pinward-shards/2")
    assert passing.run(INPUT_SHARDS="pinward-shards").code == 2
    assert check(passing)["conclusion"] == "failure"


def test_a_shard_alone_is_never_published_as_the_result(passing: Job) -> None:
    passing.run(INPUT_SHARD="1/2", INPUT_PUBLISH="false")
    assert passing.run(INPUT_MODE="publish").code != 0
    assert check(passing)["conclusion"] == "failure"
