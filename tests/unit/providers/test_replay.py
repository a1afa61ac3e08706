from __future__ import annotations

import asyncio
import json

import pytest

from pinward.core.evidence import Completion, Message, Request, ToolCall, Usage
from pinward.errors import ConfigError
from pinward.providers.replay import ReplayClient, completion_record, request_key

ASK = Request("small-1", (Message("user", "total?"),), {"temperature": 0})
FIRST = Completion("ok", '{"total": 1}', (), "stop", Usage(9, 4, 2, 1), 0.25, "small-1-q4")
SECOND = Completion("truncated", '{"tot', (ToolCall("f", "{}", "1"),), "length", Usage(9, 3), 0.5)
HEADER = {"schema": "pinward.recording/1", "models": ["small-1"], "command": "pinward record\nnow"}


def row(completion: Completion, repeat: int) -> dict[str, object]:
    return {
        "key": request_key(ASK),
        "model": "small-1",
        "repeat": repeat,
        "completion": completion_record(completion),
    }


def client(*rows: object) -> ReplayClient:
    return ReplayClient("replay", "".join(json.dumps(r) + "\n" for r in (HEADER, *rows)), "demo.jsonl")


def ask(one: ReplayClient, request: Request = ASK) -> Completion:
    return asyncio.run(one.complete(request, 1))


def test_recorded_answers_come_back_in_their_order_and_begin_again() -> None:
    one = client(row(SECOND, 1), row(FIRST, 0))
    answers = [ask(one) for _ in range(3)]
    assert [a.text for a in answers] == [FIRST.text, SECOND.text, FIRST.text]
    assert answers[0].usage == FIRST.usage
    assert (answers[0].latency, answers[0].served_model, answers[0].replayed) == (0.25, "small-1-q4", True)
    assert (answers[1].outcome, answers[1].tool_calls) == ("truncated", SECOND.tool_calls)


def test_a_missing_answer_names_the_model_and_how_to_record_and_is_no_models_failure() -> None:
    answer = ask(client(row(FIRST, 0)), Request("small-1", (Message("user", "other"),)))
    assert answer.outcome == "infra_error"
    assert answer.fault is not None
    assert "demo.jsonl" in answer.fault.detail
    assert "small-1" in answer.fault.detail
    assert answer.fault.detail.endswith("record again with: pinward record now")


def test_the_key_is_that_of_canonical_json() -> None:
    assert request_key(ASK) == "c12b0db20080578a1398d4df6541c3ff017c2dccaa933277c464efd8e60cd067"
    assert request_key(Request("small-1", ASK.messages, {"temperature": 0.0})) != request_key(ASK)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "empty"),
        ("not json\n", "r.jsonl:1"),
        ('{"schema": "other/1"}\n', "r.jsonl:1"),
        (json.dumps(HEADER) + '\n\n{"key": "a"\n', "r.jsonl:3"),
        (json.dumps(HEADER) + '\n{"model": "a"}\n', "r.jsonl:2"),
    ],
)
def test_a_wrong_recording_is_named_by_file_and_line(text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        ReplayClient("replay", text, "r.jsonl")
