"""Text to syntax trees, where a grammar can be trusted with it.

Grammars take time that grows with the square of what they cannot read. What looks like that is not parsed at all.
"""

from __future__ import annotations

import re

from pinward.scan.nodes import Node

# A syntax tree of a larger file costs more than it tells: such files are data.
MAX_PARSED = 2_000_000
MAX_LINE_PARSED = 200_000
MAX_PROGRAM_LINE = 20_000
_DATA = frozenset({"json", "yaml"})  # come in one line, too, and their grammars are small
# What costs seconds is long and full of errors: the beginning of a long text tells.
PROBED = 8_000
MAX_PROBED = 24_000
STRIDE = 100  # characters between the ends that are tried, since each costs a pass over the beginning
MAX_ERRORS = 25
MAX_LOOSE = 200  # in the longest beginning
_SEPARATORS = frozenset({",", ";"})
# Each comment that nobody closes is looked for to the end of the text.
MAX_OPEN = 50
# Python's grammar looks from each comment of a row to its end for the next indentation.
MAX_COMMENT_ROW = 20_000_000  # comments times characters
_COMMENT_ROW = re.compile(r"(?:^[ \t]*+#[^\n]*\n\s*+){200,}", re.MULTILINE)
_LONG_QUOTES = ('"""', "'''", "`")  # of texts over many lines
_RUN = re.compile(r"([\[({<\\\"'`])\1{400}")


class UnparsableError(ValueError):
    """A text that no grammar reads in reasonable time; the message says why."""


def parse(text: str, grammar: str) -> Node:
    """Return the root of a text's syntax tree. Raises `UnparsableError` where making it would take too long."""
    from ast_grep_py import SgRoot

    longest = MAX_LINE_PARSED if grammar in _DATA else MAX_PROGRAM_LINE
    if len(text) > MAX_PARSED or (len(text) > longest and max(map(len, text.split("\n"))) > longest):
        raise UnparsableError("too large for a syntax tree")
    if grammar == "python" and any(_is_long(row[0]) for row in _COMMENT_ROW.finditer(text)):
        raise UnparsableError("too many comments in a row")
    if (len(text) > PROBED and _is_endless(text)) or any(
        len(text) > 4 * size and _is_foreign(_beginning(text, size), grammar) for size in (PROBED // 4, PROBED)
    ):
        raise UnparsableError("does not parse")
    return Node(SgRoot(text, grammar).root(), text, None)


def _is_long(row: str) -> bool:
    return row.count("\n") * len(row) > MAX_COMMENT_ROW


def _is_endless(text: str) -> bool:
    """Tell whether many comments are opened and never closed, or hundreds of brackets or quotes stand in a row."""
    return text.count("/*", text.rfind("*/") + 1) > MAX_OPEN or _RUN.search(text) is not None


def _beginning(text: str, size: int) -> str:
    """Return the first lines of a text, not cut inside a long string or comment, whose words would all be errors."""
    at = size
    while 0 < at < MAX_PROBED:
        closed = text.rfind("/*", 0, at) <= text.rfind("*/", 0, at)
        if closed and all(text.count(quote, 0, at) % 2 == 0 for quote in _LONG_QUOTES):
            return text[:at]
        at = text.find("\n", at + STRIDE) + 1
    return ""


def _is_foreign(beginning: str, grammar: str) -> bool:
    """Tell whether a text is in another language than its name promises: each line is an error to the grammar."""
    from ast_grep_py import SgRoot

    errors = SgRoot(beginning, grammar).root().find_all(kind="ERROR")
    if len(errors) > MAX_ERRORS:
        return True
    # Where the beginning is cut, whole statements lie in an error; of another language, loose signs and words.
    loose = (child for error in errors for child in error.children() if not child.is_named())
    return sum(child.kind() not in _SEPARATORS for child in loose) > MAX_LOOSE
