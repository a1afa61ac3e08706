"""Names that no literal holds alone: parts put together with an operator, or a template of constants of this file."""

from __future__ import annotations

import re

from pinward.scan import languages as table
from pinward.scan.ancestry import unquote
from pinward.scan.languages import Language
from pinward.scan.nodes import Node

# Where a family's stem ends in a literal, and the rest follows in another one or in a computed part.
BROKEN = re.compile(
    r"(?:gpt|claude|gemini|text-embedding|o[134])[\w.-]*(?:-[\"'`]\s*(?:(?:\+|\.\.?|<>)\s*)?[\"'`\w$]|-(?:[$#]?\{|\$|\\\()\w)"
)
_JOINS = frozenset({"+", ".", "..", "<>"})
_EXPRESSION = re.compile(r"[$#\\]*[{(]?\s*\$?(\w+)\s*[})]?")
_PIECES = 12


class Joiner:
    """Puts together what stands in one file."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = text
        self.language = language

    def whole(self, literal: Node) -> Node:
        """Return the outermost joining expression around a literal, or the literal itself."""
        top = literal
        for parent in literal.ancestors():
            if parent.kind != "parenthesized_expression" and not self._joins(parent):
                break
            top = parent
        return top

    def value(self, node: Node, depth: int = 0) -> str | None:
        """Return the text that an expression of constants yields; None where a part is computed."""
        if depth > _PIECES:
            return None
        if node.kind in self.language.strings:
            return self._literal(node, depth)
        if node.kind == "parenthesized_expression" and len(node.named) == 1:
            return self.value(node.named[0], depth + 1)
        if self._joins(node):
            return self._together([self.value(part, depth + 1) for part in (node.named[0], node.named[-1])])
        return self._constant(node.text) if node.text.lstrip("$").isidentifier() else None

    def _joins(self, node: Node) -> bool:
        if node.kind not in table.OPERATORS | {"additive_expression"} or len(node.named) < 2:
            return False
        return self.text[node.named[0].end : node.named[-1].start].strip() in _JOINS

    def _literal(self, node: Node, depth: int) -> str | None:
        if node.kind == "concatenated_string":
            return self._together([self.value(part, depth + 1) for part in node.named if part.kind == "string"])
        offset, content = unquote(node.text)
        start, end = node.start + offset, node.start + offset + len(content)
        pieces: list[str | None] = []
        for part in self._computed(node):
            pieces += [self.text[start : part.start], self._of_part(part)]
            start = part.end
        return self._together([*pieces, self.text[start:end]])

    def _computed(self, node: Node) -> list[Node]:
        signs = table.INTERPOLATIONS | {"interpolation_identifier_start"}
        inner = [child for child in node.children if child.kind == "interpolated_string"]  # Scala nests them
        return [child for child in (inner[0] if inner else node).children if child.kind in signs]

    def _of_part(self, part: Node) -> str | None:
        if part.kind == "interpolation_identifier_start":
            return ""
        name = _EXPRESSION.fullmatch(part.text)
        return self._constant(name[1]) if name else None

    def _constant(self, name: str) -> str | None:
        """Return the literal that this file binds to a name, where it binds but one."""
        pattern = (
            rf"(?<![\w.])[$@]?{re.escape(name.lstrip('$'))}(?:\s*:[^=\n\"']{{0,40}})?\s*:?=(?!=)\s*([^\n]{{0,120}})"
        )
        found = re.findall(pattern, self.text)
        value = re.match(r"([\"'`])([\w.:/@-]*)\1", found[0]) if len(found) == 1 else None
        return value[2] if value else None

    def _together(self, parts: list[str | None]) -> str | None:
        known = [part for part in parts if part is not None]
        return "".join(known) if len(known) == len(parts) else None
