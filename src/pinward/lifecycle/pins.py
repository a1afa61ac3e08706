"""What a name that the catalog does not list says about itself, and what a listed kind of row means, by channel.

One small table a channel; every rule restates a sentence of the page in `DOCS`. The catalog's row comes first, these
patterns second, `unknown` last: patterns alone would fail on `gpt-5.6`, `command-r` or `gemini-2.5-flash`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pinward.core.facts import LifecycleFact
from pinward.core.model_id import Pin

DOCS = {
    "openai": "https://developers.openai.com/api/docs/models",
    "anthropic": "https://platform.claude.com/docs/en/about-claude/models/model-ids-and-versions",
    "gemini": "https://ai.google.dev/gemini-api/docs/models",
    "vertex": "https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/model-versions",
    "bedrock": "https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html",
    "azure": "https://learn.microsoft.com/azure/foundry/foundry-models/concepts/model-versions",
    "mistral": "https://docs.mistral.ai/inference/model-lifecycle",
    "cohere": "https://docs.cohere.com/docs/deprecations",
    "xai": "https://docs.x.ai/developers/models",
    "deepseek": "https://api-docs.deepseek.com",
    "groq": "https://console.groq.com/docs/deprecations",
    "openrouter": "https://openrouter.ai/docs/guides/routing/routers/latest-resolution",
    "ollama": "https://github.com/ollama/ollama/blob/main/docs/api.md",
    "huggingface": "https://huggingface.co/docs/huggingface_hub/guides/download",
}


@dataclass(frozen=True, slots=True)
class PinRule:
    """One pattern over a whole id in lower case, and what it decides."""

    pattern: str
    pin: Pin
    why: str
    preview: bool = False


_DATE = r"\d{4}-\d{2}-\d{2}"
_CLAUDE_DATE = r"[-@]20\d{6}"
# From the 4.6 generation on: 4-6 .. 4-99, and later majors with or without a minor (claude-opus-46 is a slip).
_CLAUDE_NEW = r"claude-[a-z]+-(?:4-(?:[6-9]|\d{2})|(?:[5-9]|1\d)(?:-\d{1,2})?)"
_CLAUDE_OLD = r"claude-(?:3(?:-[57])?-[a-z]+|[a-z]+-4(?:-[0-5])?)"

_CLAUDE_PINNED = "from the 4.6 generation on, Anthropic's dateless ids are pinned snapshots"
_CLAUDE_UNDATED = "Anthropic publishes no dated id from the 4.6 generation on"

_CLAUDE = (
    PinRule(_CLAUDE_NEW, "pinned", _CLAUDE_PINNED),
    PinRule(_CLAUDE_NEW + _CLAUDE_DATE, "unknown", _CLAUDE_UNDATED),
    PinRule(_CLAUDE_OLD + _CLAUDE_DATE, "pinned", "the date names one snapshot"),
    PinRule(r"claude-[a-z]+-4-[0-5]", "floating", "before 4.6 the short form is an alias of the newest dated snapshot"),
    PinRule(r"claude-3(?:-[57])?-[a-z]+-latest", "floating", "an alias of the newest snapshot"),
)
_GEMINI_FAMILY = r"(?:gemini|gemma|imagen|veo|lyria|learnlm|text-embedding|embedding)-[a-z0-9.-]*"
_GEMINI_PREVIEW = r"(?:preview|exp|experimental)(?:-[a-z0-9-]*)?"
_GEMINI_DATE = r"(?:\d{2}-\d{2}|\d{2}-20\d{2}|\d{4})"
_GEMINI = (
    PinRule(r"(?:[a-z0-9.]+-)+latest", "floating", "Google swaps what a -latest id answers with each release"),
    PinRule(
        rf"gemini-(?:[a-z0-9.-]+-)?(?:preview|exp)(?:-[a-z-]+)?-{_GEMINI_DATE}",
        "pinned",
        "the date names one preview",
        True,
    ),
    PinRule(rf"{_GEMINI_FAMILY}-{_GEMINI_PREVIEW}", "undated", "a preview without a date in its id", True),
    PinRule(rf"{_GEMINI_FAMILY}-00\d", "pinned", "-001, -002 name explicit versions"),
    PinRule(
        r"gemini-(?:1\.[05]|2\.0)-(?:pro|flash|flash-8b|flash-lite|pro-vision)|gemini-(?:pro|pro-vision|ultra)"
        r"|textembedding-gecko(?:-multilingual)?",
        "floating",
        "an auto-updated alias of the stable -00N version",
    ),
    PinRule(
        r"gemini-\d(?:\.\d)?-(?:flash|pro|flash-lite|ultra)",
        "undated",
        "a stable id: Google usually does not change it, and does not promise it",
    ),
)
_VERTEX_AT = (
    PinRule(r".+@(?:default|latest)", "floating", "@default and @latest move with each release"),
    PinRule(_CLAUDE_NEW + r"@.+", "unknown", _CLAUDE_UNDATED),
    PinRule(r"[a-z0-9.-]+@[a-z0-9.-]*\d[a-z0-9.-]*", "pinned", "the version after @ names one version"),
)
_BEDROCK_CLAUDE = r"anthropic\."
_OLD_DATE = r"(?:0301|0314|0613|1106|0125|0914)"
_OPEN_WEIGHTS = (
    r"(?:[a-z-]+/)?(?:llama|gemma|mixtral|qwen|whisper|deepseek-r1|gpt-oss|kimi|llava|distil-whisper)[a-z0-9.-]*"
)
_MISTRAL_BARE = (
    r"mistral-(?:tiny|small|medium|large|embed|moderation|ocr|saba)|codestral|devstral(?:-small|-medium)?"
    r"|magistral-(?:small|medium)|ministral-\d+b|voxtral-(?:mini|small)|pixtral-(?:large|12b)|open-mistral-nemo"
)

RULES: dict[str, tuple[PinRule, ...]] = {
    "openai": (
        PinRule(rf".+-preview-{_DATE}", "pinned", "the date names one preview snapshot", True),
        PinRule(rf".+-{_DATE}", "pinned", "the date names one snapshot"),
        PinRule(rf"gpt-[^:]+-{_OLD_DATE}-(?:vision-)?preview", "pinned", "the date names one preview snapshot", True),
        PinRule(rf"(?:gpt|tts)-.+-{_OLD_DATE}", "pinned", "the date names one snapshot"),
        PinRule(r"(?:chatgpt|gpt|codex|omni|text|chat)-(?:.+-)?latest", "floating", "OpenAI moves -latest ids"),
    ),
    "anthropic": _CLAUDE,
    "gemini": _GEMINI,
    "vertex": (*_VERTEX_AT, *_CLAUDE, *_GEMINI),
    "bedrock": (
        PinRule(_BEDROCK_CLAUDE + _CLAUDE_NEW + r"(?:-v1)?", "pinned", _CLAUDE_PINNED),
        PinRule(_BEDROCK_CLAUDE + _CLAUDE_NEW + _CLAUDE_DATE + r".*", "unknown", _CLAUDE_UNDATED),
        PinRule(
            _BEDROCK_CLAUDE + r"claude-[a-z]+-4(?:-[0-5])?",
            "unknown",
            "Bedrock lists no short form of Claude ids before 4.6",
        ),
        PinRule(r"[a-z0-9]+\.[a-z0-9.-]+-v?\d+:\d+", "pinned", "-vN:M names version and revision"),
        PinRule(
            r"[a-z0-9]+\.[a-z0-9.-]*\d[a-z0-9.-]*", "undated", "the id has no -vN:M, and the provider lists no other"
        ),
    ),
    "azure": (PinRule(r"\S+ \(\S*\d\S*\)", "pinned", "the version is stated beside the model name"),),
    "mistral": (
        PinRule(r"labs-.+", "undated", "Labs models may be updated in silence", True),
        PinRule(r"[a-z0-9.-]+-latest", "floating", "Mistral moves -latest aliases"),
        PinRule(r"[a-z0-9-]+-2[3-9](?:0[1-9]|1[0-2])", "pinned", "-YYMM names one version"),
        PinRule(r"[a-z-]*[a-z]-\d{1,2}-\d{1,2}", "pinned", "<major>-<minor> names one version"),
        PinRule(r"[a-z-]*[a-z]-\d{1,2}", "floating", "a <major> id is an alias of its newest minor version"),
        PinRule(_MISTRAL_BARE, "floating", "a bare name is an alias of its newest version"),
    ),
    "cohere": (
        PinRule(r"[a-z0-9-]+-(?:0[1-9]|1[0-2])-20\d{2}", "pinned", "-MM-YYYY names one version"),
        PinRule(r"[a-z-]+-v\d+\.\d+(?:-[a-z]+)?", "pinned", "-vN.M names one version"),
        PinRule(r"command(?:-light)?-nightly", "floating", "a nightly build"),
    ),
    "xai": (
        PinRule(r"grok-.+-latest|grok-latest", "floating", "xAI moves -latest aliases"),
        PinRule(
            r"grok-[2-4](?:-(?:vision|mini|fast|beta))?|grok-(?:vision-)?beta",
            "floating",
            "xAI's bare names are aliases of the newest stable version",
        ),
        PinRule(
            r"grok-[a-z0-9.-]*-(?:0[1-9]|1[0-2])[0-3]\d(?:-[a-z-]+)?|grok-.+-20\d{2}-\d{2}-\d{2}",
            "pinned",
            "the date names one version",
        ),
    ),
    "deepseek": (
        PinRule(
            r"deepseek-(?:chat|coder|reasoner|flash|pro|v\d+(?:\.\d+)?(?:-(?:flash|pro))?)",
            "floating",
            "DeepSeek offers no pinned ids: a name moves to the next version",
        ),
    ),
    "groq": (
        PinRule(_OPEN_WEIGHTS + r"-preview", "undated", "open weights under a preview name", True),
        PinRule(_OPEN_WEIGHTS + r"\d[a-z0-9.-]*", "undated", "an open-weights name without a version of its own"),
    ),
    "openrouter": (
        PinRule(r"~.+|openrouter/(?:auto|free)", "floating", "the router chooses the model"),
        # Only `canonical_slug` is said to stay (openrouter.ai/docs/models). When `anthropic/claude-3.5-sonnet` answered
        # as a later snapshot, the list sent people there from `anthropic/claude-3.5-sonnet-20240620`.
        PinRule(
            r"anthropic/claude-(?:3(?:[.-][57])?-[a-z]+|(?:sonnet|opus)-4)(?::[a-z]+)?",
            "floating",
            "a slug without a date: OpenRouter chooses the snapshot behind it",
        ),
    ),
    "vercel": (),
    "ollama": (
        PinRule(r".+@sha256[:-][0-9a-f]{12,64}", "pinned", "a digest names one build"),
        PinRule(r"(?:.*/)?[^:/]+(?::latest)?", "floating", "the tag latest, which is the default, moves"),
        PinRule(r"(?:.*/)?[^:/]+:[^:/]+", "undated", "a tag can be pushed again; only a digest pins"),
    ),
    "huggingface": (
        PinRule(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", "pinned", "a commit names one revision"),
        PinRule(
            r"(?:[\w.-]+/)?[\w.-]+/[\w.-]+(?:@.+)?", "floating", "without a commit the repository's branch answers"
        ),
    ),
}

# What a row's kind means where the channel's own document says more than the kind.
_ALIAS_WITHOUT_TARGET_UNDATED = frozenset({"xai"})
_NUMBERED_GEMINI = frozenset({"gemini", "vertex"})
_CLAUDE_CHANNELS = frozenset({"anthropic", "vertex", "bedrock"})
_PREVIEW_NAME = re.compile(r"(?:^|[-/])(?:preview|exp|experimental)(?:-|$)|^labs-")
_DATED = re.compile(
    r"-(?:20\d{2}-\d{2}-\d{2}|\d{2}-20\d{2}|\d{2}-\d{2}|(?:0[1-9]|1[0-2])[0-3]\d)(?:-|$)|\(\d{4}-\d{2}-\d{2}\)"
)


# Whatever the channel: a name that ends so says itself that it moves. Deployments are named as their owner likes.
_LATEST = PinRule(r"[\w./:@-]+-latest", "floating", "the name itself says that it moves to the newest version")
_NAMED_BY_OWNER = frozenset({"azure"})


def is_preview(fact: LifecycleFact) -> bool:
    """Tell whether the row is a preview or experimental build, which can vanish on two weeks' notice."""
    return fact.kind == "preview" or bool(_PREVIEW_NAME.search(fact.id))


def of_row(fact: LifecycleFact) -> tuple[Pin, str]:
    """Return what a row of the catalog says about its name, and why."""
    if fact.kind == "family":
        return "unknown", "the provider's page uses this as the heading of a family, it is not an id"
    if fact.routes_to:
        return "floating", f"the provider answers it with {fact.routes_to} from {fact.routes_on}"
    if fact.kind == "unversioned-pinned" and fact.provider in _NUMBERED_GEMINI:
        rule = of_pattern(fact.provider, fact.id)
        if rule and rule.pin == "floating":
            return rule.pin, rule.why
    if fact.kind == "alias":
        return _of_alias(fact)
    if fact.kind == "snapshot":
        return "pinned", "the provider lists it as one fixed version"
    if fact.kind == "preview":
        return _of_preview(fact)
    if fact.provider in _CLAUDE_CHANNELS and "claude-" in fact.id:
        return "pinned", "Anthropic's ids without a date are pinned versions, not aliases"
    return "undated", "the provider publishes no dated id and lists this one as the model itself"


def _of_alias(fact: LifecycleFact) -> tuple[Pin, str]:
    if fact.alias_of:
        return "floating", f"an alias, of {fact.alias_of} when it was read"
    if fact.provider in _ALIAS_WITHOUT_TARGET_UNDATED:
        return "undated", "the provider may move it, and publishes no dated id to pin to"
    return "floating", "an alias whose target the provider does not publish"


def _of_preview(fact: LifecycleFact) -> tuple[Pin, str]:
    # Numbers in open-weights names are sizes and context windows; Labs models may change in silence.
    if fact.provider == "groq" or fact.id.startswith("labs-") or not _DATED.search(fact.id):
        return "undated", "a preview without a date in its id"
    return "pinned", "a preview whose date names one build"


@cache
def _compiled(channel: str) -> tuple[tuple[re.Pattern[str], PinRule], ...]:
    return tuple((re.compile(rule.pattern), rule) for rule in RULES.get(channel, ()))


def of_pattern(channel: str, model: str) -> PinRule | None:
    """Return the first rule of the channel that fits the id, or None."""
    lower = model.lower()
    found = next((rule for pattern, rule in _compiled(channel) if pattern.fullmatch(lower)), None)
    if found or channel in _NAMED_BY_OWNER:
        return found
    return _LATEST if re.fullmatch(_LATEST.pattern, lower) else None
