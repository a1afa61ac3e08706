"""A model's name that the application keeps in a file of its own: `{file: app/llm.toml, key: extract.model}`."""

from __future__ import annotations

import json
import tomllib
from pathlib import PurePosixPath

from pinward.core.documents import decode, load_yaml
from pinward.core.policy import Json
from pinward.core.tree import Tree
from pinward.errors import ConfigError


def model_in_file(tree: Tree, path: str, key: str, where: str) -> str:
    """Return the model that stands at a dotted key of a TOML, YAML or JSON file.

    `where` names the place that refers to it. Raises `ConfigError` where the file or the key is not there.
    """
    value = _load(tree, path, where)
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            raise ConfigError(f"{where}: {path} has no key `{key}`", f"`{part}` was not found; mend `key`.")
        value = value[part]
    if not isinstance(value, str) or "/" not in value:
        hint = "Write provider/model there, for example openai/gpt-5.1-2025-11-13."
        raise ConfigError(f"{where}: `{key}` of {path} is {value!r}", hint)
    return value


def key_of(tree: Tree, path: str, model: str) -> str | None:
    """Return the dotted key under which a file holds a model's name (provider/model), None where it does not."""
    if PurePosixPath(path).suffix not in {".toml", ".json", ".yml", ".yaml"}:
        return None
    try:
        found = _keys(_load(tree, path, path), model)
    except ConfigError:
        return None
    return found[0] if len(found) == 1 else None


def _keys(value: Json, wanted: str, above: str = "") -> list[str]:
    if not isinstance(value, dict):
        return [above] if value == wanted and above else []
    inner = ((f"{above}.{key}" if above else key, child) for key, child in value.items() if "." not in key)
    return [found for key, child in inner for found in _keys(child, wanted, key)]


def _load(tree: Tree, path: str, where: str) -> Json:
    text = decode(tree.read(path), path)
    suffix = PurePosixPath(path).suffix
    try:
        if suffix == ".toml":
            # TOML's dates are no JSON; a key path to a model's name never ends at one.
            loaded: Json = tomllib.loads(text)
            return loaded
        if suffix == ".json":
            parsed: Json = json.loads(text)
            return parsed
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: cannot be read: {str(error)[:200]}", f"{where} refers to it; mend it.") from None
    if suffix in {".yml", ".yaml"}:
        return load_yaml(text, path).value
    raise ConfigError(f"{where}: {path} is neither TOML, YAML nor JSON", "Name a .toml, .yml or .json file.")
