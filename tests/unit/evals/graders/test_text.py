from __future__ import annotations

import pytest

from pinward.core.policy import Json
from tests.unit.evals.graders.grades import grade

HOLDS: list[tuple[Json, str]] = [
    ({"equals": "42"}, " 42\n"),
    ({"equals": ""}, ""),
    ({"contains": "ACME"}, "Sold to ACME Inc."),
    ({"contains": ["ACME", "Inc"]}, "ACME Inc."),
    ({"contains": {"any": ["x", "Inc"]}}, "ACME Inc."),
    ({"contains": {"all": ["acme"], "ignore_case": True}}, "ACME Inc."),
    ({"not_contains": "AI"}, "ACME"),
    ({"not_contains": ["AI", "LLM"]}, "ACME"),
]
FAILS: list[tuple[Json, str, str]] = [
    ({"equals": "42"}, "43", "expected `42`, found `43`"),
    ({"equals": "a"}, "A", "expected `a`, found `A`"),
    ({"equals": "x" * 70 + "a"}, "x" * 70 + "b", "differ from character 71"),
    ({"contains": "ACME"}, "acme", "expected `ACME` in the answer, found `acme`"),
    ({"contains": ["ACME", "Inc"]}, "ACME", "expected `Inc`"),
    ({"contains": {"any": ["x", "y"]}}, "ACME", "any of `x`, `y`"),
    ({"not_contains": "AI"}, "As an AI", "`AI` must not occur, found `As an AI`"),
    ({"not_contains": {"any": ["ai"], "ignore_case": True}}, "As an AI", "`ai` must not occur"),
]


@pytest.mark.parametrize(("check", "answer"), HOLDS)
def test_holds(check: Json, answer: str) -> None:
    result = grade(check, answer)
    assert (result.score, result.passed, result.reason) == (1, True, "")


@pytest.mark.parametrize(("check", "answer", "reason"), FAILS)
def test_fails_and_says_what_was_expected_and_found(check: Json, answer: str, reason: str) -> None:
    result = grade(check, answer)
    assert not result.passed
    assert result.score < 1
    assert reason in result.reason


def test_the_cases_expected_value_stands_in_for_an_argument() -> None:
    assert grade("equals", "yes", expected="yes").passed
    assert not grade("equals", "no", expected="yes").passed
    assert grade("contains", "yes sir", expected=["yes", "sir"]).passed


def test_contains_scores_the_share_that_was_found() -> None:
    assert grade({"contains": ["a", "b", "c", "d"]}, "abc").score == 0.75


def test_hostile_text_is_shown_short_and_spelled_out() -> None:
    reason = grade({"equals": "ok"}, "\u202e::error::\x1b[2J" + "x" * 10_000).reason
    assert "U+202E" in reason
    assert "\x1b" not in reason
    assert "\u202e" not in reason
    assert len(reason) < 300
