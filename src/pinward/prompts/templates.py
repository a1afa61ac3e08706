"""Turns a prompt version and a case's input into messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal, cast

from pinward.core.documents import Document
from pinward.core.evidence import Message
from pinward.core.fields import Field, suggestion
from pinward.core.policy import Json
from pinward.core.visible import brief
from pinward.errors import ConfigError
from pinward.prompts.registry import ROLES, MessageTemplate, PromptVersion
from pinward.prompts.sandbox import render_template, template_variables

Role = Literal["system", "user", "assistant", "tool"]


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
    """Read a conversation: a list of `{role, content, images}`. Raises `ConfigError`."""
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
    keys = item.keys(("role", "content", "images"), "role: user, content: hello")
    role = keys["role"].text("user") if "role" in keys else "user"
    if role not in ROLES:
        raise item.error(f"unknown role `{brief(role, 40)}`", suggestion(role, ROLES))
    if "content" not in keys:
        raise item.error("a message needs `content`", "Write for example `content: hello`.")
    images = keys["images"].texts("[photo.png]") if "images" in keys else ()
    return Message(cast("Role", role), keys["content"].text("hello"), images=images)
