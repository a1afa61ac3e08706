"""What each wire format answers, in the shapes that its API documents; one row a format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Shape:
    """A good answer (text "hello", 7 input and 2 output tokens), and the special ones."""

    wire: str
    good: dict[str, Any]
    truncated: dict[str, Any]
    refused: dict[str, Any] | None  # None: the API has no such outcome
    empty: dict[str, Any]
    served: dict[str, Any] | None  # the good answer by `other-model`; None: the API does not say


def openai_answer(content: str | None, reason: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": more.pop("model", "m"),
        "system_fingerprint": "fp_1",
        "choices": [
            {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": content, **more}}
        ],
        "usage": {
            "prompt_tokens": 7,
            "completion_tokens": 2,
            "total_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
            "completion_tokens_details": {"reasoning_tokens": 1},
        },
    }


OPENAI = Shape(
    wire="openai",
    good=openai_answer("hello", "stop"),
    truncated=openai_answer('{"a": ', "length"),
    refused=openai_answer(None, "stop", refusal="I cannot help with that."),
    empty={**openai_answer("", "stop"), "choices": []},
    served=openai_answer("hello", "stop", model="other-model"),
)


def responses_answer(content: str, status: str = "completed", reason: str | None = None, **more: Any) -> dict[str, Any]:
    kind = more.pop("kind", "output_text")
    part = {"type": kind, ("refusal" if kind == "refusal" else "text"): content, "annotations": []}
    return {
        "id": "resp_1",
        "object": "response",
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "model": "m",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": status, "content": [part]},
        ],
        "usage": {
            "input_tokens": 7,
            "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
            "output_tokens": 2,
            "output_tokens_details": {"reasoning_tokens": 1},
            "total_tokens": 9,
        },
        **more,
    }


RESPONSES = Shape(
    wire="openai-responses",
    good=responses_answer("hello"),
    truncated=responses_answer('{"a": ', "incomplete", "max_output_tokens"),
    refused=responses_answer("I cannot help with that.", kind="refusal"),
    empty={**responses_answer(""), "output": [], "usage": None},
    served=responses_answer("hello", model="other-model"),
)


def anthropic_answer(content: str, reason: str, model: str = "m") -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "thinking", "thinking": "hm", "signature": "x"}, {"type": "text", "text": content}],
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 2,
            "cache_creation_input_tokens": 1,
            "cache_read_input_tokens": 4,
            "output_tokens": 2,
            "output_tokens_details": {"thinking_tokens": 1},
        },
    }


ANTHROPIC = Shape(
    wire="anthropic",
    good=anthropic_answer("hello", "end_turn"),
    truncated=anthropic_answer('{"a": ', "max_tokens"),
    refused=anthropic_answer("", "refusal"),
    empty={
        "type": "message",
        "content": [],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 7, "output_tokens": 0},
    },
    served=anthropic_answer("hello", "end_turn", "other-model"),
)


def gemini_answer(content: str, reason: str, model: str = "m") -> dict[str, Any]:
    parts = [{"text": "hm", "thought": True}, {"text": content}]
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": reason, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 7,
            "candidatesTokenCount": 1,
            "thoughtsTokenCount": 1,
            "cachedContentTokenCount": 4,
            "totalTokenCount": 9,
        },
        "modelVersion": model,
        "responseId": "r1",
    }


GEMINI = Shape(
    wire="gemini",
    good=gemini_answer("hello", "STOP"),
    truncated=gemini_answer('{"a": ', "MAX_TOKENS"),
    refused={"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 7}},
    empty={"candidates": [], "usageMetadata": {"promptTokenCount": 7}},
    served=gemini_answer("hello", "STOP", "other-model"),
)


def bedrock_answer(content: str, reason: str) -> dict[str, Any]:
    blocks = [{"reasoningContent": {"reasoningText": {"text": "hm", "signature": "x"}}}, {"text": content}]
    return {
        "output": {"message": {"role": "assistant", "content": blocks}},
        "stopReason": reason,
        "usage": {
            "inputTokens": 2,
            "outputTokens": 2,
            "totalTokens": 9,
            "cacheReadInputTokens": 4,
            "cacheWriteInputTokens": 1,
        },
        "metrics": {"latencyMs": 5},
    }


BEDROCK = Shape(
    wire="bedrock",
    good=bedrock_answer("hello", "end_turn"),
    truncated=bedrock_answer('{"a": ', "max_tokens"),
    refused=bedrock_answer("", "guardrail_intervened"),
    empty={"output": {}, "stopReason": "end_turn", "usage": {}},
    served=None,
)


def cohere_answer(content: str, reason: str) -> dict[str, Any]:
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": content}]
    return {
        "id": "c1",
        "finish_reason": reason,
        "message": {"role": "assistant", "content": parts},
        "usage": {
            "billed_units": {"input_tokens": 5.0, "output_tokens": 2.0},
            "tokens": {"input_tokens": 7.0, "output_tokens": 2.0},
            "cached_tokens": 4.0,
        },
    }


COHERE = Shape(
    wire="cohere",
    good=cohere_answer("hello", "COMPLETE"),
    truncated=cohere_answer('{"a": ', "MAX_TOKENS"),
    refused=None,
    empty={"id": "c1", "finish_reason": "ERROR", "message": {"role": "assistant", "content": []}},
    served=None,
)
AZURE = replace(OPENAI, wire="azure")
DEPLOYMENTS = replace(OPENAI, wire="azure-deployments")
VERTEX = replace(GEMINI, wire="vertex")
SHAPES = (OPENAI, RESPONSES, ANTHROPIC, GEMINI, VERTEX, BEDROCK, COHERE, AZURE, DEPLOYMENTS)
