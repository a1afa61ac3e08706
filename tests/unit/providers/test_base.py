from __future__ import annotations

import pytest

from pinward.core.evidence import Completion, ToolCall, Usage
from pinward.providers.base import image, unless_empty


@pytest.mark.parametrize(
    "told",
    [
        Completion("ok", "x"),
        Completion("ok", tool_calls=(ToolCall("f", "{}"),)),
        Completion("ok", usage=Usage(output=1)),
        Completion("refused"),
        Completion("truncated"),
    ],
)
def test_what_says_anything_is_an_answer(told: Completion) -> None:
    assert unless_empty(told) == told


def test_f15_what_says_nothing_at_all_is_no_answer() -> None:
    assert unless_empty(Completion("ok", usage=Usage(input=7))).outcome == "infra_error"


def test_a_picture_is_given_under_its_registered_type() -> None:
    assert image("data:image/jpg;base64,AA==").media_type == "image/jpeg"
    assert image("data:image/jpg;base64,AA==").url == image("data:image/jpeg;base64,AA==").url
