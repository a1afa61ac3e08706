"""The one hook for outcomes: what the users of each model met, as sums in a small file that the rollout gate reads."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from pinward.core.outcomes import (
    Histogram,
    Moments,
    Share,
    Window,
    bucket_of,
    parse_outcomes,
    write_outcomes,
)
from pinward.errors import ConfigError
from pinward.runtime.config import TaskConfig
from pinward.runtime.forks import after_fork

KEPT = 120  # windows: of two models the last two months, so that the file stays small
Key = tuple[str, str, date]  # version, model, day (UTC): a gate can leave out what came before a stage


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of one request; what comes later (a user's rating) may be an outcome of its own.

    `model` is `provider/model`, `latency` in seconds, `cost_usd` in US dollars, `quality` from 0 to 1, and `completed`
    says that the user got what they came for. What is not known is None. Raises `ValueError` for other numbers.
    """

    model: str
    error: bool | None = None
    latency: float | None = None
    cost_usd: float | None = None
    quality: float | None = None
    completed: bool | None = None

    def __post_init__(self) -> None:
        if self.quality is not None and not 0 <= self.quality <= 1:
            raise ValueError(f"quality is {self.quality}; it is a number from 0 to 1")
        if any(value is not None and not 0 <= value < math.inf for value in (self.latency, self.cost_usd)):
            raise ValueError("latency and cost_usd are numbers from 0 on")


@dataclass(eq=False)
class OutcomeRecorder:
    """Adds up outcomes and merges them into one JSON file. Safe between threads, and between processes on one machine.

    `record` keeps sums in memory; they reach the file every `interval` seconds, at `flush` and at `close`. Raises
    `ConfigError` on a system without POSIX file locks.
    """

    path: Path
    task: str
    interval: float = 5.0
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
    _waiting: dict[Key, Window] = field(init=False, repr=False)
    _lock: threading.Lock = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            import fcntl as _  # noqa: F401 - asked here, so that no outcome is lost at the first flush
        except ImportError:
            hint = "Send outcomes to a metrics service, and name its endpoint in `rollout.metrics.url`."
            raise ConfigError("this system has no POSIX file locks, which a file of outcomes needs", hint) from None
        self._start_anew()
        after_fork(self, OutcomeRecorder._start_anew)

    def _start_anew(self) -> None:
        self._waiting, self._lock, self._flushed = {}, threading.Lock(), self.clock()

    @classmethod
    def of(cls, config: TaskConfig) -> OutcomeRecorder:
        """Return the recorder of a task. Raises `ConfigError` where its rollout names no metrics file."""
        if config.metrics_file is None:
            hint = "Add `metrics: {file: metrics/NAME.json}` below the task's `rollout`."
            raise ConfigError(f"the task `{config.name}` has no metrics file", hint)
        return cls(config.metrics_file, config.name)

    def record(self, config: TaskConfig, outcome: Outcome) -> None:
        """Note one outcome. `config` is the state of the task that chose the model: its version is written too."""
        moment = self.now()
        told = Window(
            version=config.version,
            model=outcome.model,
            first=moment,
            last=moment,
            errors=_share(outcome.error),
            completed=_share(outcome.completed),
            quality=_moments(outcome.quality),
            cost_usd=_moments(outcome.cost_usd),
            latency=Histogram() if outcome.latency is None else Histogram({bucket_of(outcome.latency): 1}),
        )
        with self._lock:
            key = _key(told)
            self._waiting[key] = self._waiting[key] + told if key in self._waiting else told
            due = self.clock() - self._flushed >= self.interval
        if due:
            self.flush()

    def flush(self) -> None:
        """Merge what was noted into the file. Where that fails it stays noted, and `OSError` or `ConfigError` tells."""
        with self._lock:
            self._flushed = self.clock()
            if not self._waiting:
                return
            with _locked(self.path):
                stored = parse_outcomes(self.path.read_bytes(), str(self.path), self.task) if _holds(self.path) else ()
                _replace(self.path, write_outcomes(self.task, _merged(stored, self._waiting)))
            self._waiting = {}

    close = flush

    def __enter__(self) -> OutcomeRecorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _share(value: bool | None) -> Share:
    return Share() if value is None else Share(1, int(value))


def _moments(value: float | None) -> Moments:
    return Moments() if value is None else Moments(1, value, value * value)


def _merged(stored: tuple[Window, ...], waiting: dict[Key, Window]) -> tuple[Window, ...]:
    merged = {_key(window): window for window in stored}
    for key, window in waiting.items():
        merged[key] = merged[key] + window if key in merged else window
    return tuple(sorted(merged.values(), key=lambda window: (window.last, window.model)))[-KEPT:]


def _key(window: Window) -> Key:
    return window.version, window.model, window.first.astimezone(UTC).date()


def _holds(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other processes of this machine out while the file is read and replaced."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, data: bytes) -> None:
    """Write the file in one step: a reader sees the old or the new content, never half of it."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.write_bytes(data)
    fresh.replace(path)
