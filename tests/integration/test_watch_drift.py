"""`watch --drift` end to end: a server whose answers change one night, and a data branch on a GitHub server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pinward.core.observation import read
from pinward.errors import ExitCode
from pinward.gh.nights import BRANCH, PATH
from tests.integration.github_server.state import ALL, Actor, Fault
from tests.integration.watch_fixture import Nights, nights
from tests.support.llm_server import Recorded, Reply, _completion, llm_server

CASES = 20
FIRST = date(2026, 7, 1)
SUITE = "cases:\n" + "".join(
    f"  - {{id: c{n}, input: 'Say {n}.', checks: [{{contains: 'Say {n}.'}}]}}\n" for n in range(CASES)
)


@dataclass
class Model:
    """What the server answers with: the cases that it fails, its name, and the cases that it breaks down on."""

    failing: frozenset[int] = frozenset()
    served: str = "gpt-4o-2024-08-06"
    broken: frozenset[int] = frozenset()
    urls: list[str] = field(default_factory=list)

    def answer(self, body: dict[str, Any]) -> Reply:
        asked = body["messages"][-1]["content"]
        number = int(asked.split()[-1].rstrip(".")) if asked.startswith("Say ") and asked[4].isdigit() else CASES
        if number in self.broken:
            return Reply(400, {"error": {"message": "insufficient quota", "code": "insufficient_quota"}})
        return Reply(200, _completion(self.served, "no" if number in self.failing else asked))


def files(url: str, more: str = "") -> dict[str, str | bytes | None]:
    return {
        "evals/say.yml": SUITE,
        "pinward.yml": "version: 1\ntasks:\n  say: {model: openai/gpt-4o, suite: evals/say.yml}\n"
        f"providers:\n  openai: {{type: openai, base_url: '{url}', api_key_env: LIVE_KEY}}\n"
        f"policy:\n  watch: {{drift: {{arl_nights: 365}}}}\n{more}",
    }


@contextmanager
def watching(folder: Path, more: str = "") -> Iterator[tuple[Nights, Model, Recorded]]:
    model = Model()
    with llm_server(model.answer) as llm, nights(folder, files(llm.url, more)) as watched:
        watched.variables["LIVE_KEY"] = "sk-canary"
        yield watched, model, llm


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def kept(watched: Nights) -> str:
    stored = watched.state.contents.get((BRANCH, PATH))
    first = watched.state.trees[watched.state.commits[watched.state.refs[f"heads/{BRANCH}"]]["tree"]][PATH]
    return stored.decode() if stored else first


def repeated(watched: Nights, number: int, times: int) -> None:
    """Let the night `number` stand for as many more, which saw the same."""
    text = kept(watched)
    (line,) = [line for line in text.splitlines() if f'"{day(number)}"' in line]
    more = "".join(line.replace(day(number), day(number + n)) + "\n" for n in range(1, times + 1))
    watched.state.contents[BRANCH, PATH] = (text + more).encode()


def test_answers_that_change_one_night_are_found_and_told_once(tmp_path: Path) -> None:
    with watching(tmp_path) as (watched, model, _):
        told = watched.watch(day(0))
        assert (told.code, told.problems) == (ExitCode.OK, [])
        repeated(watched, 0, 19)
        assert watched.state.issues == {}
        model.failing = frozenset(range(6))
        codes = [watched.watch(day(number)).code for number in range(20, 25)]
        assert codes.count(ExitCode.BLOCKED) == 1
        assert watched.issue.state == "open"
        assert "### `openai/gpt-4o`: not what it was" in watched.issue.body
        assert "70% pass since, 100% on the 20 nights before" in watched.issue.body
        assert watched.comments() == []  # the issue's first text is the news
        lines = kept(watched)
        assert len(read(lines)[0]) == 25
        assert "Say" not in lines
        assert "sk-canary" not in lines
        repeated(watched, 24, 14)
        watched.watch(day(39))
        assert watched.issue.state == "closed"  # told for two weeks; the nights since are the new comparison


def test_a_repointed_alias_is_told_by_its_served_name_the_same_night(tmp_path: Path) -> None:
    with watching(tmp_path) as (watched, model, llm):
        for number in range(3):
            watched.watch(day(number))
        model.served = "gpt-4o-2024-11-20"
        told = watched.watch(day(3))
        assert told.code == ExitCode.BLOCKED
        assert "`gpt-4o-2024-11-20` in the place of `gpt-4o-2024-08-06`" in watched.issue.body
        asked = len(llm.requests)
        assert watched.watch(day(3)).changes == ()  # a second look at one night asks nobody and tells nothing
        assert len(llm.requests) == asked


def test_a_bad_day_is_said_and_is_never_drift(tmp_path: Path) -> None:
    with watching(tmp_path) as (watched, model, _):
        watched.watch(day(0))
        repeated(watched, 0, 11)
        model.broken = frozenset(range(10))
        for number in range(12, 15):
            told = watched.watch(day(number))
            assert told.code == ExitCode.UNAVAILABLE
            assert "this night is not compared" in told.problems[0].message
        model.broken = frozenset()
        assert watched.watch(day(18)).code == ExitCode.OK
        assert len(read(kept(watched))[0]) == 13
        assert watched.state.issues == {}


def test_a_spent_budget_is_said_and_nothing_is_kept(tmp_path: Path) -> None:
    with watching(tmp_path, "  budget: {max_requests: 5}\n") as (watched, _, _llm):
        told = watched.watch(day(0))
        assert told.code == ExitCode.BUDGET
        assert f"heads/{BRANCH}" not in watched.state.refs


def test_the_data_branch_has_nothing_of_the_code_and_another_night_is_not_overwritten(tmp_path: Path) -> None:
    with watching(tmp_path) as (watched, _, _llm):
        watched.watch(day(0))
        commit = watched.state.commits[watched.state.refs[f"heads/{BRANCH}"]]
        assert commit["parents"] == []
        assert list(watched.state.trees[commit["tree"]]) == [PATH]
        watched.state.faults.append(Fault(409, "repos/create-or-update-file-contents"))
        assert watched.watch(day(1)).problems == []
        assert [seen.day.isoformat() for seen in read(kept(watched))[0]] == [day(0), day(1)]


def test_t32_what_others_wrote_to_the_data_branch_is_left_out_and_said(tmp_path: Path) -> None:
    with watching(tmp_path) as (watched, _, _llm):
        watched.watch(day(0))
        watched.state.contents[BRANCH, PATH] = kept(watched).encode() + b'{"schema":"x"}\n\xff\x00@everyone\n'
        told = watched.watch(day(1))
        assert told.problems == []
        assert any("2 lines of the earlier nights cannot be read" in note for note in told.watched.night.notes)


def test_a_token_without_the_permission_is_told_which_and_a_folder_serves_as_well(tmp_path: Path) -> None:
    with watching(tmp_path) as (watched, _, _llm):
        watched.state.tokens["token"] = Actor("github-actions[bot]", ALL - {"contents:write"})
        told = watched.watch(day(0))
        assert told.code == ExitCode.UNAVAILABLE
        assert "contents: write" in told.problems[0].hint
        assert told.watched.night.drifts[0].nights == 1  # what was seen is shown all the same
        folder = tmp_path / "nights"
        assert watched.watch(day(0), nights=folder).problems == []
        assert len(read((folder / PATH).read_text())[0]) == 1


@pytest.mark.parametrize("place", ["folder", "nowhere"])
def test_the_command_keeps_nights_in_a_folder_and_asks_for_one(tmp_path: Path, place: str) -> None:
    with watching(tmp_path) as (watched, _, _llm):
        more = ["--nights", str(tmp_path / "kept")] if place == "folder" else []
        line = [sys.executable, "-m", "pinward", "watch", str(watched.repository.root), "--today", day(0), "--drift"]
        done = subprocess.run(
            [*line, *more],
            capture_output=True,
            text=True,
            check=False,
            env={"LIVE_KEY": "sk-canary", "PYTHONPATH": "src"},
        )
        if place == "nowhere":
            assert (done.returncode, "--nights" in done.stderr) == (ExitCode.USAGE, True)
            return
        assert done.returncode == 0, done.stderr
        assert "drift: say on openai/gpt-4o: 20 of 20 answers passed; 1 night known" in done.stdout
        assert (tmp_path / "kept" / PATH).is_file()


def test_a_data_branch_that_somebody_emptied_gets_its_file_again(tmp_path: Path) -> None:
    with watching(tmp_path) as (watched, _, _llm):
        commit = {"tree": "t" * 40, "parents": [], "message": "force-pushed"}
        watched.state.trees["t" * 40] = {"README.md": "x"}
        watched.state.commits["c" * 40] = commit
        watched.state.refs[f"heads/{BRANCH}"] = "c" * 40
        assert watched.watch(day(0)).problems == []
        assert len(read(watched.state.contents[BRANCH, PATH].decode())[0]) == 1


def test_every_candidate_is_evaluated_and_no_fallback(tmp_path: Path) -> None:
    with watching(tmp_path) as (watched, _, llm):
        text = (watched.repository.root / "pinward.yml").read_text(encoding="utf-8")
        more = "candidate: [openai/gpt-6-luna, openai/gpt-6-sol], fallbacks: [openai/gpt-4.1-2025-04-14], suite"
        watched.commit({"pinward.yml": text.replace("suite", more, 1)})
        watched.watch(day(0))
        assert {seen.model.partition("/")[2] for seen in read(kept(watched))[0]} >= {"gpt-6-luna", "gpt-6-sol"}
        assert "gpt-4.1-2025-04-14" not in llm.models()
