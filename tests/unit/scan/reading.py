"""What the scanner makes of a small file, with the catalog that ships."""

from __future__ import annotations

from functools import cache
from textwrap import dedent

from pinward.core.findings import ModelUse
from pinward.lifecycle.catalog import EmbeddedCatalog, load
from pinward.scan.scanner import scan_file


@cache
def catalog() -> EmbeddedCatalog:
    return load()


def uses(path: str, text: str) -> tuple[ModelUse, ...]:
    return scan_file(path, dedent(text).encode(), catalog().identify).uses


def roles(path: str, text: str) -> list[tuple[str, str]]:
    """Return (name, role) of every use, in the order of the file."""
    return [(use.model.written, use.role) for use in uses(path, text)]


def selections(path: str, text: str) -> list[str]:
    return [name for name, role in roles(path, text) if role == "selection"]
