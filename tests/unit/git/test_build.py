from pathlib import Path

import pytest

from pinward.errors import GitError
from pinward.git.build import Branch, build_repository
from pinward.git.process import run

PATCH = b"""--- a/pinward.yml
+++ b/pinward.yml
@@ -1 +1 @@
-model: old
+model: new
"""
FILES = {
    "pinward.yml": b"model: old\n",
    "app/main.py": b"print()\n",
    "app/secret.env": b"A=1\n",
    ".gitignore": b"*.env\n",
}


def show(root: Path, name: str) -> bytes:
    return run(root, "show", name)


def test_main_holds_every_file_and_each_branch_its_change_alone(tmp_path: Path) -> None:
    commits = build_repository(tmp_path, FILES, [Branch("one", "New model", PATCH), Branch("two", "Again", PATCH)])
    for name, content in FILES.items():
        assert show(tmp_path, f"{commits['main']}:{name}") == content
    assert {show(tmp_path, f"{commits[name]}:pinward.yml") for name in ("one", "two")} == {b"model: new\n"}
    parents = {run(tmp_path, "rev-parse", f"{commits[name]}^").decode().strip() for name in ("one", "two")}
    assert parents == {commits["main"]}
    assert run(tmp_path, "diff", "--name-only", commits["main"], commits["two"]) == b"pinward.yml\n"


def test_the_work_tree_is_left_at_main(tmp_path: Path) -> None:
    build_repository(tmp_path, FILES, [Branch("one", "New model", PATCH)])
    assert (tmp_path / "pinward.yml").read_bytes() == b"model: old\n"
    assert run(tmp_path, "status", "--porcelain") == b""


def test_a_patch_that_does_not_apply_is_an_error_of_git(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="git apply failed"):
        build_repository(tmp_path, {"pinward.yml": b"model: other\n"}, [Branch("one", "New model", PATCH)])
