"""The application's own files, and whether they have changed since they were read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pinward.errors import ConfigError, MissingFileError

State = tuple[int, int, int] | None  # inode, size, nanoseconds of the last change; None: no such file


def state_of(path: Path) -> State:
    """Return what tells one content of a file from the next."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


@dataclass
class Folder:
    """Files below one folder. Implements `core.tree.Tree`; notes each file that was asked for.

    Links are followed, unlike in the gate: these are files that a deployment put there (a ConfigMap is all links).
    """

    root: Path
    label: str = "on disk"
    seen: dict[Path, State] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; see `core.tree.Tree.read`."""
        target = self._note(path)
        try:
            return target.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise MissingFileError(f"{target}: there is no such file", "Deploy it with the application.") from None
        except OSError as error:
            raise ConfigError(f"{target}: cannot be read: {error.strerror}", "Check its permissions.") from None

    def exists(self, path: str) -> bool:
        """Tell whether a file stands at this path."""
        return self._note(path).is_file()

    def paths(self) -> list[str]:
        """List all files, sorted."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())

    def changed(self) -> bool:
        """Tell whether a file that was asked for is another one now."""
        return any(state_of(path) != state for path, state in self.seen.items())

    def _note(self, path: str) -> Path:
        if path.startswith("/") or ".." in path.split("/"):
            raise ConfigError(f"{path}: leaves the folder of the configuration", "Point to a file inside it.")
        target = self.root / path
        self.seen.setdefault(target, state_of(target))
        return target
