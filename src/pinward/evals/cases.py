"""The cases of a suite, written down as they are read: what stays in memory of each is its id and its place.

A suite of 100,000 cases must not need more memory than one of 100 needs (docs/architecture.md, budgets).
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import overload
from weakref import finalize

from pinward.core.evidence import Case, Check
from pinward.core.policy import Json

IN_MEMORY = 4_000_000  # bytes: what is longer goes to a file without a name, which ends with the process
_SHARED = 1_000  # checks that are kept once for all the cases that have them


class Cases(Sequence[Case]):
    """Cases in their order; each one that is asked for is made anew, equal to what was added."""

    def __init__(self, cases: Iterable[Case] = ()) -> None:
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- as long as the cases live
        finalize(self, self._file.close)
        self._ends = array("Q", [0])
        self.ids: list[str] = []
        self._places: dict[str, int] = {}
        self._shared: list[Check] = []
        self._numbers: dict[int, int] = {}
        for case in cases:
            self.add(case)

    def add(self, case: Case) -> None:
        """Write a case down. The caller sees to it that its id is new."""
        checks = [self._written(check) for check in case.checks]
        row = [case.category, case.input, checks, case.where, case.expected, case.tags, dict(case.params), case.repeats]
        self._file.seek(self._ends[-1])
        self._ends.append(self._ends[-1] + self._file.write(json.dumps(row).encode()))
        self._places[case.id] = len(self.ids)
        self.ids.append(case.id)

    def place(self, name: str) -> int:
        """Return where the case of an id stands in the order. Raises `KeyError`."""
        return self._places[name]

    def named(self, name: str) -> Case:
        """Return the case of an id. Raises `KeyError`."""
        return self._read(self._places[name])

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> Case: ...
    @overload
    def __getitem__(self, place: slice) -> list[Case]: ...
    def __getitem__(self, place: int | slice) -> Case | list[Case]:
        chosen = range(len(self))[place]
        return self._read(chosen) if isinstance(chosen, int) else [self._read(one) for one in chosen]

    def _written(self, check: Check) -> Json:
        """Return a check as a row holds it: a number for one that cases have in common (`CheckReader` sees to that)."""
        if id(check) not in self._numbers:
            if len(self._shared) == _SHARED:
                return [check.grader, check.argument, check.where, check.weight]
            self._numbers[id(check)] = len(self._shared)
            self._shared.append(check)
        return self._numbers[id(check)]

    def _read(self, place: int) -> Case:
        start, end = self._ends[place], self._ends[place + 1]
        self._file.seek(start)
        category, asked, checks, where, expected, tags, params, repeats = json.loads(self._file.read(end - start))
        return Case(
            id=self.ids[place],
            category=sys.intern(category),
            input=asked,
            checks=tuple(self._shared[one] if isinstance(one, int) else Check(*one) for one in checks),
            where=where,
            expected=expected,
            tags=tuple(tags),
            params=params,
            repeats=repeats,
        )


class Digests(Mapping[str, bytes]):
    """A hash of each of these cases by its id, one after the other: an object each would take five times as much."""

    def __init__(self, cases: Cases) -> None:
        self._cases, self._hashes, self._size = cases, bytearray(), 0

    def add(self, digest: bytes) -> None:
        """Keep the hash of the case that was added last. All are of one length."""
        self._size = len(digest)
        self._hashes += digest

    def __getitem__(self, name: str) -> bytes:
        start = self._cases.place(name) * self._size
        return bytes(self._hashes[start : start + self._size])

    def __iter__(self) -> Iterator[str]:
        return iter(self._cases.ids)

    def __len__(self) -> int:
        return len(self._cases)


@dataclass(frozen=True)
class CasesByTask(Mapping[tuple[str, str], Case]):
    """The cases of several tasks by (task, case id)."""

    tasks: Mapping[str, Cases]

    def __getitem__(self, key: tuple[str, str]) -> Case:
        return self.tasks[key[0]].named(key[1])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((task, name) for task, cases in self.tasks.items() for name in cases.ids)

    def __len__(self) -> int:
        return sum(map(len, self.tasks.values()))
