from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from pinward.core.evidence import Message, Request, ToolCall, Usage
from pinward.errors import ConfigError
from pinward.providers.bedrock import BedrockConverse
from tests.integration.wires import BEDROCK, bedrock_answer
from tests.unit.providers.conversation import LOOK, SCHEMA, conversation

WIRE = BedrockConverse()
BYTES = "iVBORw0KGgo="
ARN = "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-haiku-4-5-v1:0"


def test_a_whole_conversation_is_written() -> None:
    sent = WIRE.encode(conversation(ARN, temperature=0, max_tokens=9, top_k=3))
    assert sent.path == f"/model/{quote(ARN, safe='')}/converse"
    assert sent.path.count("/") == 3
    assert sent.body == {
        "system": [{"text": "be brief"}],
        "messages": [
            {
                "role": "user",
                "content": [{"image": {"format": "png", "source": {"bytes": BYTES}}}, {"text": "what is this?"}],
            },
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "c1", "name": "look", "input": {"x": 1}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "a dot"}]}}]},
            {"role": "user", "content": [{"text": "so?"}]},
        ],
        "inferenceConfig": {"temperature": 0, "maxTokens": 9},
        "additionalModelRequestFields": {"top_k": 3},
        "toolConfig": {
            "tools": [
                {"toolSpec": {"name": "look", "description": "looks", "inputSchema": {"json": LOOK["parameters"]}}}
            ]
        },
        "outputConfig": {
            "textFormat": {
                "type": "json_schema",
                "structure": {"jsonSchema": {"name": "answer", "schema": json.dumps(SCHEMA)}},
            }
        },
    }  # fmt: skip


def test_an_image_by_address_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ConfigError):
        WIRE.encode(Request("m", (Message("user", "", images=("https://h/x.png",)),)))


def test_cache_reads_are_part_of_the_input_and_tool_calls_are_read() -> None:
    usage = WIRE.decode(BEDROCK.good, {}).usage
    assert usage == Usage(7, 2, 4, written=1)
    data = bedrock_answer("", "tool_use")
    data["output"]["message"]["content"] = [{"toolUse": {"toolUseId": "t", "name": "look", "input": {"x": 1}}}]
    assert WIRE.decode(data, {}).tool_calls == (ToolCall("look", '{"x":1}', "t"),)


@pytest.mark.parametrize("reason", ["malformed_model_output", "malformed_tool_use"])
def test_what_nobody_can_read_is_the_models_failure_and_no_fault_of_the_provider(reason: str) -> None:
    completion = BedrockConverse().decode({"stopReason": reason, "output": {"message": {"content": []}}}, {})
    assert (completion.outcome, completion.fault) == ("truncated", None)
