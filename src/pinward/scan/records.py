"""What a value is about: records that describe a model, results of a run, constants that are called after a model."""

from __future__ import annotations

import re
from functools import lru_cache

from pinward.scan import vocabulary as say
from pinward.scan.mentions import Step
from pinward.scan.names import constant_to_id, looks_like_model

_OWN_KEYS = frozenset({"name", "id", "slug"})
# Beside the name of a deployment stands the model that is deployed.
_DEPLOYED = re.compile(r"(?i)model_?-?(?:version|format)$")
_FINDING_KEYS = frozenset({"fingerprint", "rule"})
_CALL_KEYS = frozenset({"messages", "prompt", "input", "api_key", "apikey", "temperature"})
# Who describes a model does not say how it is reached.
_REACHED_BY = frozenset({"endpoint", "base_url", "baseurl", "api_base", "api_key_name", "timeout"})
_SETS_UP = frozenset({"connection", "deployment_name", "api_key", "apikey", "base_url", "api_base", "temperature"})
_CHOICES_GIVEN = frozenset({"choices", "options", "enum", "items"})
_INITIAL = frozenset({"default", "defaultvalue", "default_value", "initialvalue"})
# Attributes of a trace, which tell of a call: https://opentelemetry.io/docs/specs/semconv/gen-ai/
_TRACED = re.compile(r"gen_ai\.[\w.]+$")
# Older conventions call attributes as applications call settings: `llm.model_name`, `ai.model.id`.
_TRACED_AS_ATTRIBUTE = re.compile(r"(?:gen_ai|llm|ai)\.[\w.]+$")
_TITLE = re.compile(r"[^\n{}\[\]]{2,60}")


def is_record(step: Step, *, around: bool = False) -> bool:
    """Tell whether the keys beside a name describe a model, instead of calling one.

    `around`: the name stands further inside, below a key of its own.
    """
    if any(_DEPLOYED.match(key) for key in step.siblings):
        return False
    reached = not around and any(key.lower() in _REACHED_BY for key in step.siblings)
    about = [key for key in step.siblings if say.RECORD_KEYS.match(key)]
    own = around or step.name.lower() in _OWN_KEYS
    if not own and not reached and any(k.lower() in _OWN_KEYS and _is_model(v) for k, v in step.siblings.items()):
        return True  # settings of the model that the record is about
    return len(about) >= 2 and not reached and not is_called(step)


def _is_model(value: str) -> bool:
    """Tell whether a text is the name of a model, and not that of a provider alone (`Mistral`)."""
    return looks_like_model(value) and value.lower() not in say.PROVIDERS


def is_called(step: Step) -> bool:
    """Tell whether what stands beside a name is what a call takes."""
    return any(key.lower() in _CALL_KEYS for key in step.siblings)


def is_chosen(step: Step) -> bool:
    """Tell whether an argument is what a menu starts with: `<select defaultValue=...>`, `Dropdown(value=...)`."""
    given = not _CHOICES_GIVEN.isdisjoint(step.siblings)
    if step.name.lower() in _INITIAL:
        return given or say.is_table(step.owner.rsplit(".", 1)[-1])
    return step.name == "value" and given


def is_traced(step: Step, function: str) -> bool:
    """Tell whether a name is the value of a trace's attribute: `{"gen_ai.request.model": "gpt-4o"}`.

    `function` is what the step is handed to.
    """
    keys = (step.name, step.siblings.get("key", ""), *(step.items[:1] if step.position == 1 else ()))
    return any(map((_TRACED_AS_ATTRIBUTE if "attribute" in function.lower() else _TRACED).match, keys))


def is_titled(step: Step, name: str) -> bool:
    """Tell whether a name stands beside what people call it: `{modelId: "gpt-4o", modelName: "GPT-4o"}`."""
    bare = re.split(r"[:/]", name)[-1]  # `{id: "openai:o1-mini", label: "o1-mini"}`
    return any(
        say.is_shown(key) if value in (name, bare) else is_title(value, name)
        for key, value in step.siblings.items()
        if key != step.name
    )


def is_repeated(step: Step, name: str) -> bool:
    """Tell whether a name stands beside itself: `{id: "gpt-4o", modelId: "gpt-4o"}`."""
    return any(value == name for key, value in step.siblings.items() if key != step.name)


@lru_cache(maxsize=32768)
def is_title(value: str, name: str) -> bool:
    """Tell whether a text is what people call a model: `GPT-4o mini`, `Claude Sonnet`."""
    own = _parts(name.rpartition("/")[2])
    if not _TITLE.fullmatch(value) or (value.islower() and " " not in value):
        return False
    parts = _parts(value)
    family = any(part.isalpha() for part in parts & own)
    return family and (parts <= own or (len(parts & own) > 1 and len(parts - own) < 2))


def is_result(step: Step) -> bool:
    """Tell whether a pair stands among what came out of a run: an answer, or a finding such as a baseline keeps."""
    keys = [key for key in step.siblings if say.RESULT_KEYS.match(key)]
    if keys and _SETS_UP.intersection(map(str.lower, step.siblings)) and not any(map(say.MEASURED_KEYS.match, keys)):
        return False  # the inputs of a step that asks a model: `answer` is what it is given
    return step.siblings.keys() >= _FINDING_KEYS or bool(keys) or step.name.lower() in say.RESULT_PARENTS


def is_past(step: Step) -> bool:
    """Tell whether a pair in a program stands among what a run was: `{model, status, finishedAt}`."""
    return any(map(say.RAN_KEYS.match, step.siblings))


def names_itself(constant: str, model: str) -> bool:
    """Tell whether a constant is called after its model: `GPT_4O`, `ModelGPT4oMini`, `CLAUDE_37_SONNET`."""
    squeezed, called = _squeeze(model), _squeeze(constant)
    stable = squeezed.removesuffix("latest")
    if called in (squeezed, f"k{squeezed}") or (len(stable) > 3 and called.endswith((squeezed, stable))):
        return True
    if len(called) > 4 and called[-1].isdigit() and squeezed.endswith(called):  # `OPUS_4_0`
        return True
    named = constant_to_id(constant)  # `MISTRAL_LARGE` is one, `mistral_client` is not
    return named is not None and (any(map(str.isdigit, named)) or _parts(named) <= _parts(model))


@lru_cache(maxsize=32768)
def _parts(text: str) -> frozenset[str]:
    """Return the words and numbers of a name as people and programs write it: `GPT-4o mini`, `gpt-4o-mini`."""
    return frozenset(re.findall(r"\d[a-z]\b|o\d|[a-z]+|\d+", text.lower()))


def _squeeze(name: str) -> str:
    return re.sub(r"^model|(?:model|value)$", "", re.sub(r"[^a-z0-9]", "", name.lower().split("/")[-1]))
