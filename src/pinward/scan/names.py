"""How model names are spelled: which text can hold one, and how a library constant names one.

Nothing here decides what a name is; the catalog does. A family only has to be wide enough to let every model of it
through and narrow enough to keep most files unparsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ahocorasick_rs import BytesAhoCorasick

# Stem and tail of each family, in lower case. The stem is a plain literal, so that one pass finds all
# of them. Tails are written for Python's engine and for PCRE (`git grep -P`) alike.
_FAMILIES: tuple[tuple[str, str], ...] = (
    ("gpt", r"[-_ ]?(?:dot)?[0-9]|[-_]?(?:image|audio|realtime|oss|daybreak|latest)|-[\"'${#%]"),
    *((f"o{n}", r"[-_]?(?:mini|pro|preview|deep)|(?![a-z0-9-])") for n in (1, 3, 4)),
    ("claude", r"[-_ ]?(?:v?[0-9]|instant|opus|sonnet|haiku|fable|mythos|latest)|-[\"'${#%]"),
    *((tier, r"_?[0-9](?:_?[0-9])?(?![a-z0-9.-])") for tier in ("sonnet", "opus", "haiku")),
    ("gemini", r"[-_ ]?(?:v?[0-9]|pro|flash|ultra|exp|nano|embedding|robotics|latest)|-[\"'${#%]"),
    ("gemma", r"[-_:]?[0-9]"),
    ("text", r"[-_]?(?:embedding|davinci|curie|babbage|ada|moderation|bison|unicorn|search)"),
    ("bison", r"(?![a-z])"),
    ("multimodalembedding", ""),
    ("medlm", ""),
    *((name, r"(?![a-z])") for name in ("davinci", "curie", "babbage")),
    ("ada", r"(?=[-_\"'])"),
    ("whisper", r"[-_][1lv]"),
    ("tts", r"[-_]1"),
    ("dall", r"[-_]?e[-_]?[23]"),
    ("omni", r"[-_]moderation"),
    ("codex", r"[-_]mini"),
    ("chat-latest", ""),
    ("computer-use", ""),
    *((name, r"(?=[-_:\"' ,]|$)") for name in ("mistral", "mixtral", "ministral", "magistral", "codestral")),
    *((name, r"(?=[-_:\"' ,]|$)") for name in ("devstral", "pixtral", "voxtral", "leanstral")),
    ("command", r"[-_](?:r|a|light|nightly|xlarge)|(?=[\"'])"),
    ("embed-", r"(?:english|multilingual|v[0-9])"),
    ("rerank", r"[-_](?:v|english|multi)"),
    ("aya", r"[-_:]"),
    ("grok", r"[-_]?(?:[0-9]|beta|code|build|vision|latest|imagine)"),
    ("deepseek", r"[-_./](?:chat|coder|reasoner|r[0-9]|v[0-9]|flash|llm|deepseek)"),
    ("llama", r"[-_ ]?v?[0-9]|[-_]guard"),
    ("codellama", ""),
    ("llava", ""),
    ("qwen", r"[-_]?(?:[0-9]|turbo|plus|max|vl|long|coder|flash|latest)"),
    ("qwq", ""),
    ("qvq", ""),
    ("voyage", r"[-_][0-9a-z]"),
    ("jamba", ""),
    ("j2-", r"(?:mid|ultra|grande)"),
    ("nova", r"[-_](?:lite|micro|pro|premier|canvas|reel|sonic)"),
    ("titan", r"[-_](?:text|embed|image|tg1)"),
    ("kimi", r"[-_]"),
    ("moonshot", r"-v"),
    ("glm", r"[-_]?[0-9]"),
    ("ernie", r"[-_]"),
    ("hunyuan", r"[-_]"),
    ("doubao", r"[-_]"),
    ("minimax", r"[-_]"),
    ("abab", r"[0-9]"),
    ("yi-", r"(?:large|medium|lightning|vision|[0-9])"),
    ("phi", r"[-_]?[0-9]"),
    ("sonar", r"(?=[-_\"']|$)"),
    ("pplx-", ""),
    ("granite", r"[-_.]?[0-9]"),
    ("dbrx", ""),
    ("nomic-embed", ""),
    ("mxbai-", ""),
    ("minilm", ""),
    ("bge-", r"(?:m3|small|base|large)"),
    ("snowflake-arctic", ""),
    *((name, "") for name in ("starcoder", "vicuna", "wizardlm", "openchat", "nous-hermes", "olmo", "smollm")),
    ("imagen", r"[-_]?[0-9]"),
    ("veo", r"[-_]?[0-9]"),
)
_SPELLINGS = tuple(re.escape(stem) + (f"(?:{tail})" if tail else "") for stem, tail in _FAMILIES)
# For `git grep -liP`: the same families as one pattern.
GREP_PATTERN = "pinward: *ignore|" + "|".join(_SPELLINGS)

_IN_TOKEN = re.compile(r"(?:^|[/:.@~_-])(?:ft:)?(?:" + "|".join(_SPELLINGS) + ")")
_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@+~-"
_ESCAPES = frozenset("nrtbf")
_MAX_TOKEN = 200
# A display form ("GPT-4", "Claude 3", "Gemini-Pro") is what people read; these families' ids are lower case.
_DISPLAY = re.compile(r"(?:GPT|Gpt|ChatGPT|Claude|CLAUDE|Gemini|GEMINI|DALL|Grok|O[134]\b)")
_FILE = re.compile(
    r"\.(?:md|py|js|ts|tsx|json|ya?ml|toml|png|svg|jpe?g|html?|txt|sh|ipynb|go|rs|rb|csv|com|ai|org|io|dev)$",
    re.IGNORECASE,
)
_TRAILING = ".:/-_@+~"
_URL_MODEL = re.compile(r"/(?:models|model|deployments)/([A-Za-z0-9][\w.@-]*)")
_PATH = re.compile(r"(?:^|/)(?:v\d\w*|openai)/(?:models|deployments)/")  # of a URL whose host is computed


def may_hold_names(data: bytes) -> bool:
    """Tell whether a file can hold a model name, or a comment about one, at all."""
    lower = data.lower()
    # An ignore comment is looked at even where it keeps nothing quiet.
    return b"pinward:" in lower or next(_starts(lower), None) is not None


def _starts(lower: bytes) -> Iterator[int]:
    """Yield where the name of a known family may start; some more than once. All stems are found in one pass."""
    tails = _tails()
    for stem, start, end in _automaton().find_matches_as_indexes(lower, overlapping=True):
        if tails[stem](lower, end):
            yield start


@cache
def _automaton() -> BytesAhoCorasick:
    from ahocorasick_rs import BytesAhoCorasick

    return BytesAhoCorasick([stem.encode() for stem, _ in _FAMILIES])


@cache
def _tails() -> tuple[Callable[[bytes, int], object], ...]:
    return tuple(re.compile(tail.encode()).match for _, tail in _FAMILIES)


def tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, token), in order, for every stretch of text that is spelled like a model of a known family."""
    return (found for found in _spellings(text) if looks_like_model(found[2]))


def named(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the same, and every `Class.CONSTANT` that a library can call a model by."""
    return (found for found in _spellings(text) if looks_like_model(found[2]) or _ends_in_constant(found[2]))


def _ends_in_constant(token: str) -> bool:
    return constant_to_id(re.split(r"[.:]", token)[-1]) is not None


def _spellings(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, token), in order, for every stretch of text that a family's stem stands in."""
    seen = set()
    for offset in candidates(text):
        start, end, token = token_at(text, offset)
        if start not in seen:
            seen.add(start)
            yield start, end, token


def token_at(text: str, offset: int) -> tuple[int, int, str]:
    """Return the token around an offset; of a URL, the model that it calls. Empty where it is too long for a name."""
    start, end = _extent(text, offset)
    if text[start - 2 : start] == "${" and ":" in text[start:offset]:
        start = text.index(":", start) + 1  # `${VARIABLE:default}`, `${VARIABLE:-default}`
        start += text[start] in "-="
    token = text[start:end]
    if "://" in token or _PATH.search(token):
        start, token = _from_url(start, token)
    return start, start + len(token), token


def candidates(text: str) -> list[int]:
    """Return the offsets, in order, at which the name of a known family may stand."""
    # Bytes are searched, since an automaton over text has to count characters: only starts are counted here.
    lower = text.encode("utf-8", "surrogatepass").lower()
    starts = sorted(set(_starts(lower)))
    return starts if len(lower) == len(text) else list(_characters_before(lower, starts))


def _characters_before(data: bytes, places: list[int]) -> Iterator[int]:
    counted = behind = 0
    for place in places:
        counted += len(data[behind:place].decode("utf-8", "surrogatepass"))
        behind = place
        yield counted


def _ascii_lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def _extent(text: str, offset: int) -> tuple[int, int]:
    """Return the bounds of the token around an offset, without signs at its ends; nothing where it is too long."""
    before, after = text[max(0, offset - _MAX_TOKEN) : offset], text[offset : offset + _MAX_TOKEN]
    start = offset - (len(before) - len(before.rstrip(_CHARS)))
    end = offset + (len(after) - len(after.lstrip(_CHARS)))
    if start > 0 and text[start - 1] == "\\" and start < offset and text[start] in _ESCAPES:
        start += 1  # the letter of an escape such as \n
    if end - start >= _MAX_TOKEN:
        return offset, offset  # an image in base64, a blob: any short stem occurs in it by chance
    while start < offset and text[start] in ".:/-_+":
        start += 1
    while end > offset and text[end - 1] in _TRAILING:
        end -= 1
    return start, end


def _from_url(start: int, token: str) -> tuple[int, str]:
    """Return the model that a URL calls (`.../models/<id>:generateContent`); an empty token where it calls none."""
    found = _URL_MODEL.search(token)
    return (start + found.start(1), found.group(1)) if found else (start, "")


@lru_cache(maxsize=65536)
def looks_like_model(token: str) -> bool:
    """Tell whether a single token is spelled like a model of a known family, in the form that is sent."""
    bare = token.rstrip(_TRAILING)
    found = _IN_TOKEN.search(_ascii_lower(bare))
    return found is not None and "://" not in token and not _DISPLAY.search(token) and not _FILE.search(bare)


_CONSTANT = re.compile(
    r"^(?:\w{0,30}?model|chat(?!_?gpt\w*latest)|embedding|image|completion|audio|speech|default)?s?_?"
    r"(?P<id>(?:chat_?)?gpt_?(?:\d|image_?\d)\w*|o[134](?:_?(?:mini|pro|preview)\w*)?|claude_?\w*\d\w*|gemini_?\w*\d\w*"
    r"|text_?embedding_?\w+|dall_?e_?\d\w*|whisper_?1|tts_?1\w*|mistral_?\w+|codestral_?\w+|grok_?\d\w*"
    r"|deepseek_?(?:chat|reasoner)\w*|llama_?\d\w*|titan_?\w+|nova_?\w+|command_?r\w*|gemma_?\d\w*)$",
    re.IGNORECASE,
)
# Bedrock's ids in the AWS CDK: maker, name, version and revision.
_BEDROCK_CONSTANT = re.compile(
    r"^(?P<maker>ANTHROPIC|AMAZON|META|COHERE|MISTRAL|AI21|DEEPSEEK|OPENAI)_(?P<id>\w+?)_V(?P<version>\d)(?:_(?P<part>\d))?$"
)
_OBJECT = re.compile(r"(?<=[a-z\d])(?:Chat)?Model$")
# What a model is for may stand before its name: `TTS_GPT_4o_Mini` is `gpt-4o-mini-tts`.
_PURPOSE = re.compile(r"^(?P<purpose>tts|transcribe|realtime)_(?P<rest>gpt.*)$", re.IGNORECASE)
_HUNGARIAN = re.compile(r"^k(?=[A-Z])")
_TIER_CONSTANT = re.compile(r"(?i)^(?P<tier>sonnet|opus|haiku)_?(?P<version>\d(?:_?\d)?)$")


@lru_cache(maxsize=16384)
def constant_to_id(name: str) -> str | None:
    """Return the model id that a library constant is named after, or None.

    `GPT_4_O_MINI`, `Gpt4oMini`, `ChatModelGPT4oMini` -> `gpt-4o-mini`; `ModelClaudeSonnet4_5` -> `claude-sonnet-4-5`;
    `ANTHROPIC_CLAUDE_3_HAIKU_20240307_V1_0` -> `anthropic.claude-3-haiku-20240307-v1:0`; `Sonnet_3_7` of a class of
    Claude's.
    """
    name = _OBJECT.sub("", _HUNGARIAN.sub("", name))  # `kGpt4o`, `Gpt4oMiniChatModel()`
    name = _PURPOSE.sub(r"\g<rest>_\g<purpose>", name)
    bedrock = _BEDROCK_CONSTANT.match(name)
    if bedrock:
        return f"{bedrock['maker'].lower()}.{_join(_split(bedrock['id']))}-v{bedrock['version']}:{bedrock['part'] or 0}"
    tier = _TIER_CONSTANT.match(name)
    if tier:
        word, version = tier["tier"].lower(), "-".join(tier["version"].replace("_", ""))  # `SONNET_35`
        return _known_forms(f"claude-{version}-{word}" if version.startswith("3") else f"claude-{word}-{version}")
    match = _CONSTANT.match(name)
    return _join(_split(match["id"])) if match else None


def _split(name: str) -> list[str]:
    spaced = re.sub(r"(?<=\d)(?:Dot|dot|DOT)(?=\d)", "_", name)
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)", "_", spaced)
    spaced = re.sub(r"(?<=\d)(?=[A-Za-z]{2})", "_", spaced)
    spaced = re.sub(r"(?<=\d)_?[oO](?=_|[A-Z]|mini|$)", "o_", spaced)
    spaced = re.sub(r"(?<=\do)(?=[A-Za-z])", "_", spaced)
    return [word.lower() for word in spaced.split("_") if word]


def _join(words: list[str]) -> str:
    dotted = words[0] in ("gpt", "gemini", "llama", "chat", "grok")
    text = ""
    for i, word in enumerate(words):
        single = word[:1].isdigit() and len(word.rstrip("o")) <= 2 and i > 0
        decimal = dotted and single and words[i - 1].isdigit() and len(words[i - 1]) == 1 and "." not in text
        if i == 0:
            text = word
        elif word in ("e", "o") and words[i - 1] == "dall":
            text += "-" + word
        elif len(words[0]) == 1 and i == 1:  # o3
            text += word
        else:
            text += ("." if decimal else "-") + word
    return _known_forms(text)


# `gpt41106Preview`, `gpt40125Preview`: a version and a day without a sign between; `claude35Sonnet`, `gpt41Mini`.
_RUN_TOGETHER = re.compile(r"^(gpt)-(\d)(\d{4})(?=-|$)")
_TWO_DIGITS = re.compile(r"^(gpt|claude|gemini|llama)-(\d)(\d)(?=-|$)")


# Undated, these are only answered with `-latest`, which libraries leave out of their constants (Spring AI).
_MOVING = re.compile(r"claude-3-(?:5-(?:sonnet|haiku)|7-sonnet|opus)")


def _known_forms(text: str) -> str:
    text = _RUN_TOGETHER.sub(r"\1-\2-\3", text)
    text = _TWO_DIGITS.sub(lambda m: f"{m[1]}-{m[2]}{'-' if m[1] == 'claude' else '.'}{m[3]}", text)
    if _MOVING.fullmatch(text):
        return f"{text}-latest"
    if text in ("claude-sonnet-4", "claude-opus-4"):
        return f"{text}-0"
    text = {"gpt-3.5": "gpt-3.5-turbo"}.get(text, text.replace("gpt-4-omni", "gpt-4o"))
    text = text.replace("chat-gpt", "chatgpt").replace("dalle-", "dall-e-")
    return re.sub(r"-(\d{4})(\d{2})(\d{2})$", r"-\1-\2-\3", text) if text.startswith(("gpt", "o")) else text
