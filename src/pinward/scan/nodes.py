"""A lazily built view of a syntax tree: nodes are made on the way down to an offset, once, and know their parents.

Asking the grammar's own nodes for all strings costs a pass over the tree and a compiled pattern a file; names are
few, so going down to each of them is several times faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ast_grep_py import SgNode


class Node:
    """One node: its kind, its span in characters, and its family."""

    # Made by the ten thousand: slots, and families that are remembered by hand (`cached_property` takes a lock).
    __slots__ = ("_children", "_named", "_raw", "_span", "kind", "parent", "raw", "source")

    def __init__(self, raw: SgNode, source: str, parent: Node | None) -> None:
        self._raw: list[SgNode] | None = None
        self._children: list[Node | None] = []
        self._named: list[Node] | None = None
        self.raw = raw
        self.source = source
        self.parent = parent
        self.kind = raw.kind()
        self._span: tuple[int, int] | None = None

    @property
    def start(self) -> int:
        """Where the node begins in the source."""
        return (self._span or self._located())[0]

    @property
    def end(self) -> int:
        """Where the node ends in the source."""
        return (self._span or self._located())[1]

    def _located(self) -> tuple[int, int]:
        """Ask for the span, of few nodes alone: the grammar counts each one's column from the start of its line."""
        span = self.raw.range()
        self._span = (span.start.index, span.end.index)
        return self._span

    @property
    def text(self) -> str:
        """The source text of the node."""
        return self.source[self.start : self.end]

    @property
    def children(self) -> list[Node]:
        """All children, signs included."""
        return [self._child(number) for number in range(self._count())]

    def _count(self) -> int:
        if self._raw is None:
            self._raw = self.raw.children()
            self._children = [None] * len(self._raw)
        return len(self._raw)

    def _child(self, number: int) -> Node:
        found = self._children[number]
        if found is None:
            assert self._raw is not None  # noqa: S101 - they were counted
            found = self._children[number] = Node(self._raw[number], self.source, self)
        return found

    @property
    def named(self) -> list[Node]:
        """The children that the grammar names, without signs."""
        if self._named is None:
            self._named = [child for child in self.children if child.raw.is_named()]
        return self._named

    def field(self, name: str) -> Node | None:
        """Return the child of a grammar's field."""
        raw = self.raw.field(name)
        if raw is None:
            return None
        start = raw.range().start.index
        return next((c for c in self.children if c.start == start and c.kind == raw.kind()), None)

    def ancestors(self, most: int | None = None) -> Iterator[Node]:
        """Yield the parent, its parent, and so on; the `most` nearest of them, where a number is given."""
        node = self.parent
        while node is not None and most != 0:
            yield node
            node = node.parent
            most = most - 1 if most else None

    def previous(self) -> Node | None:
        """Return the named sibling before this node."""
        before = None
        for node in self.parent.named if self.parent else []:
            if node is self:
                return before
            before = node
        return None

    def at(self, offset: int) -> Node:
        """Return the innermost node around an offset."""
        node = self
        while True:
            below = node._child_at(offset)
            if below is None:
                return node
            node = below

    def near(self, offset: int) -> Node:
        """Return what the root's `at` does, by way of the nearest ancestor: trees of generated text are deep."""
        node = self
        while node.parent is not None and not node.start <= offset < node.end:
            node = node.parent
        return node.at(offset)

    def _child_at(self, offset: int) -> Node | None:
        low, high = 0, self._count()
        while low < high:
            middle = (low + high) // 2
            child = self._child(middle)
            if child.end <= offset:
                low = middle + 1
            elif child.start > offset:
                high = middle
            else:
                return child
        return None
