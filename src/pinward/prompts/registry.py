"""Prompts versioned per model: which version a model gets, and what that version holds.

The rule: a model gets the newest version that names it; else the newest version that names no model, which is for
all; else the newest version there is, as a fallback that the gate reports (rule `prompt-version-missing`). A version
may name a model exactly or by a pattern (`anthropic/claude-*`), with or without its provider.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pinward.core.documents import Document
from pinward.core.fields import Field, located, suggestion
from pinward.core.policy import Json
from pinward.core.tree import Tree, locate, read_document
from pinward.errors import ConfigError
from pinward.prompts.sandbox import compile_template

ROLES = ("system", "user", "assistant")
_EXAMPLE = 'versions: [{version: 1, messages: [{role: user, content: "{{ document }}"}]}]'
_VERSION_KEYS = ("version", "models", "description", "messages", "template", "params", "tools", "response_schema")


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One message of a prompt. `insert` names a variable that holds whole messages, instead of content."""

    role: str
    content: str
    images: tuple[str, ...] = ()
    insert: str | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """One version of a task's prompt. `models` is empty where it is for all models."""

    version: str
    models: tuple[str, ...]
    messages: tuple[MessageTemplate, ...]
    where: str
    params: Mapping[str, Json] = field(default_factory=dict)
    tools: tuple[Json, ...] = ()
    response_schema: Json = None

    def names(self, model: str) -> bool:
        """Tell whether this version names the model, written `provider/model` or `model`."""
        bare = model.partition("/")[2] or model
        return any(fnmatchcase(model, pattern) or fnmatchcase(bare, pattern) for pattern in self.models)

    @property
    def digest(self) -> str:
        """Return a hash of all that reaches the model (hex); version and models are no part of it."""
        messages: list[Json] = [[m.role, m.content, list(m.images), m.insert] for m in self.messages]
        parts: list[Json] = [messages, dict(self.params), list(self.tools), self.response_schema]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Selection:
    """The version that a model gets. `fallback` is true where that version was written for other models."""

    prompt: PromptVersion
    fallback: bool


@dataclass(frozen=True, slots=True)
class PromptFile:
    """All versions of one task's prompt, oldest first."""

    path: str
    versions: tuple[PromptVersion, ...]

    def select(self, model: str) -> Selection:
        """Return the version for a model, by the rule of this module."""
        named = [version for version in self.versions if version.names(model)]
        general = [version for version in self.versions if not version.models]
        return Selection((named or general or self.versions)[-1], fallback=not named and not general)


@dataclass(frozen=True, slots=True)
class PromptRegistry:
    """The prompts of all tasks, by task."""

    files: Mapping[str, PromptFile]

    def get_prompt(self, task: str, model: str) -> Selection:
        """Return the version of a task's prompt for a model. Raises `ConfigError` for a task without prompts."""
        found = self.files.get(task)
        if found is None:
            raise ConfigError(f"the task `{task}` has no prompts", suggestion(task, self.files))
        return found.select(model)


def load_prompts(tree: Tree, path: str) -> PromptFile:
    """Read and check a prompt file. Raises `ConfigError` with file, line, key and what to write instead."""
    return read_prompts(read_document(tree, path), tree)


def read_prompts(document: Document, tree: Tree) -> PromptFile:
    """Check a prompt file that has been parsed; files that it names are read from the tree."""
    root, path = Field.root(document), document.path
    keys = root.keys(("versions", "description"), _EXAMPLE)
    items = keys["versions"].items(_EXAMPLE) if "versions" in keys else []
    if not items:
        raise root.error("the file has no `versions`", f"Write for example `{_EXAMPLE}`.")
    versions: dict[tuple[tuple[int, int | str], ...], PromptVersion] = {}
    for item in items:
        version = _version(item, tree, path)
        order = _order(version.version)
        if order in versions:
            first = versions[order].where.rpartition(":")[2]
            raise item.error(
                f"the version `{version.version}` stands twice (first on line {first})", "Give each its own number."
            )
        versions[order] = version
    return PromptFile(path, tuple(version for _, version in sorted(versions.items())))


def _order(version: str) -> tuple[tuple[int, int | str], ...]:
    """Return a sort key in which 10 follows 9, and 2026-11-01 follows 2026-02-01."""
    parts = re.findall(r"[0-9]+|[^0-9]+", version)
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts)


def _version(item: Field, tree: Tree, path: str) -> PromptVersion:
    keys = item.keys(_VERSION_KEYS, "version: 1")
    if ("messages" in keys) == ("template" in keys):
        raise item.error("needs either `messages` or `template`", "Keep one; `template` is one user message.")
    params = keys["params"].mapping("max_tokens: 500") if "params" in keys else {}
    return PromptVersion(
        version=_version_name(keys.get("version"), item),
        models=keys["models"].texts("[openai/gpt-5.1-2025-11-13]") if "models" in keys else (),
        messages=_messages(keys["messages"]) if "messages" in keys else (_template(keys["template"], "user"),),
        where=item.where,
        params={key: child.value for key, child in params.items()},
        tools=tuple(tool.value for tool in keys["tools"].items()) if "tools" in keys else (),
        response_schema=_schema(keys["response_schema"], tree, path) if "response_schema" in keys else None,
    )


def _version_name(field: Field | None, item: Field) -> str:
    if field is None:
        raise item.error("needs a `version`", "Write for example `version: 1`.")
    name = str(field.value) if type(field.value) is int else field.text("version: 1")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}", name):
        raise field.error("must be a number, a date or a short name", "Write for example `version: 2`.")
    return name


def _messages(field: Field) -> tuple[MessageTemplate, ...]:
    items = field.items('[{role: user, content: "{{ document }}"}]')
    if not items:
        raise field.error("has no messages", 'Write for example `- {role: user, content: "{{ document }}"}`.')
    return tuple(_message(item) for item in items)


def _message(item: Field) -> MessageTemplate:
    keys = item.keys(("role", "content", "images", "insert"), 'role: user, content: "{{ document }}"')
    if "insert" in keys:
        if len(keys) > 1:
            raise item.error("`insert` stands alone", "Write `- insert: history`.")
        return MessageTemplate("", "", insert=keys["insert"].text("history"), where=item.where)
    if "content" not in keys or "role" not in keys:
        raise item.error("a message needs `role` and `content`", "Write for example `role: user`.")
    role = keys["role"].text("user")
    if role not in ROLES:
        raise keys["role"].error(f"unknown role `{role}`", suggestion(role, ROLES))
    images = keys["images"].items('["{{ photo }}"]') if "images" in keys else []
    return _template(keys["content"], role, tuple(_source(image) for image in images))


def _template(field: Field, role: str, images: tuple[str, ...] = ()) -> MessageTemplate:
    return MessageTemplate(role, _source(field), images, where=field.where)


def _source(field: Field) -> str:
    source = field.text("{{ document }}")
    located(field, lambda: compile_template(source))
    return source


def _schema(field: Field, tree: Tree, path: str) -> Json:
    if isinstance(field.value, str):
        name = field.value
        return located(field, lambda: read_document(tree, locate(tree, path, name)).value)
    return {key: child.value for key, child in field.mapping("{type: object}").items()}
