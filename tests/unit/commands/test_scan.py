from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from pinward.commands.scan import ScanOptions, examine, fix, scan
from pinward.core.policy import ScanPolicy
from pinward.errors import ConfigError, ExitCode, UsageError
from pinward.git.tree import WorkTree
from pinward.lifecycle.catalog import load

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
    assert text.startswith("no findings: 1 model use in ")


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
    (root / "known.json").write_text(text)
    code, shown = run(root, ScanOptions(TODAY, baseline="known.json"))
    assert (code, "1 suppressed" in shown) == (ExitCode.OK, True)
    (root / "app" / "new.py").write_text('ask(model="gpt-5.4")\n')
    assert run(root, ScanOptions(TODAY, baseline="known.json"))[0] == ExitCode.BLOCKED


def test_a_file_that_is_no_baseline_is_refused(root: Path) -> None:
    (root / "known.json").write_text('{"schema": "other"}')
    with pytest.raises(ConfigError, match="no baseline"):
        run(root, ScanOptions(TODAY, baseline="known.json"))


def test_an_ignored_finding_is_counted_and_a_dead_comment_is_told(root: Path) -> None:
    (root / "app" / "main.py").write_text(
        'ask(model="gpt-5.5")  # pinward: ignore[unpinned-alias] until=2027-01-01 tried\n# pinward: ignore\nx = 1\n'
    )
    code, text = run(root)
    assert code == ExitCode.OK
    assert "[unused-ignore]" in text
    assert "app/main.py:2:1" in text
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
    tree = WorkTree(root)
    report = examine(root, tree, load(), PLAIN)
    assert fix(tree, report.findings, "safe", lambda path, data: (root / path).write_bytes(data)) == 1
    assert (root / "app" / "main.py").read_text() == 'x = 1\nask(model="gpt-5.5-2026-04-23")\n'
    assert run(root)[0] == ExitCode.OK
