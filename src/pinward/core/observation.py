"""What one night saw of a model's answers on a task's suite: scores by case, and who said that it answered.

Nights are kept as lines of JSON in a place that others may write to, so that they are read like any hostile text.
No answer, no prompt and no name of a case is in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.core.visible import one_line

SCHEMA = "pinward.night/1"
MAX_BYTES = 900_000  # GitHub's contents API gives the text of a file up to 1 MB
KEPT = 80  # percent, once the file is full
MAX_NAMES = 5
MAX_NAME = 120
_KEY = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Observation:
    """One task on one model on one day.

    `scores` (0..1) are by a key (16 hex digits) of all that decides what is asked and how it is judged. `passed` of
    `valid` answers passed. `served` and `fingerprints` are what the provider called itself.
    """

    task: str
    model: str
    day: date
    scores: Mapping[str, float] = field(default_factory=dict)
    passed: int = 0
    served: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()

    @property
    def valid(self) -> int:
        """The number of answers that were judged."""
        return len(self.scores)

    @property
    def stream(self) -> tuple[str, str]:
        """What nights are compared within."""
        return self.task, self.model


def names(found: Iterable[str | None]) -> tuple[str, ...]:
    """Return the distinct names in a form that may be kept: few, short, on one line."""
    short = {one_line(name)[:MAX_NAME].strip() for name in found if name}
    return tuple(sorted(short - {""})[:MAX_NAMES])


def to_line(seen: Observation) -> str:
    """Return an observation as one line of JSON, without a line feed."""
    row = {
        "schema": SCHEMA,
        "day": seen.day.isoformat(),
        "task": seen.task,
        "model": seen.model,
        "passed": seen.passed,
        "served": list(seen.served),
        "fingerprints": list(seen.fingerprints),
        "scores": {key: round(score, 4) for key, score in sorted(seen.scores.items())},
    }
    return json.dumps(row, ensure_ascii=True, separators=(",", ":"))


def read(text: str) -> tuple[list[Observation], int]:
    """Return the observations of a text, oldest first, one a task, model and day; and how many lines are none."""
    found: dict[tuple[str, str, date], Observation] = {}
    refused = 0
    for line in filter(str.strip, text.splitlines()):
        try:
            seen = _observation(parse_json(line))
        except (JsonError, ValueError, TypeError, KeyError):
            refused += 1
            continue
        found.setdefault((*seen.stream, seen.day), seen)  # the first of a day stands: no second try is better
    return sorted(found.values(), key=lambda seen: seen.day), refused


def appended(text: str, new: Iterable[Observation]) -> str:
    """Return a text with observations added that it lacks; the oldest lines go where it would grow too large."""
    known = {(*seen.stream, seen.day) for seen in read(text)[0]}
    lines = [line for line in text.splitlines() if line.strip()]
    lines += [to_line(seen) for seen in new if (*seen.stream, seen.day) not in known]
    size = sum(len(line.encode()) + 1 for line in lines)
    room = MAX_BYTES if size <= MAX_BYTES else KEPT * MAX_BYTES // 100  # many at once, so that few comparisons move
    while size > room:
        size -= len(lines.pop(0).encode()) + 1
    return "".join(f"{line}\n" for line in lines)


def _observation(row: Json) -> Observation:
    """Read a line's value. Raises `KeyError`, `TypeError` or `ValueError` where it is no observation."""
    if not isinstance(row, dict) or row["schema"] != SCHEMA:
        raise ValueError(SCHEMA)
    scores, passed = row["scores"], row["passed"]
    if not isinstance(scores, dict) or isinstance(passed, bool) or not isinstance(passed, int):
        raise TypeError("scores")
    read_scores = {key: _score(value) for key, value in scores.items() if _KEY.fullmatch(key)}
    if len(read_scores) < len(scores) or not 0 <= passed <= len(scores):
        raise ValueError("scores")
    return Observation(
        task=_text(row["task"]),
        model=_text(row["model"]),
        day=date.fromisoformat(_text(row["day"])),
        scores=read_scores,
        passed=passed,
        served=_texts(row["served"]),
        fingerprints=_texts(row["fingerprints"]),
    )


def _score(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("score")
    return float(value)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def _texts(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("texts")
    return names(_text(item) for item in value)
