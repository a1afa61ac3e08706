"""What the ancestors of a node say: from nodes of any grammar to the steps of `mentions`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import takewhile

from pinward.scan import languages as table
from pinward.scan.languages import Language
from pinward.scan.mentions import Step, StepKind
from pinward.scan.nodes import Node

MAX_STEPS = 40
MAX_SIBLINGS = 80
MAX_HEAD = 8  # a scope is named by one of its first parts; a module has thousands
_OPENING = re.compile(r"[A-Za-z$@#]{0,3}(?P<quote>\"{3}|'{3}|[\"'`])")
_RAW = re.compile(r"[A-Za-z0-9]{0,2}R\"([^()\\\s]{0,16})\(")  # C++: R"json({"model": "gpt-4o"})json"
_STREAM = re.compile(r"(?i)\w*(?:cout|cerr|clog|debug|info|warning|critical|log)\b")  # what is written to with `<<`
# Marks of functions and views that only tests or the previews of an editor run.
_TESTS_ONLY = re.compile(r"@\w*(?:Preview|Test)s?\b|\[(?:Fact|Theory|Test\w*)\b")
_WORDS = re.compile(r"[\w$!?@]+")
_CLASS = re.compile("class|module|struct|impl|object|interface|trait|enum|namespace|record|protocol")
_CHAIN = re.compile(r"@?[\w$]+(?:\s*(?:\?\.|\.|::|->|\\|!)\s*[\w$]+|\s*\([^()]*\)|<[^<>]*>|[?!])*\W*$")


def unquote(literal: str) -> tuple[int, str]:
    """Return where the content of a literal starts in it, and the content. Text without quotes is its own content."""
    raw = _RAW.match(literal)
    if raw and (end := literal.rfind(f'){raw[1]}"')) >= raw.end():
        return raw.end(), literal[raw.end() : end]
    match = _OPENING.match(literal)
    if not match:
        return 0, literal
    quote = match["quote"]
    closing = literal.rfind(quote, match.end()) if literal.endswith((quote, "#")) else -1
    return match.end(), literal[match.end() : closing if closing >= 0 else len(literal)]


def _parts(binding: Node) -> list[Node]:
    """Return the parts of a binding, without modifiers and annotations."""
    return [n for n in binding.named if "modifier" not in n.kind and n.kind not in table.NOT_NAMES]


def _matched_first(steps: list[Step]) -> list[Step]:
    """Put first that a name stands in a pattern of a function's head, whatever it is bound to in there; defaults
    are values."""
    at = next((i for i, step in enumerate(steps) if step.kind == "compare" and step.name == "pattern"), None)
    if at is None or any(step.kind == "default" for step in steps[:at]):
        return steps
    return [steps[at], *steps[:at], *steps[at + 1 :]]


def _is_attribute(node: Node) -> bool:
    return node.kind in ("attribute_item", "line_comment")


class Ancestry:
    """Reads steps off the ancestors of nodes of one file. Siblings are cached, because many names share them."""

    def __init__(self, text: str, language: Language) -> None:
        self.text = text
        self.grammar = language.grammar
        self.bindings = {**table.BINDINGS, **table.LANGUAGE_BINDINGS.get(language.grammar, {})}
        self.sibling_cache: dict[int, Mapping[str, str]] = {}
        self.item_cache: dict[int, tuple[str, ...]] = {}
        self.speaking: dict[int, tuple[Node, Node, Step] | None] = {}

    def steps(self, node: Node, inside: tuple[int, int] | None = None) -> tuple[Step, ...]:
        """Return the ancestors that say something, innermost first; those `inside` a span alone, where one is given."""
        found: list[Step] = []
        speaking = self._speaking(node)
        while speaking is not None and len(found) < MAX_STEPS:
            child, parent, step = speaking
            if inside and (parent.start <= inside[0] or parent.end >= inside[1]):
                break
            again = self._step(child, parent, found) if found and parent.kind in table.ARGUMENTS else None
            found.append(again or step)
            speaking = self._speaking(parent)
        return tuple(found if self.grammar != "elixir" else _matched_first(found))

    def _speaking(self, node: Node) -> tuple[Node, Node, Step] | None:
        """Return the next ancestor that says something, with its child on the way and what it says.

        Remembered for all that lie between, since many names share their ancestors.
        """
        silent, child = [], node
        while id(child) not in self.speaking:
            silent.append(child)
            step = self._step(child, child.parent, []) if child.parent is not None else None
            if child.parent is None or step is not None:
                self.speaking[id(child)] = (child, child.parent, step) if child.parent and step else None
                break
            child = child.parent
        said = self.speaking[id(child)]
        self.speaking.update((id(passed), said) for passed in silent)
        return said

    def _step(self, child: Node, parent: Node, found: list[Step]) -> Step | None:
        kind = parent.kind
        if kind in self.bindings:
            return self._binding(child, parent)
        if kind in table.ARGUMENTS:
            return self._argument(child, parent, found)
        if kind in table.COMPARISONS:
            return Step("compare", kind)
        if kind in table.CASES:
            matched = parent.named[0] is child and len(parent.named) > 1  # Kotlin's `else` has no node
            return Step("compare", "case") if matched else self._arm(parent)
        if kind in table.OPERATORS:
            return self._operator(child, parent)
        if kind in table.INDEXES:
            return None if parent.named[0] is child else Step("compare", "look-up")
        if self.grammar == "csharp" and (keyed := self._keyed(child, parent)):
            return keyed
        if self._is_list(child, parent):
            return Step("item", items=self._items(parent))
        return self._plain_step(child, parent)

    def _plain_step(self, child: Node, parent: Node) -> Step | None:
        kind = parent.kind
        if kind in table.LOOPS:
            left = parent.field("left") or parent.named[0]
            looped = child is parent.field("right") or child.kind in table.LISTS or child.kind in table.CALLS
            return Step("assign", left.text[:80], "loop") if left is not child and looped else None
        if kind in table.RETURNS and not (kind == "jump_expression" and parent.text.startswith("throw")):
            return Step("return")
        if kind in table.RAISES or kind == "jump_expression":
            return Step("raise")
        if kind in table.CALLBACKS and child.kind == "statement_block":
            return Step("scope", owner="function")
        if kind in table.TYPES:
            return Step("type")
        if shown := self._shown(parent):
            return shown
        if kind in table.PARAMETER_LISTS:
            return self._default_beside(child)
        if kind == "command":
            return self._word(child, parent)
        if kind == "dictionary_literal":
            position = parent.named.index(child)
            return Step("pair", unquote(parent.named[position - 1].text)[1]) if position % 2 else Step("key")
        return self._scope(child, parent) if kind in table.SCOPES else self._receiver(child, parent)

    def _shown(self, parent: Node) -> Step | None:
        """Give the step of what is there to be looked at: an element's text in JSX, a preview in SwiftUI."""
        if parent.kind == "jsx_expression" and parent.parent is not None and parent.parent.kind in table.ELEMENTS_SHOWN:
            return Step("markup")
        if parent.kind in ("call_expression", "macro_invocation") and self.text.startswith("#Preview", parent.start):
            return Step("scope", "#[test]")
        return None

    def _is_list(self, child: Node, parent: Node) -> bool:
        if self.grammar == "hcl":
            return parent.kind == "tuple"
        bound = child.kind in self.bindings and not (child.kind in table.ELEMENTS and len(child.named) == 1)
        return parent.kind in table.LISTS and not bound

    def _arm(self, case: Node) -> Step:
        """Give what a case yields: its pattern, and whether the case is a value itself."""
        return Step("arm", case.named[0].text[:80], "value" if case.kind in table.EXPRESSION_CASES else "")

    def _keyed(self, child: Node, parent: Node) -> Step | None:
        """Give the part of an entry of a C# collection: `["key"] = value`, `{ "key", value }`."""
        if parent.kind == "element_binding_expression":
            return Step("key")
        around = parent.parent
        if parent.kind != "initializer_expression" or around is None or around.kind != parent.kind:
            return None
        key, *values = parent.named
        return Step("key") if key is child else Step("pair", unquote(key.text)[1]) if len(values) == 1 else None

    def _binding(self, child: Node, parent: Node) -> Step | None:
        container = parent.parent
        kind = self.bindings[parent.kind]
        if container is not None and container.kind == "initializer_expression":
            kind = "pair"  # C# sets the properties of a new object: `new Request { Model = "gpt-4o" }`
        named = _parts(parent)
        if not named or (len(named) == 1 and kind == "argument"):
            return None
        if child.start < named[0].start:
            return None  # in an annotation of what is bound
        if named[0] is child:
            return Step("key") if kind in ("pair", "enum") and len(named) > 1 else None
        before = self.text[named[0].start : child.start]
        if self.grammar == "go" and parent.kind in table.TYPED_BEHIND:
            before = named[0].text
        name = self._bound_name(before if kind in ("assign", "default") else named[0].text, kind)
        told = kind in ("pair", "argument") or (container is not None and container.kind in table.CONSTANT_BLOCKS)
        siblings = self._siblings(container) if container is not None and told else {}
        tag = container.named[0].text if parent.kind == "jsx_attribute" and container is not None else ""
        return Step(kind, name, tag, siblings=siblings)

    def _bound_name(self, text: str, kind: str) -> str:
        """Reduce `const NAME: &str =`, `public string Model { get; }`, `"key"`, `self.model` to the bare name."""
        if kind not in ("assign", "default"):
            return unquote(text.strip())[1].strip(" :\"'*[]")[:80]
        target = re.split(r"[:|+?]?=(?!=)", text)[0]
        target = re.sub(r"\{[^}]*\}", "", target)
        if self.grammar not in ("java", "csharp", "dart", "php", "cpp"):
            target = target.split(":")[0]
        words = _WORDS.findall(target)
        return words[-1].lstrip("$@") if words else ""

    def _argument(self, child: Node, parent: Node, found: list[Step]) -> Step | None:
        call = parent.parent
        if call is not None and call.kind == "call_suffix":
            call = call.parent
        if call is None or call.kind in table.CASES or self.bindings.get(call.kind) == "enum":
            return None
        if self._is_elixir_head(call):
            return Step("compare", "pattern")
        if call.kind == "attribute" and self._marks_default(call):
            return Step("default", "the enumeration")
        owner = self._callee(call, parent)
        if found and found[-1].kind in ("argument", "pair") and child.kind in self.bindings and len(child.named) > 1:
            last = found.pop()
            return Step("argument", last.name, owner, -1, self._siblings(parent), self._items(parent))
        position = parent.named.index(child) if child in parent.named else 0
        return Step("argument", "", owner, position, self._siblings(parent), self._items(parent))

    def _is_elixir_head(self, call: Node) -> bool:
        """Tell whether a call is the head of a function, whose arguments are patterns: `def price("gpt-4o")`."""
        head = call.parent if self.grammar == "elixir" else None
        if head is not None and head.kind == "binary_operator":
            head = head.parent  # `def price(model) when model in ["gpt-4o"]`
        around = head.parent if head is not None and head.kind == "arguments" else None
        return around is not None and around.kind == "call" and around.text.startswith(("def ", "defp ", "defmacro "))

    def _marks_default(self, attribute: Node) -> bool:
        """Tell whether Rust's `#[default]` stands beside an attribute, on the same member of an enumeration."""
        item = attribute.parent
        if item is None or item.parent is None:
            return False
        beside = item.parent.named
        at = bisect_left(beside, item.start, key=lambda node: node.start)
        before = takewhile(_is_attribute, reversed(beside[max(0, at - MAX_HEAD) : at]))
        behind = takewhile(_is_attribute, beside[at + 1 : at + MAX_HEAD])
        return any(node.text == "#[default]" for node in (*before, *behind))

    def _callee(self, call: Node, arguments: Node) -> str:
        """Return the last words of what is called: `chat.completions.create`."""
        tail = self.text[max(call.start, arguments.start - 160) : arguments.start]
        chain = _CHAIN.search(tail)
        return ".".join(_WORDS.findall(re.sub(r"\([^()]*\)|<[^<>]*>", "", chain.group() if chain else tail))[-4:])

    def _operator(self, child: Node, parent: Node) -> Step | None:
        named = parent.named
        if len(named) < 2:
            return None
        sign = self.text[named[0].end : named[-1].start].strip()
        if parent.kind == "infix_expression" and len(named) == 3:
            sign = named[1].text
        if sign == "<<" and self.grammar == "cpp":
            written = _STREAM.match(self.text, parent.start) or "::" in self.text[parent.start : named[0].end]
            return Step("argument", "", "print", 0) if written else Step("item")
        if sign in table.COMPARE_OPERATORS and any(n.text in table.NOTHING for n in named):
            return None  # asks whether there is a value at all
        if sign in table.COMPARE_OPERATORS or (sign == "=" and self.grammar == "bash"):
            return Step("compare", sign)
        first = named[0] is child
        if sign in table.PAIR_OPERATORS:
            return Step("key") if first else Step("pair", unquote(named[0].text)[1])
        kind: StepKind | None = "assign" if sign == "=" else "default" if sign == "\\\\" else None
        return Step(kind, named[0].text.strip()[:80]) if kind and not first else None

    def _default_beside(self, child: Node) -> Step | None:
        """Give the parameter that stands before its default without a node around both (Kotlin, Swift, Dart)."""
        before = child.previous()
        if before is None or child.kind == "parameter":
            return None
        words = _WORDS.findall(before.text.split(":")[0])
        return Step("default", words[-1]) if words else None

    def _word(self, child: Node, parent: Node) -> Step | None:
        """Give the place of a word in a shell command."""
        words = tuple(unquote(n.text[:200])[1] for n in parent.named[:MAX_SIBLINGS])
        position = parent.named.index(child) if child in parent.named else 0
        return Step("argument", "", words[0] if words else "", position, items=words)

    def _scope(self, child: Node, parent: Node) -> Step | None:
        if parent.kind == "function_declaration" and child.kind.endswith("_literal"):
            return self._default_beside(child)  # Swift keeps a default beside its parameter
        if parent.kind == "block":
            return self._hcl_block(child, parent) if self.grammar == "hcl" else None
        name = parent.field("name") or parent.field("declarator")
        name = name or next((n for n in parent.named[:MAX_HEAD] if "identifier" in n.kind), None)
        if self._is_for_tests(parent):
            return Step("scope", "#[test]")
        owner = "class" if _CLASS.search(parent.kind) else ""
        return Step("scope", name.text[:80].split("(")[0], owner) if name is not None else None  # C++ adds parameters

    def _hcl_block(self, child: Node, block: Node) -> Step:
        if child.kind == "string_lit":
            return Step("key")  # a label of the block
        labels = [unquote(n.text)[1] for n in block.named if n.kind in ("identifier", "string_lit")]
        return Step("scope", ".".join(labels))

    def _is_for_tests(self, node: Node) -> bool:
        marks = (n for n in node.named[:MAX_HEAD] if n.kind in ("modifiers", "attribute_list"))
        return any(_TESTS_ONLY.search(mark.text) for mark in marks) or self._is_rust_test(node)

    def _is_rust_test(self, node: Node) -> bool:
        before = node.previous() if self.grammar == "rust" else None
        while before is not None and before.kind in ("attribute_item", "line_comment"):
            if re.search(r"\btest\b", before.text):
                return True
            before = before.previous()
        return False

    def _receiver(self, child: Node, parent: Node) -> Step | None:
        if parent.kind not in table.MEMBERS and parent.kind not in ("method_invocation", "call"):
            return None
        match = re.match(r"\s*(?:\?\.|\.|::|->)\s*([\w?!]+)", self.text[child.end : min(parent.end, child.end + 60)])
        return Step("receiver", match.group(1)) if match else None

    def _siblings(self, container: Node) -> Mapping[str, str]:
        """Map the keys (or argument names) in a container to their literal values."""
        if id(container) not in self.sibling_cache:
            self.sibling_cache[id(container)] = dict(self._entries(container))
        return self.sibling_cache[id(container)]

    def _entries(self, container: Node) -> Iterator[tuple[str, str]]:
        for entry in container.named[:MAX_SIBLINGS]:
            named = _parts(entry) if entry.kind in self.bindings else []
            if len(named) > 1:
                yield self._bound_name(named[0].text, "pair"), unquote(named[-1].text[:400].strip())[1].strip()

    def _items(self, container: Node) -> tuple[str, ...]:
        """Return the literals of a list or an argument list, without their quotes."""
        if id(container) not in self.item_cache:
            nodes = container.named[:MAX_SIBLINGS]
            self.item_cache[id(container)] = tuple(unquote(n.text[:200].strip().removeprefix("- "))[1] for n in nodes)
        return self.item_cache[id(container)]
