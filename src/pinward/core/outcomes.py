"""Outcome metrics of deployed models: the file that an application writes and the rollout gate reads.

Sums and histograms, no single request: small, free of content, and enough for a two-sample test of each metric.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pinward.core.fields import Field
from pinward.core.strict_json import load_json
from pinward.version import doc

SCHEMA = "pinward.metrics/1"
GROWTH = 1.05  # each bound of our own histogram is 5% above the last: as exact as a quantile of latencies needs
_MOST = 1e15
Bucket = tuple[float, float]
_EXAMPLE = '{"schema": "pinward.metrics/1", "task": "extract", "windows": []}'
_WINDOW_KEYS = ("version", "model", "from", "to", "errors", "completed", "quality", "cost_usd", "latency")


@dataclass(frozen=True, slots=True)
class Share:
    """How many of `n` requests had a property: an error, a completed job."""

    n: int = 0
    count: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.n + other.n, self.count + other.count)

    @property
    def rate(self) -> float:
        """The share, 0 of nothing."""
        return self.count / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, sum and sum of squares of a number: a quality score, a cost."""

    n: int = 0
    sum: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.n + other.n, self.sum + other.sum, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """The mean, 0 of nothing."""
        return self.sum / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """The sample variance, 0 of fewer than two."""
        return max(self.squares - self.n * self.mean**2, 0.0) / (self.n - 1) if self.n > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Histogram:
    """Latencies in seconds: how many fell into each bucket, given by its bounds."""

    counts: Mapping[Bucket, int] = field(default_factory=dict)

    def __add__(self, other: Histogram) -> Histogram:
        merged = dict(self.counts)
        for bucket, number in other.counts.items():
            merged[bucket] = merged.get(bucket, 0) + number
        return Histogram(merged)

    @property
    def n(self) -> int:
        """How many latencies there are."""
        return sum(self.counts.values())

    def order_statistic(self, rank: int) -> Bucket:
        """Return the bucket that holds the value of a rank (from 1); an unbounded one beyond the last."""
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                return bucket
        return math.inf, math.inf


def bucket_of(seconds: float) -> Bucket:
    """Return the bucket of a latency."""
    step = math.ceil(round(math.log(max(seconds, 1e-4)) / math.log(GROWTH), 9))
    return float(f"{GROWTH ** (step - 1):.4g}"), float(f"{GROWTH**step:.4g}")


@dataclass(frozen=True, slots=True)
class Window:
    """What happened to the requests that one model answered while one version was deployed.

    `version` is the deployment's digest (`core.deployment`) or a commit. `first` and `last` are aware times.
    """

    version: str
    model: str
    first: datetime
    last: datetime
    errors: Share = Share()
    completed: Share = Share()
    quality: Moments = Moments()
    cost_usd: Moments = Moments()
    latency: Histogram = Histogram()

    def __add__(self, other: Window) -> Window:
        return replace(
            self,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
            errors=self.errors + other.errors,
            completed=self.completed + other.completed,
            quality=self.quality + other.quality,
            cost_usd=self.cost_usd + other.cost_usd,
            latency=self.latency + other.latency,
        )


def parse_outcomes(data: bytes, path: str, task: str) -> tuple[Window, ...]:
    """Read a metrics document. Raises `ConfigError` with file, line and key for whatever it should not hold."""
    root = Field.root(load_json(data, path))
    keys = root.keys(("schema", "task", "windows"), _EXAMPLE)
    if "schema" not in keys or keys["schema"].value != SCHEMA:
        raise root.error(f"is not a `{SCHEMA}` document", f"Write for example `{_EXAMPLE}`.")
    if "task" not in keys or keys["task"].value != task:
        raise root.error(f"is not about the task `{task}`", "Give each task a metrics source of its own.")
    return tuple(_window(item) for item in (keys["windows"].items() if "windows" in keys else []))


def write_outcomes(task: str, windows: tuple[Window, ...]) -> bytes:
    """Return the document, one window a line."""
    lines = ",\n  ".join(json.dumps(_plain(window), separators=(",", ":")) for window in windows)
    return f'{{"schema": "{SCHEMA}", "task": {json.dumps(task)}, "windows": [\n  {lines}\n]}}\n'.encode()


def _window(item: Field) -> Window:
    keys = item.keys(_WINDOW_KEYS)
    for needed in ("version", "model", "from", "to"):
        if needed not in keys:
            raise item.error(f"has no `{needed}`", f"{doc('runtime.md')} shows a whole window.")
    first, last = _time(keys["from"]), _time(keys["to"])
    if last < first:
        raise keys["to"].error("is before `from`", "Write the times of the first and the last request.")
    return Window(
        version=keys["version"].text("3f2a91c05b77"),
        model=keys["model"].text("openai/gpt-5.1-2025-11-13"),
        first=first,
        last=last,
        errors=_share(keys["errors"]) if "errors" in keys else Share(),
        completed=_share(keys["completed"]) if "completed" in keys else Share(),
        quality=_moments(keys["quality"], 1.0) if "quality" in keys else Moments(),
        cost_usd=_moments(keys["cost_usd"], _MOST) if "cost_usd" in keys else Moments(),
        latency=_histogram(keys["latency"]) if "latency" in keys else Histogram(),
    )


def _time(item: Field) -> datetime:
    example = "2026-11-22T10:00:00+00:00"
    try:
        moment = datetime.fromisoformat(item.text(example))
        if moment.tzinfo is None:  # a clock without a zone cannot be compared with GitHub's
            raise item.error("has no time zone", f"Write for example `{example}`.")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC, the first and last hours of the calendar may lie outside it
        raise item.expected("a time with its zone", example) from None


def _share(item: Field) -> Share:
    keys = item.keys(("n", "count"), '{"n": 1000, "count": 12}')
    n = keys["n"].whole(0, int(_MOST)) if "n" in keys else 0
    return Share(n, keys["count"].whole(0, n) if "count" in keys else 0)


def _moments(item: Field, most: float) -> Moments:
    """Read moments of numbers from 0 to `most`, which must be possible: the square of the sum is n x squares at most
    (Cauchy-Schwarz), and the squares are `most` x the sum at most."""
    keys = item.keys(("n", "sum", "squares"), '{"n": 1000, "sum": 1.2, "squares": 0.02}')
    n = keys["n"].whole(0, int(_MOST)) if "n" in keys else 0
    total = keys["sum"].number(0, _MOST) if "sum" in keys else 0.0
    squares = keys["squares"].number(0, _MOST) if "squares" in keys else 0.0
    low, high = total * total, most * total * (1 + 1e-9) + 1e-9
    if total > n * most * (1 + 1e-9) or low > n * squares * (1 + 1e-9) + 1e-9 or squares > high:
        raise item.error("cannot be the sums of so many numbers", "Write n, the sum, and the sum of the squares.")
    return Moments(n, total, squares)


def _histogram(item: Field) -> Histogram:
    example = "[[0.0, 0.25, 120], [0.25, 0.5, 31]]"
    counts: dict[Bucket, int] = {}
    for row in item.items(example):
        cells = row.items(example)
        if len(cells) != 3:
            raise row.expected("two bounds in seconds and a count", example)
        low = cells[0].number(0, 1e9)
        bucket = low, cells[1].number(low, 1e9)
        counts[bucket] = counts.get(bucket, 0) + cells[2].whole(0, int(_MOST))
    return Histogram(counts)


def _plain(window: Window) -> dict[str, object]:
    written: dict[str, object] = {
        "version": window.version,
        "model": window.model,
        "from": window.first.isoformat(timespec="seconds"),
        "to": window.last.isoformat(timespec="seconds"),
    }
    for name, share in (("errors", window.errors), ("completed", window.completed)):
        written |= {name: {"n": share.n, "count": share.count}} if share.n else {}
    for name, moments in (("quality", window.quality), ("cost_usd", window.cost_usd)):
        written |= {name: {"n": moments.n, "sum": moments.sum, "squares": moments.squares}} if moments.n else {}
    if window.latency.n:
        written["latency"] = sorted([*bucket, number] for bucket, number in window.latency.counts.items())
    return written
