"""Which files of a folder are worth reading: those that git lists and that can hold a model's name."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pinward.core.tree import Tree
from pinward.errors import GitError
from pinward.git import listing
from pinward.git.tree import CommitTree
from pinward.scan.names import GREP_PATTERN
from pinward.scan.paths import is_skipped

# Git takes these for binary by their bytes, though they are text (UTF-16): they are looked at one by one.
_MAYBE_UTF16 = (".ps1", ".reg", ".inf", ".rc", ".strings", ".sln")


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read, how many were considered, and whether a search found a name in each that is to be read.

    `nothing`: what git lists holds no file at all (links, deleted files), so that a search that finds nothing says
    nothing.
    """

    paths: tuple[str, ...]
    considered: int
    searched: bool = False
    nothing: bool = False


def search(root: Path) -> listing.Search:
    """Start to look for files with names in them; `discover` waits for the answer."""
    return listing.search(root, GREP_PATTERN)


def discover(root: Path, tree: Tree, exclude: tuple[str, ...] = (), searching: listing.Search | None = None) -> Found:
    """Return the files below `root` that can hold a name; `exclude` are globs of paths to leave out.

    `searching` was started earlier, where it was. Outside git, or where git has no PCRE, every file of the tree is
    returned, and the scanner searches the bytes.
    """
    try:
        every, holding = (searching or search(root)).result()
        holding += _called_binary(root, every)
    except GitError:
        wanted = _wanted(tree.paths(), exclude)
        return Found(tuple(wanted), len(wanted))
    wanted = _wanted(every, exclude)
    hits = {*holding, *(p for p in every if p.lower().endswith(_MAYBE_UTF16))}
    nothing = not any(tree.exists(path) for path in wanted)  # the first file ends the search
    return Found(tuple(p for p in wanted if p in hits), len(wanted), searched=True, nothing=nothing)


def discover_commit(tree: CommitTree, exclude: tuple[str, ...] = ()) -> list[str]:
    """Return the files of a commit that can hold a name. Raises `GitError` where its objects cannot be read."""
    holding = set(listing.holding(tree.root, tree.sha, GREP_PATTERN))
    wanted = _wanted(tree.paths(), exclude)
    return [path for path in wanted if path in holding or path.lower().endswith(_MAYBE_UTF16)]


def _wanted(every: list[str], exclude: tuple[str, ...]) -> list[str]:
    return [p for p in every if not is_skipped(p) and not (exclude and is_excluded(p, exclude))]


def _called_binary(root: Path, every: list[str]) -> list[str]:
    """Return what an attribute would hide from the search (`*.py binary`): those files are looked at one by one."""
    return listing.called_binary(root) if any(path.endswith(".gitattributes") for path in every) else []


def is_excluded(path: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a glob leaves a path out: `docs/**`, `*.lock`, `legacy` (a folder and all in it)."""
    return any(_matches(path, pattern.strip("/")) for pattern in patterns)


def _matches(path: str, pattern: str) -> bool:
    if fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*"):
        return True
    bare = pattern.removeprefix("**/")
    return bare != pattern and (fnmatchcase(path, bare) or fnmatchcase(path, f"{bare}/*"))
