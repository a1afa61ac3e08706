from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pinward.core.evidence import Message, Request
from pinward.errors import ConfigError
from pinward.providers.endpoints import KNOWN, WIRE_FORMATS
from tests.integration.wires import SHAPES, Shape

PAGE = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")


def test_every_known_endpoint_stands_on_the_page_as_it_is() -> None:
    for row in KNOWN.values():
        key = f"`{row.key_env}`" if row.key_env else "none"
        assert f"| `{row.name}` | `{row.wire}` | `{row.base_url}` | {key} |" in PAGE


def test_every_wire_format_stands_on_the_page_and_meets_every_fault() -> None:
    assert all(f"\n| `{name}` | " in PAGE for name in WIRE_FORMATS)
    assert {shape.wire for shape in SHAPES} == set(WIRE_FORMATS)


def carried(shape: Shape) -> list[bool]:
    """Ask a format what it carries: by writing requests, and by reading its documented answer."""
    wire = WIRE_FORMATS[shape.wire]
    file, address = "data:image/png;base64,AAAA", "https://example.com/x.png"

    def writes(sign: str, **more: Any) -> bool:
        return sign in json.dumps(wire.encode(Request("m", (Message("user", "hi"),), **more)).body)

    def shows(picture: str) -> bool:
        try:
            body = wire.encode(Request("m", (Message("user", "hi", images=(picture,)),))).body
        except ConfigError:
            return False
        return picture.rpartition(",")[2] in json.dumps(body)

    usage = wire.decode(shape.good, {}).usage
    return [
        writes("look_up", tools=({"name": "look_up", "parameters": {"type": "object"}},)),
        writes("only_here", response_schema={"type": "object", "properties": {"only_here": {}}}),
        shows(file),
        shows(address),
        usage.cached > 0,
        usage.reasoning > 0,
        shape.served is not None,
    ]


def test_the_page_says_what_each_format_carries() -> None:
    for shape in SHAPES:
        cells = " | ".join("yes" if cell else "no" for cell in carried(shape))
        assert f"\n| `{shape.wire}` | {cells} |" in PAGE
