from __future__ import annotations

from pathlib import Path

import pytest

from pinward.errors import GitError
from pinward.git import diff, history
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "r")


def test_names_resolve_to_full_ids(repository: Repository) -> None:
    sha = repository.commit({"a": "1"})
    for name in ("main", "HEAD", sha, sha[:10]):
        assert history.resolve(repository.root, name) == sha


@pytest.mark.parametrize("name", ["gone", "--upload-pack=touch x", "-h", "", "a\nb", "main^{tree}", ":a"])
def test_t20_what_is_no_commit_is_an_error_and_never_an_option(repository: Repository, name: str) -> None:
    repository.commit({"a": "1"})
    with pytest.raises(GitError) as caught:
        history.resolve(repository.root, name)
    assert caught.value.hint


def test_t20_a_branch_named_like_an_option_is_only_a_name(repository: Repository) -> None:
    sha = repository.commit({"a": "1"})
    repository.git("update-ref", "refs/heads/--upload-pack=x", sha)
    assert history.resolve(repository.root, "refs/heads/--upload-pack=x") == sha


def test_a_shallow_clone_says_which_fetch_depth_to_set(repository: Repository, tmp_path: Path) -> None:
    first = repository.commit({"a": "1"})
    repository.commit({"a": "2"})
    clone = Repository(tmp_path / "clone")
    clone.git("fetch", "--quiet", "--depth=1", f"file://{repository.root}", "main")
    with pytest.raises(GitError, match="fetch-depth: 0"):
        history.resolve(clone.root, first)


def test_one_commit_can_be_fetched_by_its_exact_id(repository: Repository, tmp_path: Path) -> None:
    first = repository.commit({"a": "1"})
    repository.commit({"a": "2"})
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", f"file://{repository.root}")
    history.fetch(clone.root, first)
    assert history.resolve(clone.root, first) == first
    with pytest.raises(GitError, match="not a full commit id"):
        history.fetch(clone.root, "main")


def test_ancestry(repository: Repository) -> None:
    base = repository.commit({"a": "1"})
    side = repository.commit({"a": "2"})
    repository.branch("other", base)
    other = repository.commit({"b": "1"})
    assert history.is_ancestor(repository.root, base, side)
    assert not history.is_ancestor(repository.root, side, base)
    assert history.merge_base(repository.root, side, other) == base
    assert history.parents(repository.root, side) == [base]


def test_unrelated_commits_have_no_merge_base(repository: Repository) -> None:
    one = repository.commit({"a": "1"})
    repository.git("checkout", "--quiet", "--orphan", "alone")
    other = repository.commit({"b": "1"})
    assert history.merge_base(repository.root, one, other) is None


def test_changed_paths_name_both_sides_of_a_rename(repository: Repository) -> None:
    base = repository.commit({"a": "same", "keep": "x", "ü\n": "1"})
    head = repository.commit({"a": None, "b": "same", "ü\n": "2"})
    assert diff.changed_paths(repository.root, base, head) == ["a", "b", "ü\n"]


def test_outside_git_there_is_no_top_level(tmp_path: Path) -> None:
    assert history.toplevel(tmp_path) is None
    with pytest.raises(GitError, match="is not inside a git repository"):
        history.require_toplevel(tmp_path)


def test_a_repository_without_a_commit_is_told_so(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "new")
    with pytest.raises(GitError) as raised:
        history.resolve(repository.root, "HEAD")
    assert raised.value.hint == "It has none yet; make one first."


def test_inside_git_the_top_level_is_found_from_below(repository: Repository) -> None:
    repository.commit({"dir/a": "1"})
    assert history.toplevel(repository.root / "dir") == repository.root.resolve()


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is not a directory"):
        history.toplevel(tmp_path / "gone")


def test_configuration_of_the_repository_runs_no_program(repository: Repository) -> None:
    base = repository.commit({"a": "1"})
    head = repository.commit({"a": "2"})
    witness = repository.root.parent / "ran"
    for key in ("core.fsmonitor", "diff.external", "core.pager"):
        repository.git("config", key, f"touch {witness}")
    diff.changed_paths(repository.root, base, head)
    history.resolve(repository.root, "main")
    assert not witness.exists()
