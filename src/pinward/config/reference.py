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
