"""Reads `pinward.yml` at one state of the repository. A wrong file gets one clear message with its line."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pinward.config.reference import model_in_file
from pinward.core import policy as nouns
from pinward.core.documents import Document, KeyPath, decode, load_yaml
from pinward.core.findings import Location
from pinward.core.policy import Json
from pinward.core.tree import Tree
from pinward.errors import ConfigError, MissingFileError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from pinward.config import schema

DEFAULT_PATH = "pinward.yml"
_SECRET_BY_MISTAKE = frozenset({"base_url", "http", "url", "origin", "proxy", "api_key_env", "url_env", "env"})


def load_project(
    tree: Tree, path: str = DEFAULT_PATH, adjust: Callable[[Json], None] | None = None
) -> nouns.Project | None:
    """Read the configuration; None where the file does not exist. `adjust` may change its value before it is checked.

    Raises `ConfigError` with file, line, key and what to write instead; a link is an error, and no missing file.
    """
    try:
        text = decode(tree.read(path), path)
    except MissingFileError:
        _accept_absence(tree, path)
        return None
    document = load_yaml(text, path)
    if adjust is not None:
        adjust(document.value)
    parsed = _validate(document)
    return nouns.Project(
        tasks={name: _task(name, task, tree, document) for name, task in parsed.tasks.items()},
        policy=_policy(parsed.policy),
        providers={name: _provider(name, provider, tree) for name, provider in parsed.providers.items()},
        targets={
            name: nouns.Target(name, **_frozen(target) | {"command": tuple(target.command or ())})
            for name, target in parsed.targets.items()
        },
        source=f"{path}@{tree.label}",
        places=_places(document, text.split("\n")),
    )


def _places(document: Document, lines: list[str]) -> dict[KeyPath, Location]:
    """Return the span of each key's line, without the margin."""
    places = {}
    for key, number in document.lines.items():
        line = lines[number - 1].rstrip()
        places[key] = Location(document.path, number, len(line) - len(line.lstrip()) + 1, len(line) + 1)
    return places


def _accept_absence(tree: Tree, path: str) -> None:
    """Accept that there is no configuration, unless it only has the other ending."""
    other = path.removesuffix(".yml") + ".yaml"
    if path == DEFAULT_PATH and tree.exists(other):
        raise ConfigError(f"{other}: is not read; the configuration is `{path}`", f"Rename it to `{path}`.")


def require_if_named(path: str, *projects: nouns.Project | None) -> None:
    """Raise `ConfigError` where the user names a configuration that is at none of the states: never a silent start."""
    if path != DEFAULT_PATH and not any(projects):
        raise ConfigError(f"{path}: there is no such configuration", "Write its path from the repository's root.")


def _validate(document: Document) -> schema.PinwardFile:
    from pydantic import ValidationError

    from pinward.config import schema

    if not isinstance(document.value, dict):
        raise ConfigError(f"{document.path}: holds no settings", "Begin with `version: 1`; `pinward init` writes one.")
    try:
        return schema.PinwardFile.model_validate(document.value)
    except ValidationError as error:
        # The deepest error says most: a union reports one failure for each of its members.
        details = max(error.errors(include_url=False), key=lambda e: (e["type"] == "extra_forbidden", len(e["loc"])))
        raise _explain(document, details) from None


def _explain(document: Document, details: ErrorDetails) -> ConfigError:
    key = _key_path(document, details["loc"])
    dotted = ".".join(str(part) for part in key) or "the file"
    if details["type"] == "extra_forbidden":
        return ConfigError(f"{document.where(key)}: unknown key `{dotted}`", _known_keys(key))
    if details["type"] == "missing":
        return ConfigError(f"{document.where(key[:-1])}: `{dotted}` is missing", f"Add `{key[-1]}:` there.")
    message = (
        details["msg"]
        .removeprefix("Value error, ")
        .replace("Input should be", "must be")
        .replace("String should", "must")
    )
    told = message.startswith(("write ", "require: "))
    advice = message[0].upper() + message[1:] if told else f"It {message}"
    return ConfigError(f"{document.where(key)}: `{dotted}` is {_shown(key, details['input'])}", f"{advice}.")


def _shown(key: KeyPath, value: object) -> str:
    """Return how a wrong value is quoted: not at all where keys and passwords are pasted, for comments are public."""
    if _SECRET_BY_MISTAKE.intersection(key[-2:]):
        return "wrong (its text is not shown: it may hold a secret)"
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _key_path(document: Document, loc: tuple[int | str, ...]) -> KeyPath:
    """Drop what pydantic adds to a location for the members of a union."""
    path: KeyPath = ()
    value: Any = document.value
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(value, dict) and (part in value or last) and isinstance(part, str):
            path, value = (*path, part), value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            path, value = (*path, part), value[part]
    return path


def _known_keys(key: KeyPath) -> str:
    fields = _fields_at(key[:-1])
    near = get_close_matches(str(key[-1]), fields, n=1)
    if near:
        return f"Did you mean `{near[0]}`?"
    return "Known here: " + ", ".join(fields) + "."


def _fields_at(path: KeyPath) -> list[str]:
    """Return the keys that may stand below a path, by walking the generated schema."""
    from pinward.config.schema import json_schema

    root = json_schema()
    node = root
    for part in path:
        node = _deref(root, node)
        # Names of the user's own (tasks, providers) are a pattern in the schema.
        free = next(iter(node.get("patternProperties", {}).values()), None)
        node = node.get("properties", {}).get(part) or free or node.get("items") or {}
    return list(_deref(root, node).get("properties", {}))


def _deref(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for option in (node, *node.get("anyOf", [])):
        if "$ref" in option:
            found: dict[str, Any] = root["$defs"][option["$ref"].rsplit("/", 1)[1]]
            return found
    return node


def _task(name: str, task: schema.Task, tree: Tree, document: Document) -> nouns.Task:
    where = document.where(("tasks", name, "model"))
    model, file, key = task.model, None, None
    if not isinstance(model, str):
        file, key = model.file, model.key
        model = model_in_file(tree, file, key, where)
    return nouns.Task(
        name=name,
        model=model,
        model_file=file,
        model_key=key,
        candidates=tuple(task.candidate),
        fallbacks=tuple(task.fallbacks),
        params=task.params,
        prompts=task.prompts,
        suite=task.suite,
        target=task.target,
        rollout=_rollout(task.rollout),
        requests_per_month=task.traffic.requests_per_month if task.traffic else None,
    )


def _rollout(rollout: schema.Rollout) -> nouns.Rollout:
    metrics = rollout.metrics
    return nouns.Rollout(
        percent=rollout.percent,
        stages=tuple(rollout.stages),
        soak_hours=rollout.soak_hours,
        metrics_file=metrics.file if metrics else None,
        metrics_url=metrics.url if metrics else None,
        metrics_key_env=metrics.api_key_env if metrics else None,
        limits=nouns.OutcomeLimits(**_frozen(metrics.limits)) if metrics else nouns.OutcomeLimits(),
    )


def _frozen(section: BaseModel) -> dict[str, Any]:
    """Return a section's values as keyword arguments, lists as tuples."""
    values = {name: getattr(section, name) for name in type(section).model_fields}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _policy(policy: schema.Policy) -> nouns.Policy:
    return nouns.Policy(
        scan=nouns.ScanPolicy(**_frozen(policy.scan)),
        lifecycle=nouns.LifecyclePolicy(**_frozen(policy.lifecycle)),
        gate=nouns.GatePolicy(**_frozen(policy.gate)),
        budget=nouns.BudgetPolicy(**_frozen(policy.budget)),
        judge=nouns.JudgePolicy(**_frozen(policy.judge)),
        watch=_watch(policy.watch),
        targets=tuple(policy.targets.allow),
        outputs=policy.report.outputs,
    )


def _watch(policy: schema.WatchPolicy) -> nouns.WatchPolicy:
    webhook = nouns.Webhook(**_frozen(policy.webhook)) if policy.webhook else None
    drift = nouns.DriftPolicy(**_frozen(policy.drift)) if policy.drift else None
    return nouns.WatchPolicy(**_frozen(policy) | {"webhook": webhook, "drift": drift})


def _provider(name: str, provider: schema.Provider, tree: Tree) -> nouns.Provider:
    certificates = decode(tree.read(provider.ca_file), provider.ca_file) if provider.ca_file else None
    return nouns.Provider(
        name,
        provider.type or name,
        provider.base_url,
        provider.api_key_env,
        provider.max_concurrency,
        provider.proxy,
        certificates,
        provider.api_version,
    )
