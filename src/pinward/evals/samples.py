"""The samples of a run as the verdict needs them: the first ones whole, of the others figures in columns.

100,000 cases must not need more than 200 MB (docs/architecture.md, budgets); the journal has every sample whole.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import isnan, nan
from typing import Generic, TypeVar, overload

from pinward.core.evidence import Call, Completion, Grade, Phase, Sample, Usage

_NO_CALL = Call("", "", "")
_FIGURES = 7  # latency, cost, and the five counts of tokens
_MOST_GROUPS = 2**24
T = TypeVar("T", bound=Hashable)


class _Numbered(Generic[T]):
    """Different values, by the number that each got when it first came."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def add(self, value: T) -> int:
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number

    def get(self, value: T) -> int | None:
        return self._numbers.get(value)


class Samples(Sequence[Sample]):
    """Samples in an order that is told after they arrived; beyond `whole`, each is made anew when it is asked for.

    A call is kept as one number: its case, and the group of all that it has in common with those of other cases.
    """

    def __init__(self, whole: int | None = None) -> None:
        """Keep the first `whole` as they are; None: all."""
        self._most = whole
        self._whole: list[Sample] = []
        self._cases = _Numbered[str]()
        self._groups = _Numbered[tuple[str, str, Phase, int]]()
        self._codes = array("Q")
        self._kinds = array("L")
        self._figures = array("d")
        self._kind_of = _Numbered[Sample]()
        self._order = array("L")

    def keep(self, sample: Sample) -> int:
        """Keep a sample and return its slot."""
        call = sample.call
        group = self._groups.add((call.task, call.arm, call.phase, call.repeat))
        self._codes.append(self._cases.add(call.case) * _MOST_GROUPS + group)
        if self._most is None or len(self._whole) < self._most:
            self._whole.append(sample)
        else:
            self._keep_figures(sample)
        return len(self._codes) - 1

    def _keep_figures(self, sample: Sample) -> None:
        told = sample.completion
        self._kinds.append(self._kind_of.add(_kind(sample)))
        cost, usage = nan if told.cost_usd is None else told.cost_usd, told.usage
        tokens = (usage.input, usage.output, usage.cached, usage.reasoning, usage.written)
        self._figures.extend((told.latency, cost, *tokens))

    def arrange(self, slots: Iterable[int]) -> None:
        """Let the samples of these slots follow those that stand in the order already."""
        self._order.extend(slots)

    def by_call(self) -> Mapping[Call, Sample]:
        """Return the samples by call, in their order; the first one of a call stands."""
        return _ByCall(self)

    def call(self, place: int) -> Call:
        """Return the call of the sample at a place of the order."""
        return self._call(self._order[place])

    def code(self, place: int) -> int:
        """Return the number of the call at a place of the order."""
        return self._codes[self._order[place]]

    def code_of(self, call: Call) -> int | None:
        """Return the number of a call, None where no sample is of its like."""
        case = self._cases.get(call.case)
        group = self._groups.get((call.task, call.arm, call.phase, call.repeat))
        return None if case is None or group is None else case * _MOST_GROUPS + group

    def _call(self, slot: int) -> Call:
        case, group = divmod(self._codes[slot], _MOST_GROUPS)
        task, arm, phase, repeat = self._groups.values[group]
        return Call(task, self._cases.values[case], arm, phase, repeat)

    def at(self, slot: int) -> Sample:
        """Return the sample of a slot."""
        if slot < len(self._whole):
            return self._whole[slot]
        call = self._call(slot)
        slot -= len(self._whole)
        latency, cost, *tokens = self._figures[slot * _FIGURES : (slot + 1) * _FIGURES]
        kind = self._kind_of.values[self._kinds[slot]]
        told = kind.completion
        completion = Completion(
            outcome=told.outcome,
            finish_reason=told.finish_reason,
            usage=Usage(*map(int, tokens)),
            latency=latency,
            served_model=told.served_model,
            attempts=told.attempts,
            cost_usd=None if isnan(cost) else cost,
            replayed=told.replayed,
            fault=told.fault,
            answered_by=told.answered_by,
        )
        return Sample(call, completion, kind.grade, stored=kind.stored, stands_in=kind.stands_in)

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> Sample: ...
    @overload
    def __getitem__(self, place: slice) -> list[Sample]: ...
    def __getitem__(self, place: int | slice) -> Sample | list[Sample]:
        chosen = self._order[place]
        return self.at(chosen) if isinstance(chosen, int) else [self.at(slot) for slot in chosen]


class _ByCall(Mapping[Call, Sample]):
    """Finds the samples of calls: numbers of calls in their order, each with the first place that has it."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._codes, self._places = array("Q"), array("L")
        most = 1 << len(samples).bit_length()  # one number for both takes half the memory of numbers and their keys
        for number in sorted(samples.code(place) * most + place for place in range(len(samples))):
            code, place = divmod(number, most)
            if not self._codes or self._codes[-1] != code:
                self._codes.append(code)
                self._places.append(place)

    def _at(self, call: object) -> int:
        """Return where a call stands among the numbers; -1 for none."""
        code = self._samples.code_of(call) if isinstance(call, Call) else None
        at = len(self._codes) if code is None else bisect_left(self._codes, code)
        return at if at < len(self._codes) and self._codes[at] == code else -1

    def __getitem__(self, call: Call) -> Sample:
        if (at := self._at(call)) < 0:
            raise KeyError(call)
        return self._samples[self._places[at]]

    def __contains__(self, call: object) -> bool:
        return self._at(call) >= 0

    def __iter__(self) -> Iterator[Call]:
        stands = bytearray(len(self._samples))
        for place in self._places:
            stands[place] = 1
        return (self._samples.call(place) for place, is_first in enumerate(stands) if is_first)

    def __len__(self) -> int:
        return len(self._places)


def _kind(sample: Sample) -> Sample:
    """Return what a sample has in common with many others: no texts, no figures, no call."""
    grade = None if sample.grade is None else Grade(sample.grade.score, sample.grade.passed)
    told = replace(
        sample.completion, text="", tool_calls=(), usage=Usage(), latency=0.0, fingerprint=None, cost_usd=None
    )
    return Sample(_NO_CALL, told, grade, stored=sample.stored, stands_in=sample.stands_in)
