"""The user's own application in the place of a bare model, over real git, HTTP and processes."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate.cli import real_edges
from pinward.commands.gate.dry_run import dry_run
from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.config import settings
from pinward.core.evidence import Usage
from pinward.core.model_id import ModelId
from pinward.core.report import GateReport
from pinward.errors import ConfigError, CredentialError
from pinward.lifecycle.catalog import load
from pinward.program import Program, public, run
from pinward.providers.command import read
from pinward.providers.connect import Connections
from pinward.providers.retry import RetryPolicy
from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository

ROOT = Path(__file__).parents[2]
KEYS = {"STAGING_KEY": "sk-staging-canary", "OPENAI_API_KEY": "sk-openai-canary"}
OLD, NEW = "openai/gpt-5.1-2025-11-13", "anthropic/claude-opus-4-6"
SUITE = "cases:\n" + "".join(
    f"  - {{id: case-{n}, category: c, input: {{number: {n}}}, checks: [{{contains: '{n}'}}]}}\n" for n in range(6)
)


def config(url: str, model: str = OLD, allow: str = "http", task: str = "", target: str = "") -> str:
    return f"""\
version: 1
tasks:
  extract: {{model: {model}, params: {{temperature: 0}}, suite: evals/extract.yml, target: app{task}}}
targets:
  app: {{http: "{url}/pinward", api_key_env: STAGING_KEY{target}}}
policy:
  targets: {{allow: [{allow}]}}
"""


class FlatPrices:
    """A cent a token."""

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        return None if model.provider == "?" else 0.01 * (usage.input + usage.output)


EDGES = GateEdges(
    catalog=load(),
    prices=FlatPrices(),
    connect=lambda providers: Connections(providers, KEYS.get),
    keys=KEYS.get,
    now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
    signals=(),
)


ONCE = replace(EDGES, retry=RetryPolicy(attempts=1))


def answer(body: dict[str, Any]) -> Reply | str:
    """Answer well with every model but `claude`; state what it cost and which model served."""
    number = body["input"]["number"]
    text = "I cannot say" if "claude" in body["model"] else f"number {number}"
    return Reply(200, {"output": text, "cost_usd": 0.001, "model": "served", "usage": {"input_tokens": 3}})


def requested(repository: Repository, base: str, head: str) -> GateRequest:
    base_sha = repository.commit({"pinward.yml": base, "evals/extract.yml": SUITE})
    head_sha = repository.commit({"pinward.yml": head})
    return GateRequest(repository.root, base_sha, head_sha, repository.root.parent / "report")


def gate(repository: Repository, base: str, head: str) -> GateReport:
    return run_gate(requested(repository, base, head), EDGES)


def test_a_chain_behind_an_address_is_gated_with_the_models_name_of_each_side(
    repository: Repository, server: Recorded
) -> None:
    report = gate(repository, config(server.url), config(server.url, NEW))
    (task,) = report.tasks
    assert (report.verdict, task.regressed, task.pass_rate.baseline) == ("fail", 6, 1.0)
    assert task.candidate.served == ["served"]
    assert sorted(set(server.models())) == [NEW, OLD]
    path, headers, body = server.requests[0]
    assert (path, headers["authorization"]) == ("/pinward", "Bearer sk-staging-canary")
    assert body.keys() == {"model", "input", "params"}
    assert body["params"] == {"temperature": 0}
    assert {body["input"]["number"] for _, _, body in server.requests} == set(range(6))


def test_what_the_application_says_it_cost_is_the_cost(repository: Repository, server: Recorded) -> None:
    report = gate(repository, config(server.url), config(server.url, NEW))
    assert report.cost_usd == pytest.approx(0.001 * report.requests)
    assert report.tasks[0].cost.unpriced == []


def test_an_application_that_states_no_cost_is_unpriced_and_never_free(repository: Repository) -> None:
    with llm_server(lambda body: Reply(200, {"output": str(body["input"]["number"])})) as server:
        report = gate(repository, config(server.url), config(server.url, NEW))
    assert (report.verdict, report.cost_usd) == ("pass", None)
    assert report.tasks[0].cost.unpriced == [OLD, NEW]


@pytest.mark.parametrize("cost", [1e308, -1, "1", True])
def test_a_cost_that_no_answer_has_is_unknown(repository: Repository, cost: Any) -> None:
    with llm_server(lambda body: Reply(200, {"output": str(body["input"]["number"]), "cost_usd": cost})) as server:
        report = gate(repository, config(server.url), config(server.url, NEW))
    assert (report.verdict, report.cost_usd) == ("pass", None)


def test_a_number_of_tokens_that_no_answer_has_is_no_crash(repository: Repository) -> None:
    usage = {"input_tokens": 10**400, "output_tokens": 10**400}
    with llm_server(lambda body: Reply(200, {"output": str(body["input"]["number"]), "usage": usage})) as server:
        report = gate(repository, config(server.url), config(server.url, NEW))
    assert report.verdict == "pass"


def test_no_preflight_asks_an_application_what_is_no_case(repository: Repository, server: Recorded) -> None:
    report = gate(repository, config(server.url), config(server.url, "openai/gpt-5.2"))
    assert report.requests == len(server.requests) == 12


def test_a_target_that_only_the_head_names_is_never_asked(repository: Repository, server: Recorded) -> None:
    with llm_server(answer) as canary:
        report = gate(repository, config(server.url), config(canary.url, NEW))
        assert canary.requests == []
    assert any("targets` change here" in note for note in report.notes)


def test_another_target_of_a_task_takes_effect_after_the_merge(repository: Repository, server: Recorded) -> None:
    with llm_server(answer) as canary:
        other = f'  other: {{http: "{canary.url}/x"}}\npolicy:'
        base = config(server.url).replace("policy:", other)
        head = config(server.url, NEW).replace("policy:", other).replace("target: app", "target: other")
        report = gate(repository, base, head)
        assert canary.requests == []
    assert "Task extract: another `target` takes effect after the merge." in report.notes


def test_a_head_that_drops_the_target_still_asks_it(repository: Repository, server: Recorded) -> None:
    report = gate(repository, config(server.url), config(server.url, NEW).replace(", target: app", ""))
    assert (report.verdict, len(server.requests) > 0) == ("fail", True)


@pytest.mark.parametrize(
    ("allow", "said"), [("provider", "does not name `http`"), ("provider, command", "does not name `http`")]
)
def test_an_address_that_the_base_does_not_allow_is_refused_before_any_call(
    repository: Repository, server: Recorded, allow: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        gate(repository, config(server.url, allow=allow), config(server.url, NEW, allow="http"))
    assert server.requests == []


def test_a_policy_without_bare_models_refuses_a_task_without_a_target(repository: Repository, server: Recorded) -> None:
    base = config(server.url).replace(", target: app", "")
    with pytest.raises(ConfigError, match="leaves bare models out"):
        gate(repository, base, base.replace(OLD, NEW))


def test_a_target_that_does_not_exist_is_named_with_those_that_do(repository: Repository, server: Recorded) -> None:
    base = config(server.url).replace("target: app", "target: ap")
    with pytest.raises(ConfigError, match="has no target `ap`") as caught:
        gate(repository, base, base.replace(OLD, NEW))
    assert "Did you mean `app`" in caught.value.hint


def test_a_missing_key_ends_the_run_before_any_call(repository: Repository, server: Recorded) -> None:
    base = config(server.url).replace("STAGING_KEY", "UNSET_KEY")
    with pytest.raises(CredentialError, match="UNSET_KEY is not set"):
        gate(repository, base, base.replace(OLD, NEW))
    assert server.requests == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{http: "http://staging.example.com/x"}', "https"),
        ('{http: "https://a.example/x", command: [x]}', "either http: or command:"),
        ("{api_key_env: KEY}", "either http: or command:"),
        ('{http: "https://a.example/x", env: [KEY]}', "env and read beside command:"),
    ],
)
def test_a_wrong_target_is_named_with_what_to_write(repository: Repository, written: str, said: str) -> None:
    wrong = f"version: 1\ntargets:\n  app: {written}\n"
    with pytest.raises(ConfigError) as caught:
        gate(repository, wrong, wrong)
    assert said in str(caught.value)
    assert "pinward.yml:3" in caught.value.message


@pytest.mark.parametrize("body", [{}, {"output": None}, {"output": 3}, {"error": "down"}, {"tool_calls": [None]}])
def test_an_answer_that_keeps_no_contract_is_the_infrastructures_fault(repository: Repository, body: Any) -> None:
    with llm_server(lambda _: Reply(200, body)) as server:
        cases = SUITE.split("  - {id: case-1,")[0]
        base = {"pinward.yml": config(server.url), "evals/extract.yml": cases}
        base_sha = repository.commit({**base})
        head_sha = repository.commit({"pinward.yml": config(server.url, NEW)})
        report = run_gate(GateRequest(repository.root, base_sha, head_sha, repository.root.parent / "report"), ONCE)
    assert (report.verdict, report.exit_code) == ("error", 4)


def test_a_dry_run_names_the_cost_unknown(repository: Repository, server: Recorded) -> None:
    said = dry_run(requested(repository, config(server.url), config(server.url, NEW)), EDGES)
    assert "12 requests" in said
    assert "has no known price" in said
    assert server.requests == []


def test_a_task_with_prompts_sends_what_its_model_would_be_told(repository: Repository, server: Recorded) -> None:
    prompts = (
        "versions:\n  - {version: 1, models: ['*'], messages: [{role: user, content: 'Read {{ input.number }}'}]}\n"
    )
    base = config(server.url, task=", prompts: prompts/p.yml")
    base_sha = repository.commit({"pinward.yml": base, "evals/extract.yml": SUITE, "prompts/p.yml": prompts})
    head_sha = repository.commit({"pinward.yml": base.replace(OLD, NEW)})
    run_gate(GateRequest(repository.root, base_sha, head_sha, repository.root.parent / "report"), EDGES)
    body = server.requests[0][2]
    assert body["messages"] == [{"role": "user", "content": f"Read {body['input']['number']}"}]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_documented_example_server_keeps_the_contract(repository: Repository) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "examples/targets/server.py"), str(port)], stderr=subprocess.PIPE
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        url = f"http://127.0.0.1:{port}"
        base = config(url).replace(", api_key_env: STAGING_KEY", "")
        report = gate(repository, base, base.replace(OLD, NEW))
    finally:
        process.terminate()
        process.communicate()
    assert (report.verdict, report.tasks[0].valid) == ("pass", 6)


# --- command: a program of the commit's, confined ---

GOOD = """\
import json, os, sys
case = json.load(sys.stdin)
print(os.environ["PINWARD_MODEL"], case["input"]["number"], "new" if os.path.exists("new.txt") else "old")
"""
SPY = """\
import json, os, socket, sys
def attempt(what):
    try:
        what()
        return "done"
    except (OSError, subprocess_error) as error:
        return "denied"
subprocess_error = RuntimeError
case = json.load(sys.stdin)
parent = os.getppid()
tried = {
    "environ": attempt(lambda: open(f"/proc/{parent}/environ", "rb").read()),
    "first": attempt(lambda: open("/proc/1/environ", "rb").read()),
    "canary": attempt(lambda: open(CANARY).read()),
    "runner": attempt(lambda: open(RUNNER, "a").write("x=1")),
    "here": attempt(lambda: open("left", "w")),
    "docker": attempt(lambda: socket.socket(socket.AF_UNIX)),
    "group": attempt(lambda: os.setsid()),
    "home": attempt(lambda: open(os.path.join(os.environ["HOME"], "x"), "w")),
}
print(case["input"]["number"], json.dumps(tried, sort_keys=True), sorted(os.environ))
"""


def program(extra: str = "", model: str = OLD, allow: str = "command", script: str = "app/answer.py") -> str:
    read = f"[{sys.prefix}, {sys.base_prefix}]"
    return f"""\
version: 1
tasks:
  extract: {{model: {model}, suite: evals/extract.yml, target: app}}
targets:
  app: {{command: ["{sys.executable}", {script}], read: {read}{extra}}}
policy:
  targets: {{allow: [{allow}]}}
"""


def run_program(
    repository: Repository, script: str, extra: str = "", edges: GateEdges = EDGES, head: dict[str, str] | None = None
) -> GateReport:
    base = repository.commit({"pinward.yml": program(extra), "evals/extract.yml": SUITE, "app/answer.py": script})
    head_sha = repository.commit({"pinward.yml": program(extra, NEW), **(head or {})})
    return run_gate(GateRequest(repository.root, base, head_sha, repository.root.parent / "report"), edges)


def answers(repository: Repository) -> list[str]:
    lines = (repository.root.parent / "report" / "results.jsonl").read_text().splitlines()
    return [json.loads(line)["completion"]["text"] for line in lines]


def test_a_program_is_told_the_model_and_runs_in_the_files_of_each_sides_commit(repository: Repository) -> None:
    report = run_program(repository, GOOD, head={"new.txt": "x"})
    assert (report.verdict, report.tasks[0].valid, report.cost_usd) == ("pass", 6, None)
    expected = {f"{model} {n} {age}" for model, age in ((OLD, "old"), (NEW, "new")) for n in range(6)}
    assert set(answers(repository)) == expected


def test_t5_t6_a_program_sees_no_other_process_and_no_secret_and_writes_nowhere_but_home(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "canary").write_text("secret")
    (tmp_path / "github_output").write_text("")
    script = SPY.replace("CANARY", repr(str(tmp_path / "canary")))
    report = run_program(
        repository, script.replace("RUNNER", repr(str(tmp_path / "github_output"))), ", env: [STAGING_KEY]"
    )
    assert report.verdict == "pass"
    for answer in answers(repository):
        tried = json.loads(answer[answer.index("{") : answer.index("}") + 1])
        assert tried.pop("home") == "done"
        assert set(tried.values()) == {"denied"}, tried
        assert answer.endswith("['HOME', 'PATH', 'PINWARD_MODEL', 'STAGING_KEY', 'TMPDIR']") or "LC_CTYPE" in answer
        assert "OPENAI" not in answer
    assert (tmp_path / "github_output").read_text() == ""


@pytest.mark.parametrize(
    ("script", "verdict", "said"),
    [
        ("import sys; sys.exit(3)", "error", "could not be reached"),
        ("print('x' * 5_000_000)", "error", "could not be reached"),
    ],
)
def test_a_program_that_fails_is_the_infrastructures_fault(
    repository: Repository, script: str, verdict: str, said: str
) -> None:
    report = run_program(repository, script, edges=EDGES)
    assert (report.verdict, report.exit_code) == (verdict, 4)
    assert said in report.reasons[0]


def test_a_chain_that_cannot_use_an_answer_fails_its_case(repository: Repository) -> None:
    script = GOOD + "sys.exit(65 if 'claude' in os.environ['PINWARD_MODEL'] else 0)\n"
    report = run_program(repository, script)
    assert (report.verdict, report.tasks[0].regressed) == ("fail", 6)


def test_a_program_that_hangs_is_killed_with_its_children(repository: Repository, tmp_path: Path) -> None:
    script = "import subprocess, sys, time\nsubprocess.Popen(['sleep', '977'])\ntime.sleep(977)\n"
    one = SUITE.split("  - {id: case-1,")[0]
    base = repository.commit(
        {"pinward.yml": program(", timeout_seconds: 1"), "evals/extract.yml": one, "app/answer.py": script}
    )
    head = repository.commit({"pinward.yml": program(", timeout_seconds: 1", NEW)})
    report = run_gate(GateRequest(repository.root, base, head, tmp_path / "report"), ONCE)
    assert (report.verdict, report.exit_code) == ("error", 4)
    assert b"977" not in subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True).stdout


@pytest.mark.parametrize("held", [True, False])
def test_what_a_program_leaves_behind_is_ended_and_not_waited_for(repository: Repository, held: bool) -> None:
    away = "" if held else "    for f in (0, 1, 2): os.dup2(os.open('/dev/null', os.O_RDWR), f)\n"
    report = run_program(
        repository,
        f"{GOOD}sys.stdout.flush()\nif os.fork() == 0:\n{away}    os.execvp('sleep', ['sleep', '976'])\n",
        ", timeout_seconds: 5",
        ONCE,
    )
    assert report.verdict == "pass"
    assert b"sleep 976" not in subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", ["openai/a\0b", "openai/a\ud800b"])
def test_a_models_name_that_no_program_can_be_given_is_a_fault_and_no_crash(tmp_path: Path, name: str) -> None:
    ended = asyncio.run(run(Program(("true",), {"PINWARD_MODEL": name}, tmp_path), b"", 5))
    assert (ended.code, ended.late) == (None, False)
    assert "no program can be given" in ended.problem


@pytest.mark.parametrize("folder", ["/opt", "/home", "/root", "/run", "/var", "/dev/shm", "/tmp"])  # noqa: S108
def test_a_folder_that_may_hold_a_runner_is_not_read(tmp_path: Path, folder: str) -> None:
    ended = asyncio.run(run(Program(("/bin/ls", folder), {}, tmp_path), b"", 20))
    assert (ended.code, b"Permission denied" in ended.said) == (2, True)


def test_t5_a_program_reads_of_etc_what_everybody_may_under_root_too(tmp_path: Path) -> None:
    ended = asyncio.run(run(Program(("/bin/cat", "/etc/shadow", "/etc/gshadow"), {}, tmp_path), b"", 20))
    assert (ended.code, ended.output, ended.said.count(b"Permission denied")) == (1, b"", 2)
    plain = asyncio.run(run(Program(("/bin/cat", "/etc/passwd"), {}, tmp_path), b"", 20))
    assert (plain.code, plain.output) == (0, Path("/etc/passwd").read_bytes())


def test_what_everybody_may_read_is_a_folder_as_a_whole_or_its_parts(tmp_path: Path) -> None:
    for name, mode in {"a/1": 0o644, "a/2": 0o755, "b/1": 0o644, "b/key": 0o640, "c/1": 0o644, "d": 0o604}.items():
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.touch()
        place.chmod(mode)
    (tmp_path / "c").chmod(0o750)
    tmp_path.chmod(0o755)
    (tmp_path / "link").symlink_to("b/key")
    found = sorted(str(Path(part).relative_to(tmp_path)) for part in public(str(tmp_path)))
    assert found == ["a", "b/1", "d"]
    assert public(str(tmp_path / "a")) == [str(tmp_path / "a")]
    assert public(str(tmp_path / "missing")) == []


def test_a_home_that_is_deeper_than_python_follows_is_deleted(tmp_path: Path) -> None:
    deep = "import os\nprint(os.environ['HOME'])\nos.chdir(os.environ['HOME'])\n"
    deep += "for _ in range(1100):\n    os.mkdir('d')\n    os.chdir('d')\n"
    command = (sys.executable, "-c", deep)
    ended = asyncio.run(run(Program(command, {}, tmp_path, (sys.prefix, sys.base_prefix)), b"", 20))
    assert (ended.code, ended.problem) == (0, "")
    assert not Path(ended.output.decode().strip()).exists()


@pytest.mark.parametrize(("script", "said"), [("exit 3", "ended with 3"), ("kill -9 $$", "was ended by signal 9")])
def test_the_fault_says_how_a_program_ended(tmp_path: Path, script: str, said: str) -> None:
    program = Program(("/bin/sh", "-c", script), {}, tmp_path)
    told = read(asyncio.run(run(program, b"", 20)), 0.1)
    assert told.fault is not None
    assert said in told.fault.detail


def test_a_program_that_ends_like_our_own_refusal_did_start(tmp_path: Path) -> None:
    program = Program(("/bin/sh", "-c", "echo no daemon >&2; exit 125"), {}, tmp_path)
    ended = asyncio.run(run(program, b"", 20))
    assert (ended.code, ended.problem) == (125, "")
    missing = asyncio.run(run(Program(("no-such-program",), {}, tmp_path), b"", 20))
    assert (missing.code, missing.problem) == (
        None,
        "it could not be started: no-such-program: No such file or directory",
    )


def test_the_command_of_the_head_is_never_run(repository: Repository, tmp_path: Path) -> None:
    base = repository.commit({"pinward.yml": program(), "evals/extract.yml": SUITE, "app/answer.py": GOOD})
    other = {"pinward.yml": program(model=NEW, script="app/evil.py"), "app/evil.py": "print('evil')"}
    head = repository.commit(dict(other))
    run_gate(GateRequest(repository.root, base, head, repository.root.parent / "report"), EDGES)
    assert "evil" not in "".join(answers(repository))


def test_a_program_is_refused_where_none_may_run_before_anything_is_asked(repository: Repository) -> None:
    with pytest.raises(ConfigError, match="no program is run here: it is a container") as caught:
        run_program(repository, GOOD, edges=replace(EDGES, no_programs="it is a container"))
    assert "`http` target" in caught.value.hint


def test_a_program_that_the_base_does_not_allow_is_refused(repository: Repository) -> None:
    base = repository.commit({"pinward.yml": program(allow="http"), "evals/extract.yml": SUITE, "app/answer.py": GOOD})
    head = repository.commit({"pinward.yml": program(model=NEW, allow="command")})
    with pytest.raises(ConfigError, match="does not name `command`"):
        run_gate(GateRequest(repository.root, base, head, repository.root.parent / "report"), EDGES)


def test_a_variable_that_a_program_is_promised_must_be_set(repository: Repository) -> None:
    with pytest.raises(CredentialError, match="NOT_THERE is not set"):
        run_program(repository, GOOD, ", env: [NOT_THERE]")


@pytest.mark.parametrize(("change", "refused"), [(1, True), (0, False)])
def test_a_forks_program_is_not_run_from_the_command_line_either(tmp_path: Path, change: int, refused: bool) -> None:
    events = json.loads((ROOT / "tests/data/events.json").read_text(encoding="utf-8"))
    payload = events["pull_request"][0]
    payload["pull_request"]["head"]["repo"]["id"] += change
    (tmp_path / "event.json").write_text(json.dumps(payload))
    environ = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REPOSITORY": payload["repository"]["full_name"],
        "GITHUB_SHA": "a" * 40,
        "GITHUB_REF": "refs/pull/2/merge",
    }
    assert bool(real_edges(settings.load(environ)).no_programs) is refused
