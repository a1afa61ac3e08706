"""Samples of earlier runs on this machine, so that an unchanged case is not paid for twice.

A gate takes stored samples only from where its trust rules allow; this file is for the laptop.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from pinward.core.evidence import Call, Sample
from pinward.errors import ConfigError
from pinward.evals.journal import read_sample, sample_record

SCHEMA = """CREATE TABLE IF NOT EXISTS samples (
    key TEXT PRIMARY KEY, written REAL NOT NULL, size INTEGER NOT NULL, record TEXT NOT NULL
) STRICT"""
DAY = 86_400.0


class SampleStore:
    """Samples by key in one SQLite file, bounded in bytes and in days. Confirmations are neither kept nor given."""

    def __init__(
        self, path: Path, max_bytes: int = 256 * 2**20, max_days: float = 30.0, now: Callable[[], float] = time.time
    ) -> None:
        """Open or create the file. Raises `ConfigError` where it is not such a store."""
        self._max_bytes, self._max_days, self._now = max_bytes, max_days, now
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=10)
        try:
            with self._db:
                self._db.execute(SCHEMA)
                self._db.execute("SELECT key, written, size, record FROM samples LIMIT 1")
        except sqlite3.DatabaseError:
            self._db.close()
            raise ConfigError(f"{path} is not a store of samples", "Delete it; it is written anew.") from None

    def get(self, call: Call, key: str) -> Sample | None:
        """Return the sample of this key for a first call, or None where there is none or it is too old."""
        if call.phase != "first":
            return None
        oldest = self._now() - self._max_days * DAY
        with closing(
            self._db.execute("SELECT record FROM samples WHERE key = ? AND written >= ?", (key, oldest))
        ) as rows:
            found = rows.fetchone()
        try:
            return None if found is None else read_sample(json.loads(found[0]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, samples: Iterable[Sample]) -> int:
        """Keep the live, graded first calls among these; drop what is too old or too much. Returns how many."""
        kept = [s for s in samples if _worth_keeping(s)]
        written = [(s.key, self._now(), json.dumps(sample_record(s), separators=(",", ":"))) for s in kept]
        with self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?)", [(k, w, len(r), r) for k, w, r in written]
            )
            self._db.execute("DELETE FROM samples WHERE written < ?", (self._now() - self._max_days * DAY,))
            self._db.execute(
                "DELETE FROM samples WHERE key IN (SELECT key FROM (SELECT key, SUM(size) OVER "
                "(ORDER BY written DESC, key) AS total FROM samples) WHERE total > ?)",
                (self._max_bytes,),
            )
        return len(kept)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _worth_keeping(sample: Sample) -> bool:
    live = not sample.stored and not sample.completion.replayed and sample.completion.answered_by is None
    return live and sample.grade is not None and sample.call.phase == "first" and bool(sample.key)
