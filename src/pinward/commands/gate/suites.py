"""Reads suites at both commits, and only once where nothing that they read has changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from pinward.evals.suite import Suite, load_suite
from pinward.git.tree import CommitTree


@dataclass(frozen=True)
class Watched:
    """A commit's tree that notes what is asked of it. Implements `core.tree.DataTree`."""

    tree: CommitTree
    seen: dict[str, str | None] = field(default_factory=dict)
    listings: list[list[str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The tree's own."""
        return self.tree.label

    def read(self, path: str) -> bytes:
        """Read and note."""
        self._note(path)
        return self.tree.read(path)

    def read_data(self, path: str) -> bytes:
        """Read and note."""
        self._note(path)
        return self.tree.read_data(path)

    def exists(self, path: str) -> bool:
        """Look and note."""
        self._note(path)
        return self.tree.exists(path)

    def paths(self) -> list[str]:
        """List and note."""
        self.listings.append(self.tree.paths())
        return self.listings[-1]

    def same_at(self, other: CommitTree) -> bool:
        """Tell whether another commit would have answered everything alike."""
        same_lists = all(listing == other.paths() for listing in self.listings)
        return same_lists and all(_digest(other, path) == found for path, found in self.seen.items())

    def _note(self, path: str) -> None:
        self.seen[path] = _digest(self.tree, path)


def _digest(tree: CommitTree, path: str) -> str | None:
    return tree.digest(path) if tree.exists(path) else None


@dataclass
class Suites:
    """The suites of a gate's commits, each of which is read once, whoever asks for it and for whichever commit."""

    _read: list[tuple[Watched, Suite]] = field(default_factory=list)

    def load(self, tree: CommitTree, path: str) -> Suite:
        """Read a suite, or return the one of another commit where nothing of it differs. Raises `ConfigError`."""
        for watched, suite in self._read:
            if suite.path == path and watched.same_at(tree):
                return suite
        watched = Watched(tree)
        self._read.append((watched, load_suite(watched, path)))
        return self._read[-1][1]
