"""Taking a written model name apart: which channel it names, and under which ids that channel may list it.

Pure parsing: no catalog, no I/O, never raises. What a name means is `lifecycle.catalog`'s matter.
Sources: the provider documents named in `lifecycle.pins`; prefixes as LiteLLM, LangChain, pydantic-ai and promptfoo
write them (docs.litellm.ai/docs/providers, reference.langchain.com `init_chat_model`, ai.pydantic.dev/models,
mlflow.org/docs, supported models of judges).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pinward.core.channels import AUTHORS, COLON_PREFIXES, GATEWAYS, HOSTS, MAKERS, OWN_NAMES, PREFIXES, home

# Longer than any real name (full resource names and ARNs stay below 300): not worth a look.
MAX_LENGTH = 512
UNKNOWN = "?"
_TEMPLATE = re.compile(r"[${}<>`]|%\(|%[sdr]")
_ROUTING_VARIANTS = frozenset({"nitro", "floor", "exacto", "online"})
_VARIANTS = _ROUTING_VARIANTS | {"free", "extended", "thinking", "batch", "beta"}
# A segment between provider and model that only says how to call it.
_ROUTES = re.compile(
    r"converse|converse_like|invoke|async_invoke|mantle|llama|deepseek_r1|openai_compatible|responses|chat"
    r"|completions?|text-completion|embeddings?|messages|realtime|transcription|moderation|image|text-generation"
    r"|feature-extraction|\d+-month-commitment|(?:us|eu|ap|ca|sa|me|af|il|mx)(?:-[a-z]+)+-\d"
)
_BEDROCK_REGION = re.compile(r"(?:us-gov|us|eu|apac|jp|au|ca|global)\.(?=[a-z0-9-]+\.)")
_BEDROCK_MAKER = (
    r"ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen"
    r"|stability|twelvelabs|writer|zai"
)
_BEDROCK = re.compile(rf"(?:{_BEDROCK_MAKER})\.(?=[a-z0-9.:-]*\d)[a-z0-9.]+-[a-z0-9.:-]+|deepseek\.v\d[\d.]*")
_BEDROCK_WINDOW = re.compile(r"(:\d+):(?:\d+k|mm)$")  # provisioned throughput names add the context window
_ARN = re.compile(r"arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:([a-z-]+)/(.+)")
_VERTEX_PUBLISHER = re.compile(
    r"(?:publishers/)?(?:google|anthropic|meta|mistralai|openai|deepseek-ai|qwen)/(?=[^/]+$)"
)
_AZURE_VERSION = re.compile(r"([A-Za-z0-9._-]+) \(([A-Za-z0-9._-]+)\)")
_OLLAMA_FAMILY = re.compile(
    r"(?:[\w.-]+/)?(?:llama|codellama|tinyllama|llava|mistral(?!-(?:large|medium|tiny|embed))|mixtral|gemma|codegemma|qwen"
    r"|qwq|phi\d|phi:|deepseek-(?:r1|v\d|coder|llm)|gpt-oss|command-r|nomic-embed|mxbai-embed|all-minilm|bge-|vicuna|orca"
    r"|starcoder|granite|smollm|falcon|wizard|dolphin|zephyr|solar|yi:|yi-|olmo|exaone|aya|minicpm|stablelm|moondream"
    r"|snowflake-arctic|neural-chat|nous-hermes|devstral|magistral|codestral|ministral)[\w.-]*:[\w.-]+"
)
_OLLAMA_TAG = re.compile(
    r"latest|[a-z]?\d+(?:\.\d+)?(?:x\d+)?[bm](?:[-_.].*)?|.*-?q\d(?:_\w+)?|(?:text|instruct)(?:-.*)?"
)
# OpenAI: ft:<base>:<org>:<name>:<id>, checkpoints with one field more; Mistral: ft:<base>:<org>:<day>:<id>. Before 2023
# OpenAI wrote <base>:ft-<org>-<time>.
_FINE_TUNE = re.compile(r"ft:([^:]+):[^:]*:[^:]*:[^:]+(?::[^:]+)?|(ada|babbage|curie|davinci):ft-[\w-]+", re.IGNORECASE)
# Anthropic writes 4-6 where gateways write 4.6; its own ids with a dot ended with claude-2.1 and claude-instant-1.2.
_DOTTED_CLAUDE = re.compile(r"claude-(?:3\.[57]|(?!instant)[a-z]+-\d+\.\d)")
# `author/model` that only a gateway writes so, although the author's name is a prefix of its own elsewhere.
_GATEWAY_NAME = re.compile(
    rf"~[\w-]+/|anthropic/{_DOTTED_CLAUDE.pattern}|[\w.-]+/[^/:]+:(?:{'|'.join(sorted(_VARIANTS))})$"
)


# Names whose shape alone tells the channel, tried in this order on lower case.
_SHAPES = (
    ("azure", re.compile(rf"{_AZURE_VERSION.pattern}$|gpt-35-")),
    ("gemini", re.compile(r"models/|tunedmodels/")),
    (
        "vertex",
        re.compile(
            r"projects/[^/]+/locations/|publishers/"
            r"|(?:claude-|gemini-|textembedding-gecko|multimodalembedding|(?:text|chat|code|codechat)-(?:bison|gecko))[^/]*@"
        ),
    ),
    ("bedrock", re.compile(rf"(?:{_BEDROCK_REGION.pattern})?(?:{_BEDROCK.pattern})$")),
    ("ollama", re.compile(rf"(?:{_OLLAMA_FAMILY.pattern})$")),
    ("huggingface", re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}$")),
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """One written name taken apart.

    `channel`: who answers, or `?`. `ids`: the ids to look up there, best first; `ids[0]` is the canonical spelling.
    `author`: channel and id of the maker behind a gateway's name, whose rule decides the pin.
    `opaque`: why the text alone cannot tell which model answers; empty where it can.
    """

    channel: str
    ids: tuple[str, ...]
    author: tuple[str, str] | None = None
    opaque: str = ""


def parse(written: str, client: str | None = None) -> Spelling:
    """Take a name apart. `client` is the provider that the surrounding code tells, in any of its usual names."""
    channel = channel_of(client)
    if len(written) > MAX_LENGTH:
        return Spelling(channel, (written,), opaque="it is longer than any model name")
    text = written.strip()
    if not text or _TEMPLATE.search(text):
        return Spelling(channel, (text,), opaque="it is a template" if text else "it is empty")
    arn = _ARN.fullmatch(text[text.find("arn:") :]) if "arn:" in text else None
    if arn:
        return _from_arn(text[text.find("arn:") :], arn)
    if (channel == UNKNOWN or channel in MAKERS) and _GATEWAY_NAME.match(text.lower()):
        return _gateway("openrouter", text)
    channel, text = _split(channel, text)
    if channel in MAKERS and _is_foreign(channel, text):
        channel = UNKNOWN
    return _read(channel, text)


def channel_of(client: str | None) -> str:
    """Return the channel that a client's or provider's name stands for; the name itself where none is known."""
    if not client or client.isspace():
        return UNKNOWN
    key = _key(client)
    return PREFIXES.get(key) or COLON_PREFIXES.get(key) or AUTHORS.get(client.strip().lower()) or client.strip().lower()


def base_of(model: str) -> str | None:
    """Return the model that a fine-tuned model was made from, or None where the id is not a fine-tuned model's."""
    found = _FINE_TUNE.fullmatch(model)
    return (found[1] or found[2]).lower() if found else None


def _key(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _split(channel: str, text: str) -> tuple[str, str]:
    """Take routing prefixes off, as far as they say who answers."""
    while True:
        head, separator, rest = _head(text)
        named = _named(head, separator, rest)
        if not named or not rest or not _takes_over(channel, named):
            return channel, text
        if channel in MAKERS and named == channel:
            return channel, _routed(rest)
        channel, text = named, (rest if named == "litellm" else _routed(rest))
        if named == "litellm":
            channel = UNKNOWN


def _is_foreign(channel: str, text: str) -> bool:
    """Whether a name is plainly another maker's: SDKs of one maker are used as clients of others' endpoints."""
    lower = text.lower()
    maker = home(base_of(lower) or lower)
    return (maker in OWN_NAMES and maker != channel) or _shape(lower) not in {None, channel}


def _shape(lower: str) -> str | None:
    return next((channel for channel, shape in _SHAPES if shape.match(lower)), None)


def _head(text: str) -> tuple[str, str, str]:
    """Split at the first `/` or `:`, whichever comes first, or at MLflow's `:/`."""
    cut = min((at for at in (text.find("/"), text.find(":")) if at > 0), default=-1)
    if cut <= 0:
        return text, "", ""
    uri = text[cut : cut + 2] == ":/" and text[cut + 2 : cut + 3] != "/"
    return text[:cut], text[cut], text[cut + 1 + uri :]


def _named(head: str, separator: str, rest: str) -> str | None:
    if not separator:
        return None
    key = _key(head)
    if separator == "/":
        # `meta_llama/` is a LiteLLM prefix, `meta-llama/` an author on Hugging Face: the dash matters there.
        return PREFIXES.get(key)
    if _OLLAMA_TAG.fullmatch(rest) and key in {"mistral", "command_r"}:
        return None
    return PREFIXES.get(key) or COLON_PREFIXES.get(key)


def _takes_over(channel: str, named: str) -> bool:
    """Whether a prefix changes the channel: a maker's name inside a platform's or a gateway's id is only the author."""
    if channel in {UNKNOWN, named}:
        return True
    if channel in GATEWAYS or channel in HOSTS:
        return False
    return channel in MAKERS or named not in MAKERS


def _routed(text: str) -> str:
    while True:
        head, separator, rest = _head(text)
        if not separator or not rest or not _ROUTES.fullmatch(head.lower()):
            return text
        text = rest


def _read(channel: str, text: str) -> Spelling:
    reader = _READERS.get(channel)
    if reader:
        return reader(text)
    if channel != UNKNOWN:
        return Spelling(channel, (text,))
    return _bare(text)


def _bare(text: str) -> Spelling:
    """Read a name that comes with neither client nor known prefix."""
    lower = text.lower()
    base = base_of(lower)
    if base:
        return Spelling(home(base) or UNKNOWN, (text,))
    channel = _shape(lower)
    if channel:
        return _read(channel, text)
    return _slashed(text) if "/" in text else Spelling(UNKNOWN, (text,))


def _slashed(text: str) -> Spelling:
    """`author/model` without a known prefix: a gateway's name where the model is that author's, else anybody's.

    Gateways write small letters; capitals are a repository's name on Hugging Face.
    """
    author, _, model = text.partition("/")
    channel = AUTHORS.get(author.lower())
    if channel and home(model) == channel:
        return _gateway("openrouter", text)
    # Before a name that only its maker gives stands a router that is not known: `opencode/claude-sonnet-4-5`.
    maker = home(_undotted(model))
    return Spelling(UNKNOWN, (text,), author=(maker, _undotted(model)) if maker in _CLOSED else None)


def _gateway(channel: str, text: str) -> Spelling:
    """Read `author/model[:variant]`. Routing variants choose a server, catalogue variants are entries of their own."""
    name = text.removeprefix("openrouter/") if text.lower() not in _ROUTERS else text
    stem, _, variant = name.partition(":")
    name = stem if variant in _ROUTING_VARIANTS else name
    author, slash, model = stem.lower().lstrip("~").partition("/")
    maker = AUTHORS.get(author) if slash else home(author)
    model = model if slash else author  # the author left out
    if not maker or not model or stem.startswith("~"):
        return Spelling(channel, (name,))
    return Spelling(channel, (name,), author=(maker, _undotted(model)))


def _undotted(model: str) -> str:
    return model.replace(".", "-") if _DOTTED_CLAUDE.match(model) else model


_CLOSED = frozenset({"openai", "anthropic", "gemini"})  # nobody else serves models under names of theirs
_ROUTERS = frozenset({"openrouter/auto", "openrouter/free"})


def _gemini(text: str) -> Spelling:
    if text.lower().startswith("tunedmodels/"):
        return Spelling("gemini", (text,), opaque="it names a tuned model of the account's own")
    return Spelling("gemini", (re.sub(r"^(?:models|google)/", "", text, flags=re.IGNORECASE),))


def _vertex(text: str) -> Spelling:
    if re.search(r"(?:^|/)endpoints/|^\d+$|/models/\d+$", text):
        return Spelling("vertex", (text,), opaque="it names an endpoint or a model of the project's own")
    tail = text.rpartition("/models/")[2] if "/models/" in text else text.removeprefix("models/")
    return Spelling("vertex", (_VERTEX_PUBLISHER.sub("", tail),))


def _bedrock(text: str) -> Spelling:
    name = _BEDROCK_REGION.sub("", text.lower().rpartition("/")[2], count=1)
    return Spelling("bedrock", (_BEDROCK_WINDOW.sub(r"\1", name),))


def _from_arn(text: str, arn: re.Match[str]) -> Spelling:
    kind, name = arn.groups()
    if kind in {"foundation-model", "inference-profile"} and _BEDROCK.fullmatch(_BEDROCK_REGION.sub("", name.lower())):
        return _bedrock(name)
    return Spelling("bedrock", (text,), opaque=f"the ARN names a resource of the account's own ({kind})")


def _azure(text: str) -> Spelling:
    """Only `name (version)`, as infrastructure code states it, names a model; anything else is a deployment name."""
    named = _AZURE_VERSION.fullmatch(text)
    if not named:
        return Spelling("azure", (text,), opaque="on Azure a model name in code is a deployment name, free text")
    name = re.sub(r"^gpt-35-", "gpt-3.5-", named[1], flags=re.IGNORECASE)
    return Spelling("azure", (f"{name} ({named[2]})",))


def _ollama(text: str) -> Spelling:
    return Spelling("ollama", (text,))


def _groq(text: str) -> Spelling:
    """Groq lists some ids with their author, and its own as `groq/compound`, which reads like a prefix."""
    return Spelling("groq", (text, f"groq/{text}"))


def _openrouter(text: str) -> Spelling:
    return _gateway("openrouter", text if text.lower() not in {"auto", "free"} else f"openrouter/{text}")


def _vercel(text: str) -> Spelling:
    return _gateway("vercel", text)


_READERS = {
    "gemini": _gemini,
    "vertex": _vertex,
    "bedrock": _bedrock,
    "azure": _azure,
    "groq": _groq,
    "openrouter": _openrouter,
    "vercel": _vercel,
    "ollama": _ollama,
}
