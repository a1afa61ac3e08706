"""Over real commits: a suite is read twice only where something that it reads differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pinward.commands.gate.suites import Suites
from pinward.git.tree import CommitTree
from tests.support.repository import Repository

SUITE = """\
cases_from:
  - {file: 'data/*.csv', checks: [{json_schema: schema.json}]}
"""
BASE: dict[str, str | bytes | None] = {
    "evals/s.yml": SUITE,
    "evals/data/a.csv": "id,q\none,x\n",
    "evals/schema.json": "{}",
    "other.txt": "1",
}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"other.txt": "2"}, True),
        ({"evals/s.yml": SUITE + "# a comment\n"}, False),
        ({"evals/data/a.csv": "id,q\none,y\n"}, False),
        ({"evals/data/b.csv": "id,q\ntwo,x\n"}, False),
        ({"evals/schema.json": '{"type": "object"}'}, False),
        ({"evals/data/a.csv": None, "evals/data/b.csv": "id,q\none,x\n"}, False),
    ],
)
def test_the_heads_suite_is_the_bases_where_nothing_that_it_reads_differs(
    tmp_path: Path, change: dict[str, str | bytes | None], same: bool
) -> None:
    repository = Repository(tmp_path / "r")
    base = CommitTree(repository.root, repository.commit(BASE))
    head = CommitTree(repository.root, repository.commit(change))
    suites = Suites()
    before = suites.load(base, "evals/s.yml")
    after = suites.load(head, "evals/s.yml")
    assert (after is before) is same
    assert after.case_digests == Suites().load(head, "evals/s.yml").case_digests
    assert suites.load(head, "evals/s.yml").path == "evals/s.yml"


def test_a_file_that_comes_before_another_is_seen(tmp_path: Path) -> None:
    """A name is looked up beside the suite first: a new file there takes the place of the one at the root."""
    repository = Repository(tmp_path / "r")
    files: dict[str, str | bytes | None] = {**BASE, "evals/schema.json": None, "schema.json": "{}"}
    base = CommitTree(repository.root, repository.commit({k: v for k, v in files.items() if v is not None}))
    head = CommitTree(repository.root, repository.commit({"evals/schema.json": '{"type": "object"}'}))
    suites = Suites()
    before = suites.load(base, "evals/s.yml")
    assert suites.load(head, "evals/s.yml").case_digests != before.case_digests
