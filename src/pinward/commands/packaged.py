"""Texts of the documentation that commands print or write: part of the wheel, or of a source tree."""

from __future__ import annotations

from pathlib import Path

from pinward.errors import InternalError

# A folder of texts in the installed package, and where it stands in a source tree.
_SOURCES = {"rules": "docs/rules", "workflows": "docs/how-to/workflows"}


def packaged(folder: str, name: str) -> str:
    """Return one text. Raises `InternalError` where the installation lacks it."""
    here = Path(__file__).resolve()
    for place in (here.parents[1] / "data" / folder, here.parents[3] / _SOURCES[folder]):
        if (place / name).is_file():
            return (place / name).read_text(encoding="utf-8")
    raise InternalError(f"{folder}/{name} is not part of this installation", "Install Pinward from its wheel.")
