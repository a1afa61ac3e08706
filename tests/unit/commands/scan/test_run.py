from __future__ import annotations

import json
import subprocess
from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from pinward.commands.scan.cli import Flags
from pinward.commands.scan.cli import run as command_line
from pinward.commands.scan.fix import fix
from pinward.commands.scan.run import FORMATS, ScanOptions, scan
from pinward.core.baseline import parse
from pinward.core.findings import Edit
from pinward.core.policy import ScanPolicy
from pinward.errors import ConfigError, ExitCode, UsageError
from pinward.git.tree import WorkTree
from pinward.lifecycle.catalog import load
from pinward.verbs.finding import SCAN_FORMATS

TODAY = date(2026, 11, 22)
PLAIN = ScanOptions(TODAY)


def run(root: Path, options: ScanOptions = PLAIN) -> tuple[ExitCode, str]:
    written: list[str] = []
    code = scan(root, WorkTree(root), load(), options, written.append)
    return code, "".join(written)


@pytest.fixture(params=["git", "plain"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "git":
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
        (tmp_path / ".gitignore").write_text("ignored.py\n")
        (tmp_path / "ignored.py").write_text('ask(model="gpt-4o")\n')
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text('x = 1\nask(model="gpt-5.5")\n')
    (tmp_path / "app" / "fine.py").write_text('ask(model="gpt-5.5-2026-04-23")\n')
    return tmp_path


def test_a_finding_is_shown_with_its_line_and_blocks(root: Path) -> None:
    code, text = run(root)
    assert code == ExitCode.BLOCKED
    assert "  --> app/main.py:2:12" in text
    assert '  2 | ask(model="gpt-5.5")\n    |            ^^^^^^^' in text
    assert "Pin `gpt-5.5-2026-04-23`." in text
    assert "ignored.py" not in text


def test_json_keeps_the_contract(root: Path) -> None:
    document = json.loads(run(root, ScanOptions(TODAY, "json"))[1])
    assert document["schema"] == "pinward.scan/1"
    (finding,) = document["findings"]
    assert finding["path"] == "app/main.py"
    assert (finding["rule"], finding["severity"], finding["line"], finding["column"]) == (
        "unpinned-alias",
        "error",
        2,
        12,
    )
    assert (finding["model"], finding["pin"], finding["role"]) == ("gpt-5.5", "floating", "selection")
    assert finding["fix"]["text"] == "gpt-5.5-2026-04-23"
    assert {use["path"] for use in document["uses"]} == {"app/main.py", "app/fine.py"}
    assert set(finding) >= {"role_why", "resolves_to", "shutdown_on", "replacement", "message", "help", "fingerprint"}


def test_what_the_policy_does_not_fail_on_passes(root: Path) -> None:
    code, text = run(root, ScanOptions(TODAY, policy=ScanPolicy(fail_on=("retired-model",))))
    assert code == ExitCode.OK
    assert "unpinned-alias" in text


def test_excluded_paths_are_left_out(root: Path) -> None:
    code, text = run(root, ScanOptions(TODAY, policy=ScanPolicy(exclude=("app/main.py",))))
    assert code == ExitCode.OK
    assert text.startswith("no findings: 1 model use, ")


@pytest.mark.parametrize("data", ['model = "gpt-5.5"\n'.encode("utf-16"), b'model = "gpt-5.5"\n\0'])
def test_no_encoding_hides_a_name(root: Path, data: bytes) -> None:
    (root / "app" / "main.py").write_bytes(data)
    code, text = run(root)
    assert (code, "--> app/main.py:1:10" in text) == (ExitCode.BLOCKED, True)


def test_code_that_is_binary_is_noted_and_another_binary_file_is_not(root: Path) -> None:
    for name in ("blob.py", "blob.dat"):
        (root / name).write_bytes(b"gpt-5.5\0\xff")
    text = run(root)[1]
    assert "note: blob.py: binary: not read" in text
    assert "blob.dat" not in text


def test_a_repository_inside_the_repository_is_noted(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "inner"):
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        (folder / "a.py").write_text('ask(model="gpt-5.5")\n')
    text = run(tmp_path)[1]
    assert "note: inner/: a repository of its own: not scanned from here" in text
    assert "1 model use, 1 file searched" in text


def test_files_that_a_sparse_checkout_leaves_out_are_counted_and_alone_are_never_a_clean_bill(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "a.py").write_text('ask(model="gpt-5.5")\n')
    (tmp_path / "b.py").write_text("x = 1\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    git("update-index", "--skip-worktree", "a.py")  # a trick to keep changes of one's own: the file is there
    assert run(tmp_path)[0] == ExitCode.BLOCKED
    git("update-index", "--no-skip-worktree", "a.py")
    git("sparse-checkout", "set", "--no-cone", "/b.py")
    code, text = run(tmp_path)
    assert code == ExitCode.OK
    assert "note: .: 1 file of the repository is not checked out (sparse checkout): not scanned" in text
    assert "0 model uses, 1 file searched " in text
    git("sparse-checkout", "set", "--no-cone", "/nothing")
    with pytest.raises(UsageError, match=r"nothing was scanned: 2 files of the repository are not checked out"):
        run(tmp_path)


def test_one_file_can_be_named_whatever_git_says_of_it(root: Path) -> None:
    out = StringIO()
    assert command_line(root / "app" / "main.py", Flags(TODAY, "json"), out, StringIO()) == ExitCode.BLOCKED
    document = json.loads(out.getvalue())
    assert [(use["path"], use["line"]) for use in document["uses"]] == [("main.py", 2)]
    (root / "ignored.py").write_text('ask(model="gpt-5.5")\n')
    assert command_line(root / "ignored.py", Flags(TODAY), StringIO(), StringIO()) == ExitCode.BLOCKED
    (root / "uv.lock").write_text('model = "gpt-5.5"\n')
    with pytest.raises(UsageError, match="nothing was scanned"):
        command_line(root / "uv.lock", Flags(TODAY), StringIO(), StringIO())


def test_a_policy_that_fails_on_a_rule_that_does_not_exist_is_refused(root: Path) -> None:
    (root / "pinward.yml").write_text("version: 1\npolicy: {scan: {fail_on: [unpined-alias]}}\n")
    with pytest.raises(ConfigError, match="there is no rule `unpined-alias`"):
        command_line(root, Flags(TODAY), StringIO(), StringIO())


def test_an_empty_folder_is_never_a_clean_bill(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing was scanned"):
        run(tmp_path)


def test_hostile_names_are_spelled_out(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m\u202e.py").write_text('ask(model="gpt-5.5") # \x1b[2J ::error::x\n')
    text = run(tmp_path)[1]
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "::error" not in text


def test_a_baseline_keeps_known_findings_quiet_and_new_ones_loud(root: Path) -> None:
    code, text = run(root, ScanOptions(TODAY, "baseline"))
    assert code == ExitCode.OK
    known = ScanOptions(TODAY, baseline=parse(text.encode(), "known.json"))
    (root / "app" / "main.py").write_text('import os\n\nx = 1\nask(model="gpt-5.5")\n')
    code, shown = run(root, known)
    assert (code, "1 suppressed" in shown) == (ExitCode.OK, True)
    (root / "app" / "new.py").write_text('ask(model="gpt-5.4")\n')
    assert run(root, known)[0] == ExitCode.BLOCKED


def test_an_ignored_finding_is_counted_and_a_dead_comment_is_told(root: Path) -> None:
    (root / "app" / "main.py").write_text(
        'ask(model="gpt-5.5")  # pinward: ignore[unpinned-alias] until=2027-01-01 tried\n'
        "# pinward: ignore[unpinned-alias]\nx = 1\n"
    )
    code, text = run(root)
    assert code == ExitCode.OK
    assert "[unused-ignore]" in text
    assert "app/main.py:2:3" in text
    assert "1 suppressed" in text


def test_since_tells_of_new_lines_only(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text('ask(model="gpt-5.5")\n')
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "a.py").write_text('x = 1\nask(model="gpt-5.5")\nask(model="gpt-5.4")\n')
    (tmp_path / "b.py").write_text('ask(model="gpt-5.2")\n')
    document = json.loads(run(tmp_path, ScanOptions(TODAY, "json", since="main"))[1])
    assert {finding["model"] for finding in document["findings"]} == {"gpt-5.4", "gpt-5.2"}


def test_fixes_are_written_and_then_nothing_is_left(root: Path) -> None:
    out, log = StringIO(), StringIO()
    assert command_line(root, Flags(TODAY, fix="safe"), out, log) == ExitCode.OK
    assert (root / "app" / "main.py").read_text() == 'x = 1\nask(model="gpt-5.5-2026-04-23")\n'
    assert log.getvalue() == "fixed 1 name\n  app/main.py:2: gpt-5.5 -> gpt-5.5-2026-04-23\n"
    assert out.getvalue().startswith("no findings: ")


def test_a_fix_that_cannot_go_on_has_told_what_it_wrote(root: Path) -> None:
    (root / "app" / "more.py").write_text('ask(model="gpt-5.5")\n')

    def save(path: str, data: bytes) -> None:
        if path.endswith("more.py"):
            raise UsageError("the disk is full", "Make room.")
        (root / path).write_bytes(data)

    made: list[Edit] = []
    with pytest.raises(UsageError, match="the disk is full"):
        made.extend(fix(root, WorkTree(root), load(), ScanOptions(TODAY), "safe", save))
    assert [edit.path for edit in made] == ["app/main.py"]


def test_a_move_follows_the_chain_names_what_breaks_and_is_done_once(root: Path) -> None:
    app = root / "app" / "main.py"
    app.write_text('ask(model="gpt-4o")\n')
    log = StringIO()
    command_line(root, Flags(TODAY, fix="safe"), StringIO(), log)
    assert (app.read_text(), log.getvalue()) == ('ask(model="gpt-4o")\n', "fixed 0 names\n")
    command_line(root, Flags(TODAY, fix="all"), StringIO(), log)
    moved = app.read_text()
    assert moved == 'ask(model="gpt-6-luna")\n'
    assert "mind: write `max_completion_tokens` for `max_tokens`" in log.getvalue()
    command_line(root, Flags(TODAY, fix="all"), StringIO(), log)
    assert app.read_text() == moved


def test_what_is_ignored_is_not_edited(root: Path) -> None:
    text = 'ask(model="gpt-5.5")  # pinward: ignore[unpinned-alias] the gateway pins it\n'
    (root / "app" / "main.py").write_text(text)
    command_line(root, Flags(TODAY, fix="all"), StringIO(), StringIO())
    assert (root / "app" / "main.py").read_text() == text


def test_the_baseline_is_read_from_its_own_path(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "known.json"
    assert command_line(root, Flags(TODAY, "baseline", output=path), StringIO(), StringIO()) == ExitCode.OK
    assert command_line(root, Flags(TODAY, baseline=path), StringIO(), StringIO()) == ExitCode.OK
    with pytest.raises(ConfigError, match="cannot be read"):
        command_line(root, Flags(TODAY, baseline=path.parent / "other.json"), StringIO(), StringIO())


def test_the_flag_names_every_format() -> None:
    assert tuple(FORMATS) == SCAN_FORMATS


def test_an_ignore_for_the_auditor_is_of_use_to_the_user_too(root: Path) -> None:
    call = 'AzureOpenAI().chat.completions.create(model="gpt-4-corporate")  # pinward: ignore[unknown-model] ours\n'
    (root / "app" / "main.py").write_text(call)
    assert "unused-ignore" not in run(root)[1]


def test_an_ignore_in_front_matter_counts_and_one_quoted_in_prose_does_not(root: Path) -> None:
    comment = "# pinward: ignore[unpinned-alias] chosen by the host"
    (root / "app" / "main.py").write_text("x = 1\n")
    (root / "agent.md").write_text(f"---\nmodel: gpt-5.5  {comment}\n---\n\n```python\nx = 1  {comment}\n```\n")
    code, text = run(root)
    assert (code, "1 suppressed" in text, "unused" in text) == (ExitCode.OK, True, False)


def test_a_report_that_cannot_be_written_is_no_internal_error(root: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        command_line(root, Flags(TODAY, output=root / "nowhere" / "x.json"), StringIO(), StringIO())
