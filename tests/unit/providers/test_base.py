from __future__ import annotations

from typing import Any

import pytest

from pinward.core.evidence import Completion, ToolCall, Usage
from pinward.providers.anthropic import AnthropicMessages
from pinward.providers.base import WireFormat, image, unless_empty
from pinward.providers.bedrock import BedrockConverse
from pinward.providers.cohere import CohereChat
from pinward.providers.gemini import Gemini
from pinward.providers.openai import OpenAIChat
from pinward.providers.openai_responses import OpenAIResponses


@pytest.mark.parametrize(
    "told",
    [
        Completion("ok", "x"),
        Completion("ok", tool_calls=(ToolCall("f", "{}"),)),
        Completion("ok", usage=Usage(output=1)),
        Completion("refused"),
        Completion("truncated"),
    ],
)
def test_what_says_anything_is_an_answer(told: Completion) -> None:
    assert unless_empty(told) == told


def test_f15_what_says_nothing_at_all_is_no_answer() -> None:
    assert unless_empty(Completion("ok", usage=Usage(input=7))).outcome == "infra_error"


CHAT = {"usage": {"completion_tokens": 9}}
ODD_TEXT: list[Any] = [7, {}, True]
ODD_CALLS: list[Any] = [7, "x", {}, True, [{"type": "function", "function": {"arguments": "{}"}}]]
MISPLACED: list[tuple[WireFormat, dict[str, Any]]] = [
    *((OpenAIChat(), {**CHAT, "choices": [{"message": {"content": odd}}]}) for odd in ODD_TEXT),
    *((OpenAIChat(), {**CHAT, "choices": [{"message": {"content": "a", "tool_calls": odd}}]}) for odd in ODD_CALLS),
    (CohereChat(), {"message": {"content": 7}, "usage": {"tokens": {"output_tokens": 9}}}),
    (CohereChat(), {"message": {"content": "a", "tool_calls": "x"}}),
    (OpenAIResponses(), {"status": "completed", "output": "x", "usage": {"output_tokens": 9}}),
    (OpenAIResponses(), {"status": "completed", "output": [{"type": "function_call", "arguments": "{}"}]}),
    (AnthropicMessages(), {"content": "x", "usage": {"output_tokens": 9}}),
    (AnthropicMessages(), {"content": [{"type": "tool_use", "input": {}}]}),
    (BedrockConverse(), {"output": {"message": {"content": 7}}, "usage": {"outputTokens": 9}}),
    (BedrockConverse(), {"output": {"message": {"content": [{"toolUse": {"input": {}}}]}}}),
    (Gemini(), {"candidates": [{"content": "x"}], "usageMetadata": {"candidatesTokenCount": 9}}),
    (Gemini(), {"candidates": [{"content": {"parts": 7}}], "usageMetadata": {"candidatesTokenCount": 9}}),
]


@pytest.mark.parametrize(("wire", "answer"), MISPLACED)
def test_f18_what_stands_where_text_or_calls_should_and_is_neither_is_no_answer_of_the_model(
    wire: WireFormat, answer: dict[str, Any]
) -> None:
    assert wire.decode(answer, {}).outcome == "infra_error"


def test_a_picture_is_given_under_its_registered_type() -> None:
    assert image("data:image/jpg;base64,AA==").media_type == "image/jpeg"
    assert image("data:image/jpg;base64,AA==").url == image("data:image/jpeg;base64,AA==").url
