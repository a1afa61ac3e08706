"""What a wire format is, and the careful reading of JSON that others wrote.

A format turns a request into a body and an answer into a completion, purely; sending, retries and limits are elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pinward.core.evidence import Completion, Fault, Message, Request, ToolCall
from pinward.core.policy import Json
from pinward.errors import ConfigError

ASSUMED_OUTPUT = 4_096  # tokens of an answer that no parameter bounds; sent where an API wants a bound


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it goes on the wire: path below the base URL (with its query), JSON body, headers beside the key."""

    path: str
    body: dict[str, Json]
    headers: Mapping[str, str] = field(default_factory=dict)


class WireFormat(Protocol):
    """One provider API. Pure: no clock, no socket.

    `name` is the `type` of a provider in `pinward.yml`.
    """

    name: str

    def auth(self, key: str) -> dict[str, str]:
        """Return the headers that carry the key."""
        ...

    def encode(self, request: Request) -> Outgoing:
        """Write a request. Raises `ConfigError` for what this API cannot be asked."""
        ...

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:
        """Read the JSON object of an answer with status 2xx. Never raises for what it holds."""
        ...


def bad_response(detail: str) -> Completion:
    """Return the outcome of an answer that is not a completion (docs/threats.md F14-F18)."""
    return Completion("infra_error", fault=Fault("bad_response", detail))


def unless_empty(told: Completion, *misplaced: bool) -> Completion:
    """Return an answer, or the outcome of one that holds nothing at all, or what no text and no call can be read from
    (docs/threats.md F15, F18): `misplaced` says whether something else stands where they should.
    """
    if any(misplaced) or not all(call.name for call in told.tool_calls):
        return bad_response("an answer whose text or tool calls are not written as the API has them")
    if told.text or told.tool_calls or told.usage.output or told.outcome != "ok":
        return told
    return bad_response("an answer without text, tool call or output tokens")


def is_not(value: object, *types: type) -> bool:
    """Tell whether a JSON value is there and of none of these types."""
    return value is not None and not isinstance(value, types)


def obj(value: object) -> dict[str, Json]:
    """Return a JSON object, or an empty one where `value` is something else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Json]:
    """Return a JSON array, or an empty one where `value` is something else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return a JSON string, or an empty one where `value` is something else."""
    return value if isinstance(value, str) else ""


MOST_TOKENS = 1_000_000_000_000  # beyond it a number is a mistake; one of 400 digits would break arithmetic


def count(value: object) -> int:
    """Return a non-negative integer of at most `MOST_TOKENS`, or 0 where `value` is something else."""
    return min(value, MOST_TOKENS) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model may call: name, description, JSON Schema of its arguments."""

    name: str
    description: str
    parameters: Json


def tool(spec: Json) -> Tool:
    """Read a tool in the plain form or in OpenAI's (`{"type": "function", "function": {...}}`)."""
    plain = obj(spec)
    plain = obj(plain.get("function")) or plain
    name = text(plain.get("name"))
    if not name:
        raise ConfigError("a tool has no name", "Write tools as {name, description, parameters}.")
    schema = plain.get("parameters") or plain.get("input_schema") or {"type": "object", "properties": {}}
    return Tool(name, text(plain.get("description")), schema)


@dataclass(frozen=True, slots=True)
class Image:
    """An image in a message: an https address, or its media type and base64 data."""

    url: str
    media_type: str = ""
    data: str = ""


def image(value: str) -> Image:
    """Read an image: `https://...` or `data:image/png;base64,...`."""
    if value.startswith("https://"):
        return Image(value)
    head, comma, data = value.partition(",")
    if comma and head.startswith("data:image/") and head.endswith(";base64") and data:
        kind = head.removeprefix("data:").removesuffix(";base64")
        kind = "image/jpeg" if kind == "image/jpg" else kind  # the registered name, and the only one that APIs take
        return Image(f"data:{kind};base64,{data}", kind, data)
    raise ConfigError("an image is neither an https address nor a data:image/...;base64 URL")


def arguments(call: ToolCall) -> dict[str, Json]:
    """Return a tool call's arguments as an object; a model may have written something else."""
    try:
        return obj(json.loads(call.arguments))
    except (ValueError, RecursionError):
        return {}


def called(name: Json, given: Json, identity: Json = None) -> ToolCall:
    """Return a tool call of an API that writes the arguments as JSON rather than as text."""
    return ToolCall(text(name), json.dumps(given, separators=(",", ":")), text(identity))


def system_text(request: Request) -> str:
    """Return the system messages as one text, for APIs that keep them apart from the conversation."""
    return "\n\n".join(message.content for message in request.messages if message.role == "system")


def renamed(params: dict[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    """Return the parameters under the names of this API."""
    return {names.get(name, name): value for name, value in params.items()}


def as_list(value: Json) -> Json:
    """Return a single stop sequence as the list that most APIs want."""
    return [value] if isinstance(value, str) else value


def parameters(request: Request, reserved: frozenset[str]) -> dict[str, Json]:
    """Return the request's parameters without nulls.

    Raises `ConfigError` where one would replace what Pinward itself writes: a parameter could otherwise change the
    model that is proven, or multiply the cost of a call.
    """
    taken = sorted(reserved & request.params.keys())
    if taken:
        raise ConfigError(f"params of {request.model} may not set {', '.join(taken)}", "Remove it from params.")
    return {name: value for name, value in request.params.items() if value is not None}


def canonical(request: Request) -> dict[str, Json]:
    """Return everything in a request that an answer depends on, as plain JSON."""
    return {
        "model": request.model,
        "messages": [_canonical_message(message) for message in request.messages],
        "params": dict(request.params),
        "tools": list(request.tools),
        "response_schema": request.response_schema,
    }


def _canonical_message(message: Message) -> Json:
    return {
        "role": message.role,
        "content": message.content,
        "tool_calls": [{"name": c.name, "arguments": c.arguments, "id": c.id} for c in message.tool_calls],
        "tool_call_id": message.tool_call_id,
        "images": list(message.images),
    }


def canonical_json(parts: Mapping[str, Json]) -> str:
    """Return canonical JSON: sorted keys, no spaces, ASCII."""
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(parts: Mapping[str, Json]) -> str:
    """Return the SHA-256 (hex) of canonical JSON."""
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()
