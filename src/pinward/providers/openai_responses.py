"""OpenAI Responses.

Source: platform.openai.com/docs/api-reference/responses and the types of PyPI `openai` 3.57.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from pinward.core.evidence import Completion, Message, Outcome, Request, ToolCall, Usage
from pinward.core.policy import Json
from pinward.providers.base import (
    Outgoing,
    bad_response,
    count,
    image,
    is_not,
    items,
    obj,
    parameters,
    renamed,
    text,
    tool,
    unless_empty,
)
from pinward.providers.openai import is_strict

RESERVED = frozenset(
    {"model", "input", "instructions", "tools", "stream", "background", "store", "previous_response_id"}
)
NAMES = {"max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens"}
INCOMPLETE: Mapping[str, Outcome] = {"max_output_tokens": "truncated", "content_filter": "refused"}


class OpenAIResponses:
    """`POST /responses`, without keeping the response at the provider."""

    name = "openai-responses"

    def auth(self, key: str) -> dict[str, str]:
        """Return the bearer header."""
        return {"authorization": f"Bearer {key}"}

    def encode(self, request: Request) -> Outgoing:
        """Write text, images, tools and the answer's schema."""
        params = renamed(parameters(request, RESERVED), NAMES)
        if "reasoning_effort" in params:
            params["reasoning"] = {**obj(params.get("reasoning")), "effort": params.pop("reasoning_effort")}
        asked = [item for message in request.messages for item in _items(message)]
        body: dict[str, Json] = {"model": request.model, "input": asked, "store": False, **params}
        if request.tools:
            body["tools"] = [_tool(spec) for spec in request.tools]
        if request.response_schema is not None:
            schema = request.response_schema
            wanted: Json = {"type": "json_schema", "name": "answer", "strict": is_strict(schema), "schema": schema}
            body["text"] = {**obj(params.get("text")), "format": wanted}
        return Outgoing("/responses", body)

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:  # noqa: ARG002  # Protocol
        """Join the output texts, collect the function calls; reasoning items are left out."""
        status = text(data.get("status"))
        if status not in {"completed", "incomplete"}:
            return bad_response("the response did not complete")
        output = [obj(item) for item in items(data.get("output"))]
        parts = [obj(p) for item in output if item.get("type") == "message" for p in items(item.get("content"))]
        answer = "".join(text(p.get("text")) for p in parts if p.get("type") == "output_text")
        refusal = "".join(text(p.get("refusal")) for p in parts if p.get("type") == "refusal")
        calls = tuple(
            ToolCall(text(item.get("name")), text(item.get("arguments")), text(item.get("call_id")))
            for item in output
            if item.get("type") == "function_call"
        )
        usage = _usage(obj(data.get("usage")))
        reason = text(obj(data.get("incomplete_details")).get("reason"))
        cut = INCOMPLETE.get(reason, "truncated") if status == "incomplete" else "ok"
        told = Completion(
            outcome="refused" if refusal else cut,
            text=answer or refusal,
            tool_calls=calls,
            finish_reason=reason or status,
            usage=usage,
            served_model=text(data.get("model")) or None,
        )
        return unless_empty(told, is_not(data.get("output"), list))


def _items(message: Message) -> list[Json]:
    if message.role == "tool":
        return [{"type": "function_call_output", "call_id": message.tool_call_id, "output": message.content}]
    calls: list[Json] = [
        {"type": "function_call", "call_id": c.id, "name": c.name, "arguments": c.arguments} for c in message.tool_calls
    ]
    if not message.content and not message.images:
        return calls
    pictures: list[Json] = [
        {"type": "input_image", "image_url": image(value).url, "detail": "auto"} for value in message.images
    ]
    if not pictures:
        return [{"role": message.role, "content": message.content}, *calls]
    return [{"role": message.role, "content": [{"type": "input_text", "text": message.content}, *pictures]}, *calls]


def _tool(spec: Json) -> Json:
    wanted = tool(spec)
    return {
        "type": "function",
        "name": wanted.name,
        "description": wanted.description,
        "parameters": wanted.parameters,
        "strict": is_strict(wanted.parameters),
    }


def _usage(usage: dict[str, Json]) -> Usage:
    details = obj(usage.get("input_tokens_details"))
    return Usage(
        input=count(usage.get("input_tokens")),
        output=count(usage.get("output_tokens")),
        cached=count(details.get("cached_tokens")),
        reasoning=count(obj(usage.get("output_tokens_details")).get("reasoning_tokens")),
        written=count(details.get("cache_write_tokens")),
    )
