from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pinward.errors import GitError
from pinward.git.listing import Listing, holding, search, submodules


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "ignored.py").write_text("GPT-4\n")
    (tmp_path / "a b\u00e9.py").write_text("GPT-4\n")
    (tmp_path / "binary").write_bytes(b"gpt-4\0")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "new.py").write_text("gpt-4\n")
    return tmp_path


def test_tracked_and_new_files_are_listed_and_ignored_ones_are_not(root: Path) -> None:
    assert search(root, "x").result().files == [".gitignore", "a b\u00e9.py", "binary", "new.py"]


def test_files_that_hold_a_pattern_are_found_in_any_case(root: Path) -> None:
    assert search(root, r"gpt-\d").result().holding == ["a b\u00e9.py", "binary", "new.py"]
    assert search(root, "nothing").result().holding == []


def test_a_file_that_is_tracked_though_ignored_is_looked_at(root: Path) -> None:
    (root / ".gitignore").write_text("*.py\n")
    assert search(root, r"gpt-\d").result().holding == ["a b\u00e9.py", "binary"]


def test_what_a_sparse_checkout_leaves_out_is_named_and_not_taken_for_a_file_that_is_there(root: Path) -> None:
    git(root, "sparse-checkout", "set", "--no-cone", "/binary", "/.gitignore")
    assert search(root, r"gpt-\d").result() == Listing(
        files=[".gitignore", "binary", "new.py"], holding=["binary", "new.py"], sparse=["a b\u00e9.py"]
    )


@pytest.mark.parametrize("attributes", ["*.py binary", "*.py -diff", "*.py diff=hidden"])
def test_attributes_hide_no_file(root: Path, attributes: str) -> None:
    git(root, "config", "diff.hidden.binary", "true")
    for place in (".gitattributes", ".git/info/attributes"):
        (root / place).write_text(f"{attributes}\n")
        assert search(root, r"gpt-\d").result().holding == ["a b\u00e9.py", "binary", "new.py"]


def test_the_configuration_of_a_repository_changes_no_answer(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "b.py").write_text("gpt-4\n")
    settings = {"color.ui": "always", "grep.fullName": "true", "grep.column": "true", "submodule.recurse": "true"}
    for key, value in settings.items():
        git(root, "config", key, value)
    assert search(root / "sub", r"gpt-\d").result() == Listing(["b.py"], ["b.py"], [])
    git(root, "add", ".")
    git(root, "commit", "-qm", "two")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True)
    assert holding(root, head.stdout.strip(), "gpt-4$") == ["a b\u00e9.py", "new.py", "sub/b.py"]


def test_bytes_that_are_no_text_can_be_searched_for(root: Path) -> None:
    (root / "wide.py").write_bytes("gpt-4".encode("utf-16"))
    assert search(root, r"\xff\xfe").result().holding == ["wide.py"]


def test_repositories_inside_a_repository_are_named(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    git(other, "commit", "-q", "--allow-empty", "-m", "one")
    assert submodules(root) == []
    git(root, "submodule", "add", "-q", str(other), "lib/a b")
    assert submodules(root) == ["lib/a b"]


@pytest.mark.parametrize("folder", ["no repository", "no folder"])
def test_where_git_has_no_answer_the_search_says_so_when_it_is_asked(folder: str, tmp_path: Path) -> None:
    if folder == "no repository":
        (tmp_path / folder).mkdir()
    started = search(tmp_path / folder, "x")
    with pytest.raises(GitError, match=r"not a git repository|is not a directory"):
        started.result()


def test_a_pattern_that_git_refuses_leaves_no_process_behind(root: Path) -> None:
    started = search(root, "(")
    assert started.result() == Listing([".gitignore", "a b\u00e9.py", "binary", "new.py"], None, [])
    assert started.asked is not None
    assert all(running.process.returncode is not None for running in started.asked)
    assert all(running.process.stdout is None or running.process.stdout.closed for running in started.asked)
