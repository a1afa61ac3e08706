from __future__ import annotations

import base64
from pathlib import Path

import pytest

from pinward.commands.event.commits import Clone
from pinward.errors import GitError
from pinward.git.history import parents
from pinward.git.process import run
from tests.support.repository import Repository

TOKEN = "ghs_canary"


def header(clone: Clone, address: str) -> str:
    """Ask git which header it would send to an address."""
    arguments = ("config", "--get-urlmatch", "http.extraheader", address)
    return run(clone.root, *arguments, ok=(0, 1), private=clone._credentials()).decode().strip()


def test_the_token_goes_to_the_server_of_the_workflow_alone(tmp_path: Path) -> None:
    clone = Clone(Repository(tmp_path).root, "https://github.test", TOKEN)
    sent = header(clone, "https://github.test/acme/invoices")
    assert base64.b64decode(sent.removeprefix("AUTHORIZATION: basic ")).decode() == f"x-access-token:{TOKEN}"
    assert header(clone, "https://github.test.evil.example/acme/invoices") == ""
    assert header(clone, "https://evil.example/github.test") == ""
    assert TOKEN not in repr(clone)


def test_without_a_token_nothing_is_said(tmp_path: Path) -> None:
    assert Clone(tmp_path, "https://github.test")._credentials() == {}


def test_parents_of_a_merge_are_named_first_parent_first(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    base = repository.commit({"a": "1"})
    repository.branch("feature", base)
    head = repository.commit({"b": "2"}, "parent 0000\n\nparent 1111")
    assert parents(repository.root, repository.merge(base, head)) == [base, head]
    assert parents(repository.root, head) == [base]


def test_a_commit_that_is_nowhere_is_named_with_what_to_set(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "1"})
    with pytest.raises(GitError, match="cannot be fetched") as refused:
        Clone(repository.root).ensure("f" * 40)
    assert "fetch-depth: 0" in refused.value.hint


@pytest.mark.parametrize("branch", ["--upload-pack=x", "main..other", "x y", "", "../../HEAD"])
def test_t20_a_branch_with_a_hostile_name_is_only_looked_up(tmp_path: Path, branch: str) -> None:
    repository = Repository(tmp_path)
    sha = repository.commit({"a": "1"})
    assert Clone(repository.root).has_on_branch(branch, sha) is False


def test_a_merge_counts_however_it_was_made_and_another_tree_does_not(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    base = repository.commit({"a": "1"})
    repository.branch("feature", base)
    head = repository.commit({"b": "2"})
    repository.branch("squashed", base)
    squashed = repository.commit({"b": "2"}, "Squashed")
    repository.branch("more", base)
    more = repository.commit({"b": "2", "c": "3"}, "Squashed, and something else")
    merged = repository.merge(base, head, "merged")
    clone = Clone(repository.root)
    assert [clone.merges(sha, base, head) for sha in (merged, squashed, more, "f" * 40)] == [True, True, False, False]
