"""What a value is about: records that describe a model, results of a run, constants that are called after a model."""

from __future__ import annotations

import re

from pinward.scan import vocabulary as say
from pinward.scan.mentions import Step
from pinward.scan.names import constant_to_id, is_display, looks_like_model

_OWN_KEYS = frozenset({"name", "id", "slug"})
# Beside the name of a deployment stands the model that is deployed.
_DEPLOYED = re.compile(r"(?i)model_?-?(?:version|format)$")
_FINDING_KEYS = frozenset({"fingerprint", "rule"})


def is_record(step: Step, *, around: bool = False) -> bool:
    """Tell whether the keys beside a name describe a model, instead of calling one.

    `around`: the name stands further inside, below a key of its own.
    """
    if any(_DEPLOYED.match(key) for key in step.siblings):
        return False
    about = [key for key in step.siblings if say.RECORD_KEYS.match(key)]
    own = around or step.name.lower() in _OWN_KEYS
    if not own and any(k.lower() in _OWN_KEYS and looks_like_model(v) for k, v in step.siblings.items()):
        return True  # settings of the model that the record is about
    called = any(
        k.lower() in ("messages", "prompt", "input", "api_key", "apikey", "temperature") for k in step.siblings
    )
    return len(about) >= 2 and not called


def is_titled(step: Step, name: str) -> bool:
    """Tell whether a name stands beside what people call it: `{modelId: "gpt-4o", modelName: "GPT-4o"}`."""
    squeezed = _squeeze(name)[:5]
    return any(
        v != name and key != step.name and is_display(v) and _squeeze(v).startswith(squeezed)
        for key, v in step.siblings.items()
    )


def is_result(step: Step) -> bool:
    """Tell whether a pair stands among what came out of a run: an answer, or a finding such as a baseline keeps."""
    return (
        step.siblings.keys() >= _FINDING_KEYS
        or any(say.RESULT_KEYS.match(key) for key in step.siblings)
        or step.name.lower() in say.RESULT_PARENTS
    )


def names_itself(constant: str, model: str) -> bool:
    """Tell whether a constant is called after its model: `GPT_4O`, `ModelGPT4oMini`, `CLAUDE_37_SONNET`."""
    squeezed, called = _squeeze(model), _squeeze(constant)
    stable = squeezed.removesuffix("latest")
    if called == squeezed or (len(stable) > 3 and called.endswith((squeezed, stable))):
        return True
    short = len(called) > 4 and called[-1].isdigit() and squeezed.endswith(called)  # `OPUS_4_0`
    return short or constant_to_id(constant) is not None


def _squeeze(name: str) -> str:
    return re.sub(r"^model|(?:model|value)$", "", re.sub(r"[^a-z0-9]", "", name.lower().split("/")[-1]))
