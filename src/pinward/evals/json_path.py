"""A small, well-defined part of JSONPath (RFC 9535): names, indexes and wildcards.

`$`, `$.name`, `$['any name']`, `$[0]`, `$[-1]`, `$.*`, `$[*]` and chains of them. Without a wildcard a path names
at most one value. Filters, slices, descent (`..`) and scripts are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pinward.core.policy import Json
from pinward.core.visible import quoted
from pinward.errors import ConfigError

_STEP = re.compile(
    r"""\.(?P<name>[^\W\d][\w-]*) | \.(?P<dot>\*) | \[(?P<index>0|-?[1-9]\d{0,8})\] | \[(?P<star>\*)\]
    | \['(?P<single>(?:[^'\\]|\\['\\])*)'\] | \["(?P<double>(?:[^"\\]|\\["\\])*)"\]""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A parsed path; a step is a name, an index, or None for a wildcard."""

    steps: tuple[str | int | None, ...]

    @property
    def many(self) -> bool:
        """Tell whether the path can name more than one value."""
        return None in self.steps

    def select(self, value: Json) -> list[Json]:
        """Return the values that the path names, in document order; an empty list where there is none."""
        nodes = [value]
        for step in self.steps:
            nodes = [child for node in nodes for child in _step(node, step)]
        return nodes


@lru_cache(maxsize=512)
def parse_path(text: str) -> JsonPath:
    """Parse a path. Raises `ConfigError` for anything outside the part above."""
    steps: list[str | int | None] = []
    at = 1
    while text.startswith("$") and at < len(text) and (match := _STEP.match(text, at)):
        steps.append(_read(match))
        at = match.end()
    if not text.startswith("$") or at != len(text):
        raise ConfigError(
            f"{quoted(text, 60)} is not a path that can be used here",
            "Write names, indexes and wildcards: `$.items[0].price`, `$['a name']`, `$.items[*].sku`.",
        )
    return JsonPath(tuple(steps))


def _read(match: re.Match[str]) -> str | int | None:
    if match["dot"] or match["star"]:
        return None
    if match["index"]:
        return int(match["index"])
    name = match["name"] or match["single"] or match["double"] or ""
    return re.sub(r"\\(.)", r"\1", name)


def _step(node: Json, step: str | int | None) -> list[Json]:
    if step is None:
        return list(node.values()) if isinstance(node, dict) else list(node) if isinstance(node, list) else []
    if isinstance(step, str):
        return [node[step]] if isinstance(node, dict) and step in node else []
    return [node[step]] if isinstance(node, list) and -len(node) <= step < len(node) else []
