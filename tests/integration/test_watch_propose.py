"""`watch --propose` as the GitHub server receives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pinward.errors import ExitCode
from tests.integration.github_server.state import ALL, Actor, Fault, Pull
from tests.integration.watch_fixture import CALL, Nights, nights
from tests.support.llm_server import llm_server

NIGHT = "2026-12-16"
FILES: dict[str, str | bytes | None] = {
    "app/llm.py": "# ü\n" + CALL.format("gpt-4o-2024-08-06"),
    "app/chat.py": CALL.format("gpt-4o"),
    "run.sh": "#!/bin/sh\nexport OPENAI_MODEL=gpt-4o-2024-08-06\n",
}


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Nights]:
    with nights(tmp_path, FILES) as started:
        yield started


def proposals(watched: Nights) -> list[Pull]:
    return [pull for pull in watched.state.pulls.values() if pull.head_ref.startswith("pinward/replace-")]


def files_of(watched: Nights, pull: Pull) -> dict[str, str]:
    return watched.state.trees[watched.state.commits[pull.head_sha]["tree"]]


def test_one_pull_request_holds_the_edit_the_proof_and_the_way_back(watched: Nights) -> None:
    told = watched.watch(NIGHT, proposing=True)
    assert told.problems == []
    (pull,) = proposals(watched)
    assert pull.title == "Replace gpt-4o and 1 more name by gpt-6-luna"
    files = files_of(watched, pull)
    assert files["app/llm.py"] == "# ü\n" + CALL.format("gpt-6-luna")
    assert files["app/chat.py"] == CALL.format("gpt-6-luna")
    assert watched.state.commits[pull.head_sha]["parents"] == [watched.state.refs["heads/main"]]
    for part in ("## Why", "- `app/llm.py:2`: `gpt-4o-2024-08-06` → `gpt-6-luna`", "no task of", "- [ ] the price",
                 "- [ ] No suite decides here", "answers until 2027-01-14", "GitHub starts no checks"):  # fmt: skip
        assert part in pull.body
    assert f"Proof so far: in pull request {pull.number}" in watched.issue.body


def test_trust_10_the_next_nights_change_nothing(watched: Nights) -> None:
    watched.watch(NIGHT, proposing=True)
    (pull,) = proposals(watched)
    before = len([w for w in watched.state.writes() if not w.operation.startswith("issues/")])
    for day in ("2026-12-17", "2026-12-18", "2027-01-02"):
        watched.watch(day, proposing=True)
    assert proposals(watched) == [pull]
    assert len([w for w in watched.state.writes() if not w.operation.startswith("issues/")]) == before


def test_a_proposal_is_rebuilt_when_its_base_moves(watched: Nights) -> None:
    watched.watch(NIGHT, proposing=True)
    old = proposals(watched)[0].head_sha
    watched.commit({"app/llm.py": "# moved\n\n" + CALL.format("gpt-4o-2024-08-06")})
    watched.watch(NIGHT, proposing=True)
    (pull,) = proposals(watched)
    assert pull.head_sha != old
    assert watched.state.commits[pull.head_sha]["parents"] == [watched.state.refs["heads/main"]]
    assert files_of(watched, pull)["app/llm.py"] == "# moved\n\n" + CALL.format("gpt-6-luna")
    assert f"head={pull.head_sha}" in pull.body


def test_a_proposal_is_closed_when_it_is_obsolete(watched: Nights) -> None:
    watched.watch(NIGHT, proposing=True)
    watched.commit(dict.fromkeys(FILES) | {"app/new.py": CALL.format("gpt-6-luna")})
    watched.watch(NIGHT, proposing=True)
    assert [pull.state for pull in proposals(watched)] == ["closed"]
    assert watched.issue.state == "closed"


def test_what_a_person_pushed_to_is_left_alone(watched: Nights) -> None:
    watched.watch(NIGHT, proposing=True)
    (pull,) = proposals(watched)
    pull.head_sha = "c" * 40
    watched.commit({"other.txt": "x"})
    watched.watch(NIGHT, proposing=True)
    watched.commit(dict.fromkeys(FILES) | {"app/new.py": CALL.format("gpt-6-luna")})
    watched.watch(NIGHT, proposing=True)
    assert (pull.head_sha, pull.state) == ("c" * 40, "open")


def test_what_a_person_declined_is_not_proposed_again(watched: Nights) -> None:
    watched.watch(NIGHT, proposing=True)
    proposals(watched)[0].state = "closed"
    watched.watch("2026-12-17", proposing=True)
    assert len(proposals(watched)) == 1
    assert "Proof so far: the proposal was declined" in watched.issue.body


def test_t25_a_pull_request_that_looks_like_ours_is_left_alone(watched: Nights) -> None:
    watched.watch(NIGHT, proposing=True)
    (pull,) = proposals(watched)
    watched.state.pulls[90] = Pull(90, pull.head_sha, "e" * 40, head_ref="pinward/replace-x", body=pull.body)
    watched.watch("2026-12-17", proposing=True)
    assert watched.state.pulls[90].state == "open"


def test_trust_10_open_proposals_are_capped_and_a_lost_answer_opens_no_second_one(tmp_path: Path) -> None:
    models = ["gpt-4o-2024-08-06", "o3-2025-04-16", "claude-sonnet-4-5-20250929", "gpt-5-2025-08-07"]
    config = "version: 1\npolicy: {watch: {max_pull_requests: 2}}\n"
    files: dict[str, str | bytes | None] = {f"app/m{n}.py": CALL.format(m) for n, m in enumerate(models)}
    with nights(tmp_path, {**files, "pinward.yml": config}) as watched:
        watched.state.faults.append(Fault(0, "pulls/create", after=True))
        watched.watch(NIGHT, proposing=True)
        watched.watch(NIGHT, proposing=True)
        assert len(proposals(watched)) == 2


def test_a_workflow_file_becomes_an_issue_with_a_patch_and_is_never_pushed(tmp_path: Path) -> None:
    workflow = "jobs:\n  ask:\n    env:\n      OPENAI_MODEL: gpt-4o-2024-08-06\n"
    with nights(tmp_path, {".github/workflows/ask.yml": workflow}) as watched:
        watched.watch(NIGHT, proposing=True)
        watched.watch(NIGHT, proposing=True)
        assert proposals(watched) == []
        assert watched.state.trees == {}
        (issue,) = [i for i in watched.state.issues.values() if "workflows" in i.title]
        assert "-      OPENAI_MODEL: gpt-4o-2024-08-06\n+      OPENAI_MODEL: gpt-6-luna\n" in issue.body
        watched.commit({".github/workflows/ask.yml": workflow.replace("gpt-4o-2024-08-06", "gpt-6-luna")})
        watched.watch(NIGHT, proposing=True)
        assert issue.state == "closed"


def test_a_token_that_may_not_open_pull_requests_names_the_setting(watched: Nights) -> None:
    watched.state.tokens["token"] = Actor("github-actions[bot]", ALL - {"pull-requests:write"})
    told = watched.watch(NIGHT, proposing=True)
    assert told.code == ExitCode.UNAVAILABLE
    assert "Allow GitHub Actions to create and approve pull requests" in told.problems[0].hint
    assert watched.issue.state == "open"  # the dashboard is kept all the same


def test_the_replacement_is_evaluated_once_where_a_suite_exists(tmp_path: Path) -> None:
    cases = "".join(f"  - {{id: c{n}, input: 'Say {n}', checks: [{{contains: 'Say {n}'}}]}}\n" for n in range(8))
    with llm_server(lambda body: body["messages"][-1]["content"]) as llm:
        files: dict[str, str | bytes | None] = {
            "evals/say.yml": f"cases:\n{cases}",
            "app/llm.py": CALL.format("gpt-4o-2024-08-06"),
            "pinward.yml": "version: 1\ntasks:\n  say: {model: openai/gpt-4o-2024-08-06, suite: evals/say.yml}\n"
            f"providers:\n  openai: {{type: openai, base_url: '{llm.url}', api_key_env: LIVE_KEY}}\n"
            "policy: {watch: {propose: true}}\n",
        }
        with nights(tmp_path, files) as watched:
            watched.variables["LIVE_KEY"] = "sk-canary"
            watched.watch(NIGHT)  # the policy asks for proposals
            calls = len(llm.requests)
            (pull,) = proposals(watched)
            looked = pull.body.replace("- [ ] a gradual rollout is set", "- [x] a gradual rollout is set")
            assert looked != pull.body
            pull.body = looked
            watched.watch("2026-12-17")
    assert pull.body == looked  # what a person ticked stays ticked
    assert set(llm.models()) == {"gpt-4o-2024-08-06", "gpt-6-luna"}
    assert calls == len(llm.requests)
    (proof,) = [line for line in pull.body.splitlines() if line.startswith("- say:")]
    assert "sk-canary" not in pull.body
    assert "No case broke on 8" in proof
    for point in ("- [ ] the new model is pinned: `openai/gpt-6-luna` is ", "- [x] regressions were reviewed: no case",
                  "- [ ] the previous version is kept for a rollback: `openai/gpt-4o-2024-08-06`"):  # fmt: skip
        assert point in pull.body
    assert "cost per 1,000 requests" in proof
    assert "latency p50 / p95" in proof
    assert files_of(watched, pull)["pinward.yml"].count("openai/gpt-6-luna") == 1
