"""What the scanner makes of a small file, with the catalog that ships."""

from __future__ import annotations

from functools import cache
from textwrap import dedent

import pytest

from pinward.core.findings import ModelUse
from pinward.lifecycle.catalog import EmbeddedCatalog, load
from pinward.scan.scanner import scan_file

# A path, its text, and what is found: name, role and pin, in the order of the file.
Row = tuple[str, str, tuple[str, ...]]


def of_rows(*tables: list[Row]) -> pytest.MarkDecorator:
    """Run a test of `path`, `text` and `found` once for each row."""
    rows = [row for table in tables for row in table]
    return pytest.mark.parametrize(
        ("path", "text", "found"), rows, ids=lambda value: value[:60] if isinstance(value, str) else ""
    )


def found_in(path: str, text: str) -> tuple[str, ...]:
    """Return what is found in a file, as rows state it."""
    return tuple(f"{use.model.written} {use.role} {use.model.pin}" for use in uses(path, text))


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
