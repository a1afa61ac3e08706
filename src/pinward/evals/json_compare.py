"""Where two JSON values first differ, said in words."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from pinward.core.policy import Json
from pinward.core.visible import brief


@dataclass(frozen=True, slots=True)
class Comparer:
    """How values are compared. `subset` allows further keys; `tolerance` is the largest numeric difference."""

    subset: bool = False
    tolerance: float = 0.0

    def difference(self, expected: Json, found: Json, path: str = "$") -> str | None:
        """Return the first difference in words, None where the values are equal.

        Numbers are equal by value (1 and 1.0), true is not 1, the order of keys is without meaning.
        """
        if isinstance(expected, dict) and isinstance(found, dict):
            return self._objects(expected, found, path)
        if isinstance(expected, list) and isinstance(found, list):
            return self._lists(expected, found, path)
        if self._equal(expected, found):
            return None
        return f"{path}: expected {show(expected)}, found {show(found)}"

    def _equal(self, expected: Json, found: Json) -> bool:
        if _number(expected) and _number(found):
            return expected == found or math.isclose(expected, found, rel_tol=0, abs_tol=self.tolerance)  # type: ignore[arg-type] # both are numbers here
        return type(expected) is type(found) and expected == found

    def _objects(self, expected: dict[str, Json], found: dict[str, Json], path: str) -> str | None:
        for key, value in expected.items():
            where = step(path, key)
            if key not in found:
                return f"{where}: expected {show(value)}, found no such key"
            if difference := self.difference(value, found[key], where):
                return difference
        extra = None if self.subset else next((key for key in found if key not in expected), None)
        return None if extra is None else f"{step(path, extra)}: not expected, found {show(found[extra])}"

    def _lists(self, expected: list[Json], found: list[Json], path: str) -> str | None:
        if len(expected) != len(found):
            return f"{path}: expected {len(expected)} items, found {len(found)}: {show(found)}"
        pairs = enumerate(zip(expected, found, strict=True))
        return next((d for i, (a, b) in pairs if (d := self.difference(a, b, f"{path}[{i}]"))), None)


def show(value: Json) -> str:
    """Return a value as short, harmless JSON."""
    return brief(json.dumps(value, ensure_ascii=False), 80)


def step(path: str, key: str) -> str:
    """Return the path of a key, spelled as `json_path` reads it."""
    if key.isidentifier():
        return f"{path}.{brief(key, 60)}"
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"{path}['{brief(escaped, 60)}']"


def _number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
