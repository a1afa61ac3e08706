"""What the user's own application is sent and what it answers (docs/targets.md).

A case's input travels as the first message, as JSON, so that a target is asked through the same `Request` as a model; a
task with prompts sends its rendered messages after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from pinward.core.evidence import Completion, Message, Outcome, Request, ToolCall, Usage
from pinward.core.policy import Json
from pinward.providers.base import Outgoing, bad_response, count, items, obj, text

OUTCOMES: Mapping[str, Outcome] = {"length": "truncated", "refusal": "refused", "content_filter": "refused"}

MOST_USD = 1_000_000  # of one answer; more is a mistake, and no sum is made with it


def input_message(value: Json) -> Message:
    """Return the message that carries a case's input."""
    return Message("user", json.dumps(value, sort_keys=True))


def question(request: Request) -> dict[str, Json]:
    """Return what an application is asked."""
    first, *told = request.messages
    asked: dict[str, Json] = {
        "model": request.model,
        "input": json.loads(first.content),
        "params": dict(request.params),
    }
    if told:
        asked["messages"] = [{"role": message.role, "content": message.content} for message in told]
    if request.tools:
        asked["tools"] = list(request.tools)
    if request.response_schema is not None:
        asked["response_schema"] = request.response_schema
    return asked


def answer(data: Mapping[str, Json]) -> Completion:
    """Read an application's answer. Never raises for what it holds."""
    calls = tuple(_tool_call(obj(call)) for call in items(data.get("tool_calls")))
    output = data.get("output")
    if not isinstance(output, str) and not calls:
        return bad_response("the target's answer has no `output` (text) and no `tool_calls`")
    if not all(call.name for call in calls):
        return bad_response("the target's answer has a tool call without a `name`")
    usage, cost = obj(data.get("usage")), data.get("cost_usd")
    stated = isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost <= MOST_USD
    reason = text(data.get("finish_reason"))
    return Completion(
        outcome=OUTCOMES.get(reason, "ok"),
        text=text(output),
        tool_calls=calls,
        finish_reason=reason,
        usage=Usage(input=count(usage.get("input_tokens")), output=count(usage.get("output_tokens"))),
        served_model=text(data.get("model")) or None,
        cost_usd=float(str(cost)) if stated else None,
    )


def _tool_call(call: dict[str, Json]) -> ToolCall:
    given = call.get("arguments")
    written = given if isinstance(given, str) else json.dumps(given, separators=(",", ":"))
    return ToolCall(text(call.get("name")), written, text(call.get("id")))


class TargetFormat:
    """`POST` of a question, and its answer as JSON. A `WireFormat`; `path` is the address's own."""

    name = "target"

    def __init__(self, path: str = "") -> None:
        self._path = path or "/"

    def auth(self, key: str) -> dict[str, str]:
        """Return the bearer header."""
        return {"authorization": f"Bearer {key}"}

    def encode(self, request: Request) -> Outgoing:
        """Write a question."""
        return Outgoing(self._path, question(request))

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:  # noqa: ARG002  # Protocol
        """Read an answer."""
        return answer(data)
