"""The command as a process: exit codes, streams, start-up."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pinward.verbs.main import VERBS
from pinward.verbs.main import pinward as group
from pinward.version import __version__
from tests.support.repository import Repository

SRC = Path(__file__).parents[2] / "src"


def pinward(*arguments: str, cwd: Path = SRC, path: str = os.defpath) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(SRC), "PATH": path, "HOME": "/proc/none", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "pinward", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_version_is_printed_without_loading_anything_heavy() -> None:
    done = pinward("--version")
    assert (done.returncode, done.stdout) == (0, f"pinward {__version__}\n")
    assert not {"click", "pydantic", "yaml", "rich", "httpx2", "github", "jinja2"} & loaded("--version")


def loaded(*arguments: str) -> set[str]:
    script = f"import sys, pinward.cli as c\ntry: c.main({list(arguments)!r})\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": str(SRC)}, capture_output=True, check=True)
    return set(done.stdout.decode().split())


def test_a_scan_without_configuration_loads_what_it_needs_alone(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("ask(model='gpt-4o')\n")
    needless = {"pydantic", "jinja2", "jsonschema", "httpx2", "github", "rich", "concurrent.futures", "multiprocessing"}
    assert not needless & loaded("scan", str(tmp_path), "--output", str(tmp_path / "out"), "--format", "json")


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["gate"], ["scan", "--frob"], ["explain"], ["watch", "--today", "x"]]
)
def test_bad_usage_ends_with_2_and_says_where_help_is(arguments: list[str]) -> None:
    done = pinward(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("pinward: ")
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_verb_that_is_misspelt_is_guessed_and_none_at_all_shows_them() -> None:
    assert "Did you mean `scan`?" in pinward("scna").stderr
    bare = pinward()
    assert bare.returncode == 2
    assert bare.stderr.startswith("Usage: pinward ")


def test_a_terminal_of_another_encoding_ends_no_verb() -> None:
    environment = {"PYTHONPATH": str(SRC), "PATH": os.defpath, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "pinward", "explain", "modèle"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, b"mod\\xe8le")


def test_quiet_and_verbose_are_flags_of_every_verb_and_exclude_each_other(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("ask(model='gpt-4o')\n")
    said = pinward("scan", "-q", str(tmp_path))
    assert said.stdout.startswith("app.py:1:12: error: ")
    assert all(line.startswith("app.py:1:12: ") for line in said.stdout.splitlines())
    assert "app.py:1:12: gpt-4o: floating, selection" in pinward("scan", str(tmp_path), "--verbose").stdout
    assert pinward("-q", "scan", str(tmp_path)).stdout == said.stdout
    both = pinward("suite", "lint", "-q", "-v")
    assert (both.returncode, both.stdout) == (2, "")
    assert "--quiet and --verbose contradict each other" in both.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_teaches_with_an_example(verb: str) -> None:
    done = pinward(verb, "--help")
    assert done.returncode == 0
    assert f"pinward {verb}" in done.stdout.split("\n", 1)[1]


@pytest.mark.parametrize("verb", ["scan", "watch"])
def test_a_folder_that_does_not_exist_is_never_a_clean_bill(verb: str, tmp_path: Path) -> None:
    done = pinward(verb, str(tmp_path / "gone"))
    assert (done.returncode, "does not exist" in done.stderr) == (2, True)


@pytest.mark.parametrize("verb", ["scan", "watch"])
def test_a_hostile_file_name_stays_on_its_line(verb: str, tmp_path: Path) -> None:
    (tmp_path / "a\n::error::x\033[31m.py").write_text("client.chat.completions.create(model='gpt-4o-2024-08-06')\n")
    done = pinward(verb, str(tmp_path), "--today", "2027-02-01")
    assert done.returncode == 1
    assert "\033" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.lstrip().startswith("::")]


def test_gate_outside_a_repository_says_so(tmp_path: Path) -> None:
    done = pinward("gate", "--base", "main", cwd=tmp_path)
    assert done.returncode == 2
    assert "is not inside a git repository" in done.stderr


def test_without_git_the_gate_says_so_and_the_scan_still_reads_the_folder(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("client.chat.completions.create(model='gpt-4o', messages=[])\n")
    gate = pinward("gate", "--base", "main", cwd=tmp_path, path=str(tmp_path))
    assert (gate.returncode, "git is not installed" in gate.stderr) == (2, True)
    scan = pinward("scan", cwd=tmp_path, path=str(tmp_path))
    assert (scan.returncode, "app.py:1" in scan.stdout) == (1, True)


def test_gate_on_an_unknown_base_says_what_to_fetch(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    repository.commit({"a": "1"})
    done = pinward("gate", "--base", "origin/main", cwd=repository.root)
    assert done.returncode == 2
    assert "no commit 'origin/main'" in done.stderr
    assert "git fetch" in done.stderr


def test_a_wrong_configuration_ends_with_2_and_its_line(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    base = repository.commit({"pinward.yml": "version: 1\ntask: {}\n"})
    repository.commit({"b": ""})
    done = pinward("gate", "--base", base, cwd=repository.root)
    assert done.returncode == 2
    assert "pinward.yml:2: unknown key `task`" in done.stderr
    assert "Did you mean `tasks`?" in done.stderr


def test_explain_as_json_has_one_row_an_argument_in_order() -> None:
    done = pinward("explain", "gpt-4o", "no-such-model", "--format", "json", "--today", "2026-11-22")
    document = json.loads(done.stdout)
    assert document["schema"] == "pinward.explain/1"
    assert [row["model"] for row in document["models"]] == ["gpt-4o", "no-such-model"]
    assert [row["pin"] for row in document["models"]] == ["floating", "unknown"]


def test_watch_tells_the_dates_of_what_the_repository_uses(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    repository.commit({"app.py": "client.chat.completions.create(model='gpt-4o-2024-08-06', messages=[])\n"})
    early = pinward("watch", "--today", "2026-10-17", cwd=repository.root)
    assert (early.returncode, "2027-01-14, in 89 days" in early.stdout) == (0, True)
    late = pinward("watch", "--today", "2026-12-16", cwd=repository.root)
    assert (late.returncode, "2027-01-14, in 29 days" in late.stdout) == (1, True)
    assert "app.py:1" in late.stdout
    assert "Watched 1 model name in 1 file on 2026-12-16" in late.stdout


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "pinward", "explain", *["gpt-4o"] * 2000],
        env={"PYTHONPATH": str(SRC)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()


CONFIG = """\
version: 1
tasks: {t: {model: openai/gpt-4o-2024-08-06, suite: s.yml, params: {max_tokens: 100}}}
providers: {openai: {api_key_env: OPENAI_API_KEY}}
"""


@pytest.fixture
def model_change(tmp_path: Path) -> tuple[Repository, str]:
    repository = Repository(tmp_path / "r")
    suite = "cases: [{id: a, input: x, checks: [json_valid]}, {id: b, input: y, checks: [json_valid]}]"
    base = repository.commit({"pinward.yml": CONFIG, "s.yml": suite})
    repository.commit({"pinward.yml": CONFIG.replace("gpt-4o-2024-08-06", "gpt-4.1-2025-04-14")})
    return repository, base


def test_a_dry_run_says_what_it_would_ask_and_cost_without_a_key(model_change: tuple[Repository, str]) -> None:
    repository, base = model_change
    done = pinward("gate", "--base", base, "--dry-run", cwd=repository.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "t: model openai/gpt-4o-2024-08-06 -> openai/gpt-4.1-2025-04-14" in done.stdout
    assert re.search(
        r"Preflight and first pass: 6 requests, \$0\.00[1-9]\d* at worst; policy\.budget allows \$5\.00", done.stdout
    )
    assert not (repository.root / "pinward-report").exists()


def test_a_dry_run_refuses_what_the_run_would_refuse(model_change: tuple[Repository, str]) -> None:
    repository, base = model_change
    for flags in ([], ["--dry-run"]):
        done = pinward("gate", "--base", base, "--config", "gone.yml", *flags, cwd=repository.root)
        assert (done.returncode, "gone.yml" in done.stderr) == (2, True)


def test_a_gate_without_its_key_names_the_variable_and_leaves_a_report(model_change: tuple[Repository, str]) -> None:
    repository, base = model_change
    done = pinward("gate", "--base", base, cwd=repository.root)
    assert (done.returncode, "OPENAI_API_KEY is not set" in done.stderr) == (2, True)
    assert "could not evaluate" in (repository.root / "pinward-report" / "comment.md").read_text()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("pinward sc", "plain,scan"),
        ("pinward scan --form", "plain,--format"),
        ("pinward scan --format sa", "plain,sarif"),
        ("pinward suite li", "plain,lint"),
    ],
)
def test_a_shell_completes_verbs_flags_and_values(typed: str, offered: str) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_PINWARD_COMPLETE": "bash_complete"}
    environment = {"PYTHONPATH": str(SRC), "PATH": os.defpath, **words}
    done = subprocess.run(
        [sys.executable, "-m", "pinward"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.split()) == (0, [offered]), done.stderr


COMPLETION = (SRC.parent / "docs/how-to/completion.md").read_text(encoding="utf-8")


def test_bash_completes_after_the_line_that_the_page_gives(tmp_path: Path) -> None:
    program = tmp_path / "pinward"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={SRC} exec "{sys.executable}" -m pinward "$@"\n')
    program.chmod(0o755)
    (line,) = re.findall(r"^eval .*bash_source.*$", COMPLETION, re.MULTILINE)
    typed = 'COMP_WORDS=(pinward suite l) COMP_CWORD=2; _pinward_completion pinward; echo "$COMPREPLY"'
    done = subprocess.run(
        ["bash", "-c", f"{line}\n{typed}"],
        env={"PATH": f"{tmp_path}:{os.defpath}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "lint\n"), done.stderr


@pytest.mark.parametrize(
    ("shell", "registers"),
    [
        ("bash", "-F _pinward_completion pinward"),
        ("zsh", "compdef _pinward_completion pinward"),
        ("fish", "--command pinward"),
    ],
)
def test_each_documented_shell_gets_its_script(shell: str, registers: str) -> None:
    variable = f"_PINWARD_COMPLETE={shell}_source"
    assert variable in COMPLETION
    done = subprocess.run(
        [sys.executable, "-c", "from pinward.cli import main; main([])"],
        env={"PYTHONPATH": str(SRC), "PATH": os.defpath, **dict([variable.split("=")])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"_PINWARD_COMPLETE={shell}_complete" in done.stdout
    assert registers in done.stdout


def test_every_option_says_what_it_does() -> None:
    page = (SRC.parent / "docs/commands.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `--")]
    assert len(rows) > 60
    assert not [row for row in rows if row.endswith("|  |")]


def every_command(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    yield context
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from every_command(below, click.Context(below, info_name=name, parent=context))


def test_help_is_whole_sentences_and_names_no_file_of_this_repository() -> None:
    """Who installed the program has none of its pages; a short help that is cut ends with `...`."""
    for context in every_command(group, click.Context(group, info_name="pinward")):
        said = context.get_help()
        assert not re.search(r"[a-z,]\.\.\.$|(?<!main/)docs/", said, re.MULTILINE), said
