"""Cohere Chat, version 2.

Source: docs.cohere.com/reference/chat and the types of PyPI `cohere` 7.3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pinward.core.evidence import Completion, Outcome, Request, Usage
from pinward.core.policy import Json
from pinward.providers.base import Outgoing, as_list, bad_response, count, obj, renamed, text, unless_empty
from pinward.providers.openai import OpenAIChat, content_text, is_misplaced, tool_calls

NAMES = {
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "top_p": "p",
    "top_k": "k",
    "stop": "stop_sequences",
}
OUTCOMES: Mapping[str, Outcome] = {"MAX_TOKENS": "truncated"}
BROKEN = frozenset({"ERROR", "TIMEOUT"})


class CohereChat(OpenAIChat):
    """`POST /v2/chat`: messages and tools as in Chat Completions, parameters and answers of its own."""

    name = "cohere"

    def encode(self, request: Request) -> Outgoing:
        """Write the body of Chat Completions under Cohere's names."""
        body = renamed(super().encode(replace(request, response_schema=None)).body, NAMES)
        if "stop_sequences" in body:
            body["stop_sequences"] = as_list(body["stop_sequences"])
        if request.response_schema is not None:
            body["response_format"] = {"type": "json_object", "json_schema": request.response_schema}
        return Outgoing("/v2/chat", body)

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:  # noqa: ARG002  # Protocol
        """Read the message. Cohere does not say which model served."""
        reason = text(data.get("finish_reason"))
        message = obj(data.get("message"))
        answer = content_text(message.get("content"))
        calls = tool_calls(message)
        usage = _usage(obj(data.get("usage")))
        if reason in BROKEN:
            return bad_response("the provider reports a failure of its own in the answer")
        return unless_empty(Completion(OUTCOMES.get(reason, "ok"), answer, calls, reason, usage), is_misplaced(message))


def _usage(usage: dict[str, Json]) -> Usage:
    """Read tokens, which Cohere writes as numbers with a point."""
    tokens = obj(usage.get("tokens")) or obj(usage.get("billed_units"))
    return Usage(
        input=_whole(tokens.get("input_tokens")),
        output=_whole(tokens.get("output_tokens")),
        cached=_whole(usage.get("cached_tokens")),
    )


def _whole(value: Json) -> int:
    return count(int(value)) if isinstance(value, float) and value.is_integer() else count(value)
