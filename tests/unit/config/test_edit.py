from __future__ import annotations

from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.config.edit import with_percent
from pinward.config.project import load_project
from pinward.errors import ConfigError
from tests.support.trees import MemoryTree

BLOCK = """\
# Which model reads our tickets.
version: 1
tasks:
  other: {model: a/b, rollout: {percent: 7}}
  extract:
    model: "a/b"      # proven
    candidate: [c/d]
    rollout:
      percent: 1      # first stage
      stages: [1, 10, 100]
"""


def share(data: bytes) -> float:
    project = load_project(MemoryTree({"pinward.yml": data}))
    assert project is not None
    assert project.tasks["other"].rollout.percent == 7
    return project.tasks["extract"].rollout.percent


@pytest.mark.parametrize(
    "text",
    [
        BLOCK,
        BLOCK.replace("\n", "\r\n"),
        "\ufeff" + BLOCK,
        BLOCK.replace("Which", "Welches Modell für Straße 🚀"),
        BLOCK.replace("      percent: 1      # first stage\n", ""),
        BLOCK.split("    rollout:\n      percent")[0],
        BLOCK.replace("percent: 1 ", "percent: 1.50 "),
        "version: 1\ntasks: {other: {model: a/b, rollout: {percent: 7}}, extract: {model: a/b, candidate: [c/d]}}\n",
        "version: 1\ntasks: {other: {model: a/b, rollout: {percent: 7}}, extract: {model: a/b, rollout: {percent: 0}}}",
        '{"version": 1, "tasks": {"other": {"model": "a/b", "rollout": {"percent": 7}}, "extract": {"model": "a/b"}}}',
    ],
)
def test_the_share_changes_and_not_one_other_byte_does(text: str) -> None:
    data = text.encode()
    edited = with_percent(data, "pinward.yml", "extract", 10)
    assert share(edited) == 10
    assert with_percent(edited, "pinward.yml", "extract", 10) == edited
    before = common(data, edited)
    after = common(data[before:][::-1], edited[before:][::-1])
    assert len(data) - before - after <= len(b"1.50")  # one place alone, and no more there than the entry
    assert len(edited) - before - after <= len(b"\r\n    rollout: {percent: 10}, ")


def common(one: bytes, other: bytes) -> int:
    """Return how many bytes both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@settings(max_examples=50)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=60), st.integers(0, 100))
def test_any_comment_is_left_as_it_is(comment: str, percent: int) -> None:
    line = "# " + "".join(c for c in comment if c.isprintable()) + "\n"
    data = (line + BLOCK).encode()
    assert with_percent(data, "pinward.yml", "extract", percent) == data.replace(
        b"percent: 1 ", f"percent: {percent} ".encode()
    )


@pytest.mark.parametrize("text", ["version: 1\n", "tasks: []\n", "[]", "a: &x 1\nb: *x\n", "tasks: {extract: text}\n"])
def test_what_has_no_such_task_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError):
        with_percent(text.encode(), "pinward.yml", "extract", 10)
