"""Edits of `pinward.yml` that leave every other byte as it was: comments, quotes, order and line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pinward.core.documents import decode, load_yaml
from pinward.errors import ConfigError

if TYPE_CHECKING:
    from yaml import MappingNode, Node

_BOM = b"\xef\xbb\xbf"


def with_percent(data: bytes, path: str, task: str, percent: float) -> bytes:
    """Return the file with another share for a task's candidate. Raises `ConfigError` where there is no such task."""
    text = decode(data, path)
    load_yaml(text, path)  # refuses what the edit could not see through: anchors, doubled keys, tags
    import yaml

    # The parser in Python, whose marks count characters.
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    node = _at(_at(root, "tasks"), task)
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{path}: there is no task `{task}`", "Write its name as it stands under `tasks`.")
    newline = "\r\n" if "\r\n" in text else "\n"
    edited = _edit(text, node, f"{percent:g}", newline)
    return (_BOM if data.startswith(_BOM) else b"") + edited.encode()


def _edit(text: str, task: MappingNode, share: str, newline: str) -> str:
    rollout = _at(task, "rollout")
    if rollout is None:
        return _insert(text, task, f"rollout: {{percent: {share}}}", newline)
    value = _at(rollout, "percent")
    if value is None:
        return _insert(text, rollout, f"percent: {share}", newline)
    return text[: value.start_mark.index] + share + text[value.end_mark.index :]


def _at(node: Node | None, key: str) -> Node | None:
    """Return the value of a key; None where the node is no mapping or lacks it."""
    pairs = node.value if node is not None and isinstance(node.value, list) else []
    return next((pair[1] for pair in pairs if isinstance(pair, tuple) and pair[0].value == key), None)


def _insert(text: str, node: Node, entry: str, newline: str) -> str:
    """Put an entry before the first of a mapping."""
    if getattr(node, "flow_style", False):
        place = node.start_mark.index + 1
        return text[:place] + entry + (", " if node.value else "") + text[place:]
    place = node.start_mark.index
    return text[:place] + entry + newline + " " * node.start_mark.column + text[place:]
