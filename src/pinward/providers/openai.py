"""OpenAI Chat Completions, and every endpoint that speaks it.

Source: platform.openai.com/docs/api-reference/chat and the types of PyPI `openai` 3.57.0. Compatible servers differ
in what they leave out, so every field of an answer is optional here except the first choice.
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
    text,
    tool,
    unless_empty,
)
from pinward.providers.parameters import adapt

RESERVED = frozenset({"model", "messages", "tools", "response_format", "stream", "stream_options", "n"})
OUTCOMES: Mapping[str, Outcome] = {
    "length": "truncated",
    "max_tokens": "truncated",
    "model_length": "truncated",  # Mistral: the context window is full
    "content_filter": "refused",
    "refusal": "refused",
}
# DeepSeek, OpenRouter and vLLM report a failure of theirs as a finish reason of a 200.
BROKEN = frozenset({"error", "insufficient_system_resource", "abort"})


class OpenAIChat:
    """`POST /chat/completions`."""

    name = "openai"

    def auth(self, key: str) -> dict[str, str]:
        """Return the bearer header."""
        return {"authorization": f"Bearer {key}"}

    def encode(self, request: Request) -> Outgoing:
        """Write text, images, tools and the answer's schema; parameters go through the table of differences."""
        body: dict[str, Json] = {"model": request.model, "messages": [_message(m) for m in request.messages]}
        body.update(adapt("openai", request.model, parameters(request, RESERVED)))
        if request.tools:
            body["tools"] = [_tool(spec) for spec in request.tools]
        if request.response_schema is not None:
            body["response_format"] = response_format(request.response_schema)
        return Outgoing("/chat/completions", body)

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:  # noqa: ARG002  # Protocol
        """Read the first choice."""
        choices = items(data.get("choices"))
        if not choices:
            blocked = any("content_filter_results" in obj(r) for r in items(data.get("prompt_filter_results")))
            return Completion("refused", finish_reason="content_filter") if blocked else bad_response("no choices")
        choice = obj(choices[0])
        message = obj(choice.get("message"))
        reason = text(choice.get("finish_reason"))
        if reason in BROKEN or choice.get("error"):
            return bad_response("the provider reports a failure of its own in the answer")
        calls = tool_calls(message)
        answer, refusal = content_text(message.get("content")), text(message.get("refusal"))
        usage = read_usage(obj(data.get("usage")))
        told = Completion(
            outcome="refused" if refusal else OUTCOMES.get(reason, "ok"),
            text=answer or refusal,
            tool_calls=calls,
            finish_reason=reason,
            usage=usage,
            served_model=text(data.get("model")) or None,
            fingerprint=text(data.get("system_fingerprint")) or None,
        )
        return unless_empty(told, is_misplaced(message))


def response_format(schema: Json) -> Json:
    """Ask for JSON of this schema; `strict` only where the schema keeps to the subset that strict mode accepts."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": is_strict(schema), "schema": schema}}


def is_strict(schema: Json) -> bool:
    """Say whether every object forbids further properties and requires all of its own.

    Source: platform.openai.com/docs/guides/structured-outputs, "Supported schemas".
    """
    if isinstance(schema, list):
        return all(is_strict(part) for part in schema)
    if not isinstance(schema, dict):
        return True
    if "properties" in schema or schema.get("type") == "object":
        closed = schema.get("additionalProperties") is False
        if not closed or set(obj(schema.get("properties"))) != set(map(str, items(schema.get("required")))):
            return False
    return all(is_strict(part) for part in schema.values())


def _message(message: Message) -> Json:
    written: dict[str, Json] = {"role": message.role, "content": message.content}
    if message.images:
        pictures: list[Json] = [{"type": "image_url", "image_url": {"url": image(i).url}} for i in message.images]
        written["content"] = [{"type": "text", "text": message.content}, *pictures]
    if message.tool_calls:
        written["content"] = message.content or None
        written["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        written["tool_call_id"] = message.tool_call_id
    return written


def _tool(spec: Json) -> Json:
    wanted = tool(spec)
    return {
        "type": "function",
        "function": {"name": wanted.name, "description": wanted.description, "parameters": wanted.parameters},
    }


def is_misplaced(message: dict[str, Json]) -> bool:
    """Tell whether something else stands where an answer has its text or its tool calls."""
    return is_not(message.get("content"), str, list) or is_not(message.get("tool_calls"), list)


def tool_calls(message: dict[str, Json]) -> tuple[ToolCall, ...]:
    """Read the tool calls of an answer."""
    return tuple(_tool_call(obj(call)) for call in items(message.get("tool_calls")))


def _tool_call(call: dict[str, Json]) -> ToolCall:
    function = obj(call.get("function"))
    return ToolCall(text(function.get("name")), text(function.get("arguments")), text(call.get("id")))


def content_text(content: Json) -> str:
    """Join the text of an answer; Mistral's reasoning models answer with a list of parts, thoughts among them."""
    if isinstance(content, list):
        return "".join(text(obj(part).get("text")) for part in content if obj(part).get("type") == "text")
    return text(content)


def read_usage(usage: dict[str, Json]) -> Usage:
    """Read tokens; DeepSeek counts cache hits beside the total, and xAI thoughts beside the completion.

    Source: docs.x.ai/docs/key-information/consumption-and-rate-limits. The total tells which way an endpoint counts.
    """
    details = obj(usage.get("prompt_tokens_details"))
    asked, told = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    thoughts = count(obj(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    is_beside = thoughts > 0 and count(usage.get("total_tokens")) == asked + told + thoughts
    return Usage(
        input=asked,
        output=told + thoughts if is_beside else told,
        cached=count(details.get("cached_tokens")) or count(usage.get("prompt_cache_hit_tokens")),
        reasoning=thoughts,
        written=count(details.get("cache_write_tokens")),
    )
