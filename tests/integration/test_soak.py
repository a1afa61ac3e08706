"""A small soak (`benchmarks/soak.py` is the long one): real processes and sockets, faults, SIGTERM and SIGKILL."""

from __future__ import annotations

from benchmarks import soak


def test_no_answer_is_paid_twice_and_none_is_lost_where_a_run_among_faults_is_interrupted() -> None:
    told = soak.run(cases=120, signals=2, rate=0.05, seed=1, quick=True)
    assert told.problems() == []
    assert sum(told.faults.values()) >= 8
    assert told.runs >= 3
    assert told.verdicts[1]["verdict"] == "fail"
    assert len(told.samples[1]) > 240  # the fallen case was asked again


def test_the_soak_says_what_is_lost_doubled_or_different() -> None:
    told = soak.run(cases=8, signals=0, rate=0.0, seed=1, quick=True)
    assert told.problems() == []
    told.doubled, told.gone, told.kept, told.lost = 1, 1, told.kept - 1, 1
    told.samples[1].popitem()
    told.verdicts[1]["verdict"] = "fail"
    assert len(told.problems()) == 5
