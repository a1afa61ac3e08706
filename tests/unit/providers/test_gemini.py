from __future__ import annotations

import pytest

from pinward.core.evidence import Request, ToolCall
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.providers.gemini import REFUSED, UNREADABLE, Gemini, Vertex
from tests.integration.wires import GEMINI, gemini_answer
from tests.unit.providers.conversation import LOOK, SCHEMA, conversation

WIRE = Gemini()


def test_a_whole_conversation_is_written() -> None:
    sent = WIRE.encode(conversation("gemini-2.5-flash", temperature=0, max_tokens=9, stop="END"))
    assert sent.path == "/models/gemini-2.5-flash:generateContent"
    assert sent.body == {
        "contents": [
            {
                "role": "user",
                "parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}, {"text": "what is this?"}],
            },
            {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {"x": 1}}}]},
            {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"result": "a dot"}}}]},
            {"role": "user", "parts": [{"text": "so?"}]},
        ],
        "generationConfig": {
            "temperature": 0,
            "maxOutputTokens": 9,
            "stopSequences": ["END"],
            "responseMimeType": "application/json",
            "responseJsonSchema": SCHEMA,
        },
        "systemInstruction": {"parts": [{"text": "be brief"}]},
        "tools": [
            {
                "functionDeclarations": [
                    {"name": "look", "description": "looks", "parametersJsonSchema": LOOK["parameters"]}
                ]
            }
        ],
    }


@pytest.mark.parametrize("model", ["../../v1/secrets", "a/b", "x?key=1", "x#y", "x:y z"])
def test_t8_a_models_name_stays_one_segment_of_the_path(model: str) -> None:
    path = WIRE.encode(Request(model, ())).path
    assert path.startswith("/models/")
    assert path.count("/") == 2
    assert not set(path) & set("?# ")


def test_a_call_of_a_hand_written_history_says_that_its_thoughts_are_not_signed() -> None:
    """Gemini 3 answers 400 to a call in the history without a signature."""
    contents = WIRE.encode(conversation("gemini-3.8-flash")).body["contents"]
    assert contents[1]["parts"] == [  # type: ignore[index, call-overload]  # JSON
        {
            "functionCall": {"name": "look", "args": {"x": 1}},
            "thoughtSignature": "skip_thought_signature_validator",
        }
    ]


def test_vertex_names_the_publisher_and_refuses_models_of_another_api() -> None:
    for model in ("gemini-3-flash", "google/gemini-3-flash"):
        assert Vertex().encode(Request(model, ())).path == "/publishers/google/models/gemini-3-flash:generateContent"
    with pytest.raises(ConfigError, match="not a Gemini model"):
        Vertex().encode(Request("anthropic/claude-opus-4-6", ()))


def test_thoughts_are_output_but_no_part_of_the_answer() -> None:
    completion = WIRE.decode(GEMINI.good, {})
    usage = completion.usage
    assert (usage.input, usage.output, usage.cached, usage.reasoning) == (7, 2, 4, 1)
    assert completion.text == "hello"


@pytest.mark.parametrize("reason", sorted(REFUSED))
def test_f19_a_candidate_that_was_filtered_is_a_refusal(reason: str) -> None:
    assert WIRE.decode({"candidates": [{"finishReason": reason}]}, {}).outcome == "refused"


def test_a_function_call_is_read() -> None:
    data = gemini_answer("", "STOP")
    data["candidates"][0]["content"]["parts"].append({"functionCall": {"name": "look", "args": {"x": 1}}})
    assert WIRE.decode(data, {}).tool_calls == (ToolCall("look", '{"x":1}'),)


@pytest.mark.parametrize("reason", sorted(UNREADABLE))
def test_a_call_that_nobody_can_read_is_the_models_failure_and_no_fault_of_the_provider(reason: str) -> None:
    """As Google sends it: a candidate without content, and no token counted but the prompt's."""
    data: dict[str, Json] = {
        "candidates": [{"finishReason": reason, "index": 0}],
        "usageMetadata": {"promptTokenCount": 2595},
    }
    completion = Gemini().decode(data, {})
    assert (completion.outcome, completion.fault, completion.finish_reason) == ("truncated", None, reason)
