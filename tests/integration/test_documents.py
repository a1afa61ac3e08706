"""Pages of the documentation, run to the letter against the program and a model server on this machine."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.support.documents import Command, File, complaints, missing_line, play, steps

ROOT = Path(__file__).parents[2]
INSTALLS = ("python3 -m venv ", ". .venv/", "pip install ")  # what the test environment has done already


def environment(folder: Path) -> dict[str, str]:
    """Return a bare environment whose `pinward` is this tree's."""
    programs = folder / "programs"
    programs.mkdir()
    for name, arguments in (("pinward", "-m pinward"), ("python3", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (programs / name).chmod(0o755)
    return {
        "PATH": f"{programs}:{os.defpath}",
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(folder),
        "NO_COLOR": "1",
        "COLUMNS": "160",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def page(name: str) -> list[File | Command]:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return [step for step in steps(text) if not (isinstance(step, Command) and step.line.startswith(INSTALLS))]


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


def test_the_tutorial_goes_as_it_says_from_nothing_to_a_blocked_merge(tmp_path: Path) -> None:
    port = free_port()
    tutorial = [
        File(step.path, step.content.replace("8765", port)) if isinstance(step, File) else step
        for step in page("tutorial.md")
    ]
    played = play(tutorial, tmp_path, environment(tmp_path))
    assert not list(complaints(played))
    assert sum(command.line.startswith("pinward ") for command, _, _ in played) >= 6


@pytest.mark.parametrize(
    ("expected", "said", "missing"),
    [
        (["a", "b"], "a\nb\n", None),
        (["a"], "a\nb\n", "(nothing after line 1)"),
        (["a", "..."], "a\nb\n", None),
        (["b"], "a\nb\n", "b"),
        (["...", "b"], "a\nb\n", None),
        (["...", "b", "a"], "a\nb\n", "a"),
        ([], "anything\n", None),
    ],
)
def test_what_a_page_says_is_compared_line_by_line(expected: list[str], said: str, missing: str | None) -> None:
    assert missing_line(expected, said) == missing
