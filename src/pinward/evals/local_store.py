"""First answers of earlier runs on this machine, so that an unchanged case is not paid for twice.

For the command line alone: a gate in CI takes stored answers only from verified reports (docs/threats.md T24).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pinward.core.evidence import Call, Sample
from pinward.errors import ConfigError
from pinward.evals.journal import read_sample, sample_record

MAX_BYTES = 256 * 2**20
MAX_DAYS = 7.0
DAY = 86_400.0
_OURS = 0x50494E57  # "PINW", which marks the file as ours: sqlite.org/pragma.html#pragma_application_id
_TABLE = """CREATE TABLE IF NOT EXISTS samples (
    key TEXT PRIMARY KEY, written REAL NOT NULL, size INTEGER NOT NULL, record TEXT NOT NULL)"""


class LocalStore:
    """Samples by key in one SQLite file, bounded in bytes and in days. Confirmations are neither kept nor given."""

    def __init__(
        self, path: Path, now: Callable[[], float], max_days: float = MAX_DAYS, max_bytes: int = MAX_BYTES
    ) -> None:
        """Open or create the file; `now` gives seconds since the epoch.

        Raises `ConfigError` where it is not such a store, or cannot be used.
        """
        self.path = path
        self._max_bytes, self._max_days, self._now = max_bytes, max_days, now
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)  # it holds what models answered
            self._db = sqlite3.connect(path, timeout=10)
        except (OSError, sqlite3.Error):
            raise ConfigError(f"{path} cannot be opened", "Give it back to this user, or delete it.") from None
        try:
            self._prepare()
        except sqlite3.Error:
            self._db.close()
            raise ConfigError(f"{path} is not a store of samples", "Delete it; it is written anew.") from None

    def _prepare(self) -> None:
        with self._db:
            (mark,), (tables,) = (
                self._db.execute(question).fetchone()
                for question in ("PRAGMA application_id", "SELECT COUNT(*) FROM sqlite_master")
            )
            if mark != _OURS and tables:
                raise sqlite3.DatabaseError
            self._db.execute(f"PRAGMA application_id = {_OURS}")
            self._db.execute(_TABLE)
            self._db.execute("SELECT key, written, size, record FROM samples LIMIT 1")

    def get(self, call: Call, key: str) -> Sample | None:
        """Return the sample of this key for a first call, or None where there is none, or none that can be read."""
        if call.phase != "first":
            return None
        try:
            with closing(
                self._db.execute("SELECT record FROM samples WHERE key = ? AND written >= ?", (key, self._oldest()))
            ) as rows:
                found = rows.fetchone()
            return None if found is None else replace(read_sample(json.loads(found[0])), call=call, stored=True)
        except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def put(self, samples: Iterable[Sample]) -> None:
        """Keep the live, graded first answers among these; drop what is too old or too much.

        Raises `ConfigError` where the file cannot be written.
        """
        try:
            with self._db:
                self._db.executemany("INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?)", self._rows(samples))
                self._db.execute("DELETE FROM samples WHERE written < ?", (self._oldest(),))
                self._db.execute(
                    "DELETE FROM samples WHERE key IN (SELECT key FROM (SELECT key, SUM(size) OVER "
                    "(ORDER BY written DESC, key) AS total FROM samples) WHERE total > ?)",
                    (self._max_bytes,),
                )
        except sqlite3.Error as error:
            raise ConfigError(f"{self.path} cannot be written ({error})", "Delete it; it is written anew.") from None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _rows(self, samples: Iterable[Sample]) -> Iterator[tuple[str, float, int, str]]:
        written = self._now()
        for sample in samples:
            if _is_worth_keeping(sample):
                record = json.dumps(sample_record(sample), separators=(",", ":"))
                yield sample.key, written, len(record), record

    def _oldest(self) -> float:
        return self._now() - self._max_days * DAY


def _is_worth_keeping(sample: Sample) -> bool:
    told = sample.completion
    is_live = not sample.stored and not told.replayed and told.answered_by is None and told.fault is None
    return is_live and sample.grade is not None and sample.call.phase == "first" and bool(sample.key)
