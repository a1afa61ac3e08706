"""Which files of a folder are worth reading: those that git lists and that can hold a model's name."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pinward.core.tree import Tree
from pinward.errors import GitError
from pinward.git import listing
from pinward.git.tree import CommitTree, closed_folders
from pinward.scan.names import GREP_PATTERN
from pinward.scan.paths import is_skipped

# Text in UTF-16 begins with this mark. In it no name can be found byte by byte: such files are looked at one by one.
_UTF16 = r"\xff\xfe[\t\n\r -~]\x00|\xfe\xff\x00[\t\n\r -~]"
_PATTERN = f"{GREP_PATTERN}|{_UTF16}"


@dataclass(frozen=True, slots=True)
class Found:
    """The files to read, how many were considered, and whether a search found a name in each that is to be read.

    `nothing`: what git lists holds no file at all (links, deleted files), so that a search that finds nothing says
    nothing. `foreign` are folders that are repositories of their own, into which nothing looks; `sparse` counts the
    files that a sparse checkout leaves out; `closed` are folders that may not be opened.
    """

    paths: tuple[str, ...]
    considered: int
    searched: bool = False
    nothing: bool = False
    foreign: tuple[str, ...] = ()
    sparse: int = 0
    closed: tuple[str, ...] = ()


def search(root: Path) -> listing.Search:
    """Start to look for files with names in them; `discover` waits for the answer."""
    return listing.search(root, _PATTERN)


def discover(root: Path, tree: Tree, exclude: tuple[str, ...] = (), searching: listing.Search | None = None) -> Found:
    """Return the files below `root` that can hold a name; `exclude` are globs of paths to leave out.

    `searching` was started earlier, where it was. Outside git, or where git could not search, every file of the tree is
    returned, and the scanner searches the bytes.
    """
    try:
        listed = (searching or search(root)).result()
        foreign = _foreign(root, listed.files)
    except GitError:
        listed, foreign = listing.Listing([], None, []), []
    # `git update-index --skip-worktree` marks files that are there, into which `git grep` does not look either.
    there = {path for path in listed.sparse if tree.exists(path)}
    every = tree.paths() if listed.holding is None else sorted({*listed.files, *there} - {*foreign})
    wanted = _wanted(every, exclude)
    hits = set(wanted) if listed.holding is None else there.union(listed.holding)
    return Found(
        paths=tuple(path for path in wanted if path in hits),
        considered=len(wanted),
        searched=listed.holding is not None,
        nothing=not any(tree.exists(path) for path in wanted),  # the first file ends the search
        foreign=tuple(_wanted(foreign, exclude)),
        sparse=len(_wanted(sorted({*listed.sparse} - there), exclude)),
        closed=tuple(_wanted(closed_folders(root), exclude)) if listed.holding is None else (),
    )


def one(path: str) -> Found:
    """Return a file that somebody named, whatever git says of it."""
    paths = _wanted([path], ())
    return Found(tuple(paths), len(paths))


def discover_commit(tree: CommitTree, exclude: tuple[str, ...] = ()) -> list[str]:
    """Return the files of a commit that can hold a name. Raises `GitError` where its objects cannot be read."""
    holding = set(listing.holding(tree.root, tree.sha, _PATTERN))
    wanted = _wanted(tree.paths(), exclude)
    return [path for path in wanted if path in holding]


def _wanted(every: list[str], exclude: tuple[str, ...]) -> list[str]:
    return [p for p in every if not is_skipped(p) and not (exclude and is_excluded(p, exclude))]


def _foreign(root: Path, every: list[str]) -> list[str]:
    """Return the submodules of a repository, and the repositories that nobody added to it."""
    nested = [path for path in every if path.endswith("/")]
    return sorted([*nested, *(listing.submodules(root) if ".gitmodules" in every else ())])


def is_excluded(path: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether a glob leaves a path out: `docs/**`, `*.lock`, `legacy` (a folder and all in it)."""
    return any(_matches(path, pattern.strip("/")) for pattern in patterns)


def _matches(path: str, pattern: str) -> bool:
    if fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*"):
        return True
    bare = pattern.removeprefix("**/")
    return bare != pattern and (fnmatchcase(path, bare) or fnmatchcase(path, f"{bare}/*"))
