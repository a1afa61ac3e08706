"""Amazon Bedrock Converse, with a bearer API key or with a role's signature (`providers.aws`).

Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and the service model of PyPI
`botocore` 1.44.8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

from pinward.core.evidence import Completion, Message, Outcome, Request, Usage
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.providers.base import (
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
    system_text,
    text,
    tool,
    unless_empty,
)

RESERVED = frozenset({"model", "modelId", "messages", "system", "tools", "toolConfig", "stream", "n"})
INFERENCE = {
    "max_tokens": "maxTokens",
    "max_completion_tokens": "maxTokens",
    "max_output_tokens": "maxTokens",
    "maxTokens": "maxTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "topP": "topP",
    "stop": "stopSequences",
    "stopSequences": "stopSequences",
}
OUTCOMES: Mapping[str, Outcome] = {
    "max_tokens": "truncated",
    "model_context_window_exceeded": "truncated",
    "malformed_model_output": "truncated",  # what the model wrote could not be read: never judged as a whole answer
    "malformed_tool_use": "truncated",
    "guardrail_intervened": "refused",
    "content_filtered": "refused",
}


class BedrockConverse:
    """`POST /model/{modelId}/converse`; `base_url` names the region."""

    name = "bedrock"

    def auth(self, key: str) -> dict[str, str]:
        """Return the bearer header."""
        return {"authorization": f"Bearer {key}"}

    def encode(self, request: Request) -> Outgoing:
        """Write text, images, tools and the answer's schema; parameters that Converse does not know go to the model."""
        body: dict[str, Json] = {"messages": [_turn(m) for m in request.messages if m.role != "system"]}
        inference: dict[str, Json] = {}
        further: dict[str, Json] = {}
        for name, value in parameters(request, RESERVED).items():
            (inference if name in INFERENCE else further)[INFERENCE.get(name, name)] = value
        if "stopSequences" in inference:
            inference["stopSequences"] = as_list(inference["stopSequences"])
        if system := system_text(request):
            body["system"] = [{"text": system}]
        if inference:
            body["inferenceConfig"] = inference
        if further:
            body["additionalModelRequestFields"] = further
        if request.tools:
            body["toolConfig"] = {"tools": [_tool(spec) for spec in request.tools]}
        if request.response_schema is not None:
            schema: Json = {"jsonSchema": {"name": "answer", "schema": json.dumps(request.response_schema)}}
            body["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": schema}}
        return Outgoing(f"/model/{quote(request.model, safe='')}/converse", body)

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:  # noqa: ARG002  # Protocol
        """Join the text blocks, collect the tool calls. Converse does not say which model served."""
        reason = text(data.get("stopReason"))
        message = obj(obj(data.get("output")).get("message"))
        blocks = [obj(block) for block in items(message.get("content"))]
        answer = "".join(text(block.get("text")) for block in blocks)
        asked = [obj(block.get("toolUse")) for block in blocks if block.get("toolUse")]
        calls = tuple(called(use.get("name"), use.get("input"), use.get("toolUseId")) for use in asked)
        usage = _usage(obj(data.get("usage")))
        told = Completion(OUTCOMES.get(reason, "ok"), answer, calls, reason, usage)
        return unless_empty(told, is_not(message.get("content"), list))


def _turn(message: Message) -> Json:
    if message.role == "tool":
        result: Json = {"toolUseId": message.tool_call_id, "content": [{"text": message.content}]}
        return {"role": "user", "content": [{"toolResult": result}]}
    blocks: list[Json] = [_image(value) for value in message.images]
    if message.content:
        blocks.append({"text": message.content})
    blocks += [{"toolUse": {"toolUseId": c.id, "name": c.name, "input": arguments(c)}} for c in message.tool_calls]
    return {"role": message.role, "content": blocks}


def _image(value: str) -> Json:
    picture = image(value)
    if not picture.data:
        raise ConfigError("Bedrock takes no image addresses", "Give the image as a file or a data: URL.")
    return {"image": {"format": picture.media_type.removeprefix("image/"), "source": {"bytes": picture.data}}}


def _tool(spec: Json) -> Json:
    wanted = tool(spec)
    schema: Json = {"json": wanted.parameters}
    described: dict[str, Json] = {"description": wanted.description} if wanted.description else {}
    return {"toolSpec": {"name": wanted.name, **described, "inputSchema": schema}}


def _usage(usage: dict[str, Json]) -> Usage:
    """Bedrock counts what was read from and written to the cache beside `inputTokens`."""
    cached, written = count(usage.get("cacheReadInputTokens")), count(usage.get("cacheWriteInputTokens"))
    return Usage(
        input=count(usage.get("inputTokens")) + cached + written,
        output=count(usage.get("outputTokens")),
        cached=cached,
        written=written,
    )
