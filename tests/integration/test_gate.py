"""The gate over a real git repository and a real HTTP server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pinward.commands.gate.files import read_report
from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.commands.gate.work import Connect
from pinward.core.evidence import Client, Completion, Request, Usage
from pinward.core.model_id import ModelId
from pinward.core.report import GateReport
from pinward.errors import BudgetError, ConfigError, CredentialError, PinwardError, UnavailableError
from pinward.evals.budget import Window
from pinward.lifecycle.catalog import load
from pinward.providers.connect import Connections, Wrap
from pinward.providers.retry import RetryPolicy
from pinward.providers.router import Breaker, Router, Target
from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository

SUITE = "cases:\n" + "".join(
    f"  - {{id: case-{n}, category: format, input: 'Number {n}', checks: [json_valid]}}\n" for n in range(12)
)


def config(url: str, model: str = "local/good", extra: str = "") -> str:
    return f"""\
version: 1
tasks:
  extract:
    model: {model}
    params: {{temperature: 0}}
    suite: evals/extract.yml
providers:
  local: {{type: openai, base_url: "{url}/v1", api_key_env: LOCAL_KEY}}
{extra}"""


def answer(body: dict[str, Any]) -> Reply | str:
    """`good` and `better` answer JSON; `chatty` adds a word; `gone` is unknown; `down` refuses every case, `cold` every
    temperature."""
    model = body["model"]
    if model == "gone":
        return Reply(404, {"error": {"message": "The model `gone` does not exist", "code": "model_not_found"}})
    if model == "down" and "Number" in body["messages"][0]["content"]:
        return Reply(400, {"error": {"message": "no"}})
    if model == "busy" and body["messages"][0]["content"] in {"Number 3", "Number 7"}:
        return Reply(503, {"error": {"message": "overloaded"}})
    if model == "cold" and "temperature" in body:
        return Reply(400, {"error": {"message": "`temperature` is deprecated for this model."}})
    if model == "swapped":
        message = {"role": "assistant", "content": '{"a": 1}'}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return Reply(200, {"model": "cheaper @someone", "choices": [choice], "usage": {"completion_tokens": 5}})
    if model == "locked":
        return Reply(401, {"error": {"message": "no"}})
    return 'Sure! {"a": 1}' if model == "chatty" else '{"a": 1}'


KEYS = {"LOCAL_KEY": "sk-canary-123456", "OPENAI_API_KEY": "sk-canary-654321"}


class FlatPrices:
    """One cent a token; nothing is known of `free`."""

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        return None if "free" in model.written else 0.00001 * (usage.input + usage.output)


def edges_of(
    connect: Connect = lambda providers: Connections(providers, KEYS.get), window: Window = lambda _: None
) -> GateEdges:
    return GateEdges(
        catalog=load(),
        prices=FlatPrices(),
        connect=connect,
        keys=KEYS.get,
        window=window,
        now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        signals=(),
    )


def gate(repository: Repository, base: str, head: str, window: Window = lambda _: None, **changes: Any) -> GateReport:
    request = GateRequest(repository.root, base, head, repository.root.parent / "report", **changes)
    edges = edges_of(window=window)
    return run_gate(request, edges)


def pull_request(repository: Repository, url: str, model: str, **files: str) -> tuple[str, str]:
    base = repository.commit({"pinward.yml": config(url), "evals/extract.yml": SUITE})
    return base, repository.commit({"pinward.yml": config(url, model), **files})


def test_a_model_that_breaks_the_parser_is_blocked_and_every_case_named(
    repository: Repository, server: Recorded
) -> None:
    report = gate(repository, *pull_request(repository, server.url, "local/chatty"))
    (task,) = report.tasks
    assert (report.verdict, report.exit_code, task.regressed) == ("fail", 1, 12)
    assert (task.pass_rate.baseline, task.pass_rate.candidate) == (1.0, 0.0)
    assert task.non_regression_rate == 0.0
    assert task.changed == ["model local/good -> local/chatty"]
    assert 'Sure! {"a": 1}' in (task.notable_cases[0].candidate.text or "")


def test_a_model_that_does_the_work_passes(repository: Repository, server: Recorded) -> None:
    report = gate(repository, *pull_request(repository, server.url, "local/better"))
    assert (report.verdict, report.exit_code) == ("pass", 0)
    assert report.tasks[0].detectable_loss is not None
    assert report.cost_usd == pytest.approx(26 * 15 * 0.00001)  # two calls of the preflight among them
    assert sorted(set(server.models())) == ["better", "good"]


def test_a_model_without_a_price_makes_the_cost_unknown_and_never_nothing(
    repository: Repository, server: Recorded
) -> None:
    report = gate(repository, *pull_request(repository, server.url, "local/free"))
    assert report.cost_usd is None
    assert report.tasks[0].cost.unpriced == ["local/free"]


def test_every_file_of_the_report_is_left_and_can_be_read_again(repository: Repository, server: Recorded) -> None:
    report = gate(repository, *pull_request(repository, server.url, "local/chatty"))
    folder = repository.root.parent / "report"
    names = [".gitignore", "comment.md", "junit.xml", "report.html", "report.json", "results.jsonl", "summary.md"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert read_report(folder) == report
    assert "blocked" in (folder / "comment.md").read_text().splitlines()[0]
    assert "sk-canary" not in "".join(path.read_text() for path in folder.iterdir())


def test_moving_lines_is_no_change_and_calls_nobody(repository: Repository, server: Recorded) -> None:
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": "# a comment\n" + config(server.url)})
    report = gate(repository, base, head)
    assert (report.verdict, report.exit_code, server.requests) == ("unchanged", 0, [])


def test_a_changed_parameter_is_evaluated(repository: Repository, server: Recorded) -> None:
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": config(server.url).replace("temperature: 0", "temperature: 1")})
    report = gate(repository, base, head)
    assert report.tasks[0].changed == ["parameters: temperature 0 -> 1"]
    assert {body["temperature"] for _, _, body in server.requests} == {0, 1}


def test_what_moved_the_score_is_told_where_model_and_parameters_change_together(
    repository: Repository, server: Recorded
) -> None:
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    changed = config(server.url, "local/chatty").replace("temperature: 0", "temperature: 1")
    report = gate(repository, base, repository.commit({"pinward.yml": changed}))
    attribution = report.tasks[0].attribution or ""
    assert attribution.startswith("Model and parameters changed together: over 12 cases the model moved the pass rate")
    asked = {(body["model"], body["temperature"]) for _, _, body in server.requests}
    assert asked == {("good", 0), ("chatty", 1), ("chatty", 0), ("good", 1)}


def test_a_model_and_a_prompt_that_change_together_are_told_and_do_not_block(
    repository: Repository, server: Recorded
) -> None:
    def prompt(text: str) -> str:
        return f"versions:\n  - version: 1\n    template: '{text} {{{{ input }}}}'\n"

    prompts = "    prompts: prompts.yml\n    suite:"
    both = (
        config(server.url).replace("    suite:", prompts),
        config(server.url, "local/better").replace("    suite:", prompts),
    )
    base = repository.commit({"pinward.yml": both[0], "prompts.yml": prompt("Read"), "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": both[1], "prompts.yml": prompt("Look at")})
    report = gate(repository, base, head)
    (finding,) = report.findings
    assert (finding.rule, finding.path, finding.line) == ("prompt-and-model-changed", "pinward.yml", 4)
    assert (report.verdict, finding.blocking, finding.severity) == ("pass", False, "note")
    comment = (repository.root.parent / "report" / "comment.md").read_text()
    assert "**Tasks:**\n\n- `pinward.yml:4`: model and prompt of task `extract` change together" in comment
    assert "**Model names in changed files:**" not in comment


@pytest.mark.parametrize(
    ("model", "error", "said"),
    [
        ("local/gone", UnavailableError, "local does not serve this model (HTTP 404 model_not_found)"),
        ("local/locked", CredentialError, "local refused the key (HTTP 401)"),
        ("local/cold", ConfigError, "local rejects the request (HTTP 400, parameter temperature)"),
    ],
)
def test_what_no_run_could_mend_ends_it_before_a_case_is_paid_for(
    repository: Repository, server: Recorded, model: str, error: type[PinwardError], said: str
) -> None:
    base, head = pull_request(repository, server.url, model)
    with pytest.raises(error) as raised:
        gate(repository, base, head)
    assert f"`{model}`: {said}" in raised.value.message
    assert not [body for _, _, body in server.requests if "Number" in body["messages"][0]["content"]]
    report = read_report(repository.root.parent / "report")
    assert (report.verdict, report.exit_code) == ("error", int(error.exit_code))
    assert f"`{model}`: {said}" in report.reasons[0]


def test_a_parameter_that_the_candidate_is_known_to_reject_is_named_with_the_choice_to_drop_it(
    repository: Repository, server: Recorded
) -> None:
    """The endpoint here takes it: the table speaks of the documented API, and only the endpoint's answer ends a run."""
    text = config(server.url).replace("local", "openai").replace("max_tokens", "max_completion_tokens")
    base = repository.commit({"pinward.yml": text, "evals/extract.yml": SUITE})
    changed = text.replace("openai/good", "openai/o4-mini").replace("temperature: 0", "temperature: 0, seed: 7")
    report = gate(repository, base, repository.commit({"pinward.yml": changed}))
    (note,) = [note for note in report.notes if "temperature" in note]
    assert note.startswith("`openai/o4-mini` rejects this `temperature` (https://developers.openai.com/")
    assert "take it out of `tasks.extract.params`" in note
    asked = {(body["model"], body.get("temperature"), body.get("seed")) for _, _, body in server.requests}
    assert asked == {("good", 0, None), ("o4-mini", 0, 7)}


def test_f26_another_model_that_answers_is_a_finding_and_a_line_in_the_comment(
    repository: Repository, server: Recorded
) -> None:
    report = gate(repository, *pull_request(repository, server.url, "local/swapped"))
    (finding,) = report.findings
    assert (finding.rule, finding.severity, finding.blocking) == ("served-model", "warning", False)
    assert finding.message == "Task extract: the candidate asked for local/swapped, and cheaper @someone answered."
    folder = repository.root.parent / "report"
    assert "the candidate asked for local/swapped" in (folder / "comment.md").read_text()
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert {one["completion"]["served_model"] for one in lines} == {"good", "cheaper @someone"}


def test_a_prompt_larger_than_the_context_window_is_refused_before_any_spending(
    repository: Repository, server: Recorded
) -> None:
    suite = SUITE + f"  - {{id: long, input: '{'word ' * 2000}', checks: [json_valid]}}\n"
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": suite})
    head = repository.commit({"pinward.yml": config(server.url, "local/better")})
    with pytest.raises(ConfigError, match="case long of task extract is about 2,000 tokens; local/better takes 1,500"):
        gate(repository, base, head, window=lambda _: 1_500)
    assert server.requests == []
    assert gate(repository, base, head, window=lambda _: 2_500).verdict == "pass"


def test_calls_that_the_provider_refuses_are_no_failures_of_the_model(repository: Repository, server: Recorded) -> None:
    report = gate(repository, *pull_request(repository, server.url, "local/down"))
    assert report.verdict not in {"pass", "fail"}
    assert report.exit_code != 0


class Falling:
    """Asks a model, and `spare/good` in its place where that fails: the router of an application in an evaluation."""

    def __init__(self, first: Client, spare: Client) -> None:
        self.name, self._first, self._spare = first.name, first, spare
        self._breakers = {"local": Breaker(failures=100), "spare": Breaker()}

    async def complete(self, request: Request, timeout: float) -> Completion:
        asked = Target(f"local/{request.model}", self._first, request.model)
        router = Router([asked, Target("spare/good", self._spare, "good")], self._breakers)
        return await router.complete(request, timeout)

    async def aclose(self) -> None:
        pass


class WithFallback(Connections):
    def client(self, name: str, wrap: Wrap = lambda client: client) -> Client:  # type: ignore[override]
        return Falling(super().client(name, wrap), super().client("spare", wrap))


def test_a_fallbacks_answer_is_marked_and_left_out_of_the_comparison(repository: Repository, server: Recorded) -> None:
    providers = f'  spare: {{type: openai, base_url: "{server.url}/v1", api_key_env: LOCAL_KEY}}\n'
    base = repository.commit({"pinward.yml": config(server.url, extra=providers), "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": config(server.url, "local/busy", providers)})
    once = RetryPolicy(attempts=1)
    edges = edges_of(connect=lambda named: WithFallback(named, KEYS.get, retry=once))
    report = run_gate(GateRequest(repository.root, base, head, repository.root.parent / "report"), edges)
    (task,) = report.tasks
    assert (task.cases, task.valid, task.excluded) == (12, 10, {"not_graded": 2})
    lines = (repository.root.parent / "report" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    marked = {
        (row["case"], row["arm"], row["completion"]["answered_by"], row["completion"]["text"], row["grade"])
        for row in map(json.loads, lines)
        if row["completion"]["answered_by"]
    }
    assert marked == {(f"case-{n}", "candidate", "spare/good", '{"a": 1}', None) for n in (3, 7)}
    assert (report.verdict, task.regressed) == (
        "inconclusive",
        0,
    )  # a sixth without an answer: more than a run may lack


def test_a_new_task_is_judged_alone(repository: Repository, server: Recorded) -> None:
    base = repository.commit({"pinward.yml": f"version: 1\nproviders: {config(server.url).split('providers:')[1]}"})
    head = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    report = gate(repository, base, head)
    assert report.tasks[0].no_baseline == "new task"
    assert set(server.models()) == {"good"}
    assert report.verdict == "pass"


def test_t29_a_deleted_case_and_a_lowered_threshold_change_nothing(repository: Repository, server: Recorded) -> None:
    base, _ = pull_request(repository, server.url, "local/good")
    weaker = config(server.url, "local/chatty", "policy: {gate: {max_regressions: 99, alpha: 0.001}}\n")
    head = repository.commit({"pinward.yml": weaker, "evals/extract.yml": SUITE.split("  - {id: case-1,")[0]})
    report = gate(repository, base, head)
    assert (report.verdict, report.tasks[0].cases, report.tasks[0].max_regressions) == ("fail", 12, 0)
    assert any("edited or deleted" in reason for reason in report.reasons)
    assert any("take effect after the merge" in note for note in report.notes)


def test_t29_renaming_a_task_does_not_shed_its_suite(repository: Repository, server: Recorded) -> None:
    base, _ = pull_request(repository, server.url, "local/good")
    renamed = (
        config(server.url, "local/chatty").replace("extract:", "renamed:").replace("    suite: evals/extract.yml\n", "")
    )
    report = gate(repository, base, repository.commit({"pinward.yml": renamed}))
    assert report.verdict == "fail"


def test_weakened_cases_fail_even_where_no_model_changes_until_they_are_approved(
    repository: Repository, server: Recorded
) -> None:
    base, _ = pull_request(repository, server.url, "local/good")
    head = repository.commit({"evals/extract.yml": SUITE.replace("Number 3", "Number three")})
    assert gate(repository, base, head).exit_code == 1
    assert gate(repository, base, head, approved=True).exit_code == 0


def test_deleting_the_configuration_is_blocked(repository: Repository, server: Recorded) -> None:
    base, _ = pull_request(repository, server.url, "local/good")
    head = repository.commit({"pinward.yml": None})
    report = gate(repository, base, head)
    assert report.verdict == "fail"
    assert any("deletes pinward.yml" in reason for reason in report.reasons)


def test_t1_a_head_that_moves_the_endpoint_reaches_nobody_there(repository: Repository, server: Recorded) -> None:
    with llm_server(answer) as canary:
        base, _ = pull_request(repository, server.url, "local/good")
        report = gate(repository, base, repository.commit({"pinward.yml": config(canary.url, "local/better")}))
    assert canary.requests == []
    assert report.verdict == "pass"


def test_t1_a_provider_that_only_the_head_names_is_refused(repository: Repository, server: Recorded) -> None:
    with llm_server(answer) as canary:
        base, _ = pull_request(repository, server.url, "local/good")
        extra = f'  other: {{type: openai, base_url: "{canary.url}/v1", api_key_env: LOCAL_KEY}}\n'
        head = repository.commit({"pinward.yml": config(server.url, "other/better", extra)})
        with pytest.raises(ConfigError, match="the base commit has no provider `other`"):
            gate(repository, base, head)
    assert (canary.requests, server.requests) == ([], [])
    assert read_report(repository.root.parent / "report").verdict == "error"


def test_first_adoption_scans_and_calls_nobody(repository: Repository, server: Recorded) -> None:
    base = repository.commit({"app.py": "x = 1\n"})
    head = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    report = gate(repository, base, head)
    assert server.requests == []
    assert any("First adoption" in note for note in report.notes)
    assert report.exit_code == 0


def test_a_changed_model_that_nobody_guards_is_never_green(repository: Repository) -> None:
    call = "client.chat.completions.create(model='{}', messages=[])\n"
    base = repository.commit({"app.py": call.format("claude-opus-4-6")})
    head = repository.commit({"app.py": call.format("claude-opus-5")})
    report = gate(repository, base, head)
    assert (report.verdict, report.exit_code) == ("fail", 1)
    assert "pinward.yml" in report.next_step
    assert report.uncovered == ["app.py:1: claude-opus-4-6 -> claude-opus-5"]


def test_a_change_in_the_code_alone_is_led_to_the_task_that_stands_for_it(repository: Repository) -> None:
    call = "client.chat.completions.create(model='{}', messages=[])\n"
    known = config("http://127.0.0.1:9", "openai/gpt-5.2-2025-12-11").replace("local:", "openai:")
    app = call.format("gpt-5.2-2025-12-11")
    base = repository.commit({"pinward.yml": known, "evals/extract.yml": SUITE, "app.py": app})
    report = gate(repository, base, repository.commit({"app.py": call.format("gpt-5.1-2025-11-13")}))
    assert (report.verdict, report.requests) == ("unchanged", 0)
    assert report.next_step.startswith("Task extract still says `openai/gpt-5.2-2025-12-11` in pinward.yml: ")


def test_only_findings_that_the_diff_introduces_block(repository: Repository, server: Recorded) -> None:
    old = "def old():\n    return client.chat.completions.create(model='gpt-4o', messages=[])\n"
    base = repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE, "app.py": old})
    moved = repository.commit({"app.py": "import os\n\n" + old})
    assert gate(repository, base, moved).findings == []
    new = repository.commit({"app.py": old + old.replace("gpt-4o", "gpt-4.1").replace("old", "new")})
    report = gate(repository, base, new)
    assert {finding.model for finding in report.findings} == {"gpt-4.1"}
    assert report.exit_code == 1


def test_a_retired_baseline_leaves_the_candidate_alone(repository: Repository, server: Recorded) -> None:
    known = config(server.url, "openai/gpt-4-0613").replace("local:", "openai:")
    base = repository.commit({"pinward.yml": known, "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": known.replace("gpt-4-0613", "good")})
    report = gate(repository, base, head)
    assert (report.tasks[0].no_baseline or "").startswith("openai/gpt-4-0613 is retired since")
    assert set(server.models()) == {"good"}


def test_a_fork_is_only_scanned_and_fails_where_models_change(repository: Repository, server: Recorded) -> None:
    base, head = pull_request(repository, server.url, "local/chatty")
    report = gate(repository, base, head, scan_only="the head is a fork")
    assert server.requests == []
    assert (report.verdict, report.exit_code) == ("fail", 1)
    same = repository.commit({"README.md": "words"})
    assert gate(repository, head, same, scan_only="the head is a fork").exit_code == 0


@pytest.mark.parametrize(
    ("files", "error", "message"),
    [
        ({"evals/extract.yml": "cases: []"}, ConfigError, "evals/extract.yml:1: `cases`: the suite has no cases"),
        ({"evals/extract.yml": None}, ConfigError, "evals/extract.yml: there is no such file"),
        ({"evals/extract.yml": b"\xff\xfe"}, ConfigError, "evals/extract.yml:1: is not UTF-8"),
        ({"evals/extract.yml": b"a\0"}, ConfigError, "evals/extract.yml: is a binary file"),
    ],
)
def test_a_suite_that_cannot_be_read_is_an_error_with_its_file(
    repository: Repository, server: Recorded, files: dict[str, Any], error: type[PinwardError], message: str
) -> None:
    repository.commit({"pinward.yml": config(server.url), "evals/extract.yml": SUITE})
    base = repository.commit(files)
    head = repository.commit({"pinward.yml": config(server.url, "local/better")})
    with pytest.raises(error) as caught:
        gate(repository, base, head)
    assert message in caught.value.message
    assert server.requests == []
    assert read_report(repository.root.parent / "report").verdict == "error"


def test_a_missing_key_names_the_variable(repository: Repository, server: Recorded) -> None:
    text = config(server.url).replace("LOCAL_KEY", "OTHER_KEY")
    base = repository.commit({"pinward.yml": text, "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": text.replace("local/good", "local/better")})
    with pytest.raises(CredentialError, match="OTHER_KEY is not set"):
        gate(repository, base, head)


def test_t23_a_cost_bomb_is_refused_before_the_first_call(repository: Repository, server: Recorded) -> None:
    text = config(server.url, extra="policy: {budget: {max_requests: 10}}\n")
    base = repository.commit({"pinward.yml": text, "evals/extract.yml": SUITE})
    head = repository.commit({"pinward.yml": text.replace("local/good", "local/better")})
    with pytest.raises(BudgetError, match="26 requests"):
        gate(repository, base, head)
    assert server.requests == []


def test_results_hold_every_sample_and_their_hash_is_in_the_report(repository: Repository, server: Recorded) -> None:
    import hashlib

    report = gate(repository, *pull_request(repository, server.url, "local/better"))
    data = (repository.root.parent / "report" / "results.jsonl").read_bytes()
    assert hashlib.sha256(data).hexdigest() == report.results_sha256
    assert len([json.loads(line) for line in data.splitlines()]) == 24


CALL = "def ask():\n    return client.chat.completions.create(model='{}', messages=[])  # {}\n"
IGNORE = "pinward: ignore[unpinned-alias] the gateway pins it"


def test_t29_an_ignore_that_the_head_adds_is_listed_and_takes_effect_after_the_merge(
    repository: Repository, server: Recorded
) -> None:
    base, _ = pull_request(repository, server.url, "local/good", **{"app.py": CALL.format("claude-opus-4-6", "")})
    base = repository.commit({"pinward.yml": config(server.url)})
    head = repository.commit({"app.py": CALL.format("gpt-5.5", IGNORE)})
    report = gate(repository, base, head)
    assert [(finding.rule, finding.blocking) for finding in report.findings] == [("unpinned-alias", True)]
    assert "app.py:2 adds an ignore comment (unpinned-alias); it takes effect after the merge." in report.notes
    assert report.exit_code == 1


def test_an_ignore_of_the_base_goes_on_speaking_for_its_own_place_alone(
    repository: Repository, server: Recorded
) -> None:
    files = {"pinward.yml": config(server.url), "evals/extract.yml": SUITE}
    base = repository.commit({**files, "app.py": CALL.format("gpt-5.4", IGNORE)})
    same_place = repository.commit({"app.py": CALL.format("gpt-5.5", IGNORE)})
    assert gate(repository, base, same_place).findings == []
    moved = CALL.format("claude-opus-4-6", "") + CALL.format("gpt-5.5", IGNORE).replace("ask", "other")
    report = gate(repository, base, repository.commit({"app.py": moved}))
    assert [finding.rule for finding in report.findings] == ["unpinned-alias"]


def test_paths_that_the_base_excludes_are_not_scanned(repository: Repository, server: Recorded) -> None:
    policy = "policy: {scan: {exclude: [legacy]}}\n"
    base = repository.commit({"pinward.yml": config(server.url, extra=policy), "evals/extract.yml": SUITE})
    head = repository.commit({"legacy/app.py": CALL.format("gpt-5.5", ""), "app.py": CALL.format("gpt-5.4", "")})
    assert {finding.path for finding in gate(repository, base, head).findings} == {"app.py"}


def test_the_junit_file_lists_the_cases_that_held_too(repository: Repository, server: Recorded) -> None:
    gate(repository, *pull_request(repository, server.url, "local/better"))
    written = (repository.root.parent / "report/junit.xml").read_text(encoding="utf-8")
    assert [f'name="case-{n}"' in written for n in range(12)] == [True] * 12
    assert 'tests="13"' in written


def test_the_report_holds_every_model_of_the_head_with_its_end_and_not_those_of_the_work_tree(
    repository: Repository, server: Recorded
) -> None:
    call = "client.chat.completions.create(model={!r}, messages=[])\n"
    extra = "policy: {judge: {model: anthropic/claude-opus-4-6}, scan: {exclude: [old]}}\n"
    base = repository.commit(
        {
            "pinward.yml": config(server.url, extra=extra),
            "evals/extract.yml": SUITE,
            "app/a.py": call.format("gpt-4o-2024-08-06") * 2,
            "old/b.py": call.format("gpt-4-turbo"),
            "notes.md": "We once used gpt-4-0613.",
            ".gitattributes": "*.py binary\n",
        }
    )
    head = repository.commit({"README.md": "Another text.\n"})
    repository.write({"app/c.py": call.format("gpt-4.1-nano-2025-04-14")})
    models = gate(repository, base, head).models
    assert [(m.name, m.places, m.ends_on) for m in models] == [
        ("gpt-4o-2024-08-06", 2, "2027-01-14"),
        ("anthropic/claude-opus-4-6", 1, None),
        ("local/good", 1, None),
    ]
    assert [list(m.used_as) for m in models] == [[], ["judge"], ["model of extract"]]
    assert [m.known for m in models] == [True, True, False]
