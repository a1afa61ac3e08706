"""Where people read what a verb says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Detail(IntEnum):
    """How much somebody asked to read: `-q`, nothing, or `-v`."""

    QUIET = 0
    USUAL = 1
    FULL = 2


@dataclass(frozen=True, slots=True)
class Screen:
    """Width in columns, whether it is a terminal or a pipe, whether it shows colours, and how much is asked for."""

    width: int = 80
    terminal: bool = False
    color: bool = False
    detail: Detail = Detail.USUAL


PIPE = Screen()
