"""Names that no literal holds alone: parts put together with an operator, or a template of constants of this file."""

from __future__ import annotations

import re

from pinward.scan import languages as table
from pinward.scan.ancestry import unquote
from pinward.scan.declared import Declared
from pinward.scan.languages import Language
from pinward.scan.nodes import Node

# Where a family's stem ends in a literal, and the rest follows in another one or in a computed part.
BROKEN = re.compile(
    r"(?:gpt|claude|gemini|text-embedding|o[134])[\w.-]{0,60}(?:-[\"'`]\s*(?:(?:\+|\.\.?|<>)\s*)?[\"'`\w$]|-(?:%s|\{\}|[$#]?\{[\w\"']|(?:\$|\\\()\w))"
)
_JOINS = frozenset({"+", ".", "..", "<>"})
_EXPRESSION = re.compile(r"[$#\\]*[{(]?\s*\$?(\w+)\s*[})]?")
_SLOT = re.compile(r"%s|\{(\w*)\}")  # of `"gpt-%s" % size` and `"gpt-{}".format(size)`
_PIECES = 12


class Joiner:
    """Puts together what stands in one file."""

    def __init__(self, text: str, language: Language, declared: Declared) -> None:
        self.text = text
        self.language = language
        self.declared = declared

    def whole(self, literal: Node) -> Node:
        """Return the outermost joining expression around a literal, or the literal itself."""
        top = literal
        for parent in literal.ancestors():
            if parent.kind == "parenthesized_expression" or self._joins(parent) or self._template(parent):
                top = parent
            elif parent.kind != "attribute":  # the `.format` of a template
                break
        return top

    def value(self, node: Node, depth: int = 0) -> str | None:
        """Return the text that an expression of constants yields; None where a part is computed."""
        if depth > _PIECES:
            return None
        if node.kind in self.language.strings:
            return self._literal(node, depth)
        if node.kind == "parenthesized_expression" and len(node.named) == 1:
            return self.value(node.named[0], depth + 1)
        template = self._template(node)
        if template:
            return self._filled(*template, depth + 1)
        if self._joins(node):
            return self._together([self.value(part, depth + 1) for part in (node.named[0], node.named[-1])])
        return self.declared.literals.get(node.text.lstrip("$"))

    def _joins(self, node: Node) -> bool:
        if node.kind not in table.OPERATORS | {"additive_expression"} or len(node.named) < 2:
            return False
        return self.text[node.named[0].end : node.named[-1].start].strip() in _JOINS

    def _template(self, node: Node) -> tuple[Node, list[Node]] | None:
        """Return the literal and the arguments of Python's `"gpt-%s" % size` and `"gpt-{}".format(size)`."""
        if self.language.grammar != "python" or node.kind not in ("binary_operator", "call") or len(node.named) != 2:
            return None
        left, right = node.named
        if node.kind == "call":
            return (left.named[0], right.named) if left.text.endswith(".format") and len(left.named) == 2 else None
        if self.text[left.end : right.start].strip() != "%":
            return None
        return left, right.named if right.kind == "tuple" else [right]

    def _filled(self, template: Node, arguments: list[Node], depth: int) -> str | None:
        """Return a template with its arguments in their places."""
        content = self.value(template, depth)
        if content is None:
            return None
        given = {str(number): argument for number, argument in enumerate(arguments)}
        given |= {a.named[0].text: a.named[1] for a in arguments if a.kind == "keyword_argument"}
        pieces: list[str | None] = []
        behind = 0
        for number, slot in enumerate(_SLOT.finditer(content)):
            argument = given.get(slot[1] or str(number))
            pieces += [content[behind : slot.start()], self.value(argument, depth) if argument else None]
            behind = slot.end()
        return self._together([*pieces, content[behind:]])

    def _literal(self, node: Node, depth: int) -> str | None:
        if node.kind == "concatenated_string":
            return self._together([self.value(part, depth + 1) for part in node.named if part.kind == "string"])
        offset, content = unquote(node.text)
        start, end = node.start + offset, node.start + offset + len(content)
        pieces: list[str | None] = []
        for part in self._computed(node):
            pieces += [self.text[start : part.start], self._of_part(part, depth + 1)]
            start = part.end
        return self._together([*pieces, self.text[start:end]])

    def _computed(self, node: Node) -> list[Node]:
        signs = table.INTERPOLATIONS | {"interpolation_identifier_start"}
        inner = [child for child in node.children if child.kind == "interpolated_string"]  # Scala nests them
        return [child for child in (inner[0] if inner else node).children if child.kind in signs]

    def _of_part(self, part: Node, depth: int) -> str | None:
        if part.kind == "interpolation_identifier_start":
            return ""
        if len(part.named) == 1 and part.named[0].kind in self.language.strings:
            return self.value(part.named[0], depth)
        name = _EXPRESSION.fullmatch(part.text)
        return self.declared.literals.get(name[1]) if name else None

    def _together(self, parts: list[str | None]) -> str | None:
        known = [part for part in parts if part is not None]
        return "".join(known) if len(known) == len(parts) else None
