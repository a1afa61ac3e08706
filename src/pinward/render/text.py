"""Hostile text made harmless and visible. Every face takes what it did not write itself through one of these.

Model output, case ids, file names and model names are data: they may hold fences, mentions, links, terminal escapes
or characters that reorder what a reviewer reads. In Markdown, data stands in code alone: GitHub pings `\\@name` and
entities too, and links addresses in plain text, but leaves code alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import reduce

from pinward.core.visible import one_line, shorten, visible

__all__ = ["one_line", "shorten", "visible"]  # renderers take every helper from here

_BACKTICKS = re.compile("`+")
_PIPES = re.compile(r"(\\*)\|")
_CODE_SEGMENT = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_WORD = re.compile(r"(?P<before>[(\"'“‘]*)(?P<core>.*?)(?P<after>[.,;:!?)\"'”’]*)", re.DOTALL)
# Words that no Markdown dialect turns into anything: letters with simple joints, figures, money, arrows, times.
_PLAIN = re.compile(
    r"(?:[^\W_]|[%°])+(?:[-'’./,+%][^\W_]*)*|[-+–−]?\$?\d[\d.,]*[^\W_]{0,3}%?|\(?[^\W_]+\)?|[-–—−/=]|->|\d\d:\d\d",
    re.DOTALL,
)
# GitHub links these in plain text: commit ids, issue numbers, addresses (docs.github.com, "Autolinked references").
_AUTOLINKED = re.compile(r"[0-9a-f]{7,}|gh-\d+|www\..*", re.IGNORECASE | re.DOTALL)
_RUNNER_COMMAND = re.compile(r":(?=:)|##(?=\[)")
_PLAIN_BEGINNING = re.compile(r"[a-z]+ ")
_LINK = re.compile(r"https?://[^\s()<>\\\"`]+")
_BLOCK_START = re.compile(r"(?:[-+*–—−/]|=+|\d{1,9}[.)])$")


def _ticks(text: str, least: int) -> str:
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    return "`" * max(least, longest + 1)


def code(text: str) -> str:
    """Return a Markdown code span that shows `text` on one line, whatever it holds."""
    shown = one_line(text)
    if not shown:
        return "` `"
    ticks = _ticks(shown, 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(text: str, language: str = "") -> str:
    """Return a fenced Markdown block longer than any run of backticks in `text`; `language` is ours, never data."""
    shown = visible(text).rstrip("\n")
    ticks = _ticks(shown, 3)
    return f"{ticks}{language}\n{shown}\n{ticks}"


def prose(text: str) -> str:
    """Return one line of Markdown in which plain words stay words and everything else becomes code.

    Sentences of a report mix our words with data (`gpt-4o` answers as ...). Their code spans are kept; any other word
    that Markdown or GitHub could read as markup (a mention, an address, a tag, an entity, emphasis) is set as code.
    """
    parts = _CODE_SEGMENT.split(one_line(text))
    words = [code(part) if index % 2 else _plain_words(part) for index, part in enumerate(parts)]
    rendered = reduce(_join_code, words)
    first, _, rest = rendered.partition(" ")
    return f"{code(first)} {rest}".rstrip() if _BLOCK_START.match(first) else rendered


def _join_code(before: str, after: str) -> str:
    """Join two pieces; code spans that touch would become one with other ends, so a space parts them."""
    gap = " " if before.endswith("`") and after.startswith("`") else ""
    return f"{before}{gap}{after}"


def _plain_words(text: str) -> str:
    return " ".join(_plain_word(word) for word in text.split(" "))


def _plain_word(word: str) -> str:
    match = _WORD.fullmatch(word)
    if match is None or not match["core"]:
        return word
    if _PLAIN.fullmatch(match["core"]) and not _AUTOLINKED.fullmatch(match["core"]):
        return word
    return f"{match['before']}{code(match['core'])}{match['after']}"


def sentence(message: str) -> str:
    """Return a message of an error as a sentence; one that begins with a name or a path keeps that as it is."""
    ended = message if not message or message[-1] in ".!?)" else f"{message}."
    return ended[0].upper() + ended[1:] if _PLAIN_BEGINNING.match(ended) else ended


def table_row(cells: Iterable[str]) -> str:
    """Return one row of a Markdown table. Cells are Markdown from `code` or `prose`; their pipes are escaped.

    GitHub reads `\\\\|` as an escaped backslash and the end of the cell, so backslashes before a pipe are spelled out.
    """
    escaped = (_PIPES.sub(lambda match: "[U+005C]" * len(match[1]) + r"\|", cell) for cell in cells)
    return "| " + " | ".join(escaped) + " |"


def is_link(url: str) -> bool:
    """Tell whether a report may link this: a web address that ends neither a Markdown link nor an attribute."""
    return bool(_LINK.fullmatch(url))


def html_code(text: str) -> str:
    """Return `<code>` with escaped text, for HTML inside Markdown (`<summary>`), where no Markdown is read."""
    return f"<code>{html.escape(one_line(text))}</code>"


def console(text: str) -> str:
    """Return text for a terminal and a workflow log: no escapes, and a space in what the Actions runner would obey.

    The runner reads `::command::` at the start of a line and `##[command]` anywhere in one
    (actions/runner, ActionCommand.cs); wrapping can put any word at the start of a line.
    """
    return _RUNNER_COMMAND.sub(lambda match: f"{match[0]} ", visible(text))


def command_data(text: str) -> str:
    """Escape the message of a workflow command (`::error::message`; actions/toolkit, command.ts)."""
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Escape a property of a workflow command (`::error file=...`; actions/toolkit, command.ts)."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")
