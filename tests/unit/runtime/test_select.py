from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.runtime import TaskConfig, load_config, select_model
from pinward.runtime.select import bucket
from tests.support.deployed import config, deploy


def task(percent: float) -> TaskConfig:
    with TemporaryDirectory() as folder:
        return load_config(deploy(Path(folder), config(percent)), {}).task("extract")


TASKS = {percent: task(percent) for percent in (0, 0.5, 1, 5, 10, 50, 99.9, 100)}


@settings(max_examples=200)
@given(st.text())
def test_a_key_keeps_its_model_and_a_higher_percentage_only_adds_keys(key: str) -> None:
    chosen = [select_model(one, key) for one in TASKS.values()]
    assert chosen == [select_model(one, key) for one in TASKS.values()]
    assert chosen == sorted(chosen)  # one/old ... two/new: nobody is moved back
    assert (chosen[0], chosen[-1]) == ("one/old", "two/new")


@pytest.mark.parametrize("percent", [0.5, 1, 5, 10, 50])
def test_the_share_of_keys_is_the_percentage(percent: float) -> None:
    keys = 20_000
    share = sum(select_model(TASKS[percent], f"user-{n}") == "two/new" for n in range(keys)) / keys * 100
    deviation = (percent * (100 - percent) / keys) ** 0.5
    assert abs(share - percent) < 4 * deviation


def test_without_a_key_chance_decides_and_0_and_100_are_exact() -> None:
    assert select_model(TASKS[10], draw=lambda: 0.0999) == "two/new"
    assert select_model(TASKS[10], draw=lambda: 0.1) == "one/old"
    assert {select_model(TASKS[0], draw=lambda: 0.0) for _ in range(9)} == {"one/old"}
    assert {select_model(TASKS[100], draw=lambda: 0.9999999999999999) for _ in range(9)} == {"two/new"}
    assert {select_model(TASKS[50]) for _ in range(200)} == {"one/old", "two/new"}


def test_each_migration_shuffles_anew() -> None:
    first = {n for n in range(1000) if bucket("extract", "two/new", str(n)) < 10}
    second = {n for n in range(1000) if bucket("extract", "two/newer", str(n)) < 10}
    assert len(first & second) < 30  # about 10 by chance


def test_a_task_without_a_candidate_has_one_model() -> None:
    with TemporaryDirectory() as folder:
        text = config(50).replace("    candidate: [two/new]\n", "")
        alone = load_config(deploy(Path(folder), text), {}).task("extract")
    assert {select_model(alone, str(n)) for n in range(50)} == {"one/old"}
