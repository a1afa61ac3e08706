from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from pinward.core.evidence import Call, Completion, Fault, Grade, Sample, ToolCall, Usage
from pinward.errors import ConfigError
from pinward.evals.local_store import DAY, LocalStore

CALL = Call("t", "c", "baseline")
GRADE = Grade(0.5, False, "because", parts=(Grade(1.0, True, check="contains"),))
ANSWER = Completion("ok", "text", (ToolCall("f", "{}", "1"),), "stop", Usage(4, 3, 2, 1), 0.5, "m-1", "fp", 2, 0.01)
KEPT = Sample(CALL, ANSWER, GRADE, "k1")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_sample_survives_the_process_and_says_that_it_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "s.db"
    first = LocalStore(path, Clock())
    first.put([KEPT])
    first.close()
    second = LocalStore(path, Clock())
    assert second.get(replace(CALL, case="moved"), "k1") == replace(KEPT, call=replace(CALL, case="moved"), stored=True)
    assert second.get(CALL, "other") is None
    second.close()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "unfit",
    [
        replace(KEPT, call=replace(CALL, phase="confirm")),
        replace(KEPT, stored=True),
        replace(KEPT, grade=None, completion=Completion("infra_error", fault=Fault("server", "HTTP 500", 500))),
        replace(KEPT, completion=replace(ANSWER, replayed=True)),
        replace(KEPT, completion=replace(ANSWER, answered_by="other/model")),
        replace(KEPT, key=""),
    ],
)
def test_confirmations_failures_replays_fallbacks_and_stored_answers_are_not_kept(
    unfit: Sample, tmp_path: Path
) -> None:
    store = LocalStore(tmp_path / "s.db", Clock())
    store.put([unfit])
    assert store.get(CALL, unfit.key) is None
    store.close()


def test_a_confirmation_is_never_answered_from_the_store(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "s.db", Clock())
    store.put([KEPT])
    assert store.get(CALL, "k1") is not None
    assert store.get(replace(CALL, phase="confirm"), "k1") is None
    store.close()


def test_what_is_too_old_is_not_given_and_goes(tmp_path: Path) -> None:
    clock = Clock()
    store = LocalStore(tmp_path / "s.db", clock, max_days=1)
    store.put([KEPT])
    clock.now += DAY + 1
    assert store.get(CALL, "k1") is None
    store.put([replace(KEPT, key="k2")])
    clock.now -= DAY
    assert store.get(CALL, "k1") is None
    assert store.get(CALL, "k2") is not None
    store.close()


def test_the_newest_stay_where_there_is_too_much(tmp_path: Path) -> None:
    clock = Clock()
    store = LocalStore(tmp_path / "s.db", clock, max_bytes=2500)
    for n in range(20):
        clock.now += 1
        store.put([replace(KEPT, key=f"k{n}")])
    held = [n for n in range(20) if store.get(CALL, f"k{n}")]
    assert held
    assert held == list(range(20 - len(held), 20))
    assert len(held) < 6
    store.close()


def test_a_file_of_another_kind_and_a_database_of_others_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be taken for one" * 20)
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as db:
        db.execute("CREATE TABLE photos (id INTEGER)")
    db.close()
    for path in (text, foreign):
        before = path.read_bytes()
        with pytest.raises(ConfigError, match=path.name):
            LocalStore(path, Clock())
        assert path.read_bytes() == before


def test_a_record_that_is_no_sample_is_as_good_as_none(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "s.db", Clock())
    with sqlite3.connect(tmp_path / "s.db") as db:
        rows = [("k1", Clock.now, 2, "{}"), ("k2", Clock.now, 2, "[" * 100_000)]
        db.executemany("INSERT INTO samples VALUES (?, ?, ?, ?)", rows)
    db.close()
    assert store.get(CALL, "k1") is None
    assert store.get(CALL, "k2") is None
    store.close()


def test_a_folder_that_may_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be opened"):
        LocalStore(tmp_path / "file" / "s.db", Clock())
