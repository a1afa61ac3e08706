from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.errors import ConfigError
from pinward.runtime import LiveConfig, get_prompt, load_config
from tests.support.deployed import PROMPTS, config, deploy


def test_the_application_reads_what_the_gate_guards(tmp_path: Path) -> None:
    task = load_config(deploy(tmp_path), {}).task("extract")
    assert (task.model, task.candidate, task.fallback, task.percent) == ("one/old", "two/new", "three/other", 10)
    assert (task.temperature, task.max_tokens, task.params["seed"]) == (0, 100, 7)
    assert task.metrics_file == tmp_path / "metrics/extract.json"


def test_a_model_gets_the_version_that_names_it_else_the_newest_for_all(tmp_path: Path) -> None:
    task = load_config(deploy(tmp_path), {}).task("extract")
    assert task.prompt("one/old").messages("this") == [{"role": "user", "content": "Read this"}]
    new = task.prompt("two/new")
    assert (new.version and new.version.version, new.fallback, new.params["max_tokens"]) == ("2", False, 50)


def test_a_model_that_no_version_is_for_gets_the_newest_and_is_told_so(tmp_path: Path) -> None:
    named = PROMPTS.replace("  - version: 1\n", "  - version: 1\n    models: [one/*]\n")
    prompt = load_config(deploy(tmp_path, prompts=named), {}).task("extract").prompt("three/other")
    assert (prompt.version and prompt.version.version, prompt.fallback) == ("2", True)


def test_a_task_without_prompts_sends_the_input(tmp_path: Path) -> None:
    text = config().replace("    prompts: prompts/extract.yml\n", "")
    prompt = load_config(deploy(tmp_path, text), {}).task("extract").prompt("one/old")
    assert prompt.messages("hello") == [{"role": "user", "content": "hello"}]
    assert prompt.digest == ""


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"PINWARD_EXTRACT__MODEL": "one/older"}, {"model": "one/older"}),
        ({"PINWARD_EXTRACT__CANDIDATE": "two/newer"}, {"candidate": "two/newer"}),
        ({"PINWARD_EXTRACT__CANDIDATE": ""}, {"candidate": None, "percent": 0}),
        ({"PINWARD_EXTRACT__FALLBACKS": "a/b, c/d"}, {"fallbacks": ("a/b", "c/d")}),
        ({"PINWARD_EXTRACT__TEMPERATURE": "0.5", "PINWARD_EXTRACT__MAX_TOKENS": "9"}, {"temperature": 0.5}),
        ({"PINWARD_EXTRACT__ROLLOUT_PERCENT": "0"}, {"percent": 0}),
    ],
)
def test_the_environment_takes_the_place_of_a_setting_and_is_named(
    tmp_path: Path, environ: dict[str, str], expected: dict[str, Any]
) -> None:
    loaded = load_config(deploy(tmp_path), environ)
    task = loaded.task("extract")
    assert {name: getattr(task, name) for name in expected} == expected
    assert loaded.overridden == tuple(sorted(environ))


def test_parameters_of_the_environment_are_merged(tmp_path: Path) -> None:
    loaded = load_config(deploy(tmp_path), {"PINWARD_EXTRACT__PARAMS": '{"seed": 8, "user": "x"}'})
    assert loaded.task("extract").params == {"temperature": 0, "max_tokens": 100, "seed": 8, "user": "x"}


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PINWARD_EXTRACT__MODEL", "gpt-5", "PINWARD_EXTRACT__MODEL"),
        ("PINWARD_EXTRACT__ROLLOUT_PERCENT", "101", "PINWARD_EXTRACT__ROLLOUT_PERCENT"),
        ("PINWARD_EXTRACT__ROLLOUT_PERCENT", "2,5", "'2,5'"),
        ("PINWARD_EXTRACT__ROLLOUT_PERCENT", "true", "'true'"),
        ("PINWARD_EXTRACT__PARAMS", "[]", "PINWARD_EXTRACT__PARAMS"),
        ("PINWARD_EXTRAKT__MODEL", "a/b", "no task"),
        ("PINWARD_EXTRACT__MODLE", "a/b", "MODLE"),
    ],
)
def test_a_wrong_variable_is_an_error_that_names_it(tmp_path: Path, variable: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(deploy(tmp_path), {variable: value})
    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("percent", "said"), [(-1, "-1"), (100.5, "100.5"), ("'10'", "'10'"), ("2,5", "percent"), (".nan", "nan")]
)
def test_a_percentage_outside_0_to_100_or_with_a_comma_is_an_error_with_its_line(
    tmp_path: Path, percent: object, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(deploy(tmp_path, config(percent)), {})
    assert "pinward.yml:9" in caught.value.message
    assert said in str(caught.value)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_no_value_of_a_variable_ends_in_anything_but_a_configuration_or_an_error(value: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = deploy(Path(folder))
        for field in ("MODEL", "FALLBACKS", "ROLLOUT_PERCENT", "PARAMS"):
            variable = f"PINWARD_EXTRACT__{field}"
            said = variable
            try:
                load_config(path, {variable: value})
            except ConfigError as error:
                said = error.message
            assert variable in said


def test_no_file_is_an_error_that_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pinward\.yml: there is no such file"):
        load_config(tmp_path / "pinward.yml", {})
    path = deploy(tmp_path)
    (tmp_path / "prompts/extract.yml").unlink()
    with pytest.raises(ConfigError, match=r"extract\.yml: there is no such file"):
        load_config(path, {})


def test_the_version_changes_with_what_users_meet_and_with_nothing_else(tmp_path: Path) -> None:
    path = deploy(tmp_path)

    def version(text: str, prompts: str = PROMPTS) -> str:
        return load_config(deploy(tmp_path, text, prompts), {}).task("extract").version

    first = version(config(10))
    assert first == load_config(path, {}).task("extract").version
    assert version(config(10).replace("soak", "soak") + "\n# a comment\n") == first
    changed = [config(50), config(10).replace("seed: 7", "seed: 8"), config(10).replace("one/old", "one/older")]
    others = [version(text) for text in changed] + [version(config(10), PROMPTS.replace("Be short", "Be long"))]
    assert len({first, *others}) == 5


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_change_is_read_and_a_wrong_file_changes_nothing(tmp_path: Path) -> None:
    clock = Clock()
    live = LiveConfig(deploy(tmp_path), {}, clock=clock)
    deploy(tmp_path, config(50))
    assert live.task("extract").percent == 10  # the files are not looked at on every call
    clock.now = 2
    assert live.task("extract").percent == 50
    deploy(tmp_path, "version: 1\ntasks: [")
    clock.now = 4
    assert (live.task("extract").percent, live.problem is not None) == (50, True)
    deploy(tmp_path, config(0), PROMPTS.replace("Read {{", "Look at {{"))
    clock.now = 6
    assert (live.task("extract").percent, live.problem) == (0, None)
    assert get_prompt("extract", "one/old", live).messages("x")[0]["content"] == "Look at x"


def test_a_deployment_that_swaps_a_link_is_a_change(tmp_path: Path) -> None:
    deploy(tmp_path / "a", config(1))
    deploy(tmp_path / "b", config(5))
    app = tmp_path / "app"
    app.symlink_to(tmp_path / "a")
    clock = Clock()
    live = LiveConfig(app / "pinward.yml", {}, clock=clock)
    (tmp_path / "next").symlink_to(tmp_path / "b")
    os.replace(tmp_path / "next", app)  # noqa: PTH105 - the swap of a ConfigMap
    clock.now = 2
    assert live.task("extract").percent == 5


def test_many_threads_see_one_whole_state_or_the_next(tmp_path: Path) -> None:
    live = LiveConfig(deploy(tmp_path), {}, interval=0)
    seen: set[tuple[float, object]] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            task = live.task("extract")
            seen.add((task.percent, task.params["seed"]))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(1, 20):
        fresh = tmp_path / "fresh.yml"
        fresh.write_text(config(n).replace("seed: 7", f"seed: {n}"), encoding="utf-8")
        fresh.replace(tmp_path / "pinward.yml")
    stop.set()
    for thread in threads:
        thread.join()
    assert seen <= {(10.0, 7), *((float(n), n) for n in range(1, 20))}, json.dumps(sorted(map(str, seen)))
