from __future__ import annotations

from pathlib import Path

import pytest

from pinward.errors import GitError
from pinward.git.added import added_lines
from tests.support.repository import Repository

NAMES = ["a.py", 'odd "name"\n+++ b.py', "--option", ":(glob)x", "ünï/ä b.py"]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repository")
    repository.commit(dict.fromkeys(NAMES, "one\ntwo\nthree\n"))
    return repository


@pytest.mark.parametrize("name", NAMES)
def test_added_and_changed_lines_are_told_whatever_the_path_holds(repository: Repository, name: str) -> None:
    repository.write({name: "zero\none\nTWO\nthree\n@@ -1 +9,9 @@\n"})
    assert added_lines(repository.root, "HEAD", [name]) == {name: {1, 3, 5}}


def test_a_new_file_is_new_as_a_whole_and_an_old_one_not_at_all(repository: Repository) -> None:
    repository.write({"new.py": "x\n"})
    assert added_lines(repository.root, "HEAD", ["new.py", "a.py"]) == {"new.py": None, "a.py": set()}


def test_lines_are_compared_with_the_merge_base_and_not_with_the_tip(repository: Repository) -> None:
    start = repository.git("rev-parse", "HEAD")
    repository.commit({"a.py": "elsewhere\n"})
    repository.branch("feature", start)
    repository.commit({"a.py": "one\ntwo\nthree\nfour\n"})
    assert added_lines(repository.root, "main", ["a.py"]) == {"a.py": {4}}


def test_attributes_of_the_repository_hide_no_lines(repository: Repository) -> None:
    repository.write({".gitattributes": "* -diff\n*.py binary\n", "a.py": "zero\none\ntwo\nthree\n"})
    assert added_lines(repository.root, "HEAD", ["a.py"]) == {"a.py": {1}}


def test_paths_are_relative_to_the_scanned_folder(repository: Repository) -> None:
    repository.write({"ünï/ä b.py": "one\ntwo\nthree\nfour\n"})
    assert added_lines(repository.root / "ünï", "HEAD", ["ä b.py"]) == {"ä b.py": {4}}


@pytest.mark.parametrize("name", NAMES)
def test_a_moved_file_is_new_only_where_it_changed(repository: Repository, name: str) -> None:
    repository.git("mv", "--", f"./{name}", "moved.py")
    assert added_lines(repository.root, "HEAD", ["moved.py"]) == {"moved.py": set()}
    repository.write({"moved.py": "one\ntwo\nthree\nfour\n"})
    assert added_lines(repository.root, "HEAD", ["moved.py"]) == {"moved.py": {4}}


def test_a_shallow_clone_that_ends_before_the_merge_base_is_told_what_to_fetch(
    repository: Repository, tmp_path: Path
) -> None:
    start = repository.git("rev-parse", "HEAD")
    repository.commit({"a.py": "elsewhere\n"})
    repository.branch("feature", start)
    repository.commit({"a.py": "one\ntwo\nthree\nfour\n"})
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{repository.root}", str(clone))
    with pytest.raises(GitError, match="share no history") as caught:
        added_lines(clone, "origin/main", ["a.py"])
    assert "fetch-depth: 0" in str(caught.value.hint)


@pytest.mark.parametrize("ref", ["--output=x", "nowhere", "a\nb", ""])
def test_what_is_no_commit_is_refused(repository: Repository, ref: str) -> None:
    with pytest.raises(GitError):
        added_lines(repository.root, ref, ["a.py"])


def test_outside_git_there_is_nothing_to_compare_with_and_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is not inside a git repository"):
        added_lines(tmp_path, "main", ["a.py"])
