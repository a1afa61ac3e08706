"""Rulings on a step, without git or GitHub."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pinward.core.facts import LifecycleFact, Lifetime, Ruling
from pinward.core.outcomes import Histogram, Moments, Share, Window, bucket_of
from pinward.core.policy import Rollout, Task
from pinward.verdict.rollout import LOST, METRICS, SKEW, SKIPPED, SOAK, Evidence, move_of, rulings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD, NEW, THIRD = "acme/old", "acme/new", "acme/third"


def task(model: str, candidate: str | None, percent: float, **changed: object) -> Task:
    candidates = (candidate,) if candidate else ()
    made = Task(name="extract", model=model, candidates=candidates, rollout=Rollout(percent=percent))
    return replace(made, **changed)  # type: ignore[arg-type] # values of each test


def window(model: str, hours: float) -> Window:
    n = 5000
    return Window(
        "v", model, NOW - timedelta(hours=hours), NOW,
        errors=Share(n, 25), completed=Share(n, 4700), quality=Moments(n, 4500.0, 4500.0),
        cost_usd=Moments(n, 5.0, 0.006), latency=Histogram({bucket_of(0.5): n}),
    )  # fmt: skip


def ruled(base: Task | None, head: Task, hours: float = 50) -> dict[str, Ruling]:
    """Rule on a step, with sound outcomes of so many hours at a stage that began 60 hours ago."""
    evidence = Evidence(
        NOW, NOW - timedelta(hours=60), windows=(window(OLD, hours), window(NEW, hours)), why_windows="none"
    )
    move = move_of(base, head)
    return {ruling.rule: ruling for ruling in rulings(move, base, head, evidence, None)} if move else {}


def test_the_next_stage_holds_after_enough_hours_of_sound_outcomes() -> None:
    assert {ruling.state for ruling in ruled(task(OLD, NEW, 1), task(OLD, NEW, 10)).values()} == {"held"}


@pytest.mark.parametrize(
    ("stages", "before", "after", "state"),
    [
        ((5, 100), 0, 5, "held"),
        ((6, 100), 0, 6, "broken"),  # the stage is announced, and too large to begin with
        ((1, 10, 100), 0, 2, "broken"),
        ((1, 10, 100), 1, 6, "held"),  # only the beginning is bounded
        ((1, 10, 100), 1, 10.5, "broken"),
        ((1, 10), 10, 100, "held"),  # after the last stage comes all of the traffic
    ],
)
def test_a_step_goes_to_the_next_stage_at_most(
    stages: tuple[float, ...], before: float, after: float, state: str
) -> None:
    base = task(OLD, NEW, before, rollout=Rollout(before, stages))
    assert ruled(base, task(OLD, NEW, after))[SKIPPED].state == state


def ruling(rule: str, since: datetime | None, *windows: Window) -> Ruling:
    """Rule on the step from 1% to 10%, where the stage began at a time, by outcomes."""
    base, head = task(OLD, NEW, 1), task(OLD, NEW, 10)
    move = move_of(base, head)
    assert move is not None
    found = rulings(move, base, head, Evidence(NOW, since, windows=windows), None)
    return next(one for one in found if one.rule == rule)


@pytest.mark.parametrize(
    ("began", "state"),
    [
        (timedelta(hours=48), "held"),
        (timedelta(hours=47, minutes=59), "broken"),
        (timedelta(0), "broken"),
        (-SKEW, "broken"),
        (-SKEW - timedelta(seconds=1), "unknown"),  # the future
    ],
)
def test_a_stage_soaks_to_the_minute_and_a_clock_that_is_wrong_is_no_soak_time(began: timedelta, state: str) -> None:
    assert ruling(SOAK, NOW - began).state == state


def test_what_waits_says_for_how_long_and_what_has_waited_says_since_when() -> None:
    waiting, done = ruling(SOAK, NOW - timedelta(hours=6)), ruling(SOAK, NOW - timedelta(hours=60))
    assert "has soaked 6 of 48 hours (since 2026-11-22 06:00 UTC)" in waiting.said
    assert waiting.help == "Wait until 2026-11-24 06:00 UTC."
    assert "has soaked 60 hours (since 2026-11-20 00:00 UTC)" in done.said


def test_a_beginning_that_nobody_knows_is_unknown() -> None:
    windows = (window(OLD, 50), window(NEW, 50))
    assert (ruling(SOAK, None).state, ruling(METRICS, None, *windows).state) == ("unknown", "unknown")


def test_the_first_stage_waits_for_nothing() -> None:
    base, head = task(OLD, NEW, 0), task(OLD, NEW, 1)
    move = move_of(base, head)
    assert move is not None
    found = {one.rule: one.state for one in rulings(move, base, head, Evidence(NOW), None)}
    assert (found[SOAK], found[METRICS]) == ("held", "held")


def until(made: Window, last: datetime) -> Window:
    return replace(made, last=last)


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        (window(OLD, 60), window(NEW, 60), "held"),
        (window(OLD, 48) , window(NEW, 60), "held"),
        (until(window(OLD, 48), NOW - SKEW), window(NEW, 60), "held"),
        (until(window(OLD, 48), NOW - SKEW - timedelta(seconds=1)), window(NEW, 60), "unknown"),
        (window(OLD, 60), window(NEW, 47), "unknown"),
        (until(window(OLD, 60), NOW + SKEW), window(NEW, 60), "held"),
        (window(OLD, 60), until(window(NEW, 60), NOW + SKEW + timedelta(seconds=1)), "unknown"),
        (window(OLD, 61), window(NEW, 60), "unknown"),  # from before the stage
        (window(OLD, 60), window(THIRD, 60), "unknown"),
    ],
)  # fmt: skip
def test_outcomes_count_that_both_models_had_at_this_stage_and_for_its_soak_time(
    old: Window, new: Window, state: str
) -> None:
    assert ruling(METRICS, NOW - timedelta(hours=60), old, new).state == state


def life(**fields: object) -> Lifetime:
    fact = LifecycleFact("acme", "old", "snapshot", "active", "https://acme.example", "2026-11-22", "first-party")
    return replace(Lifetime(fact, "active"), **fields)  # type: ignore[arg-type]  # values of each test


@pytest.mark.parametrize(
    ("lifetime", "state"),
    [
        (None, "held"),
        (life(), "held"),
        (life(status="deprecated"), "held"),
        (life(status="retired"), "broken"),
        (life(rerouted_to="acme/other"), "broken"),
    ],
)
def test_a_model_to_go_back_to_is_one_that_answers(lifetime: Lifetime | None, state: str) -> None:
    base, head = task(OLD, NEW, 1), task(OLD, NEW, 10)
    move = move_of(base, head)
    assert move is not None
    found = {one.rule: one.state for one in rulings(move, base, head, Evidence(NOW), lifetime)}
    assert found[LOST] == state


def test_outcomes_of_one_hour_stand_for_no_soak_time() -> None:
    found = ruled(task(OLD, NEW, 1), task(OLD, NEW, 10), hours=1)[METRICS]
    assert found.state == "unknown"
    assert "1 of 48 hours" in found.said


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (task(OLD, NEW, 1), task(NEW, OLD, 99)),
        (task(OLD, NEW, 10), task(NEW, OLD, 50, fallbacks=(OLD,))),
    ],
)
def test_a_candidate_that_takes_over_with_the_old_model_as_its_candidate_skips_stages(base: Task, head: Task) -> None:
    assert "-> 100% skips the stage" in ruled(base, head)[SKIPPED].said


@pytest.mark.parametrize(
    ("base", "head"),
    [
        (task(OLD, NEW, 100), task(NEW, THIRD, 100, fallbacks=(OLD,))),  # the number was left as it stood
        (task(OLD, NEW, 100), task(NEW, THIRD, 1, fallbacks=(OLD,))),
        (task(OLD, NEW, 100), task(NEW, OLD, 100)),
        (task(OLD, NEW, 1), task(THIRD, NEW, 10, fallbacks=(OLD,))),
        (task(OLD, None, 0), task(THIRD, NEW, 1, fallbacks=(OLD,))),
    ],
)
def test_a_change_of_the_model_and_a_step_of_the_candidate_are_two_pull_requests(base: Task, head: Task) -> None:
    found = ruled(base, head)[SKIPPED]
    assert (found.state, "in one pull request" in found.said) == ("broken", True)


@pytest.mark.parametrize("percent", [1, 50])
def test_a_task_that_is_new_or_renamed_begins_without_a_share(percent: float) -> None:
    found = ruled(None, task(OLD, NEW, percent))[SKIPPED]
    assert (found.state, "is new" in found.said) == ("broken", True)


def test_taking_over_all_that_one_has_asks_only_for_the_way_back() -> None:
    found = ruled(task(OLD, NEW, 100), task(NEW, None, 0, fallbacks=(OLD,)))
    assert {rule: ruling.state for rule, ruling in found.items()} == {"rollback-lost": "held"}
