from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pinward.core.evidence import Call, Completion, Fault, Grade, Sample, ToolCall, Usage
from pinward.errors import ConfigError
from pinward.evals.store import DAY, SampleStore

CALL = Call("t", "c", "baseline")
GRADE = Grade(0.5, False, "because", parts=(Grade(1.0, True, check="contains"),))
ANSWER = Completion("ok", "text", (ToolCall("f", "{}", "1"),), "stop", Usage(4, 3, 2, 1), 0.5, "m-1", "fp", 2, 0.01)
KEPT = Sample(CALL, ANSWER, GRADE, "k1")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_sample_survives_the_process(tmp_path: Path) -> None:
    first = SampleStore(tmp_path / "deep" / "s.db")
    assert first.put([KEPT]) == 1
    first.close()
    second = SampleStore(tmp_path / "deep" / "s.db")
    assert second.get(CALL, "k1") == KEPT
    assert second.get(CALL, "other") is None
    second.close()


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
def test_confirmations_failures_replays_and_fallbacks_are_not_kept(unfit: Sample, tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "s.db")
    assert store.put([unfit]) == 0
    assert store.get(CALL, unfit.key) is None
    store.close()


def test_a_confirmation_is_never_answered_from_the_store(tmp_path: Path) -> None:
    store = SampleStore(tmp_path / "s.db")
    store.put([KEPT])
    assert store.get(replace(CALL, phase="confirm"), "k1") is None
    store.close()


def test_what_is_too_old_is_not_given_and_goes(tmp_path: Path) -> None:
    clock = Clock()
    store = SampleStore(tmp_path / "s.db", max_days=1, now=clock)
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
    store = SampleStore(tmp_path / "s.db", max_bytes=2500, now=clock)
    for n in range(20):
        clock.now += 1
        store.put([replace(KEPT, key=f"k{n}")])
    held = [n for n in range(20) if store.get(CALL, f"k{n}")]
    assert held
    assert held == list(range(20 - len(held), 20))
    assert len(held) < 6
    store.close()


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.write_text("not a database, but long enough to be taken for one" * 20)
    with pytest.raises(ConfigError, match=r"s\.db"):
        SampleStore(path)
