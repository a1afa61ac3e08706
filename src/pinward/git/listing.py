"""Which files a tree has, and which of them hold a pattern: answered by git's own index and threads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pinward.errors import GitError
from pinward.git.process import Running, run, start


@dataclass(frozen=True, slots=True)
class Search:
    """Both questions about a folder, asked of git at once: it answers on its own threads while Python does other work.

    `asked` is None where git could not be started, and `why` says why.
    """

    asked: tuple[Running, Running] | None
    why: GitError | None = None

    def result(self) -> tuple[list[str], list[str]]:
        """Return the files that git lists (tracked, and untracked but not ignored), and those that hold the pattern.

        Both are sorted. Raises `GitError` outside a repository, where this git was built without PCRE, and where it
        could not open a file.
        """
        if self.asked is None:
            raise self.why or GitError("git was not asked", "")
        listing, grep = self.asked
        try:
            # A file that cannot be opened is left out with a complaint and a good exit code.
            return sorted(_names(listing.output())), sorted(_names(grep.output(ok=(0, 1), silent=True)))
        finally:
            grep.stop()

    def stop(self) -> None:
        """End what was started, where nobody wants its answer any more."""
        for running in self.asked or ():
            running.stop()


def search(root: Path, pattern: str) -> Search:
    """Start to list the files below a folder, and to search their texts for a pattern (PCRE, case ignored)."""
    try:
        listing = start(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        return Search((listing, start(root, "grep", "-l", "-i", "-I", "-z", "-P", "--untracked", "-e", pattern)))
    except GitError as error:
        return Search(None, error)


def holding(root: Path, sha: str, pattern: str) -> list[str]:
    """Return the files of a commit (its full id) that hold a pattern (PCRE, case ignored); attributes hide none.

    Raises `GitError` where this git was built without PCRE.
    """
    found = run(root, "grep", "-l", "-i", "-a", "-z", "-P", "-e", pattern, sha, "--", ok=(0, 1))
    return [name.removeprefix(f"{sha}:") for name in _names(found)]


def called_binary(root: Path) -> list[str]:
    """Return the tracked files that attributes call binary whatever they hold: `holding` never opens them."""
    return _names(run(root, "ls-files", "-z", "--", ":(attr:-diff)"))


def tracked(root: Path, path: str) -> list[str]:
    """Return the entries of the index at or below a path, links and submodules too."""
    return _names(run(root, "--literal-pathspecs", "ls-files", "-z", "--", path))


def _names(output: bytes) -> list[str]:
    return [name.decode("utf-8", "surrogateescape") for name in output.split(b"\0") if name]
