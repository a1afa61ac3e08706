"""Stored evidence end to end: a real repository, a real HTTP server that counts what it is asked, saved reports."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.core.evidence import Usage
from pinward.core.model_id import ModelId
from pinward.core.report import GateReport
from pinward.lifecycle.catalog import load
from pinward.providers.connect import Connections
from pinward.verbs.main import run
from tests.integration.test_gate import KEYS, SUITE, FlatPrices, config
from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository

NOW = datetime(2026, 11, 22, tzinfo=UTC)
gone: set[str] = set()


def answer(body: dict[str, Any]) -> Reply | str:
    """Every model answers JSON, `chatty` adds a word; those in `gone` are unknown."""
    if body["model"] in gone:
        return Reply(404, {"error": {"message": "The model does not exist", "code": "model_not_found"}})
    return 'Sure! {"a": 1}' if body["model"] == "chatty" else '{"a": 1}'


@pytest.fixture
def server() -> Iterator[Recorded]:
    gone.clear()
    with llm_server(answer) as recorded:
        yield recorded


def gate(repository: Repository, base: str, head: str, folder: str, now: datetime = NOW, **more: Any) -> GateReport:
    place = repository.root.parent / "reports" / folder
    request = GateRequest(repository.root, base, head, place, **more)
    edges = GateEdges(
        catalog=load(),
        prices=FlatPrices(),
        connect=lambda providers: Connections(providers, KEYS.get),
        keys=KEYS.get,
        now=lambda: now,
        signals=(),
    )
    return run_gate(request, edges)


def evidence(repository: Repository) -> Path:
    return repository.root.parent / "reports"


def merged(repository: Repository, server: Recorded, extra: str = "") -> tuple[str, str]:
    """Return main before and after a model change that the gate of the default branch passed."""
    old = repository.commit({"pinward.yml": config(server.url, "local/good", extra), "evals/extract.yml": SUITE})
    new = repository.commit({"pinward.yml": config(server.url, "local/better", extra)})
    assert gate(repository, old, new, "main").verdict == "pass"
    server.requests.clear()
    return old, new


def test_a_rollback_to_what_the_default_branch_proved_passes_and_asks_nobody(
    repository: Repository, server: Recorded
) -> None:
    _, new = merged(repository, server)
    back = repository.commit({"pinward.yml": config(server.url, "local/good")})
    now = NOW + timedelta(days=2)
    report = gate(repository, new, back, "rollback", now, stored=evidence(repository))
    assert (report.verdict, report.exit_code, server.requests) == ("pass", 0, [])
    assert report.requests == 0
    assert report.tasks[0].proven_before
    assert "passed on the default branch before" in report.reasons[0]
    assert f"(commit `{new[:9]}`, 2026-11-22, 2 days old)" in report.reasons[0]
    (stored,) = report.stored
    assert (stored.side, stored.answers, stored.commit, stored.served) == ("candidate", 12, new, ["good"])
    comment = (evidence(repository) / "rollback" / "comment.md").read_text()
    assert "2 days old" in comment
    assert "served as `good`" in comment
    assert report.tasks[0].latency.p50.candidate is None


def test_a_rollback_by_command_line_needs_no_answer_from_a_dead_provider(
    repository: Repository, server: Recorded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCAL_KEY", "sk-canary-123456")
    old = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    new = repository.commit({"pinward.yml": config(server.url, "local/better")})
    folder = repository.root.parent / "reports"
    where = ["--path", str(repository.root)]
    assert run(["gate", "--base", old, "--head", new, "--report-dir", str(folder / "main"), *where]) == 0
    gone.update({"good", "better"})
    server.requests.clear()
    back = repository.commit({"pinward.yml": config(server.url)})
    out = ["--report-dir", str(folder / "back"), "--evidence", str(folder), *where]
    assert run(["gate", "--base", new, "--head", back, *out]) == 0
    assert server.requests == []
    assert "passed on the default branch before" in " ".join(capsys.readouterr().out.split())
    assert run(["gate", "--base", new, "--head", back, "--report-dir", str(folder / "live"), "--no-store", *where]) == 4


def test_without_evidence_the_same_rollback_is_asked(repository: Repository, server: Recorded) -> None:
    _, new = merged(repository, server)
    back = repository.commit({"pinward.yml": config(server.url)})
    assert gate(repository, new, back, "rollback").requests >= 24


@pytest.mark.parametrize("change", ["model", "parameter", "suite"])
def test_what_was_not_proven_as_it_is_now_is_asked(repository: Repository, server: Recorded, change: str) -> None:
    _, new = merged(repository, server)
    other = {
        "model": {"pinward.yml": config(server.url, "local/third")},
        "parameter": {"pinward.yml": config(server.url).replace("temperature: 0", "temperature: 1")},
        "suite": {"pinward.yml": config(server.url), "evals/extract.yml": SUITE.replace("Number 3", "Number 99")},
    }[change]
    if change == "suite":
        new = repository.commit({"evals/extract.yml": other["evals/extract.yml"]})
    report = gate(repository, new, repository.commit(dict(other)), "back", stored=evidence(repository))
    assert report.requests >= 24
    assert report.stored == []


def test_a_configuration_that_failed_on_the_default_branch_proves_nothing(
    repository: Repository, server: Recorded
) -> None:
    old = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    bad = repository.commit({"pinward.yml": config(server.url, "local/chatty")})
    assert gate(repository, old, bad, "main").verdict == "fail"
    fixed = repository.commit({"pinward.yml": config(server.url)})
    again = repository.commit({"pinward.yml": config(server.url, "local/chatty")})
    report = gate(repository, fixed, again, "again", stored=evidence(repository))
    assert (report.verdict, report.stored) == ("fail", [])
    assert report.requests > 24


def test_t24_what_a_run_of_the_default_branch_blocked_is_not_proven_by_the_run_that_repaired_it(
    repository: Repository, server: Recorded
) -> None:
    old = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    bad = repository.commit({"pinward.yml": config(server.url, "local/chatty")})
    assert gate(repository, old, bad, "merged red").verdict == "fail"
    fixed = repository.commit({"pinward.yml": config(server.url)})
    assert gate(repository, bad, fixed, "repaired", NOW + timedelta(hours=1)).verdict == "pass"
    again = repository.commit({"pinward.yml": config(server.url, "local/chatty")})
    report = gate(repository, fixed, again, "again", NOW + timedelta(hours=2), stored=evidence(repository))
    assert (report.verdict, report.stored) == ("fail", [])


def test_a_floor_of_today_is_held_against_stored_answers(repository: Repository, server: Recorded) -> None:
    """The stored run passed under a policy without a floor; its baseline was the bad one."""
    old = repository.commit({"pinward.yml": config(server.url, "local/chatty"), "evals/extract.yml": SUITE})
    new = repository.commit({"pinward.yml": config(server.url)})
    assert gate(repository, old, new, "main").verdict == "pass"
    floor = "policy: {gate: {min_pass_rate: 0.9}}\n"
    base = repository.commit({"pinward.yml": config(server.url, extra=floor)})
    back = repository.commit({"pinward.yml": config(server.url, "local/chatty", floor)})
    server.requests.clear()
    report = gate(repository, base, back, "back", stored=evidence(repository))
    assert (report.verdict, report.exit_code, server.requests) == ("fail", 1, [])
    assert "the floor is 90%" in report.reasons[0]


def test_running_again_on_the_same_commit_repeats_the_answers_good_or_bad(
    repository: Repository, server: Recorded
) -> None:
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": config(server.url, "local/chatty")})
    first = gate(repository, base, head, "first")
    server.requests.clear()
    second = gate(repository, base, head, "second", stored=evidence(repository))
    assert (first.verdict, second.verdict, second.requests, server.requests) == ("fail", "fail", 0, [])
    assert [case.p_value for case in second.tasks[0].notable_cases] == [
        case.p_value for case in first.tasks[0].notable_cases
    ]
    assert {stored.commit for stored in second.stored} == {head}


def test_a_dead_baseline_is_represented_by_its_stored_answers(repository: Repository, server: Recorded) -> None:
    old = repository.commit({"pinward.yml": config(server.url, "local/oldest"), "evals/extract.yml": SUITE})
    _, new = old, repository.commit({"pinward.yml": config(server.url, "local/better")})
    assert gate(repository, old, new, "main").verdict == "pass"
    gone.add("better")
    head = repository.commit({"pinward.yml": config(server.url, "local/next")})
    report = gate(repository, new, head, "head", NOW + timedelta(days=1), stored=evidence(repository))
    (task,) = report.tasks
    assert (report.verdict, task.no_baseline, task.pass_rate.baseline) == ("pass", None, 1.0)
    assert [(s.side, s.answers, s.served) for s in report.stored] == [("baseline", 12, ["better"])]
    worse = repository.commit({"pinward.yml": config(server.url, "local/chatty")})
    blocked = gate(repository, new, worse, "worse", NOW + timedelta(days=1), stored=evidence(repository))
    assert (blocked.verdict, blocked.exit_code) == ("fail", 1)
    assert "The suite as a whole got worse" in blocked.reasons[0]


def test_a_retired_baseline_is_not_even_asked(repository: Repository, server: Recorded) -> None:
    """gpt-3.5-turbo-0301 is retired in the catalog; the stored run is made at a time when it answered."""

    def openai(model: str) -> str:
        return config(server.url, f"openai/{model}").replace("local:", "openai:").replace("LOCAL_KEY", "OPENAI_API_KEY")

    old = repository.commit({"pinward.yml": openai("gpt-5.1-2025-11-13"), "evals/extract.yml": SUITE})
    new = repository.commit({"pinward.yml": openai("gpt-3.5-turbo-0301")})
    assert gate(repository, old, new, "main").tasks[0].verdict == "pass"
    server.requests.clear()
    head = repository.commit({"pinward.yml": openai("gpt-5.2-2025-12-11")})
    report = gate(repository, new, head, "head", stored=evidence(repository))
    assert set(server.models()) == {"gpt-5.2-2025-12-11"}
    assert (report.verdict, report.tasks[0].no_baseline, report.tasks[0].pass_rate.baseline) == ("pass", None, 1.0)


def tampered(folder: Path, what: str) -> None:
    report = json.loads((folder / "report.json").read_text())
    if what == "answers":
        path = folder / "results.jsonl"
        path.write_text(path.read_text().replace('"score":1.0', '"score":0.5'))
    elif what in {"link", "pipe"}:
        path = (folder / "results.jsonl").rename(folder.parent.parent / "elsewhere.jsonl")
        os.mkfifo(folder / "results.jsonl") if what == "pipe" else (folder / "results.jsonl").symlink_to(path)
    elif what == "foreign commit":
        report["head"] = "f" * 40
    elif what == "old":
        report["started"] = "2026-10-01T00:00:00+00:00"
    elif what == "future":
        report["started"] = "2027-01-01T00:00:00+00:00"
    elif what == "no report":
        report["verdict"] = "superb"
    (folder / "report.json").write_text(json.dumps(report))


@pytest.mark.parametrize("what", ["answers", "link", "pipe", "foreign commit", "old", "future", "no report"])
def test_t24_evidence_that_does_not_hold_is_left_out_with_a_note_and_the_case_is_asked(
    repository: Repository, server: Recorded, what: str
) -> None:
    _, new = merged(repository, server)
    tampered(evidence(repository) / "main", what)
    back = repository.commit({"pinward.yml": config(server.url)})
    report = gate(repository, new, back, "back", stored=evidence(repository))
    assert (report.verdict, report.stored) == ("pass", [])
    assert report.requests >= 24
    assert any(note.startswith("Stored evidence in `main` is not used: ") for note in report.notes)


Line = dict[str, Any]


def changed(folder: Path, part: str, name: str, value: object) -> None:
    """Change every answer of a run and make its report state the new hash, as a forger would."""
    path = folder / "results.jsonl"
    lines: list[Line] = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        (line["completion"]["usage"] if part == "usage" else line[part])[name] = value
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = json.loads((folder / "report.json").read_text())
    report["results_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "report.json").write_text(json.dumps(report))


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("grade", "score", "x"),
        ("grade", "passed", "perhaps"),
        ("completion", "outcome", "superb"),
        ("completion", "latency", "x"),
        ("completion", "cost_usd", float("nan")),
        ("completion", "cost_usd", -1.0),
        ("completion", "served_model", ["x"]),
        ("usage", "input", None),
        ("usage", "output", -5),
    ],
)
def test_t24_answers_that_no_run_writes_are_left_out_with_a_note(
    repository: Repository, server: Recorded, part: str, name: str, value: object
) -> None:
    _, new = merged(repository, server)
    changed(evidence(repository) / "main", part, name, value)
    back = repository.commit({"pinward.yml": config(server.url)})
    report = gate(repository, new, back, "back", stored=evidence(repository))
    assert (report.verdict, report.stored) == ("pass", [])
    assert any(note.startswith("Stored evidence in `main` is not used: ") for note in report.notes)


def test_t14_a_key_that_comes_back_as_the_served_models_name_is_taken_out_and_a_long_name_cut(
    repository: Repository,
) -> None:
    def echo(body: dict[str, Any]) -> Reply:
        name = "y" * 3000 if body["model"] == "good" else KEYS["LOCAL_KEY"]
        choice = {"index": 0, "message": {"role": "assistant", "content": "{}"}, "finish_reason": "stop"}
        return Reply(200, {"model": name, "choices": [choice], "usage": {"completion_tokens": 5}})

    with llm_server(echo) as server:
        old = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
        new = repository.commit({"pinward.yml": config(server.url, "local/better")})
        gate(repository, old, new, "live")
        report = gate(repository, old, new, "again", stored=evidence(repository))
    assert len(report.stored) == 2
    for folder in ("live", "again"):
        for file in (evidence(repository) / folder).iterdir():
            assert KEYS["LOCAL_KEY"] not in file.read_text(), file


def test_t24_a_run_of_another_pull_request_is_no_evidence(repository: Repository, server: Recorded) -> None:
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    repository.branch("other", base)
    other = repository.commit({"pinward.yml": config(server.url, "local/better")})
    assert gate(repository, base, other, "other").verdict == "pass"
    repository.branch("mine", base)
    mine = repository.commit({"pinward.yml": config(server.url, "local/better"), "README.md": "mine"})
    report = gate(repository, base, mine, "mine", stored=evidence(repository))
    assert report.requests >= 24
    assert report.stored == []


def test_t24_evidence_in_the_repository_itself_is_refused(
    repository: Repository, server: Recorded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCAL_KEY", "sk-canary-123456")
    _, new = merged(repository, server)
    committed = shutil.copytree(evidence(repository) / "main", repository.root / "evidence")
    (committed / ".gitignore").unlink()  # it keeps nobody from committing the folder all the same
    back = repository.commit({"pinward.yml": config(server.url)})
    flags = ["--path", str(repository.root), "--evidence", str(committed)]
    assert run(["gate", "--base", new, "--head", back, *flags]) == 2
    assert "the repository tracks evidence/" in capsys.readouterr().err


def test_a_stored_answer_does_not_grow_younger_by_being_reported_again(
    repository: Repository, server: Recorded
) -> None:
    _, new = merged(repository, server)
    back = repository.commit({"pinward.yml": config(server.url)})
    later = NOW + timedelta(days=20)
    assert gate(repository, new, back, "back", later, stored=evidence(repository)).requests == 0
    forward = repository.commit({"pinward.yml": config(server.url, "local/better")})
    again = repository.commit({"pinward.yml": config(server.url)})
    last = NOW + timedelta(days=40)
    assert gate(repository, forward, again, "again", last, stored=evidence(repository)).requests >= 24


def test_prices_of_stored_answers_are_not_paid_again(repository: Repository, server: Recorded) -> None:
    _, new = merged(repository, server)
    back = repository.commit({"pinward.yml": config(server.url)})
    report = gate(repository, new, back, "back", stored=evidence(repository))
    assert report.cost_usd == 0
    assert FlatPrices().cost(ModelId("local", "local/x", "x", "unknown"), Usage(1, 1)) == 0.00002


def test_a_notable_case_tells_what_earlier_runs_of_the_default_branch_said_of_it(
    repository: Repository, server: Recorded
) -> None:
    old = repository.commit({"pinward.yml": config(server.url, "local/chatty"), "evals/extract.yml": SUITE})
    new = repository.commit({"pinward.yml": config(server.url)})
    gate(repository, old, new, "improved")
    third = repository.commit({"pinward.yml": config(server.url, "local/third")})
    gate(repository, new, third, "held")
    head = repository.commit({"pinward.yml": config(server.url, "local/chatty").replace("temperature: 0", "seed: 1")})
    report = gate(repository, third, head, "head", stored=evidence(repository))
    assert {case.history for case in report.tasks[0].notable_cases} == {"In 2 earlier runs: improved in 1."}
    assert "In 2 earlier runs: improved in 1." in (evidence(repository) / "head" / "comment.md").read_text()
