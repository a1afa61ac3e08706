"""Turns a prompt version and a case's input into messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, cast

from pinward.core.documents import Document
from pinward.core.evidence import Message, ToolCall
from pinward.core.fields import Field, suggestion
from pinward.core.policy import Json
from pinward.core.visible import brief
from pinward.errors import ConfigError
from pinward.prompts.registry import ROLES, MessageTemplate, PromptVersion
from pinward.prompts.sandbox import render_template, template_variables

Role = Literal["system", "user", "assistant", "tool"]
_CALL = "[{id: call-1, name: look_up, arguments: {order: A-1}}]"


def render(prompt: PromptVersion | None, value: Json) -> tuple[Message, ...]:
    """Return the messages of one call.

    A mapping's keys are the template's variables; `input` is the whole input, unless it is a key itself.
    Without a prompt the input is the user message: text as it is, a mapping with nothing but `messages` as that
    conversation, anything else as JSON.
    Raises `ConfigError` with the place in the prompt file.
    """
    if prompt is None:
        return _plain(value)
    variables = {"input": value, **(value if isinstance(value, dict) else {})}
    messages = tuple(message for part in prompt.messages for message in _messages(part, variables))
    if not any(message.content.strip() or message.images for message in messages):
        raise ConfigError(f"{prompt.where}: the prompt is empty for this input", "Use the input in a message.")
    return messages


def conversation(value: Json, path: str, line: int = 1) -> tuple[Message, ...]:
    """Read a conversation: a list of `{role, content, images, tool_calls, tool_call_id}`. Raises `ConfigError`."""
    items = Field.root(Document(path, value, {(): line})).items("[{role: user, content: hello}]")
    if not items:
        raise ConfigError(f"{path}:{line}: the conversation has no messages", "Add a user message.")
    return tuple(_read_message(item) for item in items)


def prompt_variables(prompt: PromptVersion) -> frozenset[str]:
    """Return the names of all variables that a prompt reads."""
    names: set[str] = set()
    for message in prompt.messages:
        names |= {message.insert} if message.insert else set()
        for source in (message.content, *message.images):
            names |= template_variables(source)
    return frozenset(names)


def _plain(value: Json) -> tuple[Message, ...]:
    if isinstance(value, dict) and set(value) == {"messages"}:
        return conversation(value["messages"], "input")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return (Message("user", text),)


def _messages(template: MessageTemplate, variables: Mapping[str, Json]) -> tuple[Message, ...]:
    try:
        if template.insert:
            return _inserted(template.insert, variables)
        content = render_template(template.content, variables)
        images = tuple(render_template(image, variables) for image in template.images)
    except ConfigError as error:
        raise ConfigError(f"{template.where}: {error.message}", error.hint) from None
    return (Message(cast("Role", template.role), content, images=images),)


def _inserted(name: str, variables: Mapping[str, Json]) -> tuple[Message, ...]:
    if name not in variables:
        raise ConfigError(f"the input has no `{name}` to insert", suggestion(name, variables))
    return conversation(variables[name], name)


def _read_message(item: Field) -> Message:
    keys = item.keys(("role", "content", "images", "tool_calls", "tool_call_id"), "role: user, content: hello")
    role = keys["role"].text("user") if "role" in keys else "user"
    if role not in (*ROLES, "tool"):
        raise item.error(f"unknown role `{brief(role, 40)}`", suggestion(role, (*ROLES, "tool")))
    calls = tuple(_tool_call(call) for call in keys["tool_calls"].items(_CALL)) if "tool_calls" in keys else ()
    if "content" not in keys and not calls:
        raise item.error("a message needs `content`", "Write for example `content: hello`.")
    if (role == "tool") != ("tool_call_id" in keys) or (calls and role != "assistant"):
        raise item.error("does not fit its role", "`tool_call_id` stands with `tool`, `tool_calls` with `assistant`.")
    return Message(
        role=cast("Role", role),
        content=keys["content"].text("hello") if "content" in keys else "",
        tool_calls=calls,
        tool_call_id=keys["tool_call_id"].text("call-1") if "tool_call_id" in keys else None,
        images=keys["images"].texts("[photo.png]") if "images" in keys else (),
    )


def _tool_call(item: Field) -> ToolCall:
    """Read a call in the plain form; `arguments` may be a mapping or its JSON."""
    keys = item.keys(("id", "name", "arguments"), _CALL)
    if "id" not in keys or "name" not in keys:
        raise item.error("a tool call needs `id` and `name`", f"Write for example `{_CALL}`.")
    given = keys["arguments"].value if "arguments" in keys else {}
    arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return ToolCall(keys["name"].text("look_up"), arguments, keys["id"].text("call-1"))
