"""The rules of pairs: what a key, the keys beside it, and the section around it say about a value."""

from __future__ import annotations

import re

from pinward.scan import vocabulary as say
from pinward.scan.mentions import Step
from pinward.scan.names import looks_like_model
from pinward.scan.paths import is_code
from pinward.scan.records import is_called, is_past, is_record, is_result, is_titled, is_traced
from pinward.scan.walks import Decision, Walk, in_list

MANY = 4  # records of a list called `models` are what the program knows, not what it calls
# `{name: CHAT_MODEL, value: gpt-4o}`: the key stands beside its value.
_VALUE_KEYS = frozenset({"value", "default", "defaultvalue"})
_NAMING_KEYS = ("name", "key")
_AGENTS = frozenset({"agent", "agents", "assistant", "assistants", "bots", "personas", "characters"})


def is_default(steps: tuple[Step, ...]) -> bool:
    """Tell whether a name is the value of a key that says it is what a model starts as: `default_model`."""
    key = steps[0].name if steps and steps[0].kind == "pair" else ""
    return say.names_a_model(key) and bool(say.words(key) & say.CHOSEN)


def of_pair(step: Step, walk: Walk) -> Decision | None:
    """Decide for the value of a key; None where it says nothing."""
    name = step.name
    if is_traced(step, next((s.owner for s in walk.outer if s.kind == "argument"), "")):
        return Decision("data", "an attribute of a trace")
    if say.is_shown(name):
        return Decision("prose", f"text in {name}")
    if is_past(step) if is_code(walk.path) else is_result(step):
        return Decision("data", "in a recorded result")
    if not is_code(walk.path) and any(s.kind == "pair" and s.name in ("example", "examples") for s in walk.outer):
        return Decision("prose", "in an example")
    if say.is_table(name) and not (say.is_purpose(name) and walk.listed < 2):
        return Decision("catalog", f"in {name}")
    if is_code(walk.path) and _letters(name) == _letters(walk.name):
        return Decision("catalog", "in a table whose keys are models")
    if _in_a_table(walk, itself=say.names_a_model(name)):
        return Decision("catalog", f"{name} of a model in a table")
    if name.lower() in say.PROVIDERS and walk.listed < 2:
        decision = Decision("selection", f"the model for {name}", named=True)
        return decision if _maps_providers(step, walk) else _unless_tabled(walk, decision)
    return (
        _by_schema(step, walk)
        or in_list(walk, name)
        or _by_record(step, walk)
        or _by_provider(step, walk)
        or _by_key(step, walk)
    )


def _maps_providers(step: Step, walk: Walk) -> bool:
    """Tell whether a table is called a map, and its keys are providers: `model_map = {"openai": "gpt-4o"}`."""
    if any(looks_like_model(value) and key.lower() not in say.PROVIDERS for key, value in step.siblings.items()):
        return False  # `{"opus": ..., "4o": ..., "deepseek": ...}` are aliases
    bound = walk.bound()
    return say.words(bound) & say.TABLE_WORDS <= {"map", "mapping", "mappings"}


def _by_schema(step: Step, walk: Walk) -> Decision | None:
    """Decide for the default of a setting that a schema describes: `"model": {"type": "string", "default": ...}`."""
    described = walk.around("pair")
    if step.name == "default" and "type" in step.siblings and say.names_a_model(described):
        return Decision("selection", f"default of {described}", named=True)
    variable = walk.around("scope")
    if step.name == "default" and variable.startswith("variable."):
        return Decision("selection", f"default of {variable}", named=True)  # Terraform
    return None


def _in_a_table(walk: Walk, *, itself: bool) -> bool:
    """Tell whether a name lies below a key that is a model; `itself`: below its own name, in a program.

    A provider (`mistral`) is no model, and deployments are keyed by their models, too.
    """
    keys = [s.name for s in walk.outer if s.kind == "pair" and s.name.lower() not in say.PROVIDERS]
    if any("deployment" in key.lower() for key in keys):
        return False
    if not itself:
        return any(looks_like_model(key) or key.endswith(f"/{walk.name}") for key in keys)
    return is_code(walk.path) and _letters(walk.name) in map(_letters, keys)


def _letters(name: str) -> str:
    return re.sub(r"\W", "", name.rpartition(":")[2])  # `deepseek:reasoner` is a provider's, and no model's own name


def _by_record(step: Step, walk: Walk) -> Decision | None:
    set_up = not is_code(walk.path) and say.names_a_model(step.name)
    agent = set_up and any(s.kind == "pair" and say.words(s.name) & _AGENTS for s in walk.outer)
    configured = agent or (set_up and "provider" in step.siblings)
    if is_default((step,)):
        return None
    if (not agent and is_record(step, around=walk.keyed)) or (not configured and is_titled(step, walk.name)):
        return Decision("catalog", "in a record about a model")
    if walk.records:
        return Decision("catalog", f"a record in {step.name}")
    return None


def _by_provider(step: Step, walk: Walk) -> Decision | None:
    """Decide for the name beside a provider in a section of settings; rows of a list may be what can be chosen."""
    beside = {key.lower(): value.lower() for key, value in step.siblings.items()}
    row = bool(walk.outer) and walk.outer[0].kind == "item"
    if is_code(walk.path) or row or walk.keyed or step.name.lower() not in ("name", "id"):
        return None
    if beside.get("provider") not in say.PROVIDERS:
        return None
    return Decision("selection", f"the {step.name} beside provider {beside['provider']}", named=True)


def _by_key(step: Step, walk: Walk) -> Decision | None:
    name = step.name
    if say.names_a_model(name):
        decision = Decision("selection", f"value of {name}", named=True)
        configured = is_called(step) or (not is_code(walk.path) and "provider" in map(str.lower, step.siblings))
        return decision if configured else _unless_tabled(walk, decision)
    named = next((v for k, v in step.siblings.items() if k.lower() in _NAMING_KEYS and say.names_a_model(v)), "")
    if name.lower() in _VALUE_KEYS and named:
        return Decision("selection", f"value of {named}", named=True)
    if name.lower() in ("id", "provider", "target") and re.match(r"[a-z]+:", walk.name):
        return Decision("selection", f"value of {name}, with its provider", named=True)
    if is_code(walk.path) and sum(looks_like_model(v) for v in step.siblings.values()) > 1:
        walk.listed = 2
    walk.keyed = True
    walk.hint(f"value of {name}")
    return None


def _unless_tabled(walk: Walk, decision: Decision) -> Decision:
    """Keep a decision unless what lies around is named as a table of models."""
    bound = walk.bound()
    several = bool(walk.outer) and len(walk.outer[0].items) >= MANY and is_code(walk.path)
    if say.is_table(bound) or (several and (say.parts(bound) or [""])[-1] == "models"):
        return Decision("catalog", f"in {bound}")
    return decision
