"""Parameter differences between APIs and models, as data with the source of each row.

A parameter of the same meaning is renamed silently; one that a model rejects is named before the run, so that the
team decides to drop it. Rows that know nothing of a model leave its parameters alone: the API has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pinward.core.policy import Json


@dataclass(frozen=True, slots=True)
class Difference:
    """What models matching `model` (a pattern for the id's last part) do with the parameters of a wire format.

    `thinking`: they do so unless the reasoning effort is `none`.
    """

    wire: str
    model: str
    source: str
    rename: Mapping[str, str] = field(default_factory=dict)
    rejects: tuple[str, ...] = ()
    only: Mapping[str, Json] = field(default_factory=dict)
    thinking: bool = False


_REASONING = "https://developers.openai.com/api/docs/guides/reasoning"
_SAMPLING = ("top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias")
_MIGRATION = "https://developers.openai.com/api/docs/guides/deployment-checklist"
_CLAUDE = r"claude-opus-4-[78]|claude-(?:opus|sonnet|haiku|fable|mythos)-5"
_LESS = ("top_p", "top_logprobs", "logprobs")
_CLAUDE_GUIDE = "https://platform.claude.com/docs/en/about-claude/models/migration-guide"
DIFFERENCES = (
    # "max_tokens is deprecated in favour of max_completion_tokens and not compatible with o-series models"
    Difference("openai", r"o\d|gpt-[5-9]", _REASONING, rename={"max_tokens": "max_completion_tokens"}),
    # From gpt-5.1 on these are accepted while the reasoning effort is `none`, which is its default there.
    Difference("openai", r"o\d|gpt-5(?:-mini|-nano)?(?:-20|$)", _REASONING, {}, _SAMPLING, {"temperature": 1}),
    Difference(
        "openai-responses", r"o\d|gpt-5(?:-mini|-nano)?(?:-20|$)", _REASONING, {}, _SAMPLING, {"temperature": 1}
    ),
    # "When reasoning effort is not none, remove temperature, top_p, and top_logprobs; also remove logprobs"
    *(
        Difference(wire, r"gpt-5\.6|gpt-6", _MIGRATION, {}, _LESS, {"temperature": 1}, thinking=True)
        for wire in ("openai", "openai-responses")
    ),
    # "`temperature` is deprecated for this model" (status 400) from Opus 4.7 on
    *(
        Difference(wire, _CLAUDE, _CLAUDE_GUIDE, {}, ("temperature", "top_p", "top_k"))
        for wire in ("anthropic", "bedrock")
    ),
)


def _matching(wire: str, model: str) -> list[Difference]:
    return [row for row in DIFFERENCES if row.wire == wire and re.search(rf"(?:^|[/.])(?:{row.model})", model)]


def _effort(params: Mapping[str, Json]) -> Json:
    """Return the reasoning effort as Chat Completions or as Responses is told it."""
    reasoning = params.get("reasoning")
    return params.get("reasoning_effort") or (reasoning.get("effort") if isinstance(reasoning, dict) else None)


def adapt(wire: str, model: str, params: Mapping[str, Json]) -> dict[str, Json]:
    """Return the parameters under the names that this model's API uses."""
    names = {old: new for row in _matching(wire, model) for old, new in row.rename.items()}
    return {names.get(name, name): value for name, value in params.items()}


def demands(wire: str, before: str, after: str) -> list[str]:
    """Say which parameters a move from one model to another breaks or renames: rows that are true of `after` alone."""
    said: list[str] = []
    for row in _matching(wire, after):
        if row not in _matching(wire, before):
            said += [f"write `{new}` for `{old}` ({row.source})" for old, new in row.rename.items()]
            said += [f"`{name}` takes {value} alone ({row.source})" for name, value in row.only.items()]
            said += [f"leave out `{name}` ({row.source})" for name in row.rejects]
    return said


def rejected(wire: str, model: str, params: Mapping[str, Json]) -> dict[str, str]:
    """Return the parameters that this model will reject, each with the source that says so."""
    found: dict[str, str] = {}
    for row in _matching(wire, model):
        for name, value in params.items() if not (row.thinking and _effort(params) == "none") else ():
            if value is not None and (name in row.rejects or (name in row.only and value != row.only[name])):
                found[name] = row.source
    return found
