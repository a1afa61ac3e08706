"""Settings of the environment that take the place of a task's: `PINWARD_EXTRACT__MODEL=openai/gpt-5.1-2025-11-13`.

They are meant for a staging machine or an emergency: the gate has not seen them, so that a configuration says which
ones it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pinward.core.fields import suggestion
from pinward.core.policy import Json
from pinward.errors import ConfigError

PREFIX = "PINWARD_"
_NUMBERS = {"TEMPERATURE", "MAX_TOKENS", "ROLLOUT_PERCENT"}
_LISTS = {"CANDIDATE": "candidate", "FALLBACKS": "fallbacks"}
FIELDS = ("MODEL", *_LISTS, *sorted(_NUMBERS), "PARAMS")


@dataclass(frozen=True, slots=True)
class Override:
    """One variable: the task that it is for, the field, and its value as JSON."""

    variable: str
    task: str
    field: str
    value: Json


def read_overrides(environ: Mapping[str, str], tasks: Mapping[str, object]) -> tuple[Override, ...]:
    """Read the variables `PINWARD_<TASK>__<FIELD>`. Raises `ConfigError` for a task or a field that does not exist."""
    spelled = {re.sub(r"[^A-Z0-9]", "_", name.upper()): name for name in tasks}
    found = []
    for variable in sorted(name for name in environ if name.startswith(PREFIX) and "__" in name):
        task, _, field = variable.removeprefix(PREFIX).rpartition("__")
        if task not in spelled:
            raise ConfigError(f"{variable}: there is no task for it", suggestion(task, spelled))
        if field not in FIELDS:
            raise ConfigError(f"{variable}: `{field}` cannot be set", suggestion(field, FIELDS))
        found.append(Override(variable, spelled[task], field, _value(variable, field, environ[variable].strip())))
    return tuple(found)


def _value(variable: str, field: str, text: str) -> Json:
    if field in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if field == "MODEL":
        return text
    try:
        value: Json = json.loads(text)
    except ValueError:
        value = None
    wanted = dict if field == "PARAMS" else int | float
    if isinstance(value, bool) or not isinstance(value, wanted):
        example = '{"seed": 7}' if field == "PARAMS" else "10"
        raise ConfigError(f"{variable} is {text!r}", f"Write for example `{example}`.")
    return value


def apply(overrides: tuple[Override, ...], document: Any) -> None:
    """Write overrides into the value of `pinward.yml`, in place; what results is validated like the file itself."""
    for override in overrides:
        task = document["tasks"][override.task]
        if override.field in _LISTS or override.field == "MODEL":
            task[_LISTS.get(override.field, "model")] = override.value
        elif override.field == "ROLLOUT_PERCENT":
            task["rollout"] = {**(task.get("rollout") or {}), "percent": override.value}
        elif isinstance(override.value, dict):
            task["params"] = {**(task.get("params") or {}), **override.value}
        else:
            task["params"] = {**(task.get("params") or {}), override.field.lower(): override.value}
