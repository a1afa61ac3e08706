"""Files at a commit, read as git objects and never through the work tree; and the work tree itself, for laptops."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pinward.core.tree import MAX_DATA
from pinward.errors import ConfigError, GitError, MissingFileError
from pinward.git.process import read_blob, run

MAX_FILE = 10_000_000
# Links and submodules point out of the tree, so neither is ever followed (docs/threats.md T18).
_KINDS = {"120000": "a symbolic link", "160000": "a submodule"}


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    oid: str
    size: int


def _refuse(path: str, label: str, why: str, hint: str) -> ConfigError:
    return ConfigError(f"{path}: {why} ({label})", hint)


def _missing(path: str, label: str) -> MissingFileError:
    return MissingFileError(f"{path}: there is no such file ({label})", "Paths are relative to the repository's root.")


@dataclass(frozen=True)
class CommitTree:
    """The files of one commit. Implements `core.tree.Tree`."""

    root: Path
    sha: str
    max_file: int = MAX_FILE

    @property
    def label(self) -> str:
        """The abbreviated commit id."""
        return self.sha[:9]

    @cached_property
    def _entries(self) -> dict[str, _Entry]:
        listing = run(self.root, "ls-tree", "-r", "-z", "--long", "--full-tree", "--end-of-options", self.sha)
        entries = {}
        for row in listing.split(b"\0")[:-1]:
            meta, path = row.split(b"\t", 1)
            mode, _, oid, size = meta.decode("ascii").split()
            name = path.decode("utf-8", "surrogateescape")
            entries[name] = _Entry(mode, oid, int(size) if size.isdecimal() else 0)
        return entries

    def paths(self) -> list[str]:
        """List all regular files, sorted."""
        return sorted(path for path, entry in self._entries.items() if entry.mode not in _KINDS)

    def exists(self, path: str) -> bool:
        """Tell whether a regular file stands at this path."""
        entry = self._entries.get(path)
        return entry is not None and entry.mode not in _KINDS

    def read(self, path: str) -> bytes:
        """Return the bytes of one file; see `core.tree.Tree.read`."""
        return run(self.root, "cat-file", "blob", self._checked(path, self.max_file).oid)

    def read_data(self, path: str) -> bytes:
        """Return the bytes of a data file; see `core.tree.DataTree`."""
        return read_blob(self.root, self._checked(path, MAX_DATA).oid)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the files that can be read, through one git process; the others are passed over."""
        wanted = [path for path in paths if self.exists(path) and self._entries[path].size <= self.max_file]
        oids = "".join(f"{self._entries[path].oid}\n" for path in wanted)
        stream = run(self.root, "cat-file", "--batch", stdin=oids.encode("ascii"))
        at = 0
        for path in wanted:
            head = stream.index(b"\n", at)
            start, size = head + 1, int(stream[at:head].rsplit(b" ", 1)[1])
            yield path, stream[start : start + size]
            at = start + size + 1

    def digest(self, path: str) -> str:
        """Return the object id of a file: equal ids are equal bytes."""
        return self._checked(path, MAX_DATA).oid

    def _checked(self, path: str, most: int) -> _Entry:
        entry = self._entries.get(path)
        if entry is None:
            raise _missing(path, self.label)
        if entry.mode in _KINDS:
            raise _refuse(path, self.label, f"is {_KINDS[entry.mode]}", "Commit the file itself.")
        if entry.size > most:
            why = f"has {entry.size:,} bytes; at most {most:,} are read"
            raise _refuse(path, self.label, why, "Split the file.")
        return entry


@dataclass(frozen=True)
class WorkTree:
    """The files on disk below one folder. Implements `core.tree.Tree`."""

    root: Path
    label: str = field(default="work tree")
    max_file: int = MAX_FILE
    # Folders that were looked at, and whether a path leads there without a symbolic link: many files share each.
    _plain: dict[Path, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    def paths(self) -> list[str]:
        """List tracked and untracked-not-ignored regular files; every file outside git."""
        try:
            out = run(self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        except GitError:
            names = self._walk()
        else:
            names = iter(out.decode("utf-8", "surrogateescape").split("\0")[:-1])
        return sorted(name for name in names if self.exists(name))

    def _walk(self) -> Iterator[str]:
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name != ".git"]
            for name in files:
                yield (Path(folder) / name).relative_to(self.root).as_posix()

    def exists(self, path: str) -> bool:
        """Tell whether a regular file stands at this path."""
        try:
            return stat.S_ISREG(self._inside(path).lstat().st_mode)
        except (OSError, ValueError, ConfigError):
            return False

    def read(self, path: str) -> bytes:
        """Return the bytes of one file; see `core.tree.Tree.read`."""
        return self._read(path, self.max_file)

    def read_data(self, path: str) -> bytes:
        """Return the bytes of a data file; see `core.tree.DataTree`."""
        return self._read(path, MAX_DATA)

    def _read(self, path: str, most: int) -> bytes:
        target = self._inside(path)
        try:
            status = target.lstat()
            if stat.S_ISLNK(status.st_mode):
                raise _refuse(path, self.label, "is a symbolic link", "Commit the file itself.")
            if not stat.S_ISREG(status.st_mode):
                raise _refuse(path, self.label, "is not a regular file", "Name a file.")
            if status.st_size > most:
                why = f"has {status.st_size:,} bytes; at most {most:,} are read"
                raise _refuse(path, self.label, why, "Split the file.")
            return target.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise _missing(path, self.label) from None
        except OSError as error:
            raise _refuse(path, self.label, f"cannot be read: {error.strerror}", "Check its permissions.") from None
        except ValueError:
            raise _refuse(path, self.label, "is not a path", "Remove the NUL character.") from None

    def _inside(self, path: str) -> Path:
        parts = path.split("/")
        if path.startswith("/") or ".." in parts or ".git" in parts:
            raise _refuse(path, self.label, "leaves the tree", "Paths are relative to the repository's root.")
        target = self.root / path
        folder = target.parent
        if folder not in self._plain:
            self._plain[folder] = folder.resolve() == self.root.resolve() / Path(path).parent
        if not self._plain[folder]:
            raise _refuse(path, self.label, "goes through a symbolic link", "Commit the file itself.")
        return target


def closed_folders(root: Path) -> list[str]:
    """List the folders below `root` that may not be opened, each with a `/` at its end; what they hold nobody knows."""
    closed: list[OSError] = []
    for _, folders, _ in os.walk(root, onerror=closed.append):
        folders[:] = [name for name in folders if name != ".git"]
    return sorted(f"{Path(error.filename).relative_to(root).as_posix()}/" for error in closed)
