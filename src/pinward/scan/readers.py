"""Which reader takes which file, and what happens where a reader cannot."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from pathlib import PurePosixPath

from pinward.scan.flows import MAX_FOLLOWED
from pinward.scan.joined import BROKEN
from pinward.scan.languages import LANGUAGES, SHEBANGS, SUFFIXES
from pinward.scan.lines import read_lines
from pinward.scan.mentions import Mention, Step
from pinward.scan.names import looks_like_model, named, tokens
from pinward.scan.notebooks import only, outside, read_fences, read_notebook
from pinward.scan.parsing import UnparsableError, parse
from pinward.scan.paths import holds_defaults, is_recorded, is_shown, is_test
from pinward.scan.sql import read_sql
from pinward.scan.syntax import MAX_BROKEN, read_source
from pinward.scan.vocabulary import names_a_model

# Nobody writes so many names on one line, or into one file: it is generated, and what stands around each is the same.
MAX_NAMES_ON_A_LINE = 100
MAX_NAMES = 1000
MIN_CROWDED = 20_000  # characters; below them names are not worth counting
MAX_SHOWN = 20_000
_SHEBANG = re.compile(r"#!\s*(?:\S*/)?(?:env\s+(?:-S\s+)?)?([\w.]+)")
# OpenAPI and AsyncAPI documents describe requests; their models are examples.
_API_DESCRIPTION = re.compile(r"^\s*[\"']?(?:openapi|swagger|asyncapi)[\"']?\s*:", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)
# Front matter that is never closed: what looks like settings at its beginning.
_HEAD = re.compile(r"---[ \t]*\r?\n((?:[\w-]+[ \t]*:.*\n)(?:(?:[\w-]+[ \t]*:|[ \t]+\S|-[ \t]|#).*\n)*)")
_SCRIPT = re.compile(r"<script\b[^>]*(?<!/)>(?P<body>.*?)(?P<end></script\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_ENVIRONMENT = re.compile(r"^\.?env(?:[._-][\w.-]*)?\.txt$")
_ATTRIBUTE = re.compile(r"<(?P<tag>[A-Za-z][\w.-]*)\s(?:[^<>]*\s)?(?::|bind:)?(?P<name>[\w-]+)=[\"'{]{1,2}[\"'`]?$")
MAX_TAG = 400  # how far an attribute stands from the begin of its tag
_PHP_TAG = re.compile(r"<\?(?:php\b|=)", re.IGNORECASE)
_PHP_ONLY = re.compile(r"(?:#![^\n]*\n)?\s*<\?php\b", re.IGNORECASE)
_PHP = re.compile(r"<\?(?:php\b|=)(?P<code>.*?)(?:\?>|\Z)", re.IGNORECASE | re.DOTALL)
_PROSE_SUFFIXES = frozenset({".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt", ".prompt", ".prompty", ".mdc"})
_NOTEBOOKS = frozenset({".livemd", ".qmd", ".rmd"})
_PROSE_FILES = frozenset({".cursorrules", ".windsurfrules", ".clinerules", ".goosehints", "license", "changelog"})
_UNPARSED = "does not parse"
_PARTLY_UNPARSED = "does not parse in places: they are read line by line"
_UNCLOSED = "its script or front matter is never closed: read as if it were"
_MARKUP_SUFFIXES = frozenset({".vue", ".svelte", ".html", ".htm", ".astro"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from one file; `note` says what could not be done as it should.

    `alike`: the path alone decides what the names are used for, so that one stands for all.
    """

    mentions: list[Mention]
    note: str = ""
    alike: bool = False


def read_file(path: str, text: str) -> Reading:
    """Return all mentions in one file's text, by the reader that fits its name.

    On a line with more than a hundred names, and in a file with more than a thousand, the further ones are mentions in
    passing.
    """
    if text.startswith("\ufeff"):  # a byte order mark, which editors of .NET write, is no part of the first line
        reading = read_file(path, text[1:])
        return replace(reading, mentions=[replace(m, start=m.start + 1, end=m.end + 1) for m in reading.mentions])
    if is_unjudged(path):
        return Reading([Mention(found, a, b) for a, b, found in tokens(text)], alike=True)
    crowd = _crowd(text)
    reading = _read(path, _masked(text, crowd) if crowd else text)
    listed = [found for found in crowd if looks_like_model(found[2])][:MAX_SHOWN]
    note = reading.note or "; ".join(_limits(text, reading.mentions, len(crowd), len(listed)))
    mentions = [*reading.mentions, *_shown(listed)]
    return Reading(sorted(mentions, key=lambda m: (m.start, m.end)), note)


def _limits(text: str, mentions: list[Mention], crowd: int, listed: int) -> Iterator[str]:
    """Say what of a text was not read as it should be, so that nothing beyond a limit looks clear."""
    if any(mention.unparsed for mention in mentions):
        yield _PARTLY_UNPARSED
    if crowd:
        passing = f"{listed:,} are listed as mentioned in passing" if listed else ""
        unlisted = f"{crowd - listed:,} are not listed" if crowd > listed else ""
        told = ", ".join(filter(None, (passing, unlisted)))
        yield f"behind its first {MAX_NAMES:,} names, or {MAX_NAMES_ON_A_LINE} of a line, {told}"
    if any(mention.unfollowed for mention in mentions):
        yield f"more than {MAX_FOLLOWED} variables hold names: what is done with the further ones was not looked at"
    if len(text) > MIN_CROWDED and next(islice(BROKEN.finditer(text), MAX_BROKEN, None), None):
        yield f"more than {MAX_BROKEN:,} names are put together from parts: the further ones were not read"


def is_unjudged(path: str) -> bool:
    """Tell whether a file's path decides what all names in it are used for: tests, recorded data, shown texts."""
    return is_test(path) or is_recorded(path) or (is_shown(path) and not holds_defaults(path))


def _read(path: str, text: str) -> Reading:
    name, suffix = PurePosixPath(path).name.lower(), PurePosixPath(path).suffix.lower()
    if suffix == ".ipynb":
        return _guarded(lambda t: Reading(read_notebook(t)), text, "not a notebook in JSON")
    if suffix in (".yaml", ".yml", ".json") and _API_DESCRIPTION.search(text, 0, 2000):
        return Reading(_shown(tokens(text)))
    if suffix in _NOTEBOOKS:
        return _guarded(lambda t: Reading(read_fences(t)), text)
    if suffix == ".sql":
        return Reading(read_sql(text))
    if (suffix in _PROSE_SUFFIXES or name in _PROSE_FILES) and not _ENVIRONMENT.search(name):
        return _guarded(_read_prose, text)
    if suffix in _MARKUP_SUFFIXES:
        return _guarded(_read_markup, text)
    grammar = _grammar(name, suffix, text)
    if grammar is None:
        return Reading(read_lines(text, "dockerfile" if "dockerfile" in name else suffix or name))
    if grammar == "php" and _is_page(text):
        return _guarded(_read_page, text)
    return _guarded(lambda t: Reading(read_source(t, LANGUAGES[grammar])), text)


def _crowd(text: str) -> list[tuple[int, int, str]]:
    """Return the names and constants behind the first hundred of their line, or the first thousand of the text."""
    lines = text.split("\n")
    if max(map(len, lines)) < MAX_NAMES_ON_A_LINE * 4 and len(text) < MIN_CROWDED:
        return []
    counts, judged = Counter[int](), 0
    beyond = []
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    for found in named(text):
        line = bisect_right(starts, found[0])
        counts[line] += 1
        if counts[line] > MAX_NAMES_ON_A_LINE or judged >= MAX_NAMES:
            beyond.append(found)
        else:
            judged += 1
    return beyond


def _masked(text: str, names: list[tuple[int, int, str]]) -> str:
    """Put other words of the same length in the place of names, so that offsets and syntax stay."""
    pieces, behind = [], 0
    for start, end, _ in names:
        pieces += [text[behind:start], "x" * (end - start)]
        behind = end
    return "".join([*pieces, text[behind:]])


def without_prose(path: str, text: str) -> str:
    """Blank out what only people read: of documentation the front matter is left, since comments there are quoted."""
    if PurePosixPath(path).suffix.lower() not in _PROSE_SUFFIXES:
        return text
    front = _FRONT_MATTER.match(text)
    return only(text, [front.span(1)]) if front else ""


def quoting(path: str, text: str) -> Callable[[int], bool]:
    """Return what tells whether an offset stands inside a string of one line, where a comment is only quoted.

    A string of several lines can hold a configuration or a script with comments of its own.
    """
    grammar = _grammar(PurePosixPath(path).name.lower(), PurePosixPath(path).suffix.lower(), text)
    try:
        root = parse(text, grammar) if grammar else None
    except UnparsableError:
        root = None
    if grammar is None or root is None:
        return lambda _: False
    strings = LANGUAGES[grammar].strings

    def quoted(offset: int) -> bool:
        leaf = root.at(offset)
        return any(node.kind in strings and "\n" not in node.text for node in (leaf, *leaf.ancestors()))

    return quoted


def _grammar(name: str, suffix: str, text: str) -> str | None:
    if suffix in SUFFIXES and not (suffix in (".yaml", ".yml") and _is_template(text)):
        return SUFFIXES[suffix]
    if name in ("rakefile", "gemfile", "fastfile"):
        return "ruby"
    shebang = _SHEBANG.match(text)
    return SHEBANGS.get(shebang.group(1)) if shebang else None


def _is_template(text: str) -> bool:
    """Tell whether YAML is a template of Helm or Jinja, which no YAML grammar reads."""
    return re.search(r"^\s*\{\{[-%]?|^\s*\{%", text, re.MULTILINE) is not None


def _guarded(reader: Callable[[str], Reading], text: str, note: str = _UNPARSED) -> Reading:
    try:
        return reader(text)
    except UnparsableError as error:
        return Reading([replace(m, unparsed=True) for m in read_lines(text)], f"{error}: read line by line")
    except (ValueError, RuntimeError, RecursionError):
        pass
    return Reading(read_lines(text), f"{note}: read line by line")


def _read_prose(text: str) -> Reading:
    """Read documentation: settings in its front matter count, all else is a mention in passing."""
    closed = _FRONT_MATTER.match(text)
    front = closed or _HEAD.match(text)
    start, end = front.span(1) if front else (0, 0)
    found = read_source(only(text, [(start, end)]), LANGUAGES["yaml"]) if front else []
    body = [(a, b, name) for a, b, name in tokens(text) if a >= end]
    return Reading(found + _shown(body), _UNCLOSED if front and not closed else "")


def _shown(names: Iterable[tuple[int, int, str]]) -> list[Mention]:
    return [Mention(name, start, end, carrier="prose", whole=False) for start, end, name in names]


def _is_page(text: str) -> bool:
    """Tell whether PHP stands inside a page. A file that is all code may hold `?>` in its strings."""
    tags = _PHP_TAG.findall(text)
    return len(tags) > 1 or (len(tags) == 1 and not _PHP_ONLY.match(text))


def _read_page(text: str) -> Reading:
    """Read the code of a page; what stands around it is shown to people."""
    spans = [match.span("code") for match in _PHP.finditer(text)]
    pieces, behind = [], 0
    for start, end in spans:
        pieces += [re.sub(r"[^\n]", " ", text[behind : start - 1]), ";", text[start:end]]
        behind = end
    found = read_source("".join([*pieces, re.sub(r"[^\n]", " ", text[behind:])]), LANGUAGES["php"])
    return Reading(found + _shown(outside(text, spans)))


def _read_markup(text: str) -> Reading:
    """Read components: scripts are code, the rest is shown to people."""
    scripts = list(_SCRIPT.finditer(text))
    spans = [script.span("body") for script in scripts]
    found = read_source(only(text, spans), LANGUAGES["typescript"]) if spans else []
    rest = list(outside(text, spans))
    found += [_attribute(text, name) or shown for name, shown in zip(rest, _shown(rest), strict=True)]
    return Reading(found, "" if all(script["end"] for script in scripts) else _UNCLOSED)


def _attribute(text: str, found: tuple[int, int, str]) -> Mention | None:
    """Read an attribute that hands a model to a component: `<Chat model="gpt-4o">`."""
    start, end, name = found
    tag = _ATTRIBUTE.search(text, max(0, start - MAX_TAG), start)
    if not tag or not names_a_model(tag["name"]):
        return None
    return Mention(name, start, end, (Step("argument", tag["name"], tag["tag"]),), literal=name)
