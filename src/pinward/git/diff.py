"""What changed between two commits."""

from __future__ import annotations

from pathlib import Path

from pinward.git.process import run


def changed_paths(root: Path, base: str, head: str) -> list[str]:
    """List the paths that differ between two commits, sorted; a rename counts as both of its paths."""
    out = run(root, "diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--name-only", base, head)
    return sorted(out.decode("utf-8", "surrogateescape").split("\0")[:-1])


def edited_paths(root: Path, commit: str, path: str) -> list[str]:
    """List the files at or below a path whose content in the work tree is not that of a commit."""
    out = run(
        root, "--literal-pathspecs", "diff", "-z", "--no-renames", "--no-ext-diff", "--name-only", commit, "--", path
    )
    return out.decode("utf-8", "surrogateescape").split("\0")[:-1]
