"""Steps of a rollout through the real gate: real git, a model server, GitHub's words and metrics as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate.cli import edges_over
from pinward.commands.gate.run import GateRequest, run_gate
from pinward.core.outcomes import Histogram, Moments, Share, bucket_of, write_outcomes
from pinward.gh.client import Merged
from pinward.providers.connect import Connections
from tests.integration.rollout_fixture import METRICS, NOW, SUITE, Scene, config, rules, window
from tests.support.llm_server import llm_server
from tests.support.repository import Repository


@contextmanager
def metrics_server(answer: Callable[[], bytes], asked: list[tuple[str, str | None]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["authorization"]))
            data = answer()
            self.send_response(200)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with llm_server(lambda body: body["messages"][0]["content"]) as server:
        yield Scene(Repository(tmp_path / "repo"), server, {})


def test_the_next_stage_passes_after_the_soak_time_with_sound_outcomes(scene: Scene) -> None:
    scene.at_stage(1)
    report = scene.step(10)
    assert (report.verdict, rules(report)) == ("pass", {})
    assert set(scene.server.models()) == {"old", "new"}  # the candidate does our own work before it gets more users
    assert "rollout 1% -> 10%" in report.tasks[0].changed


def test_the_first_stage_needs_neither_soak_time_nor_outcomes(scene: Scene) -> None:
    scene.merge(1, {"pinward.yml": config(scene.server.url, 0), "evals/extract.yml": SUITE})
    assert scene.step(1, merged=False).verdict == "pass"


@pytest.mark.parametrize(("percent", "said"), [(10, "begins with 10%"), (50, "skips the stage 1%")])
def test_a_rollout_begins_small(scene: Scene, percent: float, said: str) -> None:
    stages = ", stages: [10, 100]" if percent == 10 else ""
    scene.merge(1, {"pinward.yml": config(scene.server.url, 0, extra=stages), "evals/extract.yml": SUITE})
    report = scene.step(percent, extra=stages)
    assert (report.exit_code, said in rules(report)["rollout-stage-skipped"]) == (1, True)


def test_trust_11_a_stage_cannot_be_skipped_by_stages_of_the_head(scene: Scene) -> None:
    scene.at_stage(1)
    report = scene.step(50, extra=", stages: [1, 50, 100]")
    assert "1% -> 50% skips the stage 10%" in rules(report)["rollout-stage-skipped"]


def test_trust_11_the_soak_time_counts_from_githubs_merge_and_not_from_the_commits_date(scene: Scene) -> None:
    scene.at_stage(1, hours_ago=20)  # git's own date is of this minute, whatever the clock of the run says
    report = scene.step(10)
    assert "has soaked 20 of 48 hours" in rules(report)["rollout-soak"]
    assert report.exit_code == 1


def test_trust_11_a_short_soak_time_of_the_head_changes_nothing(scene: Scene) -> None:
    scene.at_stage(1, hours_ago=20)
    assert "20 of 48 hours" in rules(scene.step(10, extra=", soak_hours: 1"))["rollout-soak"]


def test_without_githubs_word_the_soak_time_is_not_knowable_and_never_a_pass(scene: Scene) -> None:
    scene.at_stage(1)
    report = scene.step(10, merged=False)
    assert "not knowable here: GitHub was not asked" in rules(report)["rollout-soak"]
    assert report.exit_code == 1


def test_a_history_that_was_rewritten_is_not_knowable(scene: Scene) -> None:
    scene.at_stage(1)
    scene.repository.git("checkout", "--quiet", "-B", "rewritten", f"{scene.sha}~2")
    scene.sha = scene.repository.commit({"pinward.yml": config(scene.server.url, 1)}, "Set the stage, by force")
    scene.metrics()
    report = scene.step(10)
    assert "GitHub knows of no pull request that was merged" in rules(report)["rollout-soak"]


def test_a_stage_that_begins_in_the_future_means_a_wrong_clock(scene: Scene) -> None:
    scene.at_stage(1, hours_ago=-3)
    assert "one of the clocks is wrong" in rules(scene.step(10))["rollout-soak"]


def test_a_shallow_clone_is_not_knowable(scene: Scene, tmp_path: Path) -> None:
    scene.at_stage(1)
    head = scene.repository.commit({"pinward.yml": config(scene.server.url, 10)})
    scene.repository.branch("main", head)
    shallow = Repository(tmp_path / "other")
    shallow.git("remote", "add", "origin", f"file://{scene.repository.root}")
    shallow.git("fetch", "--quiet", "--depth=2", "origin", "main")
    shallow.git("checkout", "--quiet", head)
    edges = edges_over(lambda providers: Connections(providers, lambda _: None))
    merged = [Merged(9, NOW - timedelta(hours=90))]
    report = run_gate(
        GateRequest(shallow.root, scene.sha, head, tmp_path / "report"),
        replace(edges, now=lambda: NOW, merged=lambda _: merged),
    )
    assert "the clone is shallow" in rules(report)["rollout-soak"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"errors": Share(5000, 400)}, "error rate +7.5 points"),
        ({"latency": Histogram({bucket_of(0.9): 5000})}, "latency p50"),
        ({"quality": Moments(5000, 4000.0, 4000.0)}, "quality -10.0 points"),
        ({"cost_usd": Moments(5000, 10.0, 0.024)}, "cost per request +100.0%"),
        ({"completed": Share(5000, 4000)}, "completion -14.0 points"),
        ({"cost_usd": Moments()}, "cost per request: not recorded"),
        ({"errors": Share(60, 0)}, "proves nothing"),
    ],
)
def test_an_outcome_that_is_worse_thin_or_missing_stops_the_step(scene: Scene, changed: Any, said: str) -> None:
    scene.at_stage(1)
    scene.metrics(candidate=changed)
    report = scene.step(10)
    assert said in rules(report)["rollout-metrics"]
    assert report.exit_code == 1


def test_a_limit_of_null_leaves_an_outcome_out_and_the_heads_limits_change_nothing(scene: Scene) -> None:
    loose = f", metrics: {{file: {METRICS}, limits: {{cost: null}}}}"
    scene.at_stage(1)
    text = config(scene.server.url, 10).replace(f", metrics: {{file: {METRICS}}}", loose)
    scene.metrics(candidate={"cost_usd": Moments()})
    assert "rollout-metrics" in rules(scene.gate({"pinward.yml": text}))
    at_one = text.replace("percent: 10", "percent: 1")
    scene.merge(50, {"pinward.yml": at_one})
    assert rules(scene.gate({"pinward.yml": text})) == {}


def test_trust_11_metrics_of_the_head_are_not_read(scene: Scene) -> None:
    scene.at_stage(1)
    scene.sha = scene.repository.commit({METRICS: None})
    good = write_outcomes("extract", (window("local/old", scene.version), window("local/new", scene.version)))
    report = scene.gate({"pinward.yml": config(scene.server.url, 10), METRICS: good})
    assert "metrics/extract.json: there is no such file" in rules(report)["rollout-metrics"]


@pytest.mark.parametrize(
    ("current", "candidate", "said"),
    [
        ({"first": NOW - timedelta(hours=80)}, {}, "only metrics from before the stage"),
        ({}, {"last": NOW - timedelta(hours=30)}, "cover 19 of 48 hours"),
        ({}, {"last": NOW + timedelta(hours=2)}, "from the future"),
        ({}, {"model": "local/another"}, "no metrics of local/new"),
        ({"version": "000000000000"}, {"version": "000000000000"}, "the metrics are of version 000000000000"),
        ({"version": "f" * 40}, {"version": "f" * 40}, "the metrics are of version ffff"),
    ],
)
def test_metrics_of_another_time_model_or_version_are_not_knowable(
    scene: Scene, current: Any, candidate: Any, said: str
) -> None:
    scene.at_stage(1)
    scene.metrics(current, candidate)
    assert said in rules(scene.step(10))["rollout-metrics"]


def test_metrics_may_name_the_commit_that_is_deployed(scene: Scene) -> None:
    scene.at_stage(1)
    deployed = scene.sha
    scene.metrics({"version": deployed}, {"version": deployed})
    assert rules(scene.step(10)) == {}
    before = scene.repository.git("rev-parse", f"{deployed}~2")  # from before the stage
    scene.metrics({"version": before}, {"version": before})
    assert "rollout-metrics" in rules(scene.step(10))


@pytest.mark.parametrize("broken", ["{", "{}", '{"schema": "pinward.metrics/1", "task": "other", "windows": []}'])
def test_a_metrics_file_that_cannot_be_read_is_never_a_pass(scene: Scene, broken: str) -> None:
    scene.at_stage(1)
    scene.sha = scene.repository.commit({METRICS: broken})
    assert METRICS in rules(scene.step(10))["rollout-metrics"]


def test_a_lower_share_passes_at_once_and_asks_nobody(scene: Scene) -> None:
    scene.at_stage(50, hours_ago=1)
    scene.metrics(candidate={"errors": Share(5000, 4000)})
    report = scene.step(0, merged=False)
    assert (report.exit_code, report.findings, scene.server.requests) == (0, [], [])


def test_a_candidate_that_takes_over_early_skips_stages(scene: Scene) -> None:
    scene.at_stage(10)
    report = scene.step(0, model="local/new", task="    fallbacks: [local/old]\n")
    assert "10% -> 100% skips the stage 50%" in rules(report)["rollout-stage-skipped"]


@pytest.mark.parametrize(("fallbacks", "lost"), [("    fallbacks: [local/old]\n", False), ("", True)])
def test_a_candidate_with_all_of_the_traffic_takes_over_and_the_old_model_stays(
    scene: Scene, fallbacks: str, lost: bool
) -> None:
    scene.at_stage(100)
    text = config(scene.server.url, 0, "local/new", task=fallbacks).replace("    candidate: [local/new]\n", "")
    report = scene.gate({"pinward.yml": text}, merged=False)
    assert ("rollback-lost" in rules(report)) is lost
    assert (report.exit_code == 1) is lost


def test_a_retired_model_is_no_way_back(scene: Scene) -> None:
    text = (
        config(scene.server.url, 0, "openai/gpt-4-0613").replace("local/new", "openai/new").replace("local:", "openai:")
    )
    scene.merge(90, {"pinward.yml": text, "evals/extract.yml": SUITE})
    report = scene.gate({"pinward.yml": text.replace("percent: 0", "percent: 1")})
    assert "is no longer answered" in rules(report)["rollback-lost"]


def test_another_candidate_begins_again(scene: Scene) -> None:
    scene.at_stage(50)
    text = config(scene.server.url, 50).replace("local/new", "local/newer")
    assert "0% -> 50% skips the stage 1%" in rules(scene.gate({"pinward.yml": text}))["rollout-stage-skipped"]


def test_a_changed_model_hides_no_step(scene: Scene) -> None:
    scene.at_stage(10, hours_ago=1)
    report = scene.step(50, model="local/other")
    assert {"rollout-soak", "rollback-lost"} <= rules(report).keys()


def test_trust_11_outcomes_come_from_the_bases_endpoint_with_its_key(scene: Scene) -> None:
    from pinward.commands.rollout.outside import endpoint
    from pinward.config.settings import load

    asked: list[tuple[str, str | None]] = []

    def answer() -> bytes:
        return write_outcomes("extract", (window("local/old", scene.version), window("local/new", scene.version)))

    with metrics_server(answer, asked) as url:
        named = f'{{url: "{url}/m/extract", api_key_env: METRICS_KEY}}'
        text = config(scene.server.url, 1).replace(f"{{file: {METRICS}}}", named)
        scene.merge(900, {"pinward.yml": text.replace("percent: 1", "percent: 0"), "evals/extract.yml": SUITE})
        scene.merge(50, {"pinward.yml": text})
        elsewhere = text.replace(url, scene.server.url)  # the head's own address gets nothing
        sha = scene.repository.commit({"pinward.yml": elsewhere.replace("percent: 1", "percent: 10")})
        edges = edges_over(lambda providers: Connections(providers, lambda _: None))
        settings = load({"METRICS_KEY": "m-key"})
        report = run_gate(
            GateRequest(scene.repository.root, scene.sha, sha, scene.repository.root.parent / "report"),
            replace(edges, now=lambda: NOW, merged=lambda c: scene.merges.get(c, []), fetch=endpoint(settings)),
        )
    assert rules(report) == {}
    assert asked == [("/m/extract", "Bearer m-key")]
    assert all("/m/" not in path for path, _, _ in scene.server.requests)


def test_the_checklist_of_a_step_is_computed_and_shown_in_the_comment(scene: Scene) -> None:
    nightly = "on: {schedule: [{cron: '0 3 * * *'}]}\njobs: {watch: {steps: [{uses: acme/pinward@v1}]}}\n"
    scene.at_stage(1)
    scene.sha = scene.repository.commit({".github/workflows/nightly.yml": nightly, "docs/models.md": "We use new."})
    report = scene.step(10)
    states = {item.text: item.state for item in report.checklist}
    assert len(states) == 9
    assert states["the candidate was evaluated"] == "done"
    assert states["regressions were reviewed"] == "done"
    assert states["outcomes were watched at each stage"] == "done"
    assert states["the previous version is kept for a rollback"] == "done"
    assert states["the new model is pinned"] == "unknown"  # a local name is in no catalog
    comment = (scene.repository.root.parent / "report" / "comment.md").read_text(encoding="utf-8")
    assert "Migration checklist: " in comment
    assert "([evidence](https://github.test/pull/7))" in comment


def test_a_migration_in_one_step_shows_what_it_leaves_out(scene: Scene) -> None:
    scene.merge(90, {"pinward.yml": config(scene.server.url, 0), "evals/extract.yml": SUITE})
    text = config(scene.server.url, 0, "local/other").replace("    candidate: [local/new]\n", "")
    states = {item.text: (item.state, item.evidence) for item in scene.gate({"pinward.yml": text}).checklist}
    assert states["a gradual rollout is set"] == ("missing", "all of the traffic moves at once")
    assert states["the previous version is kept for a rollback"][0] == "missing"


def test_a_change_of_words_has_no_checklist(scene: Scene) -> None:
    scene.at_stage(1)
    assert scene.gate({"README.md": "other words"}).checklist == []


def test_a_task_without_a_suite_is_uncovered_and_blocks_where_the_policy_says_so(scene: Scene) -> None:
    bare = config(scene.server.url, 0).replace("    suite: evals/extract.yml\n", "")
    scene.merge(90, {"pinward.yml": bare})
    report = scene.gate({"pinward.yml": bare.replace("local/old", "local/other")})
    assert report.uncovered == ["task extract: model local/old -> local/other; it has no suite"]
    strict = bare + "policy: {gate: {uncovered_change: fail}}\n"
    scene.merge(80, {"pinward.yml": strict})
    assert scene.gate({"pinward.yml": strict.replace("local/old", "local/other")}).exit_code == 1
