"""What a step writes into its log is a command of the runner or text, and never text that became a command."""

from __future__ import annotations

import io

import pytest

from pinward.commands.event.step import LOG_ANNOTATIONS, Step
from pinward.config.settings import GitHubSettings
from pinward.errors import ConfigError
from pinward.gh.client import Annotation


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def step(log: io.StringIO) -> Step:
    return Step(GitHubSettings(), log, lambda: "token")


def test_an_error_a_warning_and_text_are_told_apart(step: Step, log: io.StringIO) -> None:
    step.fail(ConfigError("no key", "Set KEY."))
    step.warn("100%\n::error::no")
    step.print("::warning::no")
    assert [line for line in log.getvalue().splitlines() if line] == [
        "::error::no key%0ASet KEY.",
        "::warning::100%25%0A::error::no",
        "::stop-commands::token",
        "::warning::no",
        "::token::",
    ]


def test_lines_of_the_code_are_marked_as_many_as_the_runner_shows(step: Step, log: io.StringIO) -> None:
    step.annotate(Annotation("a,b.py", line, "failure" if line else "notice", "m") for line in range(30))
    lines = log.getvalue().splitlines()
    assert lines[:2] == ["::notice file=a%2Cb.py,line=0::m", "::error file=a%2Cb.py,line=1::m"]
    assert len(lines) == LOG_ANNOTATIONS
