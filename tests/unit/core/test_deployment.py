"""Which version of a task is deployed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pinward.core.deployment import deployment
from pinward.core.policy import Rollout, Task

TASK = Task(
    "extract",
    "openai/gpt-5.1-2025-11-13",
    candidates=("openai/gpt-5.2-2025-12-11",),
    params={"temperature": 0, "max_tokens": 100},
    rollout=Rollout(percent=10),
)
VERSION = deployment(TASK, str.upper)


def test_the_order_in_which_parameters_are_written_is_no_other_version() -> None:
    assert deployment(replace(TASK, params={"max_tokens": 100, "temperature": 0}), str.upper) == VERSION


@pytest.mark.parametrize(
    "other",
    [
        replace(TASK, model="openai/gpt-5.5-2026-04-23"),
        replace(TASK, candidates=("anthropic/claude-sonnet-4-6",)),
        replace(TASK, params={"temperature": 1, "max_tokens": 100}),
        replace(TASK, rollout=Rollout(percent=50)),
        replace(TASK, rollout=Rollout(percent=0)),
    ],
)
def test_what_users_meet_is_the_version(other: Task) -> None:
    assert deployment(other, str.upper) != VERSION


def test_a_prompt_of_either_model_is_part_of_the_version() -> None:
    for model in (TASK.model, TASK.candidates[0]):
        assert deployment(TASK, lambda name, edited=model: name * 2 if name == edited else name.upper()) != VERSION  # type: ignore[misc]


def test_a_candidate_that_nobody_gets_is_no_part_of_the_version() -> None:
    kept = replace(TASK, rollout=Rollout(percent=0))
    assert deployment(kept, str.upper) == deployment(replace(kept, candidates=()), str.upper)
