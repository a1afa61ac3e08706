"""A tree of files in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinward.errors import MissingFileError


@dataclass(frozen=True)
class MemoryTree:
    """Implements `core.tree.Tree` over a mapping."""

    files: Mapping[str, str | bytes] = field(default_factory=dict)
    label: str = "memory"

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise MissingFileError(f"{path}: there is no such file ({self.label})")
        content = self.files[path]
        return content if isinstance(content, bytes) else content.encode()

    def exists(self, path: str) -> bool:
        return path in self.files

    def paths(self) -> list[str]:
        return sorted(self.files)
