from __future__ import annotations

from pinward.core.evidence import Request
from pinward.providers.cohere import CohereChat
from tests.integration.wires import COHERE
from tests.unit.providers.conversation import LOOK, SCHEMA, conversation

WIRE = CohereChat()


def test_parameters_tools_and_schema_are_written_under_coheres_names() -> None:
    sent = WIRE.encode(conversation("command-a-03-2025", top_p=0.5, max_completion_tokens=9, stop="END"))
    body = dict(sent.body)
    messages = body.pop("messages")
    assert sent.path == "/v2/chat"
    assert isinstance(messages, list)
    assert len(messages) == 5
    assert body == {
        "model": "command-a-03-2025",
        "p": 0.5,
        "max_tokens": 9,
        "stop_sequences": ["END"],
        "tools": [{"type": "function", "function": LOOK}],
        "response_format": {"type": "json_object", "json_schema": SCHEMA},
    }


def test_tokens_written_with_a_point_are_read() -> None:
    usage = WIRE.decode(COHERE.good, {}).usage
    assert (usage.input, usage.output, usage.cached) == (7, 2, 4)


def test_without_a_schema_no_format_is_asked_for() -> None:
    assert "response_format" not in WIRE.encode(Request("m", ())).body
