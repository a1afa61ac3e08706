from __future__ import annotations

import os
from pathlib import Path

import pytest

from pinward.errors import ConfigError
from pinward.git.tree import CommitTree, WorkTree
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r")


def test_a_commit_is_read_as_it_was_whatever_the_work_tree_holds(repository: Repository) -> None:
    sha = repository.commit({"a.txt": "then", "dir/b.txt": "b"})
    repository.write({"a.txt": "now", "new.txt": "x"})
    tree = CommitTree(repository.root, sha)
    assert tree.read("a.txt") == b"then"
    assert tree.paths() == ["a.txt", "dir/b.txt"]
    assert not tree.exists("new.txt")


def test_many_files_are_read_in_one_go_byte_for_byte(repository: Repository) -> None:
    files: dict[str, str | bytes | None] = {"a": "1\n", "b": b"\0\n\xff", "c": "", "d e\n": "odd name"}
    tree = CommitTree(repository.root, repository.commit(files))
    assert dict(tree.read_many([*files, "gone"])) == {"a": b"1\n", "b": b"\0\n\xff", "c": b"", "d e\n": b"odd name"}


@pytest.mark.parametrize("target", ["/proc/self/environ", "../outside", ".git/config"])
def test_t18_a_link_is_never_followed(repository: Repository, target: str) -> None:
    (repository.root.parent / "outside").write_text("secret")
    (repository.root / "link").symlink_to(target)
    (repository.root / "folder").symlink_to(repository.root.parent)
    sha = repository.commit({})
    for tree in (CommitTree(repository.root, sha), WorkTree(repository.root)):
        assert not tree.exists("link")
        assert "link" not in tree.paths()
        with pytest.raises(ConfigError, match="is a symbolic link"):
            tree.read("link")
        assert not tree.exists("folder/outside")
        with pytest.raises(ConfigError):
            tree.read("folder/outside")


@pytest.mark.parametrize("path", ["../outside", "/etc/hosts", ".git/config", "a/../../outside", "a\0b"])
def test_t18_a_path_never_leaves_the_tree(repository: Repository, path: str) -> None:
    (repository.root.parent / "outside").write_text("secret")
    sha = repository.commit({"a/x": "x"})
    for tree in (CommitTree(repository.root, sha), WorkTree(repository.root)):
        assert not tree.exists(path)
        with pytest.raises(ConfigError):
            tree.read(path)


def test_t19_a_huge_file_is_refused_by_its_size_before_it_is_read(repository: Repository) -> None:
    sha = repository.commit({"big": "x" * 1001})
    os.truncate(repository.root / "big", 1_000_000_000)
    for tree in (CommitTree(repository.root, sha, max_file=1000), WorkTree(repository.root, max_file=1000)):
        with pytest.raises(ConfigError, match="at most 1,000 are read"):
            tree.read("big")
    assert not dict(CommitTree(repository.root, sha, max_file=1000).read_many(["big"]))


def test_a_missing_file_is_named_with_the_commit(repository: Repository) -> None:
    sha = repository.commit({})
    with pytest.raises(ConfigError, match=rf"evals/x.yml: there is no such file \({sha[:9]}\)"):
        CommitTree(repository.root, sha).read("evals/x.yml")


def test_the_work_tree_lists_untracked_files_but_not_ignored_ones(repository: Repository) -> None:
    repository.commit({".gitignore": "*.log\n", "a": ""})
    repository.write({"b": "", "c.log": ""})
    assert WorkTree(repository.root).paths() == [".gitignore", "a", "b"]


def test_a_folder_outside_git_is_walked(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_text("")
    assert WorkTree(tmp_path).paths() == ["sub/a"]
