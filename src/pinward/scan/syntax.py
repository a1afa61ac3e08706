"""Names in source code: every literal, comment and constant that can hold one, with its ancestors as steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from pinward.scan import languages as table
from pinward.scan.ancestry import Ancestry, unquote
from pinward.scan.declared import Declared
from pinward.scan.flows import Flows
from pinward.scan.joined import BROKEN, Joiner
from pinward.scan.languages import Language
from pinward.scan.lines import read_lines
from pinward.scan.mentions import Carrier, Mention, Step
from pinward.scan.names import candidates, constant_to_id, looks_like_model, token_at, tokens
from pinward.scan.nodes import Node
from pinward.scan.parsing import parse

MAX_BROKEN = 1000  # names in parts; further ones are rows of something generated
MAX_WORD = 80
MAX_NAME = 200
LITERAL_DEPTH = 24  # how far around its text a literal begins
LOST_DEPTH = 40  # what lies further out was found before the grammar lost its way
COMMENT_DEPTH = 4  # how deep a grammar parses the text of a comment
IMPORT_DEPTH = 40  # a path of so many parts
_WORD = re.compile(r"\w{1,80}")
_WORD_BEFORE = re.compile(r"\w+\Z")
# Here constants are written like variables: `.gpt4`, `ChatCompletionModels.gpt4o`.
_PLAIN_MEMBERS = frozenset({"swift", "dart"})
_ELIXIR_DOCS = ("moduledoc", "doc ", "doc(", "typedoc", "shortdoc")
# `f"{provider}/gpt-4o"`: the name is whole, its prefix is computed.
_COMPUTED_PROVIDER = re.compile(r"^\0+[/:]")
# A class of constants that says what it holds: `ChatModel`, `OpenAIModels.Chat`, `openai`, `Claude`.
_VERSIONED = re.compile(r"\.V(\d\w*)")
_DIGITS = "0123456789"
_MODEL_OBJECT = re.compile(r"[A-Z][a-z]+\d\w*Model$")  # `model: Gpt4oMiniChatModel()`
_OWN = frozenset({"self", "Self", "static", "this"})  # what a class calls itself
_SAYS_MODEL = re.compile(r"(?i)(?:chat|embedding)?_?model")  # `shared.ChatModelO4Mini`
_MODEL_CLASS = re.compile(r"(?i)models?|llm|openai|anthropic|claude|gemini|gpt|genai|mistral|cohere|bedrock|embedding")


def read_source(text: str, language: Language) -> list[Mention]:
    """Return every mention in source text, in order. Where the text does not parse, its lines are read instead."""
    members = language.grammar in _PLAIN_MEMBERS
    offsets = [at for at in candidates(text) if _is_possible(text, at, members=members)]
    if not offsets and not BROKEN.search(text):
        return []
    reader = _Reader(text, parse(text, language.grammar), language)
    return sorted(reader.mentions(offsets), key=lambda m: (m.start, m.end))


def _is_possible(text: str, offset: int, *, members: bool) -> bool:
    """Tell whether a name or a constant stands at an offset at all, before a tree is built for it.

    `members`: constants are written like variables (`.gpt4`).
    """
    if looks_like_model(token_at(text, offset)[2]) or text[offset - 1 : offset] == "`":
        return True
    begin = _WORD_BEFORE.search(text, max(0, offset - MAX_WORD), offset)
    word = _WORD.match(text, begin.start() if begin else offset)
    return word is not None and (members or not _is_plain(word.group())) and constant_to_id(word.group()) is not None


def _is_plain(word: str) -> bool:
    return word.islower() and word.isalnum()


def followed(mention: Mention, flow: tuple[tuple[Step, ...], ...] | None) -> Mention:
    """Return a mention with what is done with the variable that holds it; None: nobody looked."""
    return replace(mention, flow=flow or (), unfollowed=flow is None)


@dataclass(frozen=True, slots=True)
class _Literal:
    """One literal: where its content starts, the content with computed parts blanked out, and what surrounds it."""

    start: int
    content: str
    steps: tuple[Step, ...]
    carrier: Carrier
    flow: tuple[tuple[Step, ...], ...] | None


class _Reader:
    """Reads one file: goes down to each possible name, and up again for what surrounds it."""

    def __init__(self, text: str, root: Node, language: Language) -> None:
        self.text = text
        self.root = root
        self.language = language
        self.ancestry = Ancestry(text, language)
        self.flows = Flows(text, root, language, self.ancestry)
        self.declared = Declared(text)
        self.joiner = Joiner(text, language, self.declared)
        self.literals: dict[int, _Literal] = {}
        self.joined: set[int] = set()

    def mentions(self, offsets: list[int]) -> Iterator[Mention]:
        seen: set[int] = set()
        lost: set[int] = set()
        leaf = self.root
        for offset in offsets:
            leaf = leaf.near(offset)
            if leaf.kind in self.language.constants:
                if leaf.start not in seen:
                    seen.add(leaf.start)
                    yield from self.constant(leaf)
                continue
            start, end, name = token_at(self.text, offset)
            if start not in seen and looks_like_model(name):
                seen.add(start)
                if self.is_lost(leaf, start):
                    lost.add(start)
                else:
                    yield from self.at(leaf, start, end, name)
        if lost:
            yield from (replace(m, unparsed=True) for m in read_lines(self.text) if m.start in lost)
        for match in islice(BROKEN.finditer(self.text), MAX_BROKEN):
            leaf = leaf.near(match.start())
            yield from self.in_parts(self.literal_around(leaf))

    def is_lost(self, leaf: Node, start: int) -> bool:
        """Tell whether the grammar lost its way at a name, so that no node says what holds it."""
        if leaf.kind in self.language.variables:
            return False
        kinds = {leaf.kind, *(node.kind for node in leaf.ancestors(LOST_DEPTH))}
        if kinds.intersection((*self.language.strings, *self.language.comments, *self.language.text)):
            return False
        return "ERROR" in kinds or not leaf.start <= start < leaf.end

    def at(self, leaf: Node, start: int, end: int, name: str) -> Iterator[Mention]:
        comment = next((n for n in (leaf, *leaf.ancestors(COMMENT_DEPTH)) if n.kind in self.language.comments), None)
        if comment is not None:
            line = self.text[self.text.rfind("\n", 0, start) + 1 : max(end, self.text.find("\n", end))]
            yield Mention(name, start, end, (), "comment", False, line.strip())
        elif expansion := self.expansion(leaf):
            variable = Step("default", expansion.text.lstrip("${").split(":")[0])
            yield Mention(name, start, end, (variable, *self.ancestry.steps(expansion)), "text", True, name)
        elif leaf.kind in self.language.text:
            yield Mention(name, start, end, (), "prose", False, leaf.text)
        else:
            yield from self.in_literal(self.literal_around(leaf), start, end, name)

    def expansion(self, leaf: Node) -> Node | None:
        """Return the shell's `${VARIABLE:-default}` around a leaf."""
        if self.language.grammar != "bash":
            return None
        return next((n for n in leaf.ancestors(3) if n.kind == "expansion"), None)

    def literal_around(self, leaf: Node) -> Node | None:
        """Return the outermost literal of those that hold a leaf without computed parts between them."""
        found: Node | None = None
        for node in chain((leaf,), leaf.ancestors(LITERAL_DEPTH)):
            if node.kind in self.language.strings:
                found = node
            elif found is not None or node.kind in table.INTERPOLATIONS:
                break
        return found

    def in_literal(self, node: Node | None, start: int, end: int, name: str) -> Iterator[Mention]:
        if node is None:
            return
        if node.kind == "concatenated_string":
            yield from self.in_parts(node)
            if id(self.joiner.whole(node)) in self.joined:
                return
            node = next((part for part in node.named if part.start <= start < part.end), node)
        literal = self.literal(node)
        before, after = literal.content[: start - literal.start], literal.content[end - literal.start :]
        if self.joiner.whole(node) is not node or "\0" in literal.content:
            joined = list(self.in_parts(node))
            yield from joined
            rest = after.lstrip("-._:/@")
            if joined or before.endswith("\0") or rest.startswith("\0") or (after and not rest):
                return  # or a part of the name is computed
        content = literal.content.strip().removeprefix('\\"').removesuffix('\\"')  # `"\"gpt-4o\""` in a build file
        whole = (content if "/" in name else _COMPUTED_PROVIDER.sub("", content)) == name
        place = Mention(name, start, end, literal.steps, literal.carrier, whole, literal.content)
        yield followed(replace(place, offset=start - literal.start), literal.flow)

    def in_parts(self, node: Node | None) -> Iterator[Mention]:
        """Read the name that literals and constants make together, and that none of them holds alone."""
        top = self.joiner.whole(node) if node is not None else None
        content = self.joiner.value(top) if top is not None else None
        if top is None or content is None or len(content) > MAX_NAME or id(top) in self.joined:
            return
        if content != self.one_name(content):
            return
        self.joined.add(id(top))
        steps = self.ancestry.steps(top)
        yield followed(Mention(content, top.start, top.end, steps, "text", True, content), self.flows.of(steps, top))

    def one_name(self, content: str) -> str:
        return next((name for _, _, name in tokens(content)), "")

    def literal(self, node: Node) -> _Literal:
        if id(node) not in self.literals:
            offset, content = unquote(node.text)
            content = self.blanked(node, node.start + offset, content)
            steps = self.ancestry.steps(node)
            carrier: Carrier = "docstring" if self.is_docstring(node) else "text"
            self.literals[id(node)] = _Literal(node.start + offset, content, steps, carrier, self.flows.of(steps, node))
        return self.literals[id(node)]

    def blanked(self, node: Node, base: int, content: str) -> str:
        """Blank out computed parts, so that offsets stay. A part that is a constant of this file is put in."""
        for child in node.children:
            if child.kind in table.INTERPOLATIONS:
                a, b = child.start - base, child.end - base
                if 0 <= a < b <= len(content):
                    content = content[:a] + "\0" * (b - a) + content[b:]
        return content

    def constant(self, node: Node) -> Iterator[Mention]:
        # Scala writes any name between backticks: `` Models.`Gpt-4o` ``.
        name = node.text[1:-1].lower() if node.text.startswith("`") else constant_to_id(node.text)
        if name is None or not looks_like_model(name):
            return
        if any("import" in n.kind or n.kind in table.IMPORTS for n in node.ancestors(IMPORT_DEPTH)):
            return
        top = self.whole_member(node)
        named = self.meaning(top, node, name) if top is not None else None
        nested = _VERSIONED.match(self.text, node.end)  # `Models.Gpt5.V5Mini`
        if nested and top is not None:
            named = constant_to_id(f"{node.text.rstrip(_DIGITS)}{nested[1]}")
            if named:
                yield Mention(named, top.start, nested.end(), self.ancestry.steps(top), "constant", True, top.text)
        elif top is not None and named:
            yield Mention(named, top.start, top.end, self.ancestry.steps(top), "constant", True, top.text)

    def whole_member(self, node: Node) -> Node | None:
        """Return the whole `Class.CONSTANT` that a leaf ends, or the leaf itself where it was imported by name."""
        top = node
        for parent in node.ancestors():
            if parent.kind not in table.MEMBERS or parent.end != node.end:
                break
            top = parent
        if top is not node:
            return top
        if _MODEL_OBJECT.match(node.text):
            made = self.text.startswith("(", node.end) and not self.declares(node)
            return node if made else None
        known = node.text.isupper() and (self.declared.imports(node.text) or node.text in self.declared.entries)
        return node if known and not self.declares(node) else None

    def declares(self, node: Node) -> bool:
        kinds = [n.kind for n in (node.parent, *node.ancestors(2)) if n is not None]
        if kinds[0] in self.ancestry.bindings or kinds[0] == "constructor_signature":
            return True
        return any("import" in kind for kind in kinds)

    def meaning(self, top: Node, leaf: Node, name: str) -> str | None:
        """Return the id behind `Class.CONSTANT`: the literal that this file binds to it, else what its name says."""
        owner = re.findall(r"\w+", self.text[top.start : leaf.start])
        if _is_plain(leaf.text) and not self.plain_member(owner):
            return None  # `x.gpt4` is a field of the program's own
        if not owner:
            return name if top.text.startswith(".") or top is leaf else None
        if owner[-1] in self.declared.types or owner[-1] in _OWN:
            value = self.declared.members.get(leaf.text, "")
            return value if looks_like_model(value) else None
        return name if _MODEL_CLASS.search(" ".join(owner)) or _SAYS_MODEL.match(leaf.text) else None

    def plain_member(self, owner: list[str]) -> bool:
        """Tell whether a member in small letters can be a constant: Swift leaves the type out, Dart names it."""
        grammar = self.language.grammar
        return grammar == "swift" or (grammar in _PLAIN_MEMBERS and bool(owner) and owner[-1][0].isupper())

    def is_docstring(self, node: Node) -> bool:
        parent = node.parent
        if self.language.grammar == "elixir":
            return any(n.kind == "call" and n.text.startswith(_ELIXIR_DOCS) for n in node.ancestors(2))
        return parent is not None and parent.kind == "expression_statement" and self.language.grammar == "python"
