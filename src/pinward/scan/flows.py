"""What a file does with a variable: the places where it is read, and what surrounds each of them.

A list that is looped over flows into the loop's variable: `for m in MODELS: ask(model=m)`, `models.map(m => ask(m))`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from pinward.scan import languages as table
from pinward.scan.ancestry import Ancestry
from pinward.scan.languages import Language
from pinward.scan.mentions import Step
from pinward.scan.nodes import Node

MAX_OCCURRENCES = 24
# Each variable costs a search of the file. Nobody binds models to more of them and hands each on.
MAX_FOLLOWED = 200
_IN_HEADER = re.compile(r"((?:[$]?\w+\s*,\s*)*[$]?\w+)[\s)\]]*(?:\bin\b|\bof\b|:=\s*range\b|<-|:)\s*[\"'${(*&]*$")
_VARIABLE = re.compile(r"\w+")
_AS = re.compile(r"\s*as\s+(?:\$\w+\s*=>\s*)?\$(\w+)")  # PHP
_EACH = re.compile(
    r"(?:\s*\.\s*(?:iter|into_iter|stream|values)\(\))?\s*\.\s*(?:map|forEach|for_each|flatMap|each|each_with_index|Select"
    r"|ForEach|collect|associateWith)\b\s*\(?\s*(?:async\s*)?(?:do\s*|\{\s*)?[(|]?\s*(\w+)\s*(?:,\s*\w+\s*)?[)|]?"
)
# Attributes of elements and properties of records show or list a name; only a call sends it.
_SHOWN = frozenset({"jsx_attribute", "jsx_expression"})


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


class Flows:
    """Reads one file. Variables are remembered, because many names are bound to one list."""

    def __init__(self, text: str, root: Node, language: Language, ancestry: Ancestry) -> None:
        self.text = text
        self.last = root
        self.language = language
        self.ancestry = ancestry
        self.known: dict[str, tuple[tuple[Step, ...], ...]] = {}

    def of(self, steps: tuple[Step, ...], node: Node) -> tuple[tuple[Step, ...], ...] | None:
        """Return what is done with the variable, or the parameter, that a node with these ancestors is bound to.

        What is done in a loop over the variable ends with the loop as its last step. None where too many variables were
        followed already.
        """
        bound = next((s for s in steps if s.kind in ("assign", "default", "scope")), None)
        if bound is not None and bound.kind == "default" and self.language.variables:
            around = next((n for n in node.ancestors() if n.kind in table.FUNCTIONS), None)
            reads = self._reads(bound.name, node.end, around.end) if around and bound.name else ()
            return tuple(self.ancestry.steps(read) for read in reads)
        if bound is None or bound.kind != "assign" or not bound.name or not self.language.variables:
            return ()
        if bound.name not in self.known and len(self.known) < MAX_FOLLOWED:
            self.known[bound.name] = tuple(self._uses(bound.name))
        return self.known.get(bound.name)

    def _uses(self, name: str) -> Iterator[tuple[Step, ...]]:
        for node in self._reads(name, 0, len(self.text)):
            yield self.ancestry.steps(node)
            loop = self._loop(node)
            if loop is not None:
                yield from self._looped(*loop)

    def _reads(self, name: str, start: int, end: int) -> Iterator[Node]:
        for place in islice(self._places(name, start, end), MAX_OCCURRENCES + 1):
            node = self.last = self.last.near(place)
            if node.kind == "name" and node.parent is not None and node.parent.kind in self.language.variables:
                node = node.parent
            if node.kind in self.language.variables and not self._is_target(node):
                yield node

    def _places(self, name: str, start: int, end: int) -> Iterator[int]:
        """Yield where a whole word stands. The bare text is searched: a pattern a name is slow where names are many."""
        at = self.text.find(name, start, end)
        while at >= 0:
            behind = at + len(name)
            if not _in_word(self.text[at - 1 : at]) and not _in_word(self.text[behind : behind + 1].replace("$", "_")):
                yield at
            at = self.text.find(name, behind, end)

    def _is_target(self, node: Node) -> bool:
        parent = node.parent
        if parent is None:
            return True
        if parent.kind in self.ancestry.bindings:
            return parent.named[-1] is not node
        return parent.kind in table.TARGETS or "import" in parent.kind

    def _loop(self, node: Node) -> tuple[str, int, int] | None:
        """Return the variables of a loop over what stands at a node, and the span in which they hold each item."""
        around = list(node.ancestors(5))
        for i, parent in enumerate(around):
            if parent.kind not in table.LOOPS and parent.kind != "enhanced_for_statement":
                continue
            header = _IN_HEADER.search(self.text, parent.start, node.start) or _AS.match(self.text, node.end)
            whole = around[i + 1] if parent.kind == "for_in_clause" and i + 1 < len(around) else parent
            return (header[1], whole.start, whole.end) if header else None
        each = _EACH.match(self.text, node.end)
        call = next((n for n in around if each and n.end > each.end()), None)
        return (each[1], each.end(), call.end) if each and call else None

    def _looped(self, names: str, start: int, end: int) -> Iterator[tuple[Step, ...]]:
        for name in _VARIABLE.findall(names):
            yield from self._read_in_loop(name, start, end)

    def _read_in_loop(self, name: str, start: int, end: int) -> Iterator[tuple[Step, ...]]:
        for node in self._reads(name, start, end):
            if any(n.kind in _SHOWN for n in node.ancestors(3)):
                continue
            steps = self.ancestry.steps(node, (start, end))
            if any(step.kind == "argument" for step in steps):
                yield (*steps, Step("assign", name, "loop"))
