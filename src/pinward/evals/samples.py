"""The samples of a run as the verdict needs them: the first ones whole, of the others figures in columns.

100,000 cases must not need more than 200 MB (docs/architecture.md, budgets); the journal has every sample whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isnan, nan
from typing import overload

from pinward.core.evidence import Call, Completion, Grade, Sample, Usage

_NO_CALL = Call("", "", "")
_FIGURES = 7  # latency, cost, and the five counts of tokens


class Samples(Sequence[Sample]):
    """Samples in an order that is told after they arrived; beyond `whole`, each is made anew when it is asked for."""

    def __init__(self, whole: int | None = None) -> None:
        """Keep the first `whole` as they are; None: all."""
        self._most = whole
        self._whole: list[Sample] = []
        self._calls: list[Call] = []
        self._kinds = array("L")
        self._figures = array("d")
        self._kind_of: list[Sample] = []
        self._known: dict[Sample, int] = {}
        self._order = array("L")

    def keep(self, sample: Sample) -> int:
        """Keep a sample and return its slot."""
        if self._most is None or len(self._whole) < self._most:
            self._whole.append(sample)
            return len(self._whole) - 1
        told = sample.completion
        self._calls.append(sample.call)
        self._kinds.append(self._number(_kind(sample)))
        cost, usage = nan if told.cost_usd is None else told.cost_usd, told.usage
        tokens = (usage.input, usage.output, usage.cached, usage.reasoning, usage.written)
        self._figures.extend((told.latency, cost, *tokens))
        return len(self._whole) + len(self._calls) - 1

    def _number(self, kind: Sample) -> int:
        if kind not in self._known:
            self._known[kind] = len(self._kind_of)
            self._kind_of.append(kind)
        return self._known[kind]

    def arrange(self, slots: Iterable[int]) -> None:
        """Let the samples of these slots follow those that stand in the order already."""
        self._order.extend(slots)

    def at(self, slot: int) -> Sample:
        """Return the sample of a slot."""
        if slot < len(self._whole):
            return self._whole[slot]
        slot -= len(self._whole)
        latency, cost, *tokens = self._figures[slot * _FIGURES : (slot + 1) * _FIGURES]
        kind = self._kind_of[self._kinds[slot]]
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
        return Sample(self._calls[slot], completion, kind.grade, stored=kind.stored, stands_in=kind.stands_in)

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> Sample: ...
    @overload
    def __getitem__(self, place: slice) -> list[Sample]: ...
    def __getitem__(self, place: int | slice) -> Sample | list[Sample]:
        chosen = self._order[place]
        return self.at(chosen) if isinstance(chosen, int) else [self.at(slot) for slot in chosen]


def _kind(sample: Sample) -> Sample:
    """Return what a sample has in common with many others: no texts, no figures, no call."""
    grade = None if sample.grade is None else Grade(sample.grade.score, sample.grade.passed)
    told = replace(
        sample.completion, text="", tool_calls=(), usage=Usage(), latency=0.0, fingerprint=None, cost_usd=None
    )
    return Sample(_NO_CALL, told, grade, stored=sample.stored, stands_in=sample.stands_in)
