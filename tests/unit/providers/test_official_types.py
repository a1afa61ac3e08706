"""What we send, and what the fault server sends, held against the types of the official SDKs."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic.types import Message, MessageCreateParams
from openai.types.chat import ChatCompletion, CompletionCreateParams
from openai.types.responses import Response, ResponseCreateParams
from pydantic import BaseModel, TypeAdapter

from pinward.providers.anthropic import AnthropicMessages
from pinward.providers.base import WireFormat
from pinward.providers.openai import OpenAIChat
from pinward.providers.openai_responses import OpenAIResponses
from tests.integration.wires import ANTHROPIC, OPENAI, RESPONSES, Shape
from tests.unit.providers.conversation import conversation

OF_RESPONSES = {"created_at": 1.0, "parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
ANSWERS: list[tuple[Shape, type[BaseModel], dict[str, Any]]] = [
    (OPENAI, ChatCompletion, {"created": 1}),
    (RESPONSES, Response, OF_RESPONSES),
    (ANTHROPIC, Message, {"id": "msg_1", "role": "assistant"}),
]


@pytest.mark.parametrize(("shape", "kind", "beside"), ANSWERS, ids=lambda value: getattr(value, "wire", ""))
def test_the_answers_of_the_fault_server_are_the_apis(
    shape: Shape, kind: type[BaseModel], beside: dict[str, Any]
) -> None:
    for answer in (shape.good, shape.truncated, shape.refused, shape.served):
        told = kind.model_validate({**beside, **(answer or {})})
        assert answer is None or told.model_dump(include={"model"}) == {"model": answer["model"]}


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        (OpenAIChat(), CompletionCreateParams),
        (OpenAIResponses(), ResponseCreateParams),
        (AnthropicMessages(), MessageCreateParams),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_is_sent_is_what_the_official_sdk_would_send(wire: WireFormat, kind: Any) -> None:
    body = wire.encode(conversation("m", max_tokens=50, temperature=0)).body
    assert TypeAdapter(kind).validate_python(body)["model"] == "m"
