"""Gemini `generateContent`, and the same API on Vertex AI.

Source: ai.google.dev/api/generate-content and the types of PyPI `google-genai` 3.6.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from pinward.core.evidence import Completion, Message, Outcome, Request, Usage
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.providers.base import (
    Outgoing,
    arguments,
    as_list,
    bad_response,
    called,
    count,
    image,
    is_not,
    items,
    obj,
    parameters,
    system_text,
    text,
    tool,
    unless_empty,
)

RESERVED = frozenset({"model", "contents", "systemInstruction", "tools", "candidateCount", "n", "stream"})
# Parameters that stand inside `generationConfig`, under the names that users write and under Google's own.
CONFIG = {
    "temperature": "temperature",
    "max_tokens": "maxOutputTokens",
    "max_completion_tokens": "maxOutputTokens",
    "max_output_tokens": "maxOutputTokens",
    "top_p": "topP",
    "top_k": "topK",
    "stop": "stopSequences",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "thinking_config": "thinkingConfig",
}
OWN_CONFIG = frozenset(
    {*CONFIG.values(), "responseMimeType", "responseJsonSchema", "responseModalities", "mediaResolution"}
)
# Gemini 3 refuses a call in the history that carries no signature of its thoughts; this value says that there is none,
# because somebody else made the call: ai.google.dev/gemini-api/docs/thought-signatures.
UNSIGNING = re.compile(r"gemini-(?:1\.|2\.)")  # earlier models sign nothing
UNSIGNED = "skip_thought_signature_validator"
REFUSED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "LANGUAGE",
        "MODEL_ARMOR",
        "ESCALATION",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)
# A call that the model wrote and nobody could read, often with no token counted: its own failure, never a whole answer.
# Source: ai.google.dev/api/generate-content#FinishReason.
UNREADABLE = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE"})
OUTCOMES: Mapping[str, Outcome] = {
    "MAX_TOKENS": "truncated",
    "CONTINUATION": "truncated",  # the limit of one request: the rest would come with a token of its own
    **dict.fromkeys(UNREADABLE, "truncated"),
    **dict.fromkeys(REFUSED, "refused"),
}


class Gemini:
    """`POST /models/{model}:generateContent`."""

    name = "gemini"

    def auth(self, key: str) -> dict[str, str]:
        """Return the key header."""
        return {"x-goog-api-key": key}

    def path(self, model: str) -> str:
        """Return the path of a model; its name is data and stays one segment."""
        return f"/models/{quote(model, safe='')}:generateContent"

    def encode(self, request: Request) -> Outgoing:
        """Write text, images, tools and the answer's schema."""
        body: dict[str, Json] = {"contents": _contents(request)}
        config: dict[str, Json] = {}
        for name, value in parameters(request, RESERVED).items():
            written = CONFIG.get(name, name)
            (config if written in OWN_CONFIG else body)[written] = value
        if "stopSequences" in config:
            config["stopSequences"] = as_list(config["stopSequences"])
        if request.response_schema is not None:
            config |= {"responseMimeType": "application/json", "responseJsonSchema": request.response_schema}
        if config:
            body["generationConfig"] = config
        if system := system_text(request):
            body["systemInstruction"] = {"parts": [{"text": system}]}
        if request.tools:
            body["tools"] = [{"functionDeclarations": [_tool(spec) for spec in request.tools]}]
        return Outgoing(self.path(request.model), body)

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:  # noqa: ARG002  # Protocol
        """Read the first candidate; thoughts are left out."""
        candidates = items(data.get("candidates"))
        served = text(data.get("modelVersion")) or None
        usage = _usage(obj(data.get("usageMetadata")))
        if not candidates:
            blocked = text(obj(data.get("promptFeedback")).get("blockReason"))
            if blocked:
                return Completion("refused", finish_reason=blocked, usage=usage, served_model=served)
            return bad_response("no candidates")
        candidate = obj(candidates[0])
        reason = text(candidate.get("finishReason"))
        content = obj(candidate.get("content"))
        parts = [obj(part) for part in items(content.get("parts"))]
        answer = "".join(text(part.get("text")) for part in parts if not part.get("thought"))
        asked = [obj(part.get("functionCall")) for part in parts if part.get("functionCall")]
        calls = tuple(called(call.get("name"), call.get("args") or {}, call.get("id")) for call in asked)
        told = Completion(OUTCOMES.get(reason, "ok"), answer, calls, reason, usage, served_model=served)
        return unless_empty(told, is_not(candidate.get("content"), dict), is_not(content.get("parts"), list))


class Vertex(Gemini):
    """Gemini on Vertex AI. `base_url` ends with the project and the place, the key is an access token.

    Source: cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/projects.locations.publishers.models
    """

    name = "vertex"

    def auth(self, key: str) -> dict[str, str]:
        """Return the bearer header."""
        return {"authorization": f"Bearer {key}"}

    def path(self, model: str) -> str:
        """Return the path of a publisher's model below `/v1/projects/P/locations/L`."""
        publisher, _, name = model.rpartition("/")
        if publisher not in {"", "google"}:
            raise ConfigError(f"{model} is not a Gemini model", "Only models of the publisher google speak this API.")
        return f"/publishers/google/models/{quote(name, safe='')}:generateContent"


def _contents(request: Request) -> list[Json]:
    """Write the conversation; a tool's answer names the function, which only the earlier call tells."""
    names = {call.id: call.name for message in request.messages for call in message.tool_calls}
    signature: dict[str, Json] = {} if UNSIGNING.search(request.model) else {"thoughtSignature": UNSIGNED}
    return [_content(message, names, signature) for message in request.messages if message.role != "system"]


def _content(message: Message, names: Mapping[str, str], signature: dict[str, Json]) -> Json:
    if message.role == "tool":
        name = names.get(message.tool_call_id or "", message.tool_call_id or "")
        response: Json = {"name": name, "response": {"result": message.content}}
        return {"role": "user", "parts": [{"functionResponse": response}]}
    parts: list[Json] = [_image(value) for value in message.images]
    if message.content or not message.tool_calls:
        parts.append({"text": message.content})
    parts += [
        {"functionCall": {"name": call.name, "args": arguments(call)}, **signature} for call in message.tool_calls
    ]
    return {"role": "model" if message.role == "assistant" else "user", "parts": parts}


def _image(value: str) -> Json:
    picture = image(value)
    if not picture.data:
        return {"fileData": {"fileUri": picture.url}}
    return {"inlineData": {"mimeType": picture.media_type, "data": picture.data}}


def _tool(spec: Json) -> Json:
    wanted = tool(spec)
    return {"name": wanted.name, "description": wanted.description, "parametersJsonSchema": wanted.parameters}


def _usage(usage: dict[str, Json]) -> Usage:
    """Google counts thoughts beside the candidates, and tool results beside the prompt."""
    thoughts = count(usage.get("thoughtsTokenCount"))
    return Usage(
        input=count(usage.get("promptTokenCount")) + count(usage.get("toolUsePromptTokenCount")),
        output=count(usage.get("candidatesTokenCount")) + thoughts,
        cached=count(usage.get("cachedContentTokenCount")),
        reasoning=thoughts,
    )
