from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pinward.errors import GitError
from pinward.git.history import resolve
from pinward.git.listing import holding, listed


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
    assert listed(root) == [".gitignore", "a b\u00e9.py", "binary", "new.py"]


def test_text_files_that_hold_a_pattern_are_found_in_any_case(root: Path) -> None:
    assert holding(root, r"gpt-\d") == ["a b\u00e9.py", "new.py"]
    assert holding(root, "nothing") == []


def test_a_commit_is_searched_without_the_work_tree(root: Path) -> None:
    assert holding(root, r"gpt-\d", resolve(root, "HEAD")) == ["a b\u00e9.py"]


def test_only_a_full_id_names_a_commit(root: Path) -> None:
    with pytest.raises(GitError, match="full commit id"):
        holding(root, "x", "--output=x")
