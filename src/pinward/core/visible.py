"""Hostile text made visible: what hides, reorders or acts is spelled out (docs/threats.md T22).

How text is set in Markdown, logs or XML is `render.text`'s work.
"""

from __future__ import annotations

import re

# What no reader can see, or what moves other text about: controls but tab and line feed, format characters (bidi,
# zero-width, tags), fillers that are drawn as nothing, line separators, variation selectors but the emoji one,
# surrogates and noncharacters. Unicode 17, DerivedCoreProperties: Default_Ignorable_Code_Point; trojansource.codes.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0e\ufeff"
    "\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)


def visible(text: str) -> str:
    """Show each hidden character as `[U+202E]`; tabs and line feeds stay."""
    return _HIDDEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def one_line(text: str) -> str:
    """Show hidden characters, and turn every run of white space into one space."""
    return " ".join(visible(text).split())


def shorten(text: str, limit: int) -> str:
    """Cut to `limit` characters, an ellipsis included where something was cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def brief(text: str, limit: int = 120) -> str:
    """Return at most `limit` characters on one line, line breaks spelled `\\n`; says how long a cut text was."""
    shown = visible(text[:limit]).replace("\n", "\\n").replace("\t", "\\t")
    return shown if len(text) <= limit else f"{shown}… ({len(text):,} characters)"


def quoted(text: str, limit: int = 120) -> str:
    """Return the text as `brief` shows it, as a code span; in double quotes where it holds a backtick itself."""
    shown = brief(text, limit)
    return f'"{shown}"' if "`" in shown or not shown else f"`{shown}`"
