"""What a file binds, declares and imports by name: each gathered in one pass, however many names ask for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

# Each looks ahead at what follows a word, so that no word is hidden by the match before it.
_BOUND = re.compile(r"(?<![\w.])(\w++)(?=(?:\s{0,80}:[^=\n\"']{0,40})?\s{0,80}:?=(?!=)\s{0,80}([^\n]{0,120}))")
_LITERAL = re.compile(r"([\"'`])([\w.:/@-]*)\1")
_VALUE = re.compile(r"\b(\w++)(?=[^\n\"']{0,40}[\"']([^\"'\n]{1,200})[\"'])")
_DECLARED = re.compile(r"\b(?:class|enum|object|struct|interface|namespace|module|const|type|record)(?=\s+(\w+))")
_ENTRY = re.compile(r'^[ \t]*(\w+)\s*\(\s*"', re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*(?:import|(?:pub )?use)\s([^\n]*)", re.MULTILINE)


class Declared:
    """The declarations of one file's text."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def literals(self) -> Mapping[str, str]:
        """The literal that each name is bound to, where the file binds it but once."""
        values: dict[str, str | None] = {}
        for name, value in _BOUND.findall(self._text):
            literal = None if name in values else _LITERAL.match(value)
            values[name] = literal[2] if literal else None
        return {name: value for name, value in values.items() if value is not None}

    @cached_property
    def members(self) -> Mapping[str, str]:
        """The first quoted text close behind each word, as in `GPT_4O = "gpt-4o"` and `GPT_4O("gpt-4o")`."""
        found: dict[str, str] = {}
        for name, value in _VALUE.findall(self._text):
            found.setdefault(name, value)
        return found

    @cached_property
    def entries(self) -> frozenset[str]:
        """The members of enumerations that begin a line with their text, as `GPT_4O("gpt-4o")`."""
        return frozenset(_ENTRY.findall(self._text))

    @cached_property
    def types(self) -> frozenset[str]:
        """The classes, enumerations and other holders of constants that the file declares itself."""
        return frozenset(_DECLARED.findall(self._text))

    def imports(self, name: str) -> bool:
        """Tell whether a name is imported, by itself or with all that its module holds."""
        return not self._imported.isdisjoint((name, ".*", "::*"))

    @cached_property
    def _imported(self) -> frozenset[str]:
        return frozenset(word for line in _IMPORT.findall(self._text) for word in re.findall(r"\w+|(?:\.|::)\*", line))
