"""Commits: which one a name means, and how two of them are related.

Refs from outside never become options (docs/threats.md T20).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pinward.errors import GitError
from pinward.git.process import run

_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")


def is_sha(text: str) -> bool:
    """Tell whether this is a full commit id."""
    return bool(_SHA.match(text))


def toplevel(path: Path) -> Path | None:
    """Return the root of the work tree around `path`, or None outside git."""
    try:
        out = run(path, "rev-parse", "--show-toplevel")
    except GitError as error:
        if "git rev-parse failed" in error.message:
            return None
        raise
    return Path(out.decode("utf-8", "surrogateescape").removesuffix("\n"))


def require_toplevel(path: Path) -> Path:
    """Return the root of the work tree around `path`. Raises `GitError` outside git."""
    root = toplevel(path)
    if root is None:
        raise GitError(f"{path.resolve()} is not inside a git repository", "Run it in a clone.")
    return root


def is_shallow(root: Path) -> bool:
    """Tell whether the clone lacks history."""
    return run(root, "rev-parse", "--is-shallow-repository").strip() == b"true"


def resolve(root: Path, ref: str) -> str:
    """Return the full id of the commit that `ref` names.

    Raises `GitError` with the `fetch-depth` to set where a shallow clone lacks it.
    """
    if not ref or "\0" in ref or "\n" in ref:
        raise GitError(f"{ref!r} is not the name of a commit", "Give a branch, a tag or a commit id.")
    out = run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", ok=(0, 1, 128))
    sha = out.decode("ascii", "replace").strip()
    if is_sha(sha):
        return sha
    if ref == "HEAD":
        hint = "It has none yet; make one first."
    elif is_shallow(root):
        hint = "The clone is shallow: set `fetch-depth: 0` at actions/checkout, or run `git fetch --unshallow`."
    else:
        hint = "Give a branch, a tag or a commit id that exists here; `git fetch` gets those of the remote."
    raise GitError(f"no commit {ref!r} in this repository", hint)


def parents(root: Path, sha: str) -> list[str]:
    """Return the parents of a commit, first parent first; those that a shallow clone lacks too.

    `rev-list` would hide them, so that the commit itself is read.
    """
    header = run(root, "cat-file", "commit", sha).partition(b"\n\n")[0].decode("ascii", "replace")
    return [line.removeprefix("parent ") for line in header.splitlines() if line.startswith("parent ")]


def changes_of(root: Path, sha: str, path: str, most: int = 1_000) -> list[str]:
    """Return the commits of a branch's own line (first parents) that changed a file, newest first."""
    out = run(root, "log", "--first-parent", f"--max-count={most}", "--format=%H", "--end-of-options", sha, "--", path)
    return out.decode("ascii").split()


def is_ancestor(root: Path, ancestor: str, sha: str) -> bool:
    """Tell whether `ancestor` is reachable from `sha` (a commit is its own ancestor).

    In a shallow clone "no" may only mean "not fetched".
    """
    return merge_base(root, ancestor, sha) == ancestor


def merge_base(root: Path, one: str, other: str) -> str | None:
    """Return the best common ancestor, or None where there is none (or none was fetched)."""
    out = run(root, "merge-base", one, other, ok=(0, 1))
    return out.decode("ascii").split("\n", maxsplit=1)[0] or None


def fetch(root: Path, sha: str, private: Mapping[str, str] | None = None) -> None:
    """Fetch one commit by its exact id from `origin`; `private` is configuration that no argument list may show.

    A shallow clone gets that commit alone; a whole one stays whole. Raises `GitError` where the remote does not have it
    or cannot be reached.
    """
    if not is_sha(sha):
        raise GitError(f"{sha!r} is not a full commit id", "Only exact ids are fetched.")
    depth = ("--depth=1",) if is_shallow(root) else ()
    run(root, "fetch", "--no-tags", "--no-recurse-submodules", *depth, "origin", sha, private=private)


def tree_of(root: Path, sha: str) -> str:
    """Return the id of a commit's tree: equal ids are equal files."""
    return run(root, "rev-parse", "--verify", "--end-of-options", f"{sha}^{{tree}}").decode("ascii").strip()


def merged_tree(root: Path, one: str, other: str) -> str | None:
    """Return the tree that a merge of two commits gives, None where they conflict or git cannot tell.

    `merge-tree --write-tree` came with git 2.38.
    """
    if not (is_sha(one) and is_sha(other)):
        return None
    try:
        return run(root, "merge-tree", "--write-tree", one, other).decode("ascii", "replace").strip()
    except GitError:
        return None
