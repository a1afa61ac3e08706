"""`results.jsonl`: every sample of a run, one line each, written as it arrives, so that an interrupted run resumes."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

from pinward.core.evidence import Call, Completion, Grade, Sample
from pinward.core.policy import Json
from pinward.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MOST = 10**12  # tokens, seconds, dollars: no run has more, and sums of such stay finite


def sample_record(sample: Sample, category: str = "") -> dict[str, Json]:
    """Return a sample as one line of the journal holds it; `category` is its case's."""
    call, completion = sample.call, sample.completion
    return {
        "key": sample.key,
        "task": call.task,
        "case": call.case,
        "category": category,
        "arm": call.arm,
        "phase": call.phase,
        "repeat": call.repeat,
        "stored": sample.stored,
        "stands_in": sample.stands_in,
        "completion": {
            **_fields(completion),
            "tool_calls": [_fields(one) for one in completion.tool_calls],
            "usage": _fields(completion.usage),
            "fault": None if completion.fault is None else _fields(completion.fault),
        },
        "grade": None if sample.grade is None else _grade_record(sample.grade),
    }


def _grade_record(grade: Grade) -> dict[str, Json]:
    return {**_fields(grade), "parts": [_grade_record(part) for part in grade.parts]}


def _fields(noun: Any) -> dict[str, Any]:
    """Return the fields of a frozen noun, shallowly; `asdict` copies deeply, which doubles the cost of a line."""
    return {name: getattr(noun, name) for name in noun.__slots__}


def read_sample(record: Mapping[str, Any]) -> Sample:
    """Read a line of the journal. Raises `KeyError`, `TypeError` or `ValueError` where it is not one.

    A report folder may be somebody else's (docs/threats.md T24, T27), so that each value is held against its type.
    """
    call = {name: record[name] for name in Call.__slots__}
    nested = {name: record[name] for name in ("completion", "grade", "key", "stored")}
    sample = _reader().validate_python({**nested, "call": call, "stands_in": record.get("stands_in", False)})
    _require_sound(sample.completion, sample.grade)
    return sample


@functools.cache
def _reader() -> TypeAdapter[Sample]:
    from pydantic import TypeAdapter

    return TypeAdapter(Sample)


def _require_sound(completion: Completion, grade: Grade | None) -> None:
    """Raise `ValueError` for figures that no call has; they would become the report's."""
    figures = (completion.latency, completion.cost_usd or 0.0, *_fields(completion.usage).values())
    if not all(0 <= figure <= MOST for figure in figures) or (grade is not None and not 0 <= grade.score <= 1):
        raise ValueError


def read_samples(path: Path) -> Iterator[Sample]:
    """Yield the samples of a journal; a torn last line (the run was killed) is left out.

    Raises `ConfigError` where another line is not a sample.
    """
    return (sample for _, sample in _placed(path))


def _placed(path: Path) -> Iterator[tuple[int, Sample]]:
    start = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield start, read_sample(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise ConfigError(f"{path}:{number}: not a result of a run", "Delete the file to start over.") from None
            start += len(line)


class Kept(Mapping[str, Sample]):
    """Samples of a journal by key, the first of a key: what stays in memory of each is its place in the file."""

    def __init__(self, path: Path, wanted: Callable[[Sample], bool]) -> None:
        """Look through the file. Raises `ConfigError` where it is no journal."""
        self._places: dict[str, int] = {}
        for place, sample in _placed(path):
            if wanted(sample):
                self._places.setdefault(sample.key, place)
        self._file = path.open("rb")  # read from as long as the samples are asked for
        finalize(self, self._file.close)

    def __getitem__(self, key: str) -> Sample:
        self._file.seek(self._places[key])
        return read_sample(json.loads(self._file.readline()))

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def is_graded(sample: Sample) -> bool:
    """Tell whether an answer arrived and was judged."""
    return sample.grade is not None


class Journal:
    """Appends samples to a file and knows those that it already held (by key), less the ones that failed to arrive."""

    def __init__(
        self, path: Path, redact: Callable[[str], str] = str, arrived: Callable[[Sample], bool] = is_graded
    ) -> None:
        """`redact` takes secrets out of each line, `arrived` tells which samples need not be asked for again.

        Raises `ConfigError` where an existing file is no journal.
        """
        self.path = path
        self._redact = redact
        path.touch()
        self._known = Kept(path, arrived)
        _cut_torn_line(path)
        self._file = path.open("a", encoding="utf-8")
        self._began = self._file.tell()

    def known(self, key: str) -> Sample | None:
        """Return the sample of this key from before the interruption."""
        return self._known.get(key)

    def earlier(self) -> Iterator[Sample]:
        """Yield what the file held before this run, also what failed to arrive."""
        return (sample for place, sample in takewhile(lambda found: found[0] < self._began, _placed(self.path)))

    def append(self, sample: Sample, category: str = "") -> None:
        """Write one sample of a case of this category; it is on its way to the disk when this returns."""
        line = json.dumps(sample_record(sample, category), separators=(",", ":"), ensure_ascii=True)
        self._file.write(self._redact(line) + "\n")
        self._file.flush()

    def close(self) -> str:
        """Close the file and return its SHA-256 (hex)."""
        self._file.close()
        with self.path.open("rb") as written:
            return hashlib.file_digest(written, "sha256").hexdigest()


def _cut_torn_line(path: Path) -> None:
    """Drop an unfinished last line, so that the next append begins a line of its own."""
    with path.open("rb+") as file:
        file.truncate(sum(len(line) for line in file if line.endswith(b"\n")))
