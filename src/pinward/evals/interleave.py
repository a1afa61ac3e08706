"""In which order the calls of a round go out."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from pinward.core.evidence import Call


def interleave(calls: Iterable[Call]) -> Iterator[int]:
    """Yield the places of the calls in an order in which the arms of a task take turns, and take turns in going first.

    A provider's bad minute then falls on both sides alike.
    """
    tasks: dict[str, dict[str, array[int]]] = {}
    for place, call in enumerate(calls):
        tasks.setdefault(call.task, {}).setdefault(call.arm, array("L")).append(place)
    longest = max((len(lane) for arms in tasks.values() for lane in arms.values()), default=0)
    for turn in range(longest):
        for arms in tasks.values():
            lanes = list(arms.values())[:: -1 if turn % 2 else 1]
            yield from (lane[turn] for lane in lanes if turn < len(lane))
