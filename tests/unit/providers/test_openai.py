from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.evidence import Message, Request, ToolCall, Usage
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.providers.openai import OpenAIChat, is_strict
from pinward.providers.parameters import rejected
from tests.integration.wires import openai_answer

WIRE = OpenAIChat()
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def test_a_conversation_with_system_images_tools_and_schema() -> None:
    request = Request(
        "gpt-4o",
        (
            Message("system", "be brief"),
            Message("user", "what is this?", images=(PIXEL,)),
            Message("assistant", "", tool_calls=(ToolCall("look", '{"x": 1}', "c1"),)),
            Message("tool", "a dot", tool_call_id="c1"),
        ),
        {"temperature": 0, "max_tokens": 5, "seed": None},
        ({"name": "look", "description": "looks", "parameters": {"type": "object"}},),
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False},
    )
    sent = WIRE.encode(request)
    assert sent.path == "/chat/completions"
    assert sent.body["messages"] == [
        {"role": "system", "content": "be brief"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "what is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"x": 1}'}}],
        },
        {"role": "tool", "content": "a dot", "tool_call_id": "c1"},
    ]
    assert sent.body["tools"] == [
        {"type": "function", "function": {"name": "look", "description": "looks", "parameters": {"type": "object"}}}
    ]
    assert sent.body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": request.response_schema},
    }
    assert (sent.body["temperature"], sent.body["max_tokens"]) == (0, 5)
    assert "seed" not in sent.body


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o", "max_tokens"),
        ("gpt-5.1-2025-11-13", "max_completion_tokens"),
        ("o4-mini", "max_completion_tokens"),
        ("openai/o3", "max_completion_tokens"),
        ("ollama-7b", "max_tokens"),
        ("gpt-oss-20b", "max_tokens"),
    ],
)
def test_the_output_limit_has_the_name_that_the_model_takes(model: str, name: str) -> None:
    body = WIRE.encode(Request(model, (), {"max_tokens": 9})).body
    assert body == {"model": model, "messages": [], name: 9}


def test_a_parameter_that_the_model_rejects_is_named_with_its_source() -> None:
    params = {"temperature": 0, "top_p": 0.5, "max_tokens": 5}
    assert set(rejected("openai", "o4-mini", params)) == {"temperature", "top_p"}
    assert set(rejected("openai", "gpt-5-mini-2025-08-07", params)) == {"temperature", "top_p"}
    assert rejected("openai", "gpt-5", {"temperature": 1}) == {}
    assert rejected("openai", "gpt-5.1-2025-11-13", params) == {}
    assert rejected("openai", "gpt-4o", params) == {}


@pytest.mark.parametrize("name", ["model", "messages", "n", "stream", "tools", "response_format"])
def test_t23_a_parameter_may_not_replace_the_model_or_multiply_the_answers(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        WIRE.encode(Request("m", (), {name: 1}))


def test_an_image_that_is_a_path_or_plain_http_is_refused_before_anything_is_sent() -> None:
    for hostile in ("../secret.png", "http://host/x.png", "file:///etc/passwd", "data:text/html;base64,AA"):
        with pytest.raises(ConfigError):
            WIRE.encode(Request("m", (Message("user", "", images=(hostile,)),)))


def test_usage_served_model_fingerprint_and_tool_calls_are_read() -> None:
    calls = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    completion = WIRE.decode(openai_answer(None, "tool_calls", tool_calls=calls, model="m-2026"), {})
    assert completion.tool_calls == (ToolCall("f", "{}", "1"),)
    assert completion.outcome == "ok"
    assert (completion.served_model, completion.fingerprint) == ("m-2026", "fp_1")
    usage = completion.usage
    assert usage == Usage(7, 2, 4, 1, 1)


def test_thoughts_are_not_part_of_the_answer() -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "yes"}]
    data = openai_answer(None, "stop")
    data["choices"][0]["message"]["content"] = parts
    assert WIRE.decode(data, {}).text == "yes"


@pytest.mark.parametrize("reason", ["content_filter", "refusal"])
def test_f19_a_content_filter_is_a_refusal(reason: str) -> None:
    assert WIRE.decode(openai_answer("", reason), {}).outcome == "refused"


def test_f18_no_choices_with_a_filter_result_is_a_refusal() -> None:
    data: dict[str, Json] = {
        "choices": [],
        "prompt_filter_results": [{"content_filter_results": {"hate": {"filtered": True}}}],
    }
    assert WIRE.decode(data, {}).outcome == "refused"


@pytest.mark.parametrize("reason", ["error", "insufficient_system_resource"])
def test_a_providers_own_failure_in_a_choice_is_no_answer(reason: str) -> None:
    assert WIRE.decode(openai_answer("half an ans", reason), {}).outcome == "infra_error"


def test_an_answer_of_nothing_at_all_is_no_answer_and_an_empty_one_that_cost_tokens_is() -> None:
    data = openai_answer("", "stop")
    assert WIRE.decode(data, {}).outcome == "ok"
    data["usage"]["completion_tokens"] = 0
    assert WIRE.decode(data, {}).outcome == "infra_error"


keys = st.sampled_from(
    [
        "choices",
        "message",
        "content",
        "finish_reason",
        "usage",
        "tool_calls",
        "function",
        "prompt_tokens_details",
        "type",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(keys, anything))
def test_no_answer_can_break_the_reading(data: dict[str, object]) -> None:
    completion = WIRE.decode(data, {})  # type: ignore[arg-type]  # hostile on purpose
    assert isinstance(completion.text, str)


@given(anything)
def test_strictness_of_any_schema_is_decided(schema: object) -> None:
    assert is_strict(schema) in {True, False}  # type: ignore[arg-type]  # hostile on purpose


@pytest.mark.parametrize(("total", "output"), [(135, 103), (41, 9), (None, 9)])
def test_thoughts_that_an_endpoint_counts_beside_the_completion_are_paid_for(total: int | None, output: int) -> None:
    """xAI: 32 + 9 + 94 = 135; at OpenAI the 9 would hold the thoughts."""
    answer = openai_answer("x", "stop")
    answer["usage"] = {
        "prompt_tokens": 32,
        "completion_tokens": 9,
        "total_tokens": total,
        "completion_tokens_details": {"reasoning_tokens": 94},
    }
    usage = WIRE.decode(answer, {}).usage
    assert (usage.input, usage.output, usage.reasoning) == (32, output, 94)
