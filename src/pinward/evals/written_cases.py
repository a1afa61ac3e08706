"""Cases as a suite would hold them, and a suite's YAML with further cases in it, its formatting kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pinward.core.evidence import Case, Check, Completion
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.errors import ConfigError
from pinward.evals.graders.combine import Combination
from pinward.evals.graders.table import GRADERS


def written_case(case: Case, **over: Json) -> dict[str, Json]:
    """Return a case in the form of a suite; `over` replaces keys or adds them."""
    written: dict[str, Json] = {"id": case.id, "category": case.category, "input": case.input}
    optional: dict[str, Json] = {
        "expected": case.expected,
        "tags": list[Json](case.tags) or None,
        "params": dict(case.params) or None,
        "repeats": case.repeats,
        "checks": [_check(check) for check in case.checks],
    }
    return {**written, **{key: value for key, value in {**optional, **over}.items() if value is not None}}


def _check(check: Check) -> Json:
    return _written(check.grader, check.argument, check.weight)


def _written(name: str, argument: Json, weight: Json) -> Json:
    if isinstance(GRADERS[name], Combination) and isinstance(argument, dict) and isinstance(argument["checks"], list):
        inner = [part for part in argument["checks"] if isinstance(part, dict)]
        checks: list[Json] = [_written(str(part["check"]), part["argument"], part["weight"]) for part in inner]
        argument = {**argument, "checks": checks} if len(argument) > 1 else checks
    if argument is None and weight == 1:
        return name
    return {name: argument, **({"weight": weight} if weight != 1 else {})}


def answer_value(answer: Completion) -> Json:
    """Return an answer as an expected value: a JSON object or list as such, everything else as text."""
    try:
        value = parse_json(answer.text)
    except JsonError:
        return answer.text
    return value if isinstance(value, dict | list) else answer.text


def with_cases(text: str, path: str, blocks: Sequence[str]) -> str:
    """Return a suite's YAML with cases at the end of its `cases`. A block is one case as a YAML mapping.

    Raises `ConfigError` where the cases of the suite do not stand in the file as a list in block style.
    """
    import yaml

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs: Iterable[tuple[Any, Any]] = root.value if isinstance(root, yaml.MappingNode) else ()
    cases = next((value for key, value in pairs if key.value == "cases"), None)
    if not isinstance(cases, yaml.SequenceNode) or cases.flow_style or not cases.value:
        raise ConfigError(f"{path}: its `cases` are no list in block style", "Begin each case with `- ` on a line.")
    lines = text.splitlines(keepends=True)
    at = _after(lines, cases.end_mark.line, cases.start_mark.column)
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    return "".join([*lines[:at], *(_item(block, cases.start_mark.column) for block in blocks), *lines[at:]])


def _after(lines: list[str], end: int, column: int) -> int:
    """Return the line after the last item: blank lines and comments left of the items belong to what follows."""
    end = min(end + 1, len(lines))
    while end > 0 and _is_outside(lines[end - 1], column):
        end -= 1
    return end


def _is_outside(line: str, column: int) -> bool:
    stripped = line.strip()
    indent = len(line) - len(line.lstrip())
    if stripped.startswith("#") or not stripped:
        return not stripped or indent <= column
    return indent < column or (indent == column and not stripped.startswith("-"))


def _item(block: str, column: int) -> str:
    first, *rest = block.rstrip("\n").split("\n")
    pad = " " * column
    return "".join([f"{pad}- {first}\n", *(f"{pad}  {line}\n" if line else "\n" for line in rest)])
