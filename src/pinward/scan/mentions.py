"""What the readers of all file types hand over: a name, where it stands, and what surrounds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

StepKind = Literal[
    "argument",  # handed to `owner` under `name`, or by position
    "pair",  # value of the key `name`
    "key",  # the key of a pair itself
    "assign",  # bound to the variable, constant or field `name`
    "default",  # default of the parameter `name`
    "enum",  # a member `name` of an enumeration
    "item",  # one of several in a list; `count` of them are strings
    "compare",  # compared, matched or looked up; `name` says by what
    "receiver",  # `name` is called on it
    "return",
    "arm",  # what a case yields; `name` is its pattern, `owner` says whether the case is a value itself
    "raise",
    "type",  # part of a type, not of a value
    "markup",  # text that is shown
    "scope",  # inside the function, class or section `name`
]
Carrier = Literal["text", "constant", "comment", "docstring", "prose"]


@dataclass(frozen=True, slots=True)
class Step:
    """One ancestor that says something about a name, innermost first.

    `owner` is what is called (`argument`); `position` counts from 0 among its arguments, -1 where it is named;
    `siblings` maps the other keys or named arguments beside it to their literal values; `items` holds the literals
    beside it in a list or an argument list.
    """

    kind: StepKind
    name: str = ""
    owner: str = ""
    position: int = -1
    siblings: Mapping[str, str] = field(default_factory=dict)
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A possible model name at [start, end) of a file's text.

    `carrier` is what holds it; `whole` is true where the name is all that the literal says, or one of a list of
    names in one literal; `literal` is that literal. `unparsed`: the grammar lost its way, and the line alone was read.
    `unfollowed`: what the file does with the variable that holds it was not looked at.
    """

    name: str
    start: int
    end: int
    steps: tuple[Step, ...] = ()
    carrier: Carrier = "text"
    whole: bool = True
    literal: str = ""
    offset: int = -1  # where the name starts in the literal, where that is known
    flow: tuple[tuple[Step, ...], ...] = ()
    unparsed: bool = False
    unfollowed: bool = False
