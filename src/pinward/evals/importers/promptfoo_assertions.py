"""promptfoo's assertions as checks (promptfoo.dev, "Assertions & Metrics": deterministic and model-graded)."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, nan

from pinward.core.documents import load_yaml
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.errors import ConfigError
from pinward.evals.importers.base import Check
from pinward.evals.importers.judged import FACT_LABELS, FACT_RUBRIC, by_range, by_rubric


def carry(assertion: dict[str, Json]) -> Check:
    """Return the check that says the same. Raises `ConfigError` where there is none."""
    kind = str(assertion.get("type", ""))
    value, threshold = assertion.get("value"), assertion.get("threshold")
    for key in ("transform", "contextTransform"):
        if key in assertion:
            raise ConfigError(f"`{key}` runs code")
    if isinstance(value, str) and value.startswith("file://") and kind.removeprefix("not-") != "is-json":
        raise ConfigError(f"the value of `{kind}` is a file")
    negative = kind.startswith("not-")
    make = _KINDS.get(kind.removeprefix("not-"))
    if make is None:
        raise ConfigError(f"`{kind or 'an assertion without type'}` has no counterpart")
    check = make(value, threshold)
    return {"not": check} if negative else check


def _text(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise ConfigError("the value is no text")
    return str(value)


def _texts(value: Json) -> Json:
    """promptfoo takes a list, or one text with commas."""
    parts: list[Json] = value if isinstance(value, list) else [part.strip() for part in _text(value).split(",")]
    if not parts:
        raise ConfigError("the list is empty")
    return [_text(part) for part in parts]


def _equals(value: Json, _: Json) -> Check:
    if isinstance(value, dict | list):
        return {"json_equals": {"path": "$", "value": value}}
    return {"equals": _text(value)}


def _contains(options: str, ignore_case: bool) -> Callable[[Json, Json], Check]:
    def make(value: Json, _: Json) -> Check:
        texts: Json = _texts(value) if options != "one" else [_text(value)]
        return {"contains": {"any" if options == "any" else "all": texts, "ignore_case": ignore_case}}

    return make


def _json(value: Json, _: Json) -> Check:
    if value is None:
        return {"json_valid": None}
    if isinstance(value, str) and value.startswith("file://"):
        if not value.endswith((".json", ".yaml", ".yml")):
            raise ConfigError("the schema is made by code")
        return {"json_schema": value.removeprefix("file://").removeprefix("./")}
    return {"json_schema": _schema(value)}


def _schema(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except JsonError:
        return load_yaml(value, "schema").value


def _seconds(_: Json, threshold: Json) -> Check:
    return {"latency": _number(threshold) / 1000}


def _words(value: Json, _: Json) -> Check:
    if isinstance(value, dict):
        return {"length": {**{key: int(_number(part)) for key, part in value.items()}, "unit": "words"}}
    count = int(_number(value))
    return {"length": {"min": count, "max": count, "unit": "words"}}


def _rubric(value: Json, threshold: Json) -> Check:
    """A verdict, and with a threshold a score beside it: then the score decides."""
    return by_rubric(_text(value)) if threshold is None else by_range(_text(value), 0, 1, _number(threshold))


def _g_eval(value: Json, threshold: Json) -> Check:
    """Criteria that each give a score; all of them have to reach the threshold (0.7 where it is not given)."""
    least = 0.7 if threshold is None else _number(threshold)
    checks: list[Json] = [
        by_range(_text(part), 0, 1, least) for part in (value if isinstance(value, list) else [value])
    ]
    return {"all": checks}


def _number(value: Json) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = nan
    if not isfinite(number):  # a ceiling without end would hold whatever comes
        raise ConfigError("the value is no number")
    return number


_KINDS: dict[str, Callable[[Json, Json], Check]] = {
    "equals": _equals,
    "contains": _contains("one", ignore_case=False),
    "icontains": _contains("one", ignore_case=True),
    "contains-all": _contains("all", ignore_case=False),
    "icontains-all": _contains("all", ignore_case=True),
    "contains-any": _contains("any", ignore_case=False),
    "icontains-any": _contains("any", ignore_case=True),
    "starts-with": lambda value, _: {"starts_with": _text(value)},
    "regex": lambda value, _: {"regex": _text(value)},
    "is-json": _json,
    "is-refusal": lambda *_: {"refusal": True},
    "latency": _seconds,
    "cost": lambda _, threshold: {"cost": _number(threshold)},
    "word-count": _words,
    "not-empty": lambda *_: {"length": {"min": 1}},
    "llm-rubric": _rubric,
    "g-eval": _g_eval,
    "model-graded-closedqa": lambda value, _: by_rubric(f"The answer meets this criterion: {_text(value)}"),
    "factuality": lambda value, _: by_rubric(FACT_RUBRIC, labels=FACT_LABELS, reference=_text(value)),
    "model-graded-factuality": lambda value, _: by_rubric(FACT_RUBRIC, labels=FACT_LABELS, reference=_text(value)),
}
