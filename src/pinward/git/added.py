"""Which lines a work tree has that a commit does not: for findings on new lines only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pinward.errors import GitError
from pinward.git.history import merge_base, require_toplevel, resolve
from pinward.git.process import run

_HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def added_lines(root: Path, ref: str, paths: Iterable[str]) -> dict[str, set[int] | None]:
    """Map each path to its lines that are new since the merge base of `ref` and HEAD; None where git tracks no such
    file, so that all of it is new.

    A moved file is new only where it changed. Paths are relative to `root`. Raises `GitError` where `ref` names no
    commit, or shares no history with HEAD.
    """
    require_toplevel(root)
    base = merge_base(root, resolve(root, ref), resolve(root, "HEAD"))
    if base is None:
        raise GitError(f"{ref} and HEAD share no history", "Fetch more of it: `fetch-depth: 0` in actions/checkout.")
    tracked = set(run(root, "ls-files", "-z").decode("utf-8", "surrogateescape").split("\0"))
    moved = _moved(root, base)
    return {path: _added(root, base, path, moved.get(path, path)) if path in tracked else None for path in paths}


def _moved(root: Path, base: str) -> dict[str, str]:
    """Map each path that a file was moved to since a commit to where it was."""
    out = run(root, "diff", "--find-renames", "--diff-filter=R", "--name-status", "-z", "--relative", base)
    fields = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return dict(zip(fields[2::3], fields[1::3], strict=True))  # a score, the old path, the new one


def _added(root: Path, base: str, path: str, before: str) -> set[int]:
    options = ("--find-renames", "--no-color", "--no-ext-diff", "--no-textconv", "--text", "--unified=0", "--relative")
    patch = run(root, "--literal-pathspecs", "diff", *options, base, "--", before, path)
    spans = [(int(start), int(count) if count else 1) for start, count in _HUNK.findall(patch)]
    return {line for start, count in spans for line in range(start, start + count)}
