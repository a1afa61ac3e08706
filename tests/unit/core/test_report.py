from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pinward.core.report import NotableCase, SideOutput

HALVES = st.text(st.characters(exclude_categories=()), max_size=100)


def test_half_of_an_emoji_in_an_answer_is_shown_as_a_replacement_character() -> None:
    assert SideOutput(text="cut here: \ud83d").text == "cut here: \ufffd"


@given(HALVES, HALVES)
def test_whatever_is_said_can_be_written_and_read_again(said: str, name: str) -> None:
    case = NotableCase(
        id=name, category=name, status="regressed", why=said, candidate=SideOutput(text=said, reason=said)
    )
    assert NotableCase.model_validate_json(case.model_dump_json()) == case
