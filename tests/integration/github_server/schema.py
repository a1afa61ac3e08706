"""Checks every request and response against a slice of GitHub's OpenAPI description (openapi.json.gz)."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SLICE = Path(__file__).with_name("openapi.json.gz")
URI = "urn:github"


def nullable_as_type(node: Any) -> Any:
    """Say OpenAPI 3.0's `nullable` in JSON Schema; an `enum` beside it must let null in as well."""
    if isinstance(node, list):
        return [nullable_as_type(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: nullable_as_type(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") is True else schema


@cache
def document() -> dict[str, Any]:
    loaded = json.loads(gzip.decompress(SLICE.read_bytes()))
    converted: dict[str, Any] = nullable_as_type(loaded)
    return converted


@cache
def validator(pointer: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resource(URI, DRAFT202012.create_resource(document()))
    return Draft202012Validator({"$ref": f"{URI}#{pointer}"}, registry=registry, format_checker=FormatChecker())


@dataclass(frozen=True)
class Operation:
    """One method of one path, with the values that the path carries."""

    path: str
    method: str
    values: Mapping[str, str]

    @property
    def description(self) -> dict[str, Any]:
        found: dict[str, Any] = document()["paths"][self.path][self.method]
        return found

    @property
    def id(self) -> str:
        return str(self.description["operationId"])

    def _pointer(self, *keys: str) -> str:
        parts = ("paths", self.path, self.method, *keys)
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)

    def request_errors(self, body: Any, query: Mapping[str, str]) -> list[str]:
        """List what is wrong with a request's query and body; an unknown member of the body counts."""
        errors = [f"query {name}={value}: {why}" for name, value in query.items() if (why := self._bad(name, value))]
        if "requestBody" not in self.description:
            return errors if body is None else [*errors, "a body was sent where none is taken"]
        if body is None:
            return [*errors, "no body"] if self.description["requestBody"].get("required") else errors
        pointer = self._pointer("requestBody", "content", "application/json", "schema")
        known = self.description["requestBody"]["content"]["application/json"]["schema"].get("properties", {})
        unknown = sorted(set(body) - set(known)) if isinstance(body, dict) and known else []
        return errors + [f"unknown member {name}" for name in unknown] + _errors(pointer, body)

    def _bad(self, name: str, value: str) -> str:
        for raw in self.description.get("parameters", []):
            parameter = _resolve(raw)
            if parameter["in"] == "query" and parameter["name"] == name:
                schema = _resolve(parameter["schema"])
                typed: Any = int(value) if schema.get("type") == "integer" and value.isdigit() else value
                return "; ".join(e.message for e in Draft202012Validator(schema).iter_errors(typed))
        return "unknown parameter"

    def response_errors(self, status: int, body: Any) -> list[str]:
        """List what is wrong with an answer, so that the test server cannot drift from GitHub's own."""
        response = self.description["responses"].get(str(status))
        if response is None:
            return [f"{self.id} never answers {status}"]
        pointer = self._pointer("responses", str(status), "content", "application/json", "schema")
        if "$ref" in response:
            pointer = response["$ref"].removeprefix("#") + "/content/application~1json/schema"
            response = _resolve(response)
        if "content" not in response:
            return [] if body is None else ["a body where none is described"]
        return _errors(pointer, body)


def _resolve(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    target: Any = document()
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part.replace("~1", "/").replace("~0", "~")]
    return dict(target)


def _errors(pointer: str, body: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:300]}" for error in validator(pointer).iter_errors(body)]


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    def pattern(path: str) -> str:
        escaped = re.sub(r"\\{(path|ref|basehead)\\}", r"(?P<\1>.+)", re.escape(path))
        return re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", escaped)

    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(pattern(path) + "$"), path) for path in paths]


def operation(method: str, path: str) -> Operation | None:
    """Find the described operation of a request, or None where the slice has none."""
    for pattern, template in _patterns():
        match = pattern.match(path)
        if match and method.lower() in document()["paths"][template]:
            return Operation(template, method.lower(), match.groupdict())
    return None
