"""A base branch that cannot decide: its own configuration, prompts or suite are broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.integration.action_fixture import ASKING, NUMBER, SUITE, Files, Job, checkout, config, job
from tests.integration.github_server.state import Review
from tests.support.llm_server import Recorded, llm_server
from tests.unit.gh.runner import commands

BROKEN = {
    "configuration": {"pinward.yml": "version: 1\ntasks: [\n"},
    "unknown key": {"pinward.yml": "version: 1\npolice: {}\n"},
    "prompts": {"prompts/extract.yml": "versions: 3\n"},
    "suite": {"evals/extract.yml": "cases: 3\n"},
}


@pytest.fixture
def llm() -> Iterator[Recorded]:
    with llm_server(lambda body: str(body["messages"][0]["content"])) as server:
        yield server


def files(llm: Recorded) -> Files:
    return {"pinward.yml": config(f"{llm.url}/v1"), "prompts/extract.yml": ASKING, "evals/extract.yml": SUITE}


def repair(llm: Recorded, what: str) -> Files:
    return {name: files(llm)[name] for name in BROKEN[what]}


@contextmanager
def reviewed(tmp_path: Path, base: Files, head: Files, reviewer: str) -> Iterator[Job]:
    with job(tmp_path, checkout(tmp_path / "workspace", base, head)) as started:
        started.state.permissions |= {"colleague": "write", "reader": "read", "Codertocat": "admin"}
        if reviewer:
            started.state.reviews.append(Review(1, NUMBER, reviewer, "APPROVED", started.workspace.head))
        yield started


def repairing(
    tmp_path: Path, llm: Recorded, what: str, reviewer: str = "", more: Files | None = None
) -> AbstractContextManager[Job]:
    return reviewed(tmp_path, {**files(llm), **BROKEN[what]}, {**repair(llm, what), **(more or {})}, reviewer)


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("reviewer", ["", "Codertocat", "reader"])
def test_a_base_that_cannot_decide_fails_with_what_to_do(
    tmp_path: Path, llm: Recorded, what: str, reviewer: str
) -> None:
    with repairing(tmp_path, llm, what, reviewer) as started:
        result = started.run()
        assert result.code == 2
        said = commands(result.log)[0].data
        assert said.startswith("the base commit cannot decide: ")
        assert "approved its head commit" in said
        assert [run.fields["conclusion"] for run in started.state.check_runs] == ["failure"]
        assert "approved its head commit" in started.state.check_runs[0].fields["output"]["summary"]
    assert llm.requests == []


@pytest.mark.parametrize("what", BROKEN)
def test_an_approved_repair_is_scanned_only_and_passes(tmp_path: Path, llm: Recorded, what: str) -> None:
    with repairing(tmp_path, llm, what, "colleague") as started:
        result = started.run()
        assert result.code == 0, result.log
        assert [run.fields["conclusion"] for run in started.state.check_runs] == ["success"]
        if what != "suite":
            assert "this run only scanned" in result.summary
    assert llm.requests == []


def test_an_approved_repair_gets_no_key_and_no_call_whatever_it_names(tmp_path: Path, llm: Recorded) -> None:
    hostile = config(f"{llm.url}/elsewhere", "local/model-b")
    with repairing(tmp_path, llm, "configuration", "colleague", {"pinward.yml": hostile}) as started:
        started.run()
    assert llm.requests == []


@pytest.mark.parametrize("what", ["configuration", "suite"])
def test_an_approved_repair_that_is_broken_too_is_refused(tmp_path: Path, llm: Recorded, what: str) -> None:
    (name,) = BROKEN[what]
    with repairing(tmp_path, llm, what, "colleague", {name: "cases: 4\n"}) as started:
        assert started.run().code == 2


def test_a_repair_that_deletes_the_configuration_is_blocked(tmp_path: Path, llm: Recorded) -> None:
    base: Files = {**files(llm), **BROKEN["configuration"]}
    with reviewed(tmp_path, base, {"pinward.yml": None}, "colleague") as started:
        assert started.run().code == 1
