"""Names in Jupyter notebooks: the source of code cells, at the place where it stands in the raw JSON.

Outputs are never read: they are recorded results. The schema is at
https://nbformat.readthedocs.io/en/latest/format_description.html; nbformat 3 keeps cells in worksheets, and calls the
source of a code cell its input (https://github.com/jupyter/nbformat/blob/main/nbformat/v3/nbformat.v3.schema.json).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from json.decoder import scanstring  # type: ignore[attr-defined] # the C scanner, not in the stubs

from pinward.scan.languages import LANGUAGES
from pinward.scan.mentions import Mention
from pinward.scan.names import candidates, tokens
from pinward.scan.syntax import read_source

_FENCE = re.compile(
    r"^```(?:\{(?=python))?(?P<language>elixir|python)\b[^\n]*\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE
)
_END = "\n# %%\n"  # between two cells
# IPython: `!command`, `%env NAME=value`, a whole cell under `%%bash`.
_SHELL = re.compile(
    r"^[ \t]*!(?P<line>(?:[^\n]*\\\n)*[^\n]*)|^[ \t]*%(?:set_)?env[ \t]+(?P<variable>\w+=[^\n]*)"
    r"|^%%(?:bash|sh|script[ \t]+bash)\b[^\n]*\n(?P<cell>.*?)(?=^# %%$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_SPACE = re.compile(r"[\s:,]*")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")


def read_notebook(text: str) -> list[Mention]:
    """Return every mention in the cells of a notebook, with offsets into the raw JSON.

    Raises `ValueError` where the text is not JSON.
    """
    code, prose = _Source(text), _Source(text)
    for kind, strings in _cells(text):
        target = code if kind == "code" else prose
        for start, value in strings:
            target.add(start, value)
        target.add(-1, _END)
    source, shell = _parted(code.text())
    found = [code.place(m) for m in read_source(_without_magics(source), LANGUAGES["python"])]
    found += [code.place(m) for m in read_source(shell, LANGUAGES["bash"])]
    return found + [_prose(prose, a, b, name) for a, b, name in tokens(prose.text())]


def _prose(source: _Source, start: int, end: int, name: str) -> Mention:
    return source.place(Mention(name, start, end, carrier="prose", whole=False))


def _parted(source: str) -> tuple[str, str]:
    """Part the code of all cells into what Python runs and what a shell runs with a name in it, each at its place."""
    python, shell, behind = [], [], 0
    for match in _SHELL.finditer(source):
        start, end = match.span(match.lastgroup or 0)
        if not match["cell"] and not candidates(source[start:end]):
            continue
        before, inside = source[behind:start], source[start:end]
        python += [before, _blank(inside)]
        shell += [_blank(before), inside]
        behind = end
    return "".join([*python, source[behind:]]), "".join(shell)


def _without_magics(source: str) -> str:
    return re.sub(r"(?m)^([ \t]*)[%!]", r"\1#", source)


def read_fences(text: str) -> list[Mention]:
    """Return all mentions in a notebook that is written as Markdown: Livebook, Quarto, R Markdown. Code is run."""
    found: list[Mention] = []
    spans: dict[str, list[tuple[int, int]]] = {}
    for fence in _FENCE.finditer(text):
        spans.setdefault(fence["language"], []).append(fence.span("body"))
    for language, bodies in spans.items():
        found += read_source(only(text, bodies), LANGUAGES[language])
    rest = outside(text, sorted(span for bodies in spans.values() for span in bodies))
    return found + [Mention(name, a, b, carrier="prose", whole=False) for a, b, name in rest]


def only(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Blank out everything outside of spans, which are in order, so that offsets stay."""
    pieces, behind = [], 0
    for start, end in spans:
        pieces += [_blank(text[behind:start]), text[start:end]]
        behind = end
    return "".join(pieces)


def outside(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Yield the names that stand outside of spans, which are in order."""
    begins = [start for start, _ in spans]
    for start, end, name in tokens(text):
        at = bisect_right(begins, start) - 1
        if at < 0 or start >= spans[at][1]:
            yield start, end, name


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


class _Source:
    """The joined source of cells, and where each of its pieces stands in the raw text."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.pieces: list[str] = []
        self.begins: list[int] = []
        self.origins: list[int] = []
        self.length = 0

    def add(self, origin: int, value: str) -> None:
        self.begins.append(self.length)
        self.origins.append(origin)
        self.pieces.append(value)
        self.length += len(value)

    def text(self) -> str:
        return "".join(self.pieces)

    def place(self, mention: Mention) -> Mention:
        """Move a mention to where it stands in the raw text."""
        start = self.offset(mention.start)
        return replace(mention, start=start, end=start + mention.end - mention.start)

    def offset(self, position: int) -> int:
        index = bisect_right(self.begins, position) - 1
        left, at = position - self.begins[index], max(self.origins[index], 0)
        while left > 0:
            escape = _ESCAPE.match(self.raw, at)
            at = escape.end() if escape else at + 1
            left -= 1
        return at


def _cells(text: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Yield the kind of each cell and its source strings with their offsets."""
    kind, strings, inside = "", [], False
    for key, start, value in _strings(text):
        if key == "cell_type":
            kind = value
        elif key in ("source", "input"):
            strings.append((start, value))
        inside = key == "/cell"
        if inside:
            yield kind, strings
            kind, strings = "", []


def _strings(text: str) -> Iterator[tuple[str, int, str]]:
    """Walk JSON with positions: (key, offset of the content, value) of cells' strings, ("/cell", ...) at their end."""
    stack: list[list[str]] = []  # open containers: kind, current key
    at, limit = 0, len(text)
    while at < limit:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr] # always matches
        if at >= limit:
            break
        char = text[at]
        if char == '"':
            value, end = scanstring(text, at + 1, False)
            if stack and stack[-1][0] == "{" and re.match(r"\s*:", text[end : end + 20]):
                stack[-1][1] = value
            elif _in_cell(stack):
                yield _key(stack), at + 1, value
            at = end
            continue
        if char in "{[":
            stack.append([char, ""])
        elif char in "}]" and stack:
            if char == "}" and len(stack) == _cell_depth(stack):
                yield "/cell", at, ""
            stack.pop()
        at += 1
    if stack or not text.lstrip().startswith("{"):
        raise ValueError("not a JSON object")


def _in_cell(stack: list[list[str]]) -> bool:
    depth = _cell_depth(stack)
    return bool(depth) and len(stack) in (depth, depth + 1)


def _cell_depth(stack: list[list[str]]) -> int:
    """Return how many containers are open in a cell of this part of a notebook; 0 where it holds none."""
    return {"cells": 3, "worksheets": 5}.get(stack[0][1], 0) if stack else 0


def _key(stack: list[list[str]]) -> str:
    return stack[_cell_depth(stack) - 1][1]
