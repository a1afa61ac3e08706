"""docs/threats.md T12: whatever a model, a file name or a title says, the runner sees text."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.gh.workflow_commands import commands_stopped
from pinward.render.text import command_data, command_property, console
from tests.unit.gh.runner import Command, commands

PIECES = ["::", "##[", "]", "error", "set-output name=x", "add-mask", "stop-commands", "::stop-commands::t",
          "\r", "\n", "\r\n", " ", "\u2028", "\u200b", "\ufeff", "\u00a0",
          "%0A", "%", ",", "=", ":", "T0KEN", "::T0KEN::", "a"]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join)


@pytest.mark.parametrize(
    "text",
    [
        "::error::x",
        "  ::error file=a,line=1::x",
        "\u2003::error::x",
        "\u200b::error::x",
        "a\r::error::x",
        "a ##[error]x",
    ],
)
def test_the_port_of_the_runners_parser_sees_commands(text: str) -> None:
    assert [command.name for command in commands(text)] == ["error"]


@given(HOSTILE)
@settings(max_examples=400, deadline=None)
def test_t12_inside_stop_commands_no_text_is_a_command(text: str) -> None:
    output = io.StringIO()
    with commands_stopped(output, "9f2b6c0d"):
        output.write(text)
    output.write("::notice::after\n")
    assert [command.name for command in commands(output.getvalue())] == ["notice"]


def test_t12_commands_work_again_after_a_crash_inside() -> None:
    output = io.StringIO()
    with pytest.raises(RuntimeError), commands_stopped(output, "9f2b6c0d"):
        raise RuntimeError
    output.write("::error::crashed\n")
    assert commands(output.getvalue()) == [Command("error", "crashed")]


@given(HOSTILE)
@settings(max_examples=400, deadline=None)
def test_t12_console_text_holds_no_command(text: str) -> None:
    assert commands(console(text)) == []


@given(HOSTILE, HOSTILE)
@settings(max_examples=400, deadline=None)
def test_t12_an_annotation_is_one_command_with_the_texts_given(path: str, message: str) -> None:
    line = f"::error file={command_property(path)},line=3::{command_data(message)}"
    (command,) = commands(line)
    assert command.name == "error"
    assert set(command.properties) <= {"file", "line"}
    assert command.properties["line"] == "3"
