"""Makes answers of GitHub's shape: what a test states is kept, what the schema requires beside it is filled in."""

from __future__ import annotations

from typing import Any

from tests.integration.github_server.schema import document

MOMENT = "2026-11-20T10:00:00Z"
BY_FORMAT = {"uri": "https://github.test/", "date-time": MOMENT, "email": "someone@example.test"}
BY_TYPE: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": []}


def shaped(name: str, /, **known: Any) -> dict[str, Any]:
    """Return a valid `name` (a schema of the description) that carries the known values."""
    filled: dict[str, Any] = _fill({"$ref": f"#/components/schemas/{name}"}, known)
    return filled


def _fill(schema: dict[str, Any], known: Any = ...) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        return _fill(document()["components"]["schemas"][name], known)
    for alternative in ("anyOf", "oneOf", "allOf"):
        if alternative in schema:
            return _fill_alternative(schema[alternative], known)
    if isinstance(known, list) and "items" in schema:
        return [_fill(schema["items"], item) for item in known]
    if known is not ... and not isinstance(known, dict):
        return known
    if schema.get("type") == "object" or "properties" in schema:
        return _fill_object(schema, {} if known is ... else known)
    return known if known is not ... else _scalar(schema)


def _fill_alternative(alternatives: list[dict[str, Any]], known: Any) -> Any:
    if known is ... and {"type": "null"} in alternatives:
        return None
    if known is None:
        return None
    return _fill(alternatives[0], known)


def _fill_object(schema: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    filled = {name: _fill(properties.get(name, {}), value) for name, value in known.items()}
    missing = [name for name in schema.get("required", []) if name not in filled]
    return filled | {name: _fill(properties.get(name, {})) for name in missing}


def _scalar(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    return BY_TYPE.get(schema.get("type", "string"), "")
