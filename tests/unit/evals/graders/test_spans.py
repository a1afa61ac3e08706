"""Where the evidence of a check stands in the answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.evidence import Grade
from pinward.core.policy import Json
from tests.unit.evals.graders.grades import grade


@pytest.mark.parametrize(
    ("check", "answer", "shown"),
    [
        ({"contains": "ACME"}, "we owe ACME 40", "ACME"),
        ({"contains": {"any": ["x", "acme"], "ignore_case": True}}, "we owe ACME 40", "ACME"),
        ({"contains": "nowhere"}, " all of it ", "all of it"),
        ({"not_contains": "AI"}, "As an AI I think", "AI"),
        ({"equals": "cat"}, " car ", "r"),
        ({"equals": "cat"}, " cat ", "cat"),
        ({"one_of": ["a", "b"]}, "b", "b"),
        ({"starts_with": "Dear"}, "  Dear Ada", "Dear"),
        ({"ends_with": "you."}, "Thank you. ", "you."),
        ({"regex": "[0-9]+"}, "order 17 it is", "17"),
        ({"numeric": 1234.5}, "that makes 1,234.5 EUR", "1,234.5"),
        ({"numeric": 3}, "only 4 left", "4"),
        ({"refusal": False}, "I'm sorry, but I can't do that. Ask another.", "I'm sorry, but I can't"),
        ({"json_valid": None}, '{"a": 1}', '{"a": 1}'),
        ({"any": [{"contains": "x"}, {"contains": "y"}]}, "a y b", "y"),
        ({"not": {"contains": "y"}}, "a y b", "y"),
        ({"all": [{"contains": "a"}, {"not_contains": "y"}]}, "a y b", "y"),
    ],
)
def test_the_span_is_where_the_evidence_stands(check: Json, answer: str, shown: str) -> None:
    found = grade(check, answer)
    assert found.span is not None
    assert answer[slice(*found.span)] == shown
    assert found.parts[0].span == found.span


@given(
    answer=st.text("aAbßİ 1.\n", min_size=1, max_size=20),
    check=st.sampled_from(
        [
            {"contains": {"any": ["a", "ß", "i"], "ignore_case": True}},
            {"starts_with": {"any": ["a", "ss"], "ignore_case": True}},
            {"ends_with": "b"},
            {"regex": "a|b"},
            {"numeric": 1},
            {"equals": "ab"},
        ]
    ),
)
def test_a_span_never_leaves_the_answer(answer: str, check: Json) -> None:
    span = grade(check, answer).span
    assert span is None or 0 <= span[0] <= span[1] <= len(answer)


def test_an_answer_without_text_shows_nothing() -> None:
    assert grade({"length": {"max": 0}}, " ") == Grade(1.0, True, parts=(Grade(1.0, True, check="length"),))
