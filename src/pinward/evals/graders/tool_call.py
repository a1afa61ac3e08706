"""The model calls the right tools with the right arguments: `tool_call`."""

from __future__ import annotations

from typing import cast

from pinward.core.evidence import Ask, Case, Completion, Grade, ToolCall
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.core.visible import brief, quoted
from pinward.evals.graders.base import BaseGrader, ReadFile, failed, held, mapping
from pinward.evals.graders.json_schema import JsonSchema
from pinward.evals.json_compare import Comparer

_SCHEMA = JsonSchema()
_KEYS = {"name", "arguments", "schema"}


class ToolCallGrader(BaseGrader):
    """One call, or `{calls: [...], ordered: true, extra: false}`.

    A call states `name`, `arguments` that must occur (further ones may), and a `schema` of all arguments.
    """

    name = "tool_call"
    example = "tool_call: {name: look_up, arguments: {order: A-1}}"

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Return the form with `calls`, schemas read from their files."""
        options = mapping(argument) or {"name": argument}
        calls = options.pop("calls") if "calls" in options else [{k: options.pop(k) for k in _KEYS & set(options)}]
        if not isinstance(calls, list):
            raise self.wrong("takes a list of `calls`")
        plain: list[Json] = [{"name": call} if isinstance(call, str) else call for call in calls]
        read_calls = [self._with_schema(call, expected, read) for call in plain]
        return {"ordered": True, "extra": False, **options, "calls": cast("Json", read_calls)}

    def _with_schema(self, call: Json, expected: Json, read: ReadFile) -> Json:
        if not isinstance(call, dict) or "schema" not in call:
            return call
        return {**call, "schema": _SCHEMA.prepare(call["schema"], expected, read)}

    def validate(self, argument: Json) -> None:
        """Look at each call and at the options."""
        options = mapping(argument)
        flags = [options.get("ordered"), options.get("extra")]
        if set(options) - {"calls", "ordered", "extra"} or not all(isinstance(flag, bool) for flag in flags):
            raise self.wrong("takes `name`, `arguments`, `schema`, or `calls` with `ordered` and `extra`")
        calls = options.get("calls")
        for call in calls if isinstance(calls, list) else []:
            if not isinstance(call, dict) or set(call) - _KEYS or not isinstance(call.get("name"), str):
                raise self.wrong("needs the `name` of each call, and may state `arguments` and `schema`")
            if not isinstance(call.get("arguments", {}), dict):
                raise self.wrong("takes `arguments` as a mapping")
            if "schema" in call:
                _SCHEMA.validate(call["schema"])

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Match each expected call with one that was made. The score is the share that matched."""
        options = mapping(argument)
        wanted = cast("list[dict[str, Json]]", options["calls"])
        left = list(completion.tool_calls)
        reasons = [reason for call in wanted if (reason := _take(call, left, bool(options["ordered"])))]
        if left and not options["extra"]:
            reasons.append(f"further calls were made: {', '.join(brief(call.name, 40) for call in left[:5])}")
        if not reasons:
            return held()
        made = ", ".join(brief(call.name, 40) for call in completion.tool_calls[:5]) or "none"
        score = max(0, len(wanted) - len(reasons)) / max(1, len(wanted))
        return failed(f"{'; '.join(reasons)} (calls made: {made})", score)


def _take(wanted: dict[str, Json], left: list[ToolCall], ordered: bool) -> str:
    """Remove the matching call from those left, and return why there is none."""
    named = [call for call in (left[:1] if ordered else left) if call.name == wanted["name"]]
    reason = f"expected a call of {quoted(str(wanted['name']), 40)}" + (" next" if ordered and left else "")
    for call in named:
        reason = _mismatch(wanted, call)
        if not reason:
            left.remove(call)
            return ""
    if named and ordered:
        left.remove(named[0])
    return reason


def _mismatch(wanted: dict[str, Json], call: ToolCall) -> str:
    try:
        arguments = parse_json(call.arguments or "{}")
    except JsonError as error:
        return f"the arguments of {brief(call.name, 40)} are not JSON: {error}"
    difference = Comparer(subset=True).difference(wanted.get("arguments", {}), arguments, brief(call.name, 40))
    if difference or "schema" not in wanted:
        return difference or ""
    grade = _SCHEMA.judge_value(arguments, wanted["schema"])
    return "" if grade.passed else f"{brief(call.name, 40)}: {grade.reason}"
