"""The two looks at fallen cases: levels, releases, and what each look may still decide."""

from __future__ import annotations

import pytest

from pinward.core.evidence import BASELINE, CANDIDATE, Call, CaseComparison, Sample, Tally
from pinward.core.policy import GatePolicy
from pinward.verdict.confirm import Confirmation, Key, Look, plan_looks
from tests.unit.verdict.world import graded

AUTO = GatePolicy()


def fallen(*names: str) -> dict[Key, CaseComparison]:
    sides = Tally(1, 1, 1.0), Tally(1, 0, 0.0)
    return {("t", name): CaseComparison(name, "x", "unconfirmed", *sides) for name in names}


def fresh(**passes: tuple[str, str]) -> dict[Call, Sample]:
    """Build fresh runs: `c0=("1111", "0010")` are the baseline's and the candidate's passes in turn."""
    calls = {}
    for name, sides in passes.items():
        for arm, marks in zip((BASELINE, CANDIDATE), sides, strict=True):
            for repeat, mark in enumerate(marks):
                call = Call("t", name, arm, "confirm", repeat)
                calls[call] = graded(call, float(mark))
    return calls


def test_a_shard_spends_its_share_and_so_needs_more_runs() -> None:
    assert plan_looks(AUTO, 1, 1.0) == (Look(5, 0.0125), Look(16, 0.0125))
    tenth = plan_looks(AUTO, 1, 0.1)
    assert [look.runs for look in tenth] == [6, 16]
    assert tenth[0].level == pytest.approx(0.00125)


def test_a_number_of_runs_is_one_look_with_what_both_may_spend() -> None:
    assert plan_looks(GatePolicy(confirm=7), 3, 1.0) == (Look(7, 0.025),)


def test_a_case_that_does_not_trail_is_released_at_the_first_look_and_asked_no_more() -> None:
    confirmation = Confirmation(fallen("even", "trails"), plan_looks(AUTO, 2, 1.0))
    confirmation.look_at(fresh(even=("11111", "11111"), trails=("11111", "10011")), stopped=False)
    assert confirmation.decided[("t", "even")].status == "recovered"
    assert {call.case for call in confirmation.calls} == {"trails"}
    assert len(confirmation.calls) == 2 * 11


def test_what_the_first_look_rejected_helps_the_second_along_as_holm_allows() -> None:
    # 14 of 16 against 6 of 16 has p = 0.0046: too much for one of three (0.0042), enough for one of two (0.00625).
    cases = fallen("a", "b", "c")
    trailing = ("1111111111111100", "0111111000000000")
    broken = ("11111", "00000")
    samples = fresh(a=broken, b=trailing, c=trailing)
    looks = (Look(5, 0.0125), Look(16, 0.0125))
    confirmation = Confirmation(cases, looks)
    samples |= fresh(c=("1111111111111111", "1111111111111111"))
    confirmation.look_at(samples, stopped=False)
    assert confirmation.decided[("t", "a")].status == "regressed"
    assert confirmation.decided[("t", "c")].status == "recovered"
    assert confirmation.decided[("t", "b")].p_value == pytest.approx(0.0046, abs=1e-3)
    assert confirmation.decided[("t", "b")].status == "regressed"


def test_what_the_first_look_released_still_counts_and_helps_nothing_along() -> None:
    even, trailing = ("1" * 16, "1" * 16), ("1111111111111100", "0111111000000000")  # p = 0.0046, one of three: 0.0042
    confirmation = Confirmation(fallen("a", "b", "c"), (Look(5, 0.0125), Look(16, 0.0125)))
    confirmation.look_at(fresh(a=even, b=trailing, c=even), stopped=False)
    assert [confirmation.decided["t", name].status for name in "abc"] == ["recovered", "flaky", "recovered"]


def test_a_graded_case_that_still_trails_after_the_last_look_is_flaky_not_recovered() -> None:
    samples = {}
    for arm, scores in ((BASELINE, (0.6, 0.5)), (CANDIDATE, (0.5, 0.55))):
        for repeat in range(16):
            call = Call("t", "c", arm, "confirm", repeat)
            samples[call] = graded(call, scores[repeat % 2], passed=True)
    confirmation = Confirmation(fallen("c"), plan_looks(AUTO, 1, 1.0))
    confirmation.look_at(samples, stopped=False)
    assert confirmation.decided[("t", "c")].status == "flaky"


def test_the_look_that_was_cut_decides_nothing_of_the_case() -> None:
    confirmation = Confirmation(fallen("c"), plan_looks(AUTO, 1, 1.0))
    confirmation.look_at(fresh(c=("1111", "0000")), stopped=True)
    assert confirmation.decided[("t", "c")].status == "unconfirmed"
    assert not confirmation.calls
