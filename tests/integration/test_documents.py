"""Pages of the documentation, run to the letter against the program and a model server on this machine."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.support.documents import Command, File, complaints, missing_line, play, steps
from tests.support.judges import verdict
from tests.support.llm_server import llm_server

ROOT = Path(__file__).parents[2]
INSTALLS = ("python3 -m venv ", ". .venv/", "pip install ")  # what the test environment has done already


def environment(folder: Path) -> dict[str, str]:
    """Return a bare environment whose `pinward` is this tree's."""
    programs = folder / "programs"
    programs.mkdir()
    for name, arguments in (("pinward", "-m pinward"), ("python3", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (programs / name).chmod(0o755)
    return {
        "PATH": f"{programs}:{os.defpath}",
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(folder),
        "NO_COLOR": "1",
        "COLUMNS": "160",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def page(name: str) -> list[File | Command]:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return [step for step in steps(text) if not (isinstance(step, Command) and step.line.startswith(INSTALLS))]


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


def on_a_free_port(parts: Iterable[File | Command]) -> list[File | Command]:
    """Move the model server of a page from its port to one that is free."""
    port = free_port()
    return [
        replace(part, content=part.content.replace("8765", port)) if isinstance(part, File) else part for part in parts
    ]


VERBS_OF_THE_TUTORIAL = ("pinward ", "echo ", "rm ")


def before_the_pull_request() -> Iterator[File | Command]:
    """Yield what the tutorial has made when its models answer and nothing has changed yet: its files as they are then,
    without the verbs that led there, which its own test runs."""
    for part in page("tutorial.md"):
        if isinstance(part, File):
            yield replace(part, content=part.content.replace('gpt-5.2"', 'gpt-5.2-2025-12-11"'))
        elif part.line.startswith("git switch"):
            return
        elif not part.line.startswith(VERBS_OF_THE_TUTORIAL):
            yield part


def test_the_tutorial_goes_as_it_says_from_nothing_to_a_blocked_merge(tmp_path: Path) -> None:
    played = play(on_a_free_port(page("tutorial.md")), tmp_path, environment(tmp_path))
    assert not list(complaints(played))
    assert sum(command.line.startswith("pinward ") for command, _, _ in played) >= 6


GUIDES = [
    *("pin", "migrate", "monorepo", "cost", "bring-suites", "self-hosted", "forks", "custom-grader"),
]
OWN_TESTS = {"tutorial.md", "report.md", "suites.md", "graders/judge.md", "how-to/shards.md", "how-to/other-ci.md"}
ON_GITHUB = ["how-to/roll-back.md", "how-to/limit-spending.md"]
ALONE = ["why-names-float.md", "comparison.md"]
REFERENCE = ["scan.md", "catalog.md", "watch.md"]
PARSED = {  # why the commands of these pages are not run here, and what runs them; tests/drift parses each of them
    "commands.md": "one example of everything, generated from the program; the tests of each verb run them",
    "providers.md": "tokens of Google's and Azure's own command lines",
    "rules/stale-catalog.md": "they scan as of a day relative to the catalog's; tests/drift/test_rule_pages.py",
    "how-to/completion.md": "bash runs its line, the others are parsed; tests/integration/test_command_line.py",
}
COMMANDS = re.compile(r"^```(?:sh|shell|console)$|^```\n[^`]*?^pinward ", re.MULTILINE)


def test_no_page_with_commands_is_forgotten() -> None:
    docs = ROOT / "docs"
    pages = {str(path.relative_to(docs)): path for path in docs.glob("**/*.md")}
    with_commands = {name for name, path in pages.items() if COMMANDS.search(path.read_text(encoding="utf-8"))}
    assert (
        with_commands
        == {f"how-to/{name}.md" for name in GUIDES} | OWN_TESTS | {*REFERENCE, *ALONE, *ON_GITHUB} | PARSED.keys()
    )


def test_what_is_said_to_run_the_other_pages_commands_is_there() -> None:
    named = {path for why in PARSED.values() for path in re.findall(r"tests/\S+\.py", why)}
    assert all((ROOT / path).is_file() for path in named)


def test_the_commands_of_the_reference_go_as_it_says_in_the_tutorials_repository(tmp_path: Path) -> None:
    service = File("services/chat/app.py", 'client.responses.create(model="gpt-5.2-2025-12-11")\n')
    parts = [*before_the_pull_request(), service, *(step for name in REFERENCE for step in page(name))]
    assert not list(complaints(play(on_a_free_port(parts), tmp_path, environment(tmp_path))))


def test_a_judge_is_calibrated_as_its_page_says(tmp_path: Path) -> None:
    def answer(body: dict[str, Any]) -> str:
        told = [(message["role"], message["content"]) for message in body["messages"]]
        return verdict(lambda texts: "fail" if "promise" in texts["answer"] else "pass", told)

    with llm_server(answer) as server:
        parts = [
            File("pinward.yml", JUDGED.replace("URL", server.url)),
            File("reply.yml", "cases: [{id: a, input: x, checks: [{judge: Promises nothing?}]}]\n"),
            *page("graders/judge.md"),
        ]
        assert not list(complaints(play(parts, tmp_path, environment(tmp_path) | {"SOME_KEY": "sk-none"})))


def test_shards_are_joined_as_the_guide_says(tmp_path: Path) -> None:
    parts = [*before_the_pull_request(), *change_of_model(), *page("how-to/shards.md")]
    assert not list(complaints(play(on_a_free_port(parts), tmp_path, environment(tmp_path))))


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_goes_as_it_says_in_the_tutorials_repository(name: str, tmp_path: Path) -> None:
    assert not list(complaints(guide(name, tmp_path)))


@pytest.mark.parametrize("name", ALONE)
def test_a_page_that_needs_no_repository_goes_as_it_says(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert not list(complaints(play(page(name), tmp_path / "empty", environment(tmp_path))))


JUDGED = """
version: 1
tasks: {reply: {model: openai/gpt-5.1-2025-11-13, suite: reply.yml}}
policy: {judge: {model: openai/gpt-4.1-2025-04-14}}
providers: {openai: {type: openai, base_url: "URL/v1", api_key_env: SOME_KEY}}
"""
SHORT_SUITE = """
cases:
  - {id: acme, input: {email: ACME bills 40.00 EUR.}, expected: {total: 40}, checks: [{json_equals: {path: $.total}}]}
  - {id: globex, input: {email: Globex bills 7.00 EUR.}, checks: [json_valid: true]}
"""


def test_the_files_of_a_report_are_as_the_page_says_and_its_regressions_become_cases(tmp_path: Path) -> None:
    short = "git commit --quiet --all --message 'A short suite'"
    suite = (File("evals/extract.yml", SHORT_SUITE), Command(short))
    blocked = [*before_the_pull_request(), *suite, *change_of_model(), *page("report.md")]
    parts = [*blocked, Command("cd .."), *page("suites.md")]
    played = play(on_a_free_port(parts), tmp_path, environment(tmp_path))
    gate = next(number for number, (command, _, _) in enumerate(played) if command.line == "pinward gate --base main")
    assert played[gate][2] == 1
    assert not list(complaints(played[gate + 1 :]))


GH = """#!/bin/sh
case "$2" in
list) echo 1234567890 ;;
download) mkdir -p "$(dirname "$7")" && cp -r ~/artifact "$7" ;;
esac
"""


def test_the_pages_about_runs_on_github_go_as_they_say_with_a_stand_in_for_its_program(tmp_path: Path) -> None:
    """The main branch has moved to a model that passed there, and its report is the artifact that `gh` fetches."""
    surroundings = environment(tmp_path)
    (tmp_path / "programs" / "gh").write_text(GH)
    (tmp_path / "programs" / "gh").chmod(0o755)
    (ceilings,) = re.findall(r"```yaml\n(policy:.*?)```", (ROOT / "docs" / ON_GITHUB[1]).read_text("utf-8"), re.DOTALL)
    merged = [
        f"printf %s {shlex.quote(ceilings)} >> pinward.yml && git commit --quiet --all --message Ceilings",
        "sed -i.bak s/gpt-5.2-2025-12-11/gpt-5.1-2025-11-13/ llm.toml && rm llm.toml.bak",
        "git commit --quiet --all --message 'Move to gpt-5.1'",
        "pinward gate --base HEAD~1 --report-dir ~/artifact",
        "git update-ref refs/remotes/origin/main HEAD",
    ]
    pages = [step for name in ON_GITHUB for step in page(name)]
    there = [replace(s, line=s.line.replace("<the merge>", "HEAD")) if isinstance(s, Command) else s for s in pages]
    parts = [*before_the_pull_request(), *map(Command, merged), *there]
    played = play(on_a_free_port(parts), tmp_path, surroundings)
    assert not list(complaints(played))
    assert "max_usd_per_month" in played[-1][1]


def change_of_model() -> list[Command]:
    """Return the commands of the pull request that the tutorial blocks."""
    lines = [part for part in page("tutorial.md") if isinstance(part, Command)]
    start = next(number for number, command in enumerate(lines) if command.line.startswith("git switch"))
    return lines[start : start + 3]


def guide(name: str, folder: Path) -> list[tuple[Command, str, int]]:
    parts = [*before_the_pull_request(), *page(f"how-to/{name}.md")]
    return play(on_a_free_port(parts), folder, environment(folder))


CODE_QUALITY = {  # https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def test_the_files_for_other_ci_servers_fit_their_formats(tmp_path: Path) -> None:
    from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

    assert not list(complaints(guide("other-ci", tmp_path)))
    repository = tmp_path / "invoices"
    quality = json.loads((repository / "gl-code-quality-report.json").read_text())
    jsonschema.validate(quality, CODE_QUALITY)
    assert len({issue["fingerprint"] for issue in quality}) == len(quality)
    Sarif.model_validate_json((repository / "findings.sarif").read_text())
    suites = ElementTree.parse(repository / "pinward-report" / "junit.xml").getroot()  # noqa: S314 -- written by this test
    assert {suite.tag for suite in suites} == {"testsuite"}
    failed = {test.get("name") for test in suites.iterfind("testsuite[@name='extract']/testcase[failure]")}
    assert failed == {"acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "tyrell"}
    assert suites.find("testsuite[@name='pinward']/testcase[@name='verdict']/failure") is not None


@pytest.mark.parametrize(
    ("expected", "said", "missing"),
    [
        (["a", "b"], "a\nb\n", None),
        (["a"], "a\nb\n", "(nothing after line 1)"),
        (["a", "..."], "a\nb\n", None),
        (["b"], "a\nb\n", "b"),
        (["...", "b"], "a\nb\n", None),
        (["...", "b", "a"], "a\nb\n", "a"),
        ([], "anything\n", None),
    ],
)
def test_what_a_page_says_is_compared_line_by_line(expected: list[str], said: str, missing: str | None) -> None:
    assert missing_line(expected, said) == missing


def test_a_page_that_runs_out_of_time_leaves_no_process_behind(tmp_path: Path) -> None:
    parts: list[File | Command] = [Command("sleep 60 & echo $! > server"), Command("sleep 60")]
    with pytest.raises(subprocess.TimeoutExpired):
        play(parts, tmp_path, {"PATH": os.defpath}, 1.0)
    server = int((tmp_path / "server").read_text())
    assert any(_has_ended(server) for _ in range(100))


def _has_ended(process: int) -> bool:
    """Tell whether a process that was killed is gone, or waits for nothing but its parent; look again in a moment."""
    time.sleep(0.05)
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
