"""Names in files without a grammar, line by line: settings files, build files, and whatever else is text.

Careful by design: a name counts as a value only where the line has the form `key = value`, `--flag value`,
`key "value"` or `<key>value</key>`. Everything else is a mention in passing.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from pinward.scan.mentions import Carrier, Mention, Step
from pinward.scan.names import looks_like_model, tokens

# How much of a line around a name is looked at: what binds it stands close by, and lines can be megabytes long.
WINDOW = 400
MAX_ITEMS = 80
MAX_KEY = 120
_COMMENT = re.compile(r"\s*(?:[#!;%]|//|--(?=\s|-|$)|\*|/\*|<!--|REM\s|rem\s|'''|\"\"\")")
_TRAILING_COMMENT = re.compile(r"\s(?:#|//|--)\s")
_COMMENT_BEHIND = re.compile(r"\s(?:;|\{#|--)\s")
_SECTION = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}\s*$")
_BLOCK = re.compile(r"\s*[\"']?(?:resource\s+|module\s+|param\s+|var\s+)?([\w.'<>-]+)[^{}]*[:=]?\s*\{\s*$")
_FLAG = re.compile(r"(?:^|[\s\"'`(\[,])(--?[\w-]+)(?:=|\s+|[\"'],\s*)[\"']?$")
_KEY = re.compile(
    r"(?:^|[\s{(,;<\"'`\]*&])(?P<key>[@$%:]?[A-Za-z_][\w.\-/]*)[\"'`\])]*(?:\s*:\s*[\w<>&'\[\]]+)?\s*(?:=>|:=|\?=|\+=|<-|[:=])"
    r"\s*(?P<open>[\[({]*)\s*[\"'`]?(?P<before>[^\"'`=:]*)$"
)
_SPACED = re.compile(r"(?:^|[\s({\[,;])(?P<key>[A-Za-z_:][\w-]*)\s+[\"']?$")
_IN_TEXT = re.compile(r"\"\s*:\s*\"[\w ]+: $")  # `"name": "OpenAI: o1"` is a text with a colon
# An element's text is called by its `name` or `key`, in property lists by the element before it, else by its tag.
_TAG = re.compile(r"<(?P<tag>[\w:.-]+)(?:\s[^<>]*?\b(?:name|key)=[\"'](?P<name>[^\"'<>]*)[\"'])?[^<>]*>\s*$")
_NAMELESS = frozenset({"string", "item", "value"})
_KEY_ELEMENT = re.compile(r"<key>\s*(?P<key>[^<>]{1,80}?)\s*</key>")
_ARRAY_ELEMENT = re.compile(r"<(?:[\w:.-]*-)?array(?:\s[^<>]*?\bname=[\"'](?P<name>[^\"'<>]*)[\"'])?[^<>/]*>$")
_ATTRIBUTE = re.compile(r"(?:^|\s)[A-Za-z]\w*:(?P<key>[A-Za-z]\w*)=[\"']$")
_TYPED = re.compile(r"\b(?:param|var|output)\s+(?P<key>\w+)\s+[\w<>\[\]?]+\s*=\s*[\"']$")  # Bicep
_FALLBACK = re.compile(r"(?P<key>[\w.]+)\s*:?=(?!=)[^=].*(?:\?\?|\|\||\bor)\s*[\"']$")
# Bicep: `param key = readEnvironmentVariable('VARIABLE', 'default')`.
_DEFAULTED = re.compile(r"(?P<key>\w+)\s*=\s*\w+\(\s*[\"'][\w.:-]+[\"']\s*,\s*[\"']$")
# Bicep: `key: !empty(key) ? key : 'default'`.
_TERNARY = re.compile(r"^\s*(?:(?:param|var|output)\s+)?(?P<key>\w+)[^?\"'=:]*[:=][^?\"']*\?[^?:\"']*:\s*[\"']$")
# `key: value` of a block; of a call or a choice the last text is the value.
_ENTRY = re.compile(
    r"\s*(?:- )?[\"']?(?P<key>[\w.-]+)[\"']?\s*[:=]\s*"
    r"(?:[^\"'\n#]{1,200}[?:,(]\s*[\"'](?P<last>[^\"'\n]{1,120})[\"']\)?\s*$|[\"']?(?P<value>[^\"'\n#]{1,120}))"
)
_PIPED = re.compile(r"(?P<key>[\w.]+)\s*\|\s*default\s*\(?\s*[\"']$")  # templates of Helm and Jinja
_OPENED_BY = re.compile(r"(?P<key>[\w.-]+)[\"']?\s*[:=]\s*$")  # a bracket behind it
_CALLED = re.compile(r"(?P<key>\w*(?:model|modelName|modelId))\(\s*[\"']$", re.IGNORECASE)
# C++ and its relatives: `std::string model{"gpt-4o"}`, `{{"model", "gpt-4o"}}`, `QString("gpt-4o")`, `@"gpt-4o"`.
_BRACED = re.compile(r"(?P<key>\w+)(?:\[\w*\])?\s*=?\s*\{(?P<inside>(?:\s*\"[^\"]{0,120}\"\s*,)*\s*)\"$")
_PAIRED = re.compile(r"[{(\[,]\s*[\"'](?P<key>[\w.-]*model(?:_?(?:name|id))?)[\"']\)?\s*,\s*[\"']$", re.IGNORECASE)
_WRAPPED = re.compile(r"(?:\b(?:\w{1,40}::)?(?:Q\w{0,12}String\w{0,12}|[sS]tring|_T|TEXT)\(\s*|@)\"$")
_OPEN_LIST = re.compile(r"\s*[\"']?(?P<key>[\w.-]+)[\"']?\s*[:=]\s*[\[(]\s*$")
# `OPENAI_MODEL=gpt-4o python run.py`, `ollama pull llama3.2`: in recipes, images and scripts of other formats.
_ASSIGNED = re.compile(r"(?:^|\s)(?P<key>[A-Z][A-Z0-9_]*)=[\"']?$")
OLLAMA = re.compile(r"\bollama\s+(?:pull|run)\s+[\"']?$")
_SQL_DEFAULT = re.compile(r"(?P<key>\w+)\s+[\w()]+[^,]*\bdefault\s+'$", re.IGNORECASE)
# Gradle: `buildConfigField "String", "MODEL", "\"gpt-4o\""`.
_FIELD = re.compile(r"\b(?:buildConfigField|resValue)\W{1,4}\w+[\"']\s*,\s*[\"'](?P<key>\w+)[\"']\s*,\s*[\"'\\]+$")
_OPENING = ("[", "(")
# What binds a name that stands directly behind a quote, and the signs or words before that quote.
_QUOTED = (
    (_SQL_DEFAULT, ("default",)),
    (_TYPED, ("=",)),
    (_FALLBACK, ("??", "||", "or")),
    (_DEFAULTED, (",",)),
    (_FIELD, (",", "\\", "'")),
    (_TERNARY, (":",)),
    (_PAIRED, (",",)),
    (_ATTRIBUTE, ("=",)),
    (_PIPED, ("default", "(")),
)
_NAME = re.compile(r"[\w.:/@+~-]+")
_LIST_SEPARATORS = re.compile(r"[\s,;|]+")
_LIST_ITEM = re.compile(r"(?m)^[ \t]*- (?=[\w\"'])")
# Formats in which `key value` without a sign between binds.
SPACED_FORMATS = frozenset({".baml", ".conf", ".cfg", ".dockerfile", "dockerfile", ".edn", ".clj", ".el", ".lisp"})


@dataclass(frozen=True, slots=True)
class _Context:
    """Where a line stands: its section, the blocks that are open, and the list that is open."""

    section: str = ""
    blocks: tuple[str, ...] = ()
    open_list: str = ""
    opened_at: int = -1  # the offset of the list's line
    key: str = ""  # what a property list calls the element that follows

    def steps(self) -> tuple[Step, ...]:
        outer = [Step("pair", name) for name in reversed(self.blocks)]
        return (*outer, Step("scope", self.section)) if self.section else tuple(outer)

    def after(self, line: str, offset: int) -> _Context:
        """Return the context of the next line. Its first and last signs say which pattern can match at all."""
        line = line.strip()
        first, last = line[:1], line[-1:]
        if first == "<":
            return self._after_element(line, offset)
        if last == "]" and (section := _SECTION.match(line)):
            return _Context(section.group(1).strip())
        if last in _OPENING and (opened := _OPEN_LIST.match(line)):
            return replace(self, open_list=opened["key"], opened_at=offset)
        if self.open_list and first in ("]", ")"):
            return replace(self, open_list="")
        if last == "{" and (block := _BLOCK.match(line)):
            return replace(self, blocks=(*self.blocks, block.group(1))[-8:])
        if self.blocks and first == "}":
            return replace(self, blocks=self.blocks[:-1])
        return self

    def _after_element(self, line: str, offset: int) -> _Context:
        array = _ARRAY_ELEMENT.match(line)
        if array:
            return replace(self, open_list=array["name"] or self.key or "array", opened_at=offset)
        if line.endswith(("array>", "</array>")) and line.startswith("</"):
            return replace(self, open_list="")
        key = _KEY_ELEMENT.match(line)
        return replace(self, key=key["key"] if key and key.end() == len(line) else "")

    def element(self, tag: re.Match[str], before: str, name: str) -> tuple[tuple[Step, ...] | None, str]:
        """Return what `_binding` does, for the text of the element that a tag opens."""
        if self.open_list:
            return None, name
        called = tag["name"] or tag["tag"]
        if called in _NAMELESS:
            key = _KEY_ELEMENT.search(before, max(0, tag.start() - MAX_KEY))
            called = key["key"] if key else self.key or called
        return (Step("pair", called),), name


def read_lines(text: str, suffix: str = "") -> list[Mention]:
    """Return every mention in a text. `suffix` is the file's ending, or its name where that decides."""
    found: list[Mention] = []
    names = deque(tokens(text))
    context, offset = _Context(), 0
    spaced = suffix in SPACED_FORMATS
    for line in text.split("\n"):
        if not names:
            break
        end = offset + len(line)
        while names and names[0][0] <= end:
            start, stop, name = names.popleft()
            found.append(_mention(line, offset, (start - offset, stop - offset, name), context, spaced))
        context = context.after(line[:WINDOW], offset)
        offset = end + 1
    return _with_siblings(text, _with_items(found))


def _mention(line: str, offset: int, token: tuple[int, int, str], context: _Context, spaced: bool) -> Mention:
    start, end, name = token
    before, after = line[max(0, start - WINDOW) : start], line[end : end + WINDOW]
    place = Mention(name, offset + start, offset + end, carrier=_carrier(before))
    if place.carrier == "comment":
        return replace(place, whole=False, literal=line[max(0, start - WINDOW) : end + WINDOW].strip())
    tag = _TAG.search(before) if after.lstrip().startswith("</") else None
    step, literal = _binding(before, name, after, spaced) if tag is None else context.element(tag, before, name)
    if step is None and context.open_list:
        item = Step("item", position=context.opened_at)
        return replace(place, steps=(item, Step("pair", context.open_list), *context.steps()), literal=name)
    if step is None:
        return replace(
            place,
            carrier="prose",
            whole=False,
            literal=line[max(0, start - WINDOW) : end + WINDOW].strip(),
            steps=context.steps(),
        )
    return replace(place, steps=(*step, *context.steps()), literal=literal, whole=is_list_of_names(literal))


def _carrier(before: str) -> Carrier:
    return "comment" if _COMMENT.match(before) or _TRAILING_COMMENT.search(before) else "text"


def _binding(before: str, name: str, after: str, spaced: bool) -> tuple[tuple[Step, ...] | None, str]:
    """Return the steps that bind a name on its line, and the whole value it is part of."""
    after = _COMMENT_BEHIND.split(after, 1)[0]
    before = _unwrapped(before)
    flag = _FLAG.search(before)
    if flag:
        return (Step("argument", flag.group(1)),), name
    quoted = before[:-1].rstrip().lower() if before[-1:] in ("'", '"') else ""
    for pattern, signs in _QUOTED:
        if quoted.endswith(signs) and (named := pattern.search(before)):
            return (Step("default" if pattern is _SQL_DEFAULT else "pair", named["key"]),), name
    called = _CALLED.search(before) if quoted.endswith("(") else None
    if called:
        return (Step("argument", "", called["key"], 0, items=(name,)),), name
    braced = _BRACED.search(before) if "{" in before and quoted.endswith(("{", ",")) else None
    if braced:
        items = tuple(_NAME.findall(braced["inside"] + name + after.split("}")[0]))
        return (Step("item", items=items), Step("pair", braced["key"])), name
    opener, inside = _opened(before, "[", "]{}")
    if opener:
        items = tuple(re.findall(r"[\w.:/@+~-]+", inside + name + after.split("]")[0]))
        return (Step("item", items=items), Step("pair", opener)), name
    shell = _ASSIGNED.search(before) if re.match(r"[\"']?\s+[\w./-]", after) else None
    if shell:
        return (Step("pair", shell["key"]),), name
    if OLLAMA.search(before):
        return (Step("argument", "", "ollama", 1, items=(name,)),), name
    key = None if _IN_TEXT.search(before) else _KEY.search(before)
    if (
        key
        and "{" not in key["open"]
        and not re.match(r"\s*[\w-]", re.sub(r"^[\"'`,;|]+", "", after)[:2] if "," not in after else "")
    ):
        value = key["before"] + name + re.split(r"[\"'`\])}]|\s#|\s//", after.rstrip("\r\n\\ "))[0]
        step = Step("pair", key["key"])
        block, _ = _opened(before[: key.start("key")], "{", "}")
        outer = (step, Step("pair", block)) if block else (step,)
        return ((Step("item"), *outer) if key["open"].startswith("[") else outer), value.strip()
    bare = _SPACED.search(before) if spaced or before.rstrip(" \t\"'").endswith(":model") else None
    return ((Step("pair", bare["key"].lstrip(":")),), name) if bare else (None, "")


def _unwrapped(before: str) -> str:
    """Take the mark of a string literal away that stands before its quote: `QStringLiteral("`, `@"`."""
    marked = before.endswith('"') and before[:-1].rstrip().endswith(("(", "@"))
    return _WRAPPED.sub('"', before) if marked else before


def _opened(before: str, sign: str, others: str) -> tuple[str, str]:
    """Return the key whose bracket is open at the end of a text, and what stands inside; empty where there is none."""
    at = before.rfind(sign)
    if at < max(before.rfind(other) for other in others):
        return "", ""
    key = _OPENED_BY.search(before, max(0, at - MAX_KEY), at) if at >= 0 else None
    return (key["key"], before[at + 1 :]) if key else ("", "")


@lru_cache(maxsize=4096)
def is_list_of_names(literal: str) -> bool:
    """Tell whether a literal is a model name, or a list of nothing but model names."""
    parts = [part for part in _LIST_SEPARATORS.split(literal.strip(" \t\r\n\"'`[](),;")) if part]
    return bool(parts) and all(_NAME.fullmatch(part) and looks_like_model(part) for part in parts)


def _with_items(found: list[Mention]) -> list[Mention]:
    """Tell the names of a list over several lines of each other."""
    lists: dict[int, list[str]] = {}
    for mention in found:
        if mention.steps and mention.steps[0].kind == "item" and mention.steps[0].position >= 0:
            lists.setdefault(mention.steps[0].position, []).append(mention.name)
    return [_with_list(m, lists) if m.steps and m.steps[0].position in lists else m for m in found]


def _with_list(mention: Mention, lists: dict[int, list[str]]) -> Mention:
    item = mention.steps[0]
    return replace(mention, steps=(replace(item, items=tuple(lists[item.position][:MAX_ITEMS])), *mention.steps[1:]))


def _with_siblings(text: str, found: list[Mention]) -> list[Mention]:
    """Add the other `key: value` lines of the same block, for versions and providers that stand beside a name."""
    return [replace(m, steps=_add_siblings(text, m)) if m.steps and m.steps[0].kind == "pair" else m for m in found]


def _add_siblings(text: str, mention: Mention) -> tuple[Step, ...]:
    siblings = dict(_attributes(text, mention.start)) or dict(_block_around(text, mention.start))
    return (replace(mention.steps[0], siblings=siblings), *mention.steps[1:])


def _attributes(text: str, offset: int) -> list[tuple[str, str]]:
    """Return the attributes of the XML tag that is open at an offset."""
    window = text[max(0, offset - WINDOW) : offset]
    opening = window.rfind("<")
    if opening <= window.rfind(">"):
        return []
    tag = window[opening:] + text[offset : offset + WINDOW].split(">")[0]
    return re.findall(r"(?:\w+:)?([\w.-]+)=[\"']([^\"'<>]*)[\"']", tag)


def _block_around(text: str, offset: int) -> Iterator[tuple[str, str]]:
    window = text[max(0, offset - 600) : offset + 600]
    at = min(offset, 600)
    items = [match.start() for match in _LIST_ITEM.finditer(window)]
    begin = max(window.rfind("{", 0, at), window.rfind("\n\n", 0, at), window.rfind("\n[", 0, at)) + 1
    ends = [i for i in (window.find("}", at), window.find("\n\n", at), window.find("\n[", at)) if i >= 0]
    begin, ends = max([begin, *(i for i in items if i < at)]), [*ends, *(i for i in items if i >= at)]
    for line in re.split(r"[\n,]", window[begin : min(ends, default=len(window))]):
        match = _ENTRY.match(line)
        if match:
            yield match["key"], (match["last"] or match["value"]).strip(" ,")
