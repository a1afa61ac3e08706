from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pinward.commands.event.gate import EventGate
from pinward.commands.gate.files import read_report, write_report
from pinward.commands.gate.run import GateRequest
from pinward.commands.publish import Clock
from pinward.config.settings import GitHubSettings
from pinward.core.report import GateReport
from pinward.errors import BusyError, ConfigError, ExitCode, UsageError
from pinward.gh.event import Event, Plan, Trust
from tests.support.memory_github import MemoryGitHub
from tests.support.repository import Repository

NOON = 1_764_504_000.0  # 2025-11-30T12:00:00Z


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "workspace")


def gate_of(event: Event, client: MemoryGitHub | None = None, decided: Plan = Plan("gate")) -> EventGate:  # noqa: B008
    return EventGate(GitHubSettings(), Clock(lambda: NOON, lambda _: None), client, event, decided)


def pull_request(repository: Repository) -> Event:
    base = repository.commit({"a": "1"})
    repository.branch("topic", base)
    head = repository.commit({"b": "2"})
    merge = repository.merge(base, head)
    return Event("pull_request", Trust.SAME, "acme/invoices", merge, head, base, "main", 4, "alice")


def report(verdict: str = "fail", exit_code: int = 1) -> GateReport:
    return GateReport.model_validate(
        {
            "verdict": verdict,
            "exit_code": exit_code,
            "base": "b" * 40,
            "head": "a" * 40,
            "policy_source": "defaults",
            "started": "2026-11-20T10:00:00Z",
            "seconds": 1.5,
        }
    )


def asked(gate: EventGate, repository: Repository, folder: Path) -> GateRequest:
    """Run a gate that fails, and return what it was asked for."""
    requests: list[GateRequest] = []

    def fail(request: GateRequest) -> GateReport:
        requests.append(request)
        return report()

    assert gate.run(repository.root, folder, "pinward.yml", fail) == report()
    (request,) = requests
    return request


def never(_: GateRequest) -> GateReport:
    raise AssertionError("nothing is to be evaluated")


def test_a_pull_request_is_gated_at_its_test_merge_and_shown_at_its_own_head(
    repository: Repository, tmp_path: Path
) -> None:
    event = pull_request(repository)
    request = asked(gate_of(event), repository, tmp_path)
    assert (request.root, request.base, request.head) == (repository.root, event.base, event.sha)
    assert (request.shown_head, request.pull_request, request.config) == (event.head, 4, "pinward.yml")
    assert (request.report_dir, request.scan_only, request.approved) == (tmp_path, "", False)
    assert len(request.evidence) == 64


def test_trust_4_an_approval_of_this_head_reaches_the_gate_and_changes_the_evidence(
    repository: Repository, tmp_path: Path
) -> None:
    event = pull_request(repository)
    before = MemoryGitHub().pull
    client = MemoryGitHub(pull=replace(before, head_sha=event.head), approving=("bob",), writers=frozenset({"bob"}))
    request = asked(gate_of(event, client), repository, tmp_path)
    assert request.approved
    assert request.evidence != asked(gate_of(event), repository, tmp_path).evidence


def test_what_only_was_scanned_earns_no_evidence(repository: Repository, tmp_path: Path) -> None:
    event = replace(pull_request(repository), trust=Trust.FORK)
    request = asked(gate_of(event, decided=Plan("gate", scan_only="a fork")), repository, tmp_path)
    assert (request.scan_only, request.evidence) == ("a fork", "")


def test_an_event_with_nothing_left_to_gate_asks_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a": "1"})
    client = MemoryGitHub(pull=replace(MemoryGitHub().pull, open=False))
    gate = gate_of(Event("workflow_run", Trust.FORK, "acme/invoices", "a" * 40, "a" * 40, branch="alice:topic"), client)
    assert gate.run(repository.root, tmp_path, "pinward.yml", never) is None
    assert gate.event.idle  # whoever publishes sees it too


def test_a_workspace_without_a_checkout_is_told_what_is_missing(tmp_path: Path) -> None:
    gate = gate_of(Event("push", Trust.TRUSTED, "acme/invoices", "a" * 40, "a" * 40))
    with pytest.raises(UsageError, match="holds no git repository") as refused:
        gate.run(tmp_path, tmp_path / "report", "pinward.yml", never)
    assert "actions/checkout" in refused.value.hint


def test_a_group_whose_pull_request_passed_is_not_evaluated_and_its_report_is_on_disk(
    repository: Repository, tmp_path: Path
) -> None:
    event = pull_request(repository)
    queued = replace(event, kind="merge_group", trust=Trust.TRUSTED, number=None, head=event.sha, queued=4, author="")
    client = MemoryGitHub(pull=replace(MemoryGitHub().pull, head_sha=event.head))
    earned = asked(gate_of(event, client), repository, tmp_path / "first").evidence
    client.passed(event.head, earned)
    found = gate_of(queued, client).run(repository.root, tmp_path / "second", "pinward.yml", never)
    assert found is not None
    assert (found.verdict, found.base, found.head) == ("pass", event.base, event.sha)
    assert found.started == "2025-11-30T12:00:00+00:00"
    assert read_report(tmp_path / "second") == found


@pytest.mark.parametrize("spoil", ["d" * 64, ""])
def test_t24_a_group_with_other_evidence_is_evaluated(repository: Repository, tmp_path: Path, spoil: str) -> None:
    event = pull_request(repository)
    queued = replace(event, kind="merge_group", trust=Trust.TRUSTED, number=None, head=event.sha, queued=4)
    client = MemoryGitHub(pull=replace(MemoryGitHub().pull, head_sha=event.head))
    client.passed(event.head, spoil)
    request = asked(gate_of(queued, client), repository, tmp_path)
    assert (request.pull_request, request.shown_head) == (4, event.sha)


# A run that ended with an error

ERROR = ConfigError("pinward.yml:3: no such key", "Delete it.")
EVENT = Event("pull_request", Trust.SAME, "acme/invoices", "a" * 40, "a" * 40, "b" * 40, "main", 4)


def test_the_report_that_the_gate_left_knows_more_than_its_error(tmp_path: Path) -> None:
    write_report(tmp_path, report("error", 4))
    assert gate_of(EVENT).failed(ERROR, tmp_path) == report("error", 4)


def test_an_error_without_a_report_becomes_one_on_disk_that_is_no_verdict(tmp_path: Path) -> None:
    failed = gate_of(EVENT).failed(ERROR, tmp_path)
    assert (failed.verdict, failed.exit_code, failed.head) == ("error", ERROR.exit_code, "a" * 40)
    assert failed.exit_code != ExitCode.OK
    assert failed.started == "2025-11-30T12:00:00+00:00"
    assert read_report(tmp_path) == failed


def test_a_folder_that_another_run_holds_is_neither_read_nor_written(tmp_path: Path) -> None:
    write_report(tmp_path, report("pass", 0))
    failed = gate_of(EVENT).failed(BusyError("another run writes here", "Wait."), tmp_path)
    assert failed.verdict == "error"
    assert read_report(tmp_path) == report("pass", 0)


def test_an_error_before_there_was_a_folder_is_told_as_well() -> None:
    assert gate_of(EVENT).failed(ERROR, None).verdict == "error"


def test_a_disk_that_takes_no_report_does_not_hide_the_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert gate_of(EVENT).failed(ERROR, tmp_path / "file" / "report").verdict == "error"
