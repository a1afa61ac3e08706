"""How the rest of Pinward reads files: a commit, a work tree, or a fake in tests."""

from __future__ import annotations

from typing import Protocol


class Tree(Protocol):
    """Files at one state of a repository. Paths are relative to its root, with `/`."""

    @property
    def label(self) -> str:
        """A short name for messages: an abbreviated commit id, or `work tree`."""
        ...

    def read(self, path: str) -> bytes:
        """Return the bytes of a regular file.

        Raises `pinward.errors.ConfigError` where the path does not exist, leaves the tree, is a link or submodule,
        or is larger than the reader's limit.
        """
        ...

    def exists(self, path: str) -> bool:
        """Tell whether a regular file stands at this path."""
        ...

    def paths(self) -> list[str]:
        """List all regular files, sorted."""
        ...
