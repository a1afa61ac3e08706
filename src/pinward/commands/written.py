"""Files that are about to be written: as YAML of our own, and as a tree that reads them back before any of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pinward.core.policy import Json
from pinward.core.tree import Tree, read_data
from pinward.errors import UsageError


@dataclass(frozen=True, slots=True)
class Written:
    """The base tree with the files that are about to be written: they are read back before any of them is."""

    base: Tree
    files: Mapping[str, str]
    label: str = "about to be written"

    def read(self, path: str) -> bytes:
        """Return the bytes of a file, as it will be."""
        return self.files[path].encode() if path in self.files else self.base.read(path)

    def read_data(self, path: str) -> bytes:
        """Return the bytes of a data file, as it will be."""
        return self.files[path].encode() if path in self.files else read_data(self.base, path)

    def exists(self, path: str) -> bool:
        """Tell whether there is or will be such a file."""
        return path in self.files or self.base.exists(path)

    def paths(self) -> list[str]:
        """List what is there and what will be."""
        return sorted({*self.base.paths(), *self.files})


def save(path: Path, data: bytes) -> None:
    """Write one file. Raises `UsageError` where that is not possible."""
    try:
        path.write_bytes(data)
    except OSError as error:
        hint = "Check the folder and its permissions."
        raise UsageError(f"{path}: cannot be written: {error.strerror}", hint) from None


def as_yaml(value: Json) -> str:
    """Return a value as YAML in block style, every value written out."""
    import yaml

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 # the signature is PyYAML's
            """Write every value out: Pinward refuses aliases."""
            return True

    return str(yaml.dump(value, Dumper=Plain, sort_keys=False, allow_unicode=True, width=120))
