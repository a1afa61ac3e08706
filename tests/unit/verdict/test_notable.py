from __future__ import annotations

import pytest

from pinward.core.evidence import Completion, ToolCall
from pinward.verdict.notable import Shown


@pytest.mark.parametrize(
    ("text", "calls", "begins", "lines"),
    [("", (), "", 0), ("It holds.", (), "It holds.", 1), ("", ("find",), "[", 6), ("Look:", ("find",), "Look:\n[", 7)],
)
def test_an_answer_is_shown_as_its_text_and_then_its_calls(
    text: str, calls: tuple[str, ...], begins: str, lines: int
) -> None:
    told = Completion("ok", text=text, tool_calls=tuple(ToolCall(name, "{}") for name in calls))
    shown = Shown("full", str).text(told, "regressed")
    assert shown is not None
    assert shown.startswith(begins)
    assert len(shown.splitlines()) == lines
