from __future__ import annotations

from pathlib import Path

from pinward.providers.endpoints import KNOWN, WIRE_FORMATS
from tests.integration.wires import SHAPES

PAGE = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")


def test_every_known_endpoint_stands_on_the_page_as_it_is() -> None:
    for row in KNOWN.values():
        key = f"`{row.key_env}`" if row.key_env else "none"
        assert f"| `{row.name}` | `{row.wire}` | `{row.base_url}` | {key} |" in PAGE


def test_every_wire_format_stands_on_the_page_and_meets_every_fault() -> None:
    assert all(f"\n| `{name}` | " in PAGE for name in WIRE_FORMATS)
    assert {shape.wire for shape in SHAPES} == set(WIRE_FORMATS)
