"""In which order the calls of a round go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pinward.core.evidence import Call


def interleave(calls: Iterable[Call]) -> list[int]:
    """Return the places of the calls in an order in which the arms of a task take turns, and take turns in going first.

    A provider's bad minute then falls on both sides alike.
    """
    seen: Counter[tuple[str, str]] = Counter()
    arms: dict[tuple[str, str], int] = {}
    tasks: dict[str, int] = {}
    ranked = []
    for place, call in enumerate(calls):
        lane = (call.task, call.arm)
        turn, arm = seen[lane], arms.setdefault(lane, len(arms))
        seen[lane] += 1
        ranked.append((turn, tasks.setdefault(call.task, len(tasks)), -arm if turn % 2 else arm, place))
    return [place for *_, place in sorted(ranked)]
