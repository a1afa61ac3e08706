from __future__ import annotations

from pinward.core.evidence import Message, Request, ToolCall, Usage
from pinward.providers.anthropic import AnthropicMessages
from pinward.providers.parameters import rejected
from tests.integration.wires import ANTHROPIC, anthropic_answer
from tests.unit.providers.conversation import LOOK, SCHEMA, conversation

WIRE = AnthropicMessages()


def test_a_whole_conversation_is_written() -> None:
    sent = WIRE.encode(conversation("claude-haiku-4-5", temperature=0, stop="END"))
    assert (sent.path, dict(sent.headers)) == ("/v1/messages", {"anthropic-version": "2023-06-01"})
    assert sent.body == {
        "model": "claude-haiku-4-5",
        "max_tokens": 4096,
        "temperature": 0,
        "stop_sequences": ["END"],
        "system": "be brief",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
                    {"type": "text", "text": "what is this?"},
                ],
            },
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "look", "input": {"x": 1}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "a dot"}]},
            {"role": "user", "content": "so?"},
        ],
        "tools": [{"name": "look", "description": "looks", "input_schema": LOOK["parameters"]}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }


def test_effort_and_schema_share_their_place() -> None:
    request = Request("m", (), {"output_config": {"effort": "low"}, "max_completion_tokens": 7}, (), SCHEMA)
    body = WIRE.encode(request).body
    assert body["output_config"] == {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}}
    assert body["max_tokens"] == 7


def test_an_image_by_address() -> None:
    body = WIRE.encode(Request("m", (Message("user", "", images=("https://h/x.png",)),))).body
    source = {"type": "image", "source": {"type": "url", "url": "https://h/x.png"}}
    assert body["messages"] == [{"role": "user", "content": [source]}]


def test_cache_reads_and_writes_are_part_of_the_input_and_thoughts_of_the_output() -> None:
    usage = WIRE.decode(ANTHROPIC.good, {}).usage
    assert usage == Usage(7, 2, 4, 1, 1)


def test_a_tool_call_is_read() -> None:
    data = anthropic_answer("", "tool_use")
    data["content"].append({"type": "tool_use", "id": "t1", "name": "look", "input": {"x": 1}})
    assert WIRE.decode(data, {}).tool_calls == (ToolCall("look", '{"x":1}', "t1"),)


def test_models_that_take_no_sampling_parameters_are_known() -> None:
    params = {"temperature": 0, "top_k": 5}
    assert set(rejected("anthropic", "claude-opus-4-7", params)) == {"temperature", "top_k"}
    assert set(rejected("bedrock", "us.anthropic.claude-opus-4-8-v1:0", params)) == {"temperature", "top_k"}
    assert rejected("anthropic", "claude-opus-4-6", params) == {}
