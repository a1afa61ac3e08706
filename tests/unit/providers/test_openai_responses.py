from __future__ import annotations

from pinward.core.evidence import ToolCall, Usage
from pinward.providers.openai_responses import OpenAIResponses
from tests.integration.wires import RESPONSES, responses_answer
from tests.unit.providers.conversation import LOOK, PIXEL, SCHEMA, conversation

WIRE = OpenAIResponses()


def test_a_whole_conversation_is_written_and_nothing_is_kept_at_the_provider() -> None:
    sent = WIRE.encode(conversation("gpt-5.1", max_tokens=9, reasoning_effort="low"))
    assert sent.path == "/responses"
    assert sent.body == {
        "model": "gpt-5.1",
        "store": False,
        "max_output_tokens": 9,
        "reasoning": {"effort": "low"},
        "input": [
            {"role": "system", "content": "be brief"},
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "what is this?"},
                    {"type": "input_image", "image_url": PIXEL, "detail": "auto"},
                ],
            },
            {"type": "function_call", "call_id": "c1", "name": "look", "arguments": '{"x": 1}'},
            {"type": "function_call_output", "call_id": "c1", "output": "a dot"},
            {"role": "user", "content": "so?"},
        ],
        "tools": [
            {
                "type": "function",
                "name": "look",
                "description": "looks",
                "parameters": LOOK["parameters"],
                "strict": False,
            }
        ],
        "text": {"format": {"type": "json_schema", "name": "answer", "strict": True, "schema": SCHEMA}},
    }


def test_usage_and_function_calls_are_read() -> None:
    data = responses_answer("")
    data["output"].append({"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"})
    completion = WIRE.decode(data, {})
    assert completion.tool_calls == (ToolCall("look", "{}", "c1"),)
    usage = WIRE.decode(RESPONSES.good, {}).usage
    assert usage == Usage(7, 2, 4, 1, 1)


def test_f19_an_answer_cut_by_a_filter_is_a_refusal_and_a_failed_response_is_none() -> None:
    assert WIRE.decode(responses_answer("ha", "incomplete", "content_filter"), {}).outcome == "refused"
    for status in ("failed", "cancelled", "queued", ""):
        assert WIRE.decode(responses_answer("half", status), {}).outcome == "infra_error"


def test_an_answer_that_a_filter_kept_back_whole_is_a_refusal() -> None:
    blocked = {**RESPONSES.good, "status": "incomplete", "incomplete_details": {"reason": "content_filter"}}
    blocked |= {"output": [], "usage": None}
    assert WIRE.decode(blocked, {}).outcome == "refused"
