"""How the rest of Pinward reads files: a commit, a work tree, or a fake in tests."""

from __future__ import annotations

import posixpath
from typing import Protocol, runtime_checkable

from pinward.core.documents import Document, decode, load_yaml
from pinward.core.strict_json import load_json
from pinward.errors import ConfigError

MAX_DATA = 200_000_000  # bytes of a data file


class Tree(Protocol):
    """Files at one state of a repository. Paths are relative to its root, with `/`."""

    @property
    def label(self) -> str:
        """A short name for messages: an abbreviated commit id, or `work tree`."""
        ...

    def read(self, path: str) -> bytes:
        """Return the bytes of a regular file.

        Raises `pinward.errors.MissingFileError` where nothing is at the path, and `ConfigError` where it leaves the
        tree, is a link or submodule, or is larger than the reader's limit.
        """
        ...

    def exists(self, path: str) -> bool:
        """Tell whether a regular file stands at this path."""
        ...

    def paths(self) -> list[str]:
        """List all regular files, sorted."""
        ...


@runtime_checkable
class DataTree(Protocol):
    """A tree that reads data files too, which may be larger than what people write by hand."""

    def read_data(self, path: str) -> bytes:
        """Return the bytes of a data file of up to `MAX_DATA`; raises like `Tree.read`."""
        ...


def read_data(tree: Tree, path: str) -> bytes:
    """Return the bytes of a data file."""
    return tree.read_data(path) if isinstance(tree, DataTree) else tree.read(path)


def locate(tree: Tree, beside: str, path: str) -> str:
    """Return the tree's path of a file that the file `beside` names: beside it first, then at the root.

    Raises `ConfigError` where the name leaves the tree or no such file exists.
    """
    if not path or "\0" in path or "\\" in path or path.startswith(("/", "~")) or path[1:2] == ":":
        raise ConfigError(f"{path!r} is not a path inside the repository", "Write a relative path with `/`.")
    folder = posixpath.dirname(beside)
    choices = [posixpath.normpath(posixpath.join(folder, path)), posixpath.normpath(path)]
    inside = [choice for choice in choices if choice != ".." and not choice.startswith("../")]
    if not inside:
        raise ConfigError(f"{path!r} leaves the repository", "Point to a file inside it.")
    found = next((choice for choice in inside if tree.exists(choice)), None)
    if found is None:
        names = " or ".join(f"`{choice}`" for choice in dict.fromkeys(inside))
        raise ConfigError(f"no file {names} at {tree.label}", "Write the path from this file or from the root.")
    return found


def read_document(tree: Tree, path: str) -> Document:
    """Read a YAML or JSON file of the tree, by its ending. Raises `ConfigError` with `file:line`."""
    data = tree.read(path)
    return load_json(data, path) if path.endswith(".json") else load_yaml(decode(data, path), path)
