"""Anthropic Messages.

Source: platform.claude.com/docs/en/api/messages and the types of PyPI `anthropic` 2.14.0.
"""

from __future__ import annotations

from collections.abc import Mapping

from pinward.core.evidence import Completion, Message, Outcome, Request, Usage
from pinward.core.policy import Json
from pinward.providers.base import (
    ASSUMED_OUTPUT,
    Outgoing,
    arguments,
    as_list,
    called,
    count,
    image,
    is_not,
    items,
    obj,
    parameters,
    renamed,
    system_text,
    text,
    tool,
    unless_empty,
)

VERSION = "2023-06-01"
RESERVED = frozenset({"model", "messages", "system", "tools", "stream"})
NAMES = {"max_completion_tokens": "max_tokens", "max_output_tokens": "max_tokens", "stop": "stop_sequences"}
OUTCOMES: Mapping[str, Outcome] = {
    "max_tokens": "truncated",
    "model_context_window_exceeded": "truncated",
    "pause_turn": "truncated",
    "refusal": "refused",
}


class AnthropicMessages:
    """`POST /v1/messages`."""

    name = "anthropic"

    def auth(self, key: str) -> dict[str, str]:
        """Return the key header."""
        return {"x-api-key": key}

    def encode(self, request: Request) -> Outgoing:
        """Write text, images, tools and the answer's schema; the API insists on a bound of the output."""
        params = {"max_tokens": ASSUMED_OUTPUT} | renamed(parameters(request, RESERVED), NAMES)
        turns: list[Json] = [_turn(m) for m in request.messages if m.role != "system"]
        body: dict[str, Json] = {"model": request.model, "messages": turns, **params}
        if "stop_sequences" in body:
            body["stop_sequences"] = as_list(body["stop_sequences"])
        if system := system_text(request):
            body["system"] = system
        if request.tools:
            body["tools"] = [_tool(spec) for spec in request.tools]
        if request.response_schema is not None:
            schema: Json = {"type": "json_schema", "schema": request.response_schema}
            body["output_config"] = {**obj(params.get("output_config")), "format": schema}
        return Outgoing("/v1/messages", body, {"anthropic-version": VERSION})

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:  # noqa: ARG002  # Protocol
        """Join the text blocks, collect the tool calls; thoughts are left out."""
        reason = text(data.get("stop_reason"))
        blocks = [obj(block) for block in items(data.get("content"))]
        answer = "".join(text(b.get("text")) for b in blocks if b.get("type") == "text")
        calls = tuple(called(b.get("name"), b.get("input"), b.get("id")) for b in blocks if b.get("type") == "tool_use")
        usage, served = _usage(obj(data.get("usage"))), text(data.get("model")) or None
        told = Completion(OUTCOMES.get(reason, "ok"), answer, calls, reason, usage, served_model=served)
        return unless_empty(told, is_not(data.get("content"), list))


def _turn(message: Message) -> Json:
    if message.role == "tool":
        result: Json = {"type": "tool_result", "tool_use_id": message.tool_call_id, "content": message.content}
        return {"role": "user", "content": [result]}
    blocks: list[Json] = [_image(value) for value in message.images]
    if message.content:
        blocks.append({"type": "text", "text": message.content})
    blocks += [{"type": "tool_use", "id": c.id, "name": c.name, "input": arguments(c)} for c in message.tool_calls]
    plain = len(blocks) == 1 and not message.images and not message.tool_calls
    return {"role": message.role, "content": message.content if plain or not blocks else blocks}


def _image(value: str) -> Json:
    picture = image(value)
    if picture.data:
        source: Json = {"type": "base64", "media_type": picture.media_type, "data": picture.data}
    else:
        source = {"type": "url", "url": picture.url}
    return {"type": "image", "source": source}


def _tool(spec: Json) -> Json:
    wanted = tool(spec)
    return {"name": wanted.name, "description": wanted.description, "input_schema": wanted.parameters}


def _usage(usage: dict[str, Json]) -> Usage:
    """Anthropic counts what was read from and written to its cache beside `input_tokens`."""
    cached, written = count(usage.get("cache_read_input_tokens")), count(usage.get("cache_creation_input_tokens"))
    return Usage(
        input=count(usage.get("input_tokens")) + cached + written,
        output=count(usage.get("output_tokens")),
        cached=cached,
        reasoning=count(obj(usage.get("output_tokens_details")).get("thinking_tokens")),
        written=written,
    )
