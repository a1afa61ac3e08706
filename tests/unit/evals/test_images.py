from __future__ import annotations

import pytest

from pinward.core.evidence import Message, ToolCall
from pinward.errors import ConfigError
from pinward.evals.suite import load_suite
from pinward.prompts.registry import load_prompts
from pinward.prompts.templates import render
from tests.support.trees import MemoryTree

PNG = b"\x89PNG\r\n\x1a\n0000"
URL = "data:image/png;base64,iVBORw0KGgowMDAw"
SUITE = """\
cases:
  - {id: a, input: {question: What?, photo: {image: cat.png}}, checks: [json_valid]}
  - id: b
    input: {messages: [{role: user, content: What?, images: [cat.png, 'https://example.com/dog.png']}]}
    checks: [json_valid]
"""
PROMPT = 'versions: [{version: 1, messages: [{role: user, content: "{{ question }}", images: ["{{ photo }}"]}]}]'
FILES: dict[str, str | bytes] = {"evals/s.yml": SUITE, "evals/cat.png": PNG, "p.yml": PROMPT}


def test_image_files_are_sent_as_data_by_variable_and_in_a_conversation() -> None:
    tree = MemoryTree(FILES)
    one, other = load_suite(tree, "evals/s.yml").cases
    prompt = load_prompts(tree, "p.yml").versions[0]
    assert render(prompt, one.input) == (Message("user", "What?", images=(URL,)),)
    assert render(None, other.input) == (Message("user", "What?", images=(URL, "https://example.com/dog.png")),)


def test_another_image_under_the_same_name_is_another_case() -> None:
    before = load_suite(MemoryTree(FILES), "evals/s.yml").case_digests
    after = load_suite(MemoryTree({**FILES, "evals/cat.png": PNG + b"1"}), "evals/s.yml").case_digests
    assert before["a"] != after["a"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("dog.png", "no file"), ("cat.bmp", "kind `.bmp`"), ("text.png", "is no png image"), ("../../x.png", "leaves")],
)
def test_what_is_no_image_ends_with_the_cases_line(name: str, said: str) -> None:
    files = {**FILES, "evals/text.png": "text", "evals/cat.bmp": PNG, "evals/s.yml": SUITE.replace("cat.png", name, 1)}
    with pytest.raises(ConfigError, match=said) as caught:
        load_suite(MemoryTree(files), "evals/s.yml")
    assert caught.value.message.startswith("evals/s.yml:2: ")


CONVERSATION = """\
cases:
  - id: a
    checks: [json_valid]
    input:
      messages:
        - {role: user, content: Where is A-1?}
        - {role: assistant, tool_calls: [{id: call-1, name: look_up, arguments: {order: A-1}}]}
        - {role: tool, tool_call_id: call-1, content: in Bonn}
"""


def test_a_conversation_may_hold_tool_calls_and_their_results() -> None:
    (case,) = load_suite(MemoryTree({"s.yml": CONVERSATION}), "s.yml").cases
    messages = render(None, case.input)
    assert messages[1] == Message("assistant", "", tool_calls=(ToolCall("look_up", '{"order": "A-1"}', "call-1"),))
    assert messages[2] == Message("tool", "in Bonn", tool_call_id="call-1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tool_call_id: call-1, ", ""),
        ("role: user", "role: user, tool_call_id: x"),
        ("role: assistant", "role: user"),
        ("id: call-1, name: look_up", "name: look_up"),
        ("content: in Bonn", "images: []"),
    ],
)
def test_a_conversation_that_no_api_takes_is_refused(old: str, new: str) -> None:
    (case,) = load_suite(MemoryTree({"s.yml": CONVERSATION.replace(old, new)}), "s.yml").cases
    with pytest.raises(ConfigError):
        render(None, case.input)
