"""What is seen on the way out from a name through its ancestors, and what was decided from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pinward.core.findings import Role
from pinward.scan import vocabulary as say
from pinward.scan.mentions import Step
from pinward.scan.names import constant_to_id, looks_like_model
from pinward.scan.paths import is_code

MEMBER = re.compile(r"\.?\w+(?:(?:\.|::|->)\w+)*")


@dataclass(frozen=True, slots=True)
class Decision:
    """A role, why, and whether something named the value a model (else the name alone made it one).

    `taker` is the function that is handed the name by its place alone, without a parameter that says what it is.
    """

    role: Role
    why: str
    named: bool = False
    taker: str = ""


@dataclass(slots=True)
class Walk:
    """What was seen on the way out."""

    path: str
    name: str
    listed: int = 0
    keyed: bool = False
    records: bool = False  # the name stands in one of several records, under a key that does not say `model`
    weak: Decision | None = None
    depth: int = 0
    constant: bool = False
    outer: tuple[Step, ...] = field(default_factory=tuple)
    flow: tuple[tuple[Step, ...], ...] = ()

    def around(self, kind: str) -> str:
        """Return what the nearest step of a kind on the way out is called; empty where there is none."""
        return next((step.name for step in self.outer if step.kind == kind), "")

    def bound(self) -> str:
        """Return the name of the nearest key or variable around that has one."""
        return next((s.name for s in self.outer if s.kind in ("assign", "pair") and s.name), "")

    def hint(self, why: str) -> None:
        """Keep the first reason that speaks for a selection, without deciding."""
        if self.weak is None:
            self.weak = Decision("selection", why)


def in_list(walk: Walk, name: str) -> Decision | None:
    """Decide for names bound together as a list; a list of one is decided by its name, where that says so."""
    if walk.listed == 1 and say.words(name) & say.FALLBACK_WORDS:
        return Decision("selection", f"the one of {name}", named=True)
    if walk.listed < 2:
        return None
    around = {w for s in walk.outer if s.kind in ("pair", "assign") for w in say.words(s.name)}
    if is_code(walk.path):
        around -= {"providers", "targets"}  # keys of promptfoo's configuration; in code they are tables
    all_used = say.is_one(name) and not is_code(walk.path)  # `model: [gpt-4o, gpt-4]` of an agent, a sweep
    if all_used or (around | say.words(name)) & say.FALLBACK_WORDS:
        return Decision("selection", f"one of several that are all used ({name})", named=True)
    return Decision("catalog", f"one of several names in {name}")


def names_among(items: tuple[str, ...]) -> int:
    """Count the different models among literals and constants: `"gpt-4o"`, `ChatModel.GPT_4O`."""
    return len({item.strip() for item in items if looks_like_model(item.strip()) or constant_of(item) is not None})


def constant_of(text: str) -> str | None:
    """Return the id that a whole `Class.CONSTANT` is named after; None where the text is anything else."""
    return constant_to_id(text.rpartition(".")[2].rpartition(":")[2]) if MEMBER.fullmatch(text.strip()) else None
