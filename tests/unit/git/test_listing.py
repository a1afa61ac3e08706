from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pinward.errors import GitError
from pinward.git.listing import search


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for arguments in (["init", "-q"], ["config", "user.name", "a"], ["config", "user.email", "a@example.org"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "ignored.py").write_text("GPT-4\n")
    (tmp_path / "a b\u00e9.py").write_text("GPT-4\n")
    (tmp_path / "binary").write_bytes(b"gpt-4\0")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "commit", "-qm", "one"], cwd=tmp_path, check=True)
    (tmp_path / "new.py").write_text("gpt-4\n")
    return tmp_path


def test_tracked_and_new_files_are_listed_and_ignored_ones_are_not(root: Path) -> None:
    every, _ = search(root, "x").result()
    assert every == [".gitignore", "a b\u00e9.py", "binary", "new.py"]


def test_text_files_that_hold_a_pattern_are_found_in_any_case(root: Path) -> None:
    assert search(root, r"gpt-\d").result()[1] == ["a b\u00e9.py", "new.py"]
    assert search(root, "nothing").result()[1] == []


@pytest.mark.parametrize("folder", ["no repository", "no folder"])
def test_where_git_has_no_answer_the_search_says_so_when_it_is_asked(folder: str, tmp_path: Path) -> None:
    if folder == "no repository":
        (tmp_path / folder).mkdir()
    started = search(tmp_path / folder, "x")
    with pytest.raises(GitError, match=r"not a git repository|is not a directory"):
        started.result()


def test_a_pattern_that_git_refuses_leaves_no_process_behind(root: Path) -> None:
    started = search(root, "(")
    with pytest.raises(GitError, match="git grep failed"):
        started.result()
    assert started.asked is not None
    assert all(running.process.returncode is not None for running in started.asked)
    assert all(running.process.stdout is None or running.process.stdout.closed for running in started.asked)
