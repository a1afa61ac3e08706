"""Rulings on a step, without git or GitHub."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pinward.core.facts import Ruling
from pinward.core.outcomes import Histogram, Moments, Share, Window, bucket_of
from pinward.core.policy import Rollout, Task
from pinward.verdict.rollout import METRICS, SKIPPED, Evidence, move_of, rulings

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
