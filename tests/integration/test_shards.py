"""One gate on several machines: `gate --shard` and `merge`, over real git and a real HTTP server."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate.files import read_report
from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.commands.gate.shard_files import Part
from pinward.commands.gate.shards import Shard
from pinward.commands.merge import merge
from pinward.core.evidence import Usage
from pinward.core.model_id import ModelId
from pinward.core.report import GateReport, TaskReport
from pinward.errors import BudgetError, ConfigError, PinwardError, UsageError
from pinward.lifecycle.catalog import load
from pinward.providers.connect import Connections
from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository

CASES = 10
SUITE = "cases:\n" + "".join(
    f"  - {{id: case-{n}, category: c{n % 3}, input: 'Number {n}', checks: [{{contains: yes}}]}}\n"
    for n in range(CASES)
)


def config(url: str, model: str = "local/good", extra: str = "") -> str:
    return f"""\
version: 1
tasks:
  extract: {{model: {model}, params: {{temperature: 0}}, suite: evals/extract.yml}}
  classify: {{model: {model}, suite: evals/extract.yml}}
providers:
  local: {{type: openai, base_url: "{url}/v1"}}
{extra}"""


def answer(body: dict[str, Any]) -> Reply | str:
    """`good` says yes; `worse` says no to every third case; `down` does not answer to case 2."""
    asked = body["messages"][-1]["content"].rpartition(" ")[2]
    if not asked.isdecimal():
        return "ok"  # the preflight's question
    number = int(asked)
    if body["model"] == "down" and number == 2:
        return Reply(400, {"error": {"message": "no"}})
    return "no" if body["model"] == "worse" and number % 3 == 0 else "yes"


class FlatPrices:
    """A thousandth of a cent a token."""

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        return 0.00001 * (usage.input + usage.output)


EDGES = GateEdges(
    catalog=load(),
    prices=FlatPrices(),
    connect=lambda providers: Connections(providers, lambda _: None),
    now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
    signals=(),
)


class World:
    """One pull request, gated whole or in parts."""

    def __init__(self, repository: Repository, url: str, model: str = "local/worse", extra: str = "") -> None:
        self.root = repository.root
        self.base = repository.commit({"pinward.yml": config(url, extra=extra), "evals/extract.yml": SUITE})
        self.head = repository.commit({"pinward.yml": config(url, model, extra)})
        self.out = repository.root.parent

    def request(self, name: str, **changes: Any) -> GateRequest:
        return replace(GateRequest(self.root, self.base, self.head, self.out / name), **changes)

    def whole(self) -> GateReport:
        return run_gate(self.request("whole"), EDGES)

    def shard(self, number: int, of: int) -> GateReport:
        return run_gate(self.request(f"shards/{number}", shard=Shard(number, of)), EDGES)

    def shards(self, of: int) -> list[GateReport]:
        return [self.shard(number, of) for number in range(1, of + 1)]

    def merge(self, *folders: Path) -> GateReport:
        def request(first: Part) -> GateRequest:
            return self.request("merged", base=first.report.base, head=first.shard.read)

        return merge(folders or [self.out / "shards"], self.out / "merged", request, EDGES)

    def refused(self, *folders: Path, kind: type[PinwardError] = UsageError) -> str:
        with pytest.raises(kind) as caught:
            self.merge(*folders)
        left = read_report(self.out / "merged")
        assert (left.verdict, left.exit_code) == ("error", int(caught.value.exit_code))
        assert caught.value.hint
        return caught.value.message


@pytest.fixture(scope="module")
def two_shards(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Both shards of a run, made once; tests change copies of them."""
    with llm_server(answer) as recorded:
        world = World(Repository(tmp_path_factory.mktemp("two") / "repository"), recorded.url)
        world.shards(2)
        return world


@pytest.fixture
def pair(two_shards: World, tmp_path: Path) -> World:
    copied = copy(two_shards)
    copied.out = tmp_path
    shutil.copytree(two_shards.out / "shards", tmp_path / "shards")
    return copied


@pytest.fixture
def world(repository: Repository, server: Recorded) -> World:
    return World(repository, server.url)


def samples(folder: Path) -> dict[tuple[Any, ...], Any]:
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    called = {tuple(line[name] for name in ("task", "case", "arm", "phase", "repeat")): line["grade"] for line in lines}
    assert len(called) == len(lines)
    return called


def told(task: TaskReport) -> dict[str, Any]:
    """All that a report says of a task, but for times and the number of confirmations, which a shard plans itself."""
    return task.model_dump(exclude={"latency", "outcomes", "notable_cases"})


@pytest.mark.parametrize("of", [1, 3, 7])
def test_shards_joined_judge_every_case_as_one_run_does(world: World, of: int) -> None:
    whole, parts, joined = world.whole(), world.shards(of), world.merge()
    assert (joined.verdict, joined.exit_code) == (whole.verdict, whole.exit_code) == ("fail", 1)
    assert [told(task) for task in joined.tasks] == [told(task) for task in whole.tasks]
    for one, other in zip(joined.tasks, whole.tasks, strict=True):
        assert {case.id: case.status for case in one.notable_cases} == {c.id: c.status for c in other.notable_cases}
    first = {key: grade for key, grade in samples(world.out / "whole").items() if key[3] == "first"}
    assert {key: grade for key, grade in samples(world.out / "merged").items() if key[3] == "first"} == first
    assert sum(part.requests for part in parts) == joined.requests
    assert joined.cost_usd == pytest.approx(sum(part.cost_usd or 0 for part in parts))


def test_a_merged_folder_holds_all_six_files_and_is_no_shard(pair: World) -> None:
    joined = pair.merge()
    names = [".gitignore", "comment.md", "junit.xml", "report.html", "report.json", "results.jsonl", "summary.md"]
    assert sorted(path.name for path in (pair.out / "merged").iterdir()) == names
    results = (pair.out / "merged" / "results.jsonl").read_bytes()
    assert joined.results_sha256 == hashlib.sha256(results).hexdigest()
    assert read_report(pair.out / "merged") == joined
    assert joined.shard is None
    assert (joined.base, joined.head) == (pair.base, pair.head)


def test_a_shard_asks_its_own_cases_alone_and_never_passes_or_fails(world: World, server: Recorded) -> None:
    part = world.shard(2, 4)
    assert (part.verdict, part.exit_code, part.complete) == ("inconclusive", 0, False)
    assert part.shard is not None
    assert (part.shard.number, part.shard.of) == (2, 4)
    asked = {body["messages"][-1]["content"] for _, _, body in server.requests}
    assert {content for content in asked if content.startswith("Number")} == {f"Number {n}" for n in (1, 5, 9, 3, 7)}


def test_more_shards_than_cases_leave_some_without_work(repository: Repository, server: Recorded) -> None:
    world = World(repository, server.url, "local/better")
    parts = world.shards(23)
    assert [part.requests for part in parts][-3:] == [0, 0, 0]
    joined = world.merge()
    assert (joined.verdict, joined.exit_code) == ("pass", 0)


def test_nothing_changed_stays_unchanged_over_shards(repository: Repository, server: Recorded) -> None:
    world = World(repository, server.url, "local/good")
    world.shards(2)
    assert (world.merge().verdict, server.requests) == ("unchanged", [])


def test_missing_shards_are_refused_by_number(world: World) -> None:
    world.shards(4)
    shutil.rmtree(world.out / "shards" / "3")
    assert "1 shard of 4 not there: 3" in world.refused()


def test_a_doubled_shard_is_refused(pair: World) -> None:
    shutil.copytree(pair.out / "shards" / "2", pair.out / "shards" / "2-again")
    assert "is there twice" in pair.refused()


def test_a_shard_of_another_run_is_refused(world: World, repository: Repository, server: Recorded) -> None:
    world.shards(2)
    world.head = repository.commit({"pinward.yml": config(server.url, "local/better")})
    world.shard(2, 2)
    assert "different heads" in world.refused()


def test_a_shard_of_another_division_is_refused(world: World) -> None:
    world.shard(1, 2)
    world.shard(2, 3)
    assert "different runs" in world.refused()


def test_a_whole_report_among_the_shards_is_refused(world: World) -> None:
    world.shards(2)
    world.whole()
    assert "whole run" in world.refused(world.out / "shards", world.out / "whole")


def test_shards_of_another_policy_than_the_commits_give_are_refused(pair: World) -> None:
    for number in "12":
        edit(pair.out / "shards" / number, lambda report: report["shard"].update(plan="0" * 64))
    assert "another plan" in pair.refused()


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    report = json.loads((folder / "report.json").read_text())
    change(report)
    (folder / "report.json").write_text(json.dumps(report))


def rewrite(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change results and make the report fit them, as somebody would who knows how."""
    path = folder / "results.jsonl"
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))
    edit(folder, lambda report: report.update(results_sha256=hashlib.sha256(path.read_bytes()).hexdigest()))


def test_one_changed_byte_of_the_results_is_refused(pair: World) -> None:
    path = pair.out / "shards" / "1" / "results.jsonl"
    path.write_text(path.read_text().replace('"passed":false', '"passed":true ', 1))
    assert "is not the file" in pair.refused(kind=ConfigError)
    assert not (pair.out / "merged" / "results.jsonl").exists()


def test_a_grade_that_the_checks_do_not_give_is_refused_although_the_hash_fits(pair: World) -> None:
    def flatter(line: str) -> str:
        return line.replace('"grade":{"score":0.0,"passed":false', '"grade":{"score":1.0,"passed":true', 1)

    rewrite(pair.out / "shards" / "1", lambda lines: [flatter(line) for line in lines])
    assert "the grade of case 'case-0' is not what its checks say" in pair.refused(kind=ConfigError)


def test_results_that_lack_answers_are_refused_although_the_hash_fits(pair: World) -> None:
    rewrite(pair.out / "shards" / "2", lambda lines: lines[1:])
    assert "missing from the results of shard 2" in pair.refused(kind=ConfigError)


def test_answers_of_another_shards_cases_are_refused(pair: World) -> None:
    other = (pair.out / "shards" / "1" / "results.jsonl").read_text().splitlines(keepends=True)
    rewrite(pair.out / "shards" / "2", lambda lines: [*lines, other[0]])
    assert "another shard's case" in pair.refused(kind=ConfigError)


def test_answers_to_other_questions_count_for_nothing(pair: World) -> None:
    rewrite(pair.out / "shards" / "2", lambda lines: [line.replace('"key":"', '"key":"0', 1) for line in lines])
    assert "missing from the results of shard 2" in pair.refused(kind=ConfigError)


@pytest.mark.parametrize("broken", ["[]\n", '{"key": 1}\n', "{\n", '{"a":' * 5000 + "\n", '{"score": NaN}\n', "\xff\n"])
def test_lines_that_are_no_results_are_refused_with_their_number(pair: World, broken: str) -> None:
    rewrite(pair.out / "shards" / "1", lambda lines: [lines[0], broken, *lines[1:]])
    assert "results.jsonl:2: not a result" in pair.refused(kind=ConfigError)


def test_values_of_the_wrong_kind_are_refused(pair: World) -> None:
    rewrite(
        pair.out / "shards" / "1",
        lambda lines: [line.replace('"latency":', '"latency":"x","l":', 1) for line in lines],
    )
    assert "not a result" in pair.refused(kind=ConfigError)


@pytest.mark.parametrize(
    ("part", "forged"),
    [
        ("completion", {"latency": 1e308}),
        ("completion", {"latency": -1.0}),
        ("completion", {"cost_usd": 1e308}),
        ("completion", {"cost_usd": -3.0}),
        ("completion", {"usage": {"input": -5, "output": 1}}),
        ("completion", {"usage": {"input": 10**400, "output": 1}}),
        ("grade", {"score": 1e300}),
        ("grade", {"score": -1.0}),
    ],
    ids=str,
)
def test_figures_that_no_run_gives_are_refused(pair: World, part: str, forged: dict[str, Any]) -> None:
    def forge(line: str) -> str:
        sample = json.loads(line)
        sample[part].update(forged)
        return json.dumps(sample) + "\n"

    rewrite(pair.out / "shards" / "1", lambda lines: [forge(line) for line in lines])
    assert "results.jsonl:1: not a result" in pair.refused(kind=ConfigError)


@pytest.mark.parametrize(
    "forged", [{"cost_usd": 1e308}, {"cost_usd": -5.0}, {"requests": -7}, {"seconds": -1e9}], ids=str
)
def test_a_report_with_figures_that_no_run_gives_is_refused(pair: World, forged: dict[str, Any]) -> None:
    edit(pair.out / "shards" / "2", lambda report: report.update(forged))
    assert "figures that no run gives" in pair.refused(kind=ConfigError)


@pytest.mark.parametrize("name", ["report.json", "results.jsonl"])
def test_t27_a_link_in_a_shards_folder_is_not_followed(pair: World, name: str) -> None:
    path = pair.out / "shards" / "2" / name
    path.rename(pair.out / name)
    path.symlink_to(pair.out / name)
    assert "a link is not followed" in pair.refused(kind=ConfigError)


def test_t27_a_linked_folder_among_the_shards_is_passed_over(pair: World) -> None:
    (pair.out / "shards" / "2").rename(pair.out / "elsewhere")
    (pair.out / "shards" / "2").symlink_to(pair.out / "elsewhere")
    assert "1 shard of 2 not there: 2" in pair.refused()


def test_t27_a_pipe_in_the_place_of_results_is_refused_and_not_waited_for(pair: World) -> None:
    path = pair.out / "shards" / "2" / "results.jsonl"
    path.unlink()
    os.mkfifo(path)
    assert "not a regular file" in pair.refused(kind=ConfigError)


def test_t27_a_file_that_unfolds_without_end_is_refused_by_its_size(pair: World) -> None:
    with (pair.out / "shards" / "2" / "results.jsonl").open("r+b") as file:
        file.truncate(3_000_000_000)  # sparse: it takes no room on the disk
    assert "is larger than" in pair.refused(kind=ConfigError)


def test_a_report_folder_among_the_shards_is_refused(world: World) -> None:
    world.shards(1)
    with pytest.raises(UsageError, match="among the shards"):
        merge([world.out], world.out / "merged", lambda _: world.request("merged"), EDGES)


def test_a_shard_that_could_not_begin_is_never_a_pass(repository: Repository, server: Recorded) -> None:
    world = World(repository, server.url, "local/better")
    world.shard(1, 2)
    world.shard(2, 2)
    edit(world.out / "shards" / "2", lambda report: report.update(verdict="error", exit_code=5, results_sha256=None))
    with pytest.raises(PinwardError) as caught:
        world.merge()
    assert (caught.value.exit_code, "Shard 2 of 2" in caught.value.message) == (5, True)


def test_a_shards_budget_is_its_part_of_the_whole(repository: Repository, server: Recorded) -> None:
    world = World(repository, server.url, "local/better", "policy: {budget: {max_requests: 47}}\n")
    with pytest.raises(BudgetError, match=r"needs 24 requests; policy\.budget\.max_requests allows 23"):
        world.shard(1, 2)
    left = read_report(world.out / "shards" / "1")
    assert left.shard is not None
    assert (left.verdict, left.exit_code, left.shard.number, server.requests) == ("error", 5, 1, [])


def test_an_unavailable_shard_of_many_is_an_error_although_few_calls_failed(
    repository: Repository, server: Recorded
) -> None:
    world = World(repository, server.url, "local/down", "policy: {gate: {max_infra_errors: 0.5}}\n")
    parts = world.shards(10)
    assert [part.exit_code for part in parts].count(4) == 1
    joined = world.merge()
    assert (joined.verdict, joined.exit_code) == ("error", 4)
    assert any("Shard 3 of 10 could not evaluate" in reason for reason in joined.reasons)


def test_a_shard_that_the_deadline_cut_short_leaves_the_whole_undecided(
    repository: Repository, server: Recorded
) -> None:
    world = World(repository, server.url, "local/better")
    world.shards(2)
    rewrite(world.out / "shards" / "2", lambda lines: lines[:-4])
    edit(world.out / "shards" / "2", lambda report: report["shard"].update(stopped="deadline"))
    joined = world.merge()
    assert (joined.verdict, joined.exit_code, joined.complete) == ("inconclusive", 5, False)
