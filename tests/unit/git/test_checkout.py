from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pinward.errors import GitError
from pinward.git.checkout import checkout
from tests.support.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def found(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_all_files_are_there_whatever_a_release_of_the_commit_leaves_out_or_fills_in(
    repository: Repository, tmp_path: Path
) -> None:
    files = {".gitattributes": "app export-ignore\nv.py export-subst\n", "app/a.py": "1", "v.py": "'$Format:%H$'"}
    checkout(repository.root, repository.commit(dict(files)), tmp_path / "files")
    assert found(tmp_path / "files") == files


def test_no_filter_that_is_configured_in_the_clone_is_run(repository: Repository, tmp_path: Path) -> None:
    sha = repository.commit({".gitattributes": "*.bin filter=evil\n", "a.bin": "x"})
    evil = f"touch {tmp_path}/ran; cat"
    subprocess.run(["git", "-C", repository.root, "config", "filter.evil.smudge", evil], check=True)
    checkout(repository.root, sha, tmp_path / "files")
    assert found(tmp_path / "files")["a.bin"] == "x"
    assert not (tmp_path / "ran").exists()


def test_what_a_partial_clone_left_out_is_fetched(repository: Repository, tmp_path: Path) -> None:
    sha = repository.commit({"a.txt": "1", "b/c.txt": "2"})
    repository.commit({"a.txt": "3"})
    subprocess.run(["git", "-C", repository.root, "config", "uploadpack.allowFilter", "true"], check=True)
    partial = ["git", "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repository.root}"]
    subprocess.run([*partial, tmp_path / "partial"], check=True)
    checkout(tmp_path / "partial", sha, tmp_path / "files")
    assert found(tmp_path / "files") == {"a.txt": "1", "b/c.txt": "2"}


def test_links_that_lead_out_are_left_out(repository: Repository, tmp_path: Path) -> None:
    (repository.root / "out").symlink_to("../secret")
    (repository.root / "absolute").symlink_to("/etc/passwd")
    (repository.root / "inside").symlink_to("a.txt")
    checkout(repository.root, repository.commit({"a.txt": "1"}), tmp_path / "files")
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == ["a.txt", "inside"]


def test_a_folder_is_there_whole_or_not_at_all(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a.txt": "1"})
    (tmp_path / "place").mkdir()
    with pytest.raises(GitError):
        checkout(repository.root, "0" * 40, tmp_path / "place" / "files")
    assert list((tmp_path / "place").iterdir()) == []
