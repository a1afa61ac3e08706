from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.evidence import Message
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.prompts.registry import PromptFile, PromptRegistry, load_prompts
from pinward.prompts.templates import prompt_variables, render
from tests.support.trees import MemoryTree

PATH = "prompts/extract.yml"
GOOD = """\
versions:
  - version: 1
    messages:
      - {role: user, content: "one {{ document }}"}
  - version: 10
    models: [anthropic/claude-*]
    messages:
      - {role: system, content: "ten"}
      - {role: user, content: "{{ document }}"}
    response_schema: ../schemas/entities.json
    params: {max_tokens: 50}
    tools: [{name: look_up}]
  - version: 9
    models: [openai/gpt-5.1-2025-11-13, o3-2025-04-16]
    template: "nine {{ input.document }}"
"""


def read(text: str) -> PromptFile:
    files: dict[str, str | bytes] = {PATH: textwrap.dedent(text), "schemas/entities.json": '{"type": "object"}'}
    return load_prompts(MemoryTree(files), PATH)


def refusal(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("openai/gpt-5.1-2025-11-13", "9"),
        ("gpt-5.1-2025-11-13", "1"),
        ("azure/o3-2025-04-16", "9"),
        ("anthropic/claude-sonnet-4-6", "10"),
        ("gemini/gemini-3.8-flash", "1"),
    ],
)
def test_a_model_gets_the_newest_version_that_names_it_else_the_one_for_all(model: str, version: str) -> None:
    selection = read(GOOD).select(model)
    assert (selection.prompt.version, selection.fallback) == (version, False)


def test_where_every_version_is_for_other_models_the_newest_stands_in_and_is_called_a_fallback() -> None:
    text = "versions:\n  - {version: 2, models: [a], template: x}\n  - {version: 11, models: [b], template: y}\n"
    selection = read(text).select("openai/c")
    assert (selection.prompt.version, selection.fallback) == ("11", True)
    assert read(text).select("openai/a").prompt.version == "2"


def test_dates_and_numbers_are_ordered_as_people_do() -> None:
    text = "versions:\n" + "".join(
        f"  - {{version: {v}, template: x}}\n" for v in ("2026-11-01", "v10", "v9", "2026-2-01")
    )
    assert [v.version for v in read(text).versions] == ["2026-2-01", "2026-11-01", "v9", "v10"]


def test_a_version_carries_schema_tools_and_parameters() -> None:
    prompt = read(GOOD).select("anthropic/claude-x").prompt
    assert (prompt.response_schema, prompt.tools, prompt.params) == (
        {"type": "object"},
        ({"name": "look_up"},),
        {"max_tokens": 50},
    )


def test_the_digest_is_of_what_the_model_reads() -> None:
    digest = read(GOOD).versions[0].digest
    assert read(GOOD.replace("version: 1\n", "version: 3\n")).versions[0].digest == digest
    assert read(GOOD.replace('"one {{', '"uno {{')).versions[0].digest != digest


def test_a_registry_serves_tasks() -> None:
    registry = PromptRegistry({"extract": read(GOOD)})
    assert registry.get_prompt("extract", "gemini/x").prompt.version == "1"
    with pytest.raises(ConfigError, match="`extrakt` has no prompts") as caught:
        registry.get_prompt("extrakt", "gemini/x")
    assert "Did you mean `extract`?" in caught.value.hint


WRONG = {
    "empty": ("", ":1", "must be a mapping"),
    "no versions": ("versions: []", ":1", "no `versions`"),
    "unknown key": ("versions:\n  - version: 1\n    mesages: []\n", ":3", "Did you mean `messages`?"),
    "no version": ("versions:\n  - template: x\n", ":2", "needs a `version`"),
    "version twice": ("versions:\n  - {version: 1, template: x}\n  - {version: '1', template: y}\n", ":3", "line 2"),
    "version odd": ("versions:\n  - {version: 'a b', template: x}\n", ":2", "short name"),
    "both": ("versions:\n  - {version: 1, template: x, messages: []}\n", ":2", "either"),
    "neither": ("versions:\n  - version: 1\n", ":2", "either"),
    "no messages": ("versions:\n  - {version: 1, messages: []}\n", ":2", "no messages"),
    "role": (
        "versions:\n  - version: 1\n    messages:\n      - {role: usr, content: x}\n",
        ":4",
        "Did you mean `user`?",
    ),
    "syntax": ("versions:\n  - version: 1\n    template: 'a {% if %}'\n", ":3", "line 1 of the template"),
    "include": ("versions:\n  - version: 1\n    template: \"{% include 'x' %}\"\n", ":3", "include is not allowed"),
    "schema missing": ("versions:\n  - {version: 1, template: x, response_schema: no.json}\n", ":2", "no file"),
}


@pytest.mark.parametrize(("text", "where", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_line(text: str, where: str, says: str) -> None:
    error = refusal(text)
    assert error.message.startswith(PATH + where)
    assert says in str(error)


def test_messages_are_rendered_from_the_input() -> None:
    prompts = read(GOOD)
    document: Json = {"document": "ACME"}
    assert render(prompts.select("anthropic/claude-x").prompt, document) == (
        Message("system", "ten"),
        Message("user", "ACME"),
    )
    assert render(prompts.select("o3-2025-04-16").prompt, document) == (Message("user", "nine ACME"),)
    assert prompt_variables(prompts.versions[0]) == {"document"}


def test_without_a_prompt_the_input_is_the_user_message() -> None:
    assert render(None, "hello") == (Message("user", "hello"),)
    assert render(None, {"a": "ü"}) == (Message("user", '{"a": "ü"}'),)
    talk: Json = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes?"}, {"content": "go"}]
    assert [m.role for m in render(None, {"messages": talk})] == ["user", "assistant", "user"]


def test_a_conversation_is_inserted_whole() -> None:
    prompt = read(
        "versions:\n  - version: 1\n    messages:\n      - {role: system, content: Be brief}\n      - insert: history\n"
    ).versions[0]
    messages = render(
        prompt, {"history": [{"role": "user", "content": "{{ 7 * 7 }}", "images": ["https://a.example/x"]}]}
    )
    assert messages[1] == Message("user", "{{ 7 * 7 }}", images=("https://a.example/x",))
    assert prompt_variables(prompt) == {"history"}
    with pytest.raises(ConfigError, match=r"prompts/extract.yml:5: the input has no `history`"):
        render(prompt, {"other": 1})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"messages": []}, "no messages"),
        ({"messages": "hi"}, "must be a list"),
        ({"messages": [{"role": "user"}]}, "needs `content`"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "unknown role"),
    ],
)
def test_a_broken_conversation_is_a_clear_error(value: Json, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        render(None, value)


def test_an_unknown_variable_is_named_with_what_the_input_has() -> None:
    with pytest.raises(ConfigError, match=r"prompts/extract.yml:4: 'document' is undefined") as caught:
        render(read(GOOD).versions[0], {"text": "x"})
    assert "input, text" in caught.value.hint


NAMES = st.sampled_from(["versions", "version", "models", "messages", "template", "role", "content", "insert", "tools"])
TEXTS = st.sampled_from(["", "user", "{{ a }}", "{% for", "{{ [1]|join }}", "1", "x" * 60, "{#", "{{ a.b[0] }}"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_any_document_is_a_prompt_file_or_a_clear_error(versions: Json) -> None:
    import json

    refused = None
    try:
        prompts = read(json.dumps({"versions": versions}))
        render(prompts.select("a/b").prompt, {"a": {"b": ["x"]}})
    except ConfigError as error:
        refused = error
    assert refused is None or (refused.message.startswith(PATH) and refused.hint)
