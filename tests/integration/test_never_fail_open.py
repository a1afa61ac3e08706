"""A scan that could not look is never a clean bill: through the command line, with files that cannot be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pinward.lifecycle.catalog import load

SRC = Path(__file__).parents[2] / "src"
CALL = "ask(model='gpt-5.5')\n"
# Root reads what it may not, unless it gives that up.
POWERLESS = [] if os.geteuid() else ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


def scan(root: Path, *flags: str, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(SRC), "PATH": os.defpath, "HOME": "/proc/none"}
    command = [*prefix, sys.executable, "-m", "pinward", "scan", str(root), "--today", "2026-11-22", *flags]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(params=["git", "plain"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "git":
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def track(root: Path) -> None:
    if (root / ".git").exists():
        subprocess.run(["git", "-C", str(root), "add", "."], check=True)


def nothing_at_all(_root: Path) -> None:
    pass


def only_a_link(root: Path) -> None:
    (root / "app.py").symlink_to("/etc/hostname")


def only_what_was_deleted(root: Path) -> None:
    (root / "app.py").write_text(CALL)
    track(root)
    (root / "app.py").unlink()


def only_an_oversized_file(root: Path) -> None:
    (root / "app.py").write_text(CALL + "#" * 11_000_000)


def only_an_image(root: Path) -> None:
    (root / "gpt-5.5.png").write_bytes(b"\x89PNG")


def only_what_the_policy_leaves_out(root: Path) -> None:
    (root / "pinward.yml").write_text("version: 1\npolicy: {scan: {exclude: ['**']}}\n")
    (root / "app.py").write_text(CALL)


def only_a_file_without_permission(root: Path) -> None:
    (root / "app.py").write_text(CALL)
    track(root)
    (root / "app.py").chmod(0)


@pytest.mark.parametrize(
    "make",
    [
        nothing_at_all,
        only_a_link,
        only_what_was_deleted,
        only_an_oversized_file,
        only_an_image,
        only_what_the_policy_leaves_out,
        only_a_file_without_permission,
    ],
)
@pytest.mark.parametrize("form", ["console", "json"])
def test_nothing_readable_ends_with_2_and_no_report(make: Callable[[Path], None], form: str, root: Path) -> None:
    make(root)
    if make is not only_a_file_without_permission:  # git would have to read it
        track(root)
    done = scan(root, "--format", form, prefix=tuple(POWERLESS))
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing was scanned" in done.stderr


@pytest.mark.parametrize("name", ["without_permission.py", "too_large.py"])
def test_a_file_that_cannot_be_read_is_noted_and_the_others_are_scanned(name: str, root: Path) -> None:
    (root / "app.py").write_text(CALL)
    track(root)
    (root / name).write_text(CALL + ("#" * 11_000_000 if name == "too_large.py" else ""))
    (root / name).chmod(0 if name == "without_permission.py" else 0o644)
    done = scan(root, "--format", "json", prefix=tuple(POWERLESS))
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert {finding["path"] for finding in document["findings"]} == {"app.py"}
    assert [note["path"] for note in document["notes"]] == [name]
    assert document["files_scanned"] == 1
    assert f"note: {name}: " in scan(root, prefix=tuple(POWERLESS)).stdout


@pytest.mark.parametrize("tracked", [True, False])
def test_a_folder_that_cannot_be_opened_is_noted_and_alone_is_never_a_clean_bill(tracked: bool, root: Path) -> None:
    folder = root / "closed"
    folder.mkdir()
    (folder / "app.py").write_text(CALL)
    if tracked:
        track(root)
    folder.chmod(0)
    try:
        alone = scan(root, prefix=tuple(POWERLESS))
        (root / "other.py").write_text("x = 1\n")
        beside = scan(root, prefix=tuple(POWERLESS))
    finally:
        folder.chmod(0o700)
    assert (alone.returncode, alone.stdout) == (2, "")
    assert "nothing was scanned: a folder that may not be opened" in alone.stderr
    assert beside.returncode == 0
    assert "note: closed/: a folder that may not be opened: not scanned" in beside.stdout
    assert "1 file searched" in beside.stdout


def test_a_file_that_does_not_parse_or_decode_is_scanned_all_the_same(root: Path) -> None:
    (root / "broken.py").write_text("def f(:\n  ask(model='gpt-5.5'\n")
    (root / "latin.py").write_bytes(CALL.encode() + b"# \xe9\n")
    (root / "broken.ipynb").write_text('{"cells": [{"cell_type": "code", "source": ["model = \\"gpt-5.5\\""')
    document = json.loads(scan(root, "--format", "json").stdout)
    found = {finding["path"] for finding in document["findings"]}
    assert found == {"broken.py", "latin.py", "broken.ipynb"}
    assert {note["path"] for note in document["notes"]} == {"latin.py", "broken.ipynb"}


def test_a_stale_catalog_is_told_beside_a_clean_result(root: Path) -> None:
    (root / "app.py").write_text("ask(model='gpt-5.5-2026-04-23')\n")
    compiled = load().compiled_on
    done = scan(root, "--today", (compiled + timedelta(days=99)).isoformat())
    assert done.returncode == 0
    assert f"warning: the catalog is 99 days old ({compiled})" in done.stdout
    assert "no findings" not in done.stdout


def test_unknown_is_not_clear(root: Path) -> None:
    (root / "app.py").write_text("ask(model='gpt-99-galaxy')\n")
    document = json.loads(scan(root, "--format", "json", "--persona", "auditor").stdout)
    assert [(use["model"], use["pin"]) for use in document["uses"]] == [("gpt-99-galaxy", "unknown")]
    assert "unknown-model" in {finding["rule"] for finding in document["findings"]}
