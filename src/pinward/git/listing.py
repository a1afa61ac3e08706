"""Which files a tree has, and which of them hold a pattern: answered by git's own index and threads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pinward.errors import GitError
from pinward.git.process import Running, run, start

# A repository's configuration could put colours or other folders into the answer.
_GREP = ("grep", "-l", "-i", "-z", "-P", "--no-color", "--no-full-name", "--no-recurse-submodules")
_GITLINK = "160000 "
_SKIPPED = "S "  # the tag of a file that has the skip-worktree bit (git-ls-files, -t)


@dataclass(frozen=True, slots=True)
class Listing:
    """What git says of a folder, each sorted.

    `files` are tracked, or untracked but not ignored; `holding` those that may hold the pattern: those that do, and
    those that are tracked though they are ignored, which are not searched. It is None where git could not tell: it was
    built without PCRE, or could not open a file. `sparse` are tracked files that a sparse checkout leaves out, or that
    somebody marked so: git does not look into them.
    """

    files: list[str]
    holding: list[str] | None
    sparse: list[str]


@dataclass(frozen=True, slots=True)
class Search:
    """All questions about a folder, asked of git at once: it answers on its own threads while Python does other work.

    `asked` is None where git could not be started, and `why` says why.
    """

    asked: tuple[Running, Running, Running] | None
    why: GitError | None = None

    def result(self) -> Listing:
        """Wait for the answers. Raises `GitError` outside a repository."""
        if self.asked is None:
            raise self.why or GitError("git was not asked", "")
        grep, listing, ignored = self.asked
        try:
            tagged, unsearched = _names(listing.output()), _names(ignored.output())
            sparse = {name[2:] for name in tagged if name.startswith(_SKIPPED)}
            files = sorted({name[2:] for name in tagged} - sparse)
            return Listing(files, _held(grep, unsearched), sorted(sparse))
        finally:
            self.stop()

    def stop(self) -> None:
        """End what was started, where nobody wants its answer any more."""
        for running in self.asked or ():
            running.stop()


def _held(grep: Running, unsearched: list[str]) -> list[str] | None:
    try:
        # A file that cannot be opened is left out with a complaint and a good exit code.
        return sorted({*_names(grep.output(ok=(0, 1), silent=True)), *unsearched})
    except GitError:
        return None


def search(root: Path, pattern: str) -> Search:
    """Start to list the files below a folder, and to search them for a pattern (PCRE over bytes, case ignored).

    What attributes or bytes call binary is searched like any other file.
    """
    files = ("ls-files", "-z", "--cached", "--exclude-standard")
    try:
        grep = start(root, *_GREP, "--untracked", "-e", pattern)
        return Search((grep, start(root, *files, "--others", "-t"), start(root, *files, "--ignored")))
    except GitError as error:
        return Search(None, error)


def holding(root: Path, sha: str, pattern: str) -> list[str]:
    """Return the files of a commit (its full id) that hold a pattern (PCRE, case ignored); attributes hide none.

    Raises `GitError` where this git was built without PCRE.
    """
    found = run(root, *_GREP, "-e", pattern, sha, "--", ok=(0, 1))
    return [name.removeprefix(f"{sha}:") for name in _names(found)]


def submodules(root: Path) -> list[str]:
    """Return the folders below `root` that are repositories of their own, as the index says."""
    rows = _names(run(root, "ls-files", "-z", "--stage"))
    return [row.split("\t", 1)[1] for row in rows if row.startswith(_GITLINK)]


def tracked(root: Path, path: str) -> list[str]:
    """Return the entries of the index at or below a path, links and submodules too."""
    return _names(run(root, "--literal-pathspecs", "ls-files", "-z", "--", path))


def _names(output: bytes) -> list[str]:
    return [name.decode("utf-8", "surrogateescape") for name in output.split(b"\0") if name]
