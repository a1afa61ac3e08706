"""Which files a tree has, and which of them hold a pattern: answered by git's own index and threads."""

from __future__ import annotations

from pathlib import Path

from pinward.errors import GitError
from pinward.git.history import is_sha
from pinward.git.process import run


def listed(root: Path) -> list[str]:
    """Return the tracked and the untracked but not ignored files below a folder, sorted."""
    out = run(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
    return sorted(_names(out))


def holding(root: Path, pattern: str, commit: str | None = None) -> list[str]:
    """Return the text files below a folder (or at a commit, by its full id) that hold a pattern (PCRE, case ignored).

    Raises `GitError` where this git was built without PCRE.
    """
    if commit is not None and not is_sha(commit):
        raise GitError(f"{commit!r} is not a full commit id", "Resolve the name first.")
    where = [commit] if commit else ["--untracked"]
    out = run(root, "grep", "-l", "-i", "-I", "-z", "-P", "-e", pattern, *where, ok=(0, 1))
    prefix = f"{commit}:" if commit else ""
    return sorted(name.removeprefix(prefix) for name in _names(out))


def called_binary(root: Path) -> list[str]:
    """Return the tracked files that attributes call binary whatever they hold: `holding` never opens them."""
    return _names(run(root, "ls-files", "-z", "--", ":(attr:-diff)"))


def tracked(root: Path, path: str) -> list[str]:
    """Return the entries of the index at or below a path, links and submodules too."""
    return _names(run(root, "--literal-pathspecs", "ls-files", "-z", "--", path))


def _names(output: bytes) -> list[str]:
    return [name.decode("utf-8", "surrogateescape") for name in output.split(b"\0") if name]
