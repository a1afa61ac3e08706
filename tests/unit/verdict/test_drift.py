from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from statistics import mean, median

import pytest

from benchmarks.drift import FIRST, World, delay, false_alarms, nights_between
from pinward.core.observation import Observation
from pinward.verdict.drift import follow, payout

STILL = World(20, 0.2)


def nights(number: int, world: World = STILL, seed: int = 1, **more: tuple[str, ...]) -> list[Observation]:
    draw = random.Random(seed)
    return [replace(world.night(draw, n), **more) for n in range(number)]  # type: ignore[arg-type] # fields by name


def moved(seen: list[Observation], by: int) -> list[Observation]:
    return [replace(one, day=one.day + timedelta(days=by)) for one in seen]


@pytest.mark.parametrize("number", [2, 7, 60])
def test_a_bet_is_fair_over_all_ranks_and_ties_never_pay_more(number: int) -> None:
    assert mean(payout(rank, rank, number) for rank in range(1, number + 1)) == pytest.approx(1)
    assert payout(1, number, number) < 1
    assert payout(1, 2, number) <= (payout(1, 1, number) + payout(2, 2, number)) / 2 + 1e-9


def test_about_a_year_lies_between_false_alarms() -> None:
    assert 330 < nights_between(365, 150) < 520


def test_stable_noisy_nights_alarm_as_rarely_as_ranks_say() -> None:
    assert false_alarms(STILL, 90, 12) <= 6  # 1 - exp(-90 / 413) is 20%: 2.4 expected


def test_a_model_that_always_answers_the_same_never_alarms() -> None:
    drift = follow(nights(450, World(4, 0.0)), 365)
    assert drift is not None
    assert drift.alarm is None


def test_a_fall_of_a_fifth_of_the_cases_is_found_within_days() -> None:
    assert median(delay(World(20, 0.2, 0.2), 30, seed) for seed in range(5)) <= 4


def test_the_alarm_names_since_when_and_both_rates_and_later_nights_are_compared_with_the_new_ones() -> None:
    before = nights(30, World(10, 0.0))
    fallen = [replace(n, scores={**n.scores, f"{0:016x}": 0.0, f"{1:016x}": 0.0}, passed=8) for n in before]
    drift = follow([*before, *moved(fallen, 30)], 365)
    assert drift is not None
    assert drift.alarm is not None
    assert drift.alarm.since == FIRST + timedelta(days=30)
    assert (drift.alarm.rate_before, drift.alarm.rate_since, drift.alarm.nights) == (1.0, 0.8, 30)
    assert drift.alarm.found_on <= FIRST + timedelta(days=33)
    assert drift.nights == 30
    assert drift.shown(drift.alarm.found_on + timedelta(days=13)) is not None
    assert drift.shown(drift.alarm.found_on + timedelta(days=14)) is None


def test_other_cases_that_fail_at_the_same_pass_rate_are_a_change_too() -> None:
    def failing(case: int) -> list[Observation]:
        return [replace(n, scores={**n.scores, f"{case:016x}": 0.0}, passed=9) for n in nights(30, World(10, 0.0))]

    drift = follow([*failing(0), *moved(failing(5), 30)], 365)
    assert drift is not None
    assert drift.alarm is not None
    assert drift.alarm.rate_before == drift.alarm.rate_since == 0.9


def test_another_served_name_is_told_the_same_night() -> None:
    before, after = nights(3, served=("gpt-4o-2024-08-06",)), nights(1, served=("gpt-4o-2024-11-20",))
    drift = follow([*before, *moved(after, 3)], 365)
    assert drift is not None
    assert drift.alarm is not None
    assert (drift.alarm.kind, drift.alarm.found_on) == ("served", FIRST + timedelta(days=3))
    assert (drift.alarm.served_before, drift.alarm.served_since) == (("gpt-4o-2024-08-06",), ("gpt-4o-2024-11-20",))


def test_a_gateway_whose_names_change_every_night_raises_no_alarm() -> None:
    seen = [replace(night, served=(f"node-{n}",)) for n, night in enumerate(nights(20, World(5, 0.0)))]
    drift = follow(seen, 365)
    assert drift is not None
    assert drift.alarm is None


def test_a_new_fingerprint_is_told_and_is_no_alarm() -> None:
    drift = follow([*nights(5, fingerprints=("fp_1",)), *moved(nights(1, fingerprints=("fp_2",)), 5)], 365)
    assert drift is not None
    assert drift.alarm is None
    assert drift.fingerprint_changed


def test_an_edited_suite_starts_a_new_comparison() -> None:
    before = nights(30, World(10, 0.0))
    edited = [replace(n, scores={f"f{key[1:]}": 0.0 for key in n.scores}, passed=0) for n in before]
    drift = follow([*before, *moved(edited, 30)], 365)
    assert drift is not None
    assert drift.alarm is None
    assert drift.nights == 30


def test_added_cases_and_missing_answers_do_not_start_over() -> None:
    before = nights(20, World(10, 0.0))
    more = [replace(n, scores={**dict(list(n.scores.items())[1:]), "f" * 16: 1.0}) for n in before]
    drift = follow([*before, *moved(more, 20)], 365)
    assert drift is not None
    assert drift.alarm is None
    assert drift.nights == 40


def test_nothing_known_is_nothing_said() -> None:
    assert follow([], 365) is None
    (only,) = [follow([Observation("t", "m", date(2026, 1, 1))], 365)]
    assert only is not None
    assert only.rank == 1
