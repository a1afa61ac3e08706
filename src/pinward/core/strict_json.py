"""JSON as RFC 8259 means it: one value and nothing around it, no NaN, no key twice.

Python's own parser takes NaN, keeps the last of two equal keys and overflows the stack on deep nesting.
"""

from __future__ import annotations

import json
import math
import sys
from typing import NoReturn, cast

from pinward.core.documents import MAX_DEPTH, Document, decode
from pinward.core.policy import Json
from pinward.errors import ConfigError


class JsonError(ValueError):
    """Text is not one JSON value. `line` and `column` count from 1, None where the place is unknown."""

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(reason if line is None else f"{reason} (line {line}, column {column})")
        self.reason = reason
        self.line = line


def parse_json(text: str) -> Json:
    """Parse one JSON value; white space around it is allowed.

    Raises `JsonError` for everything else, and for values that Python cannot hold (`1e999`) or that nest deeper
    than `MAX_DEPTH`.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except JsonError:
        raise
    except json.JSONDecodeError as error:
        reason = "text follows the JSON value" if error.msg == "Extra data" else error.msg
        raise JsonError(reason, error.lineno, error.colno) from None
    except RecursionError:
        raise JsonError("nested too deep") from None
    _check_depth(cast("Json", value))
    return cast("Json", value)


def load_json(data: bytes, path: str) -> Document:
    """Read a JSON file that a user wrote. Raises `ConfigError` with file and, where known, line."""
    text = decode(data, path)
    try:
        return Document(path, parse_json(text))
    except JsonError as error:
        where = path if error.line is None else f"{path}:{error.line}"
        raise ConfigError(f"{where}: not valid JSON: {error}", "Mend the JSON.") from None


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = {sys.intern(key): value for key, value in pairs}  # rows of a file share their keys
    if len(result) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # `add` returns None on purpose
        raise JsonError(f"the key {json.dumps(twice)} stands twice in one object")
    return result


def _constant(word: str) -> NoReturn:
    raise JsonError(f"{word} is not JSON")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise JsonError("a number is too large")
    return number


def _integer(digits: str) -> int:
    if len(digits) > 1000:  # Python refuses 4,300 digits, and reading that many costs quadratic time
        raise JsonError("a number is too large")
    return int(digits)


def _check_depth(root: Json) -> None:
    level: list[Json] = [root]
    for _ in range(MAX_DEPTH + 1):
        if not level:
            return
        level = [child for value in level for child in _children(value)]
    if level:
        raise JsonError(f"nested deeper than {MAX_DEPTH} levels")


def _children(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
