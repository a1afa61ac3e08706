from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import Literal

import pytest

from pinward.core.evidence import Completion, Fault, Grade, ToolCall
from pinward.evals.grading import combine, grade_case, usable
from tests.unit.evals.graders.grades import case_of, graded


@pytest.mark.parametrize("outcome", ["infra_error", "model_unavailable"])
def test_an_error_carries_no_grade(outcome: Literal["infra_error", "model_unavailable"]) -> None:
    completion = Completion(outcome, fault=Fault("server", "500"))
    assert asyncio.run(grade_case(case_of({"not_contains": "x"}), completion, None)) is None


def test_f20_an_answer_that_was_cut_short_is_never_read_as_whole() -> None:
    grade = graded(case_of("json_valid"), Completion("truncated", text='{"a": 1}', finish_reason="length"))
    assert (grade.passed, grade.score) == (False, 0)
    assert grade.reason.startswith("stopped at the token limit")


def test_f19_a_refusal_fails_unless_the_case_asks_for_it() -> None:
    grade = graded(case_of({"not_contains": "x"}), Completion("refused", text="I cannot help"))
    assert (grade.passed, grade.reason) == (False, "the model refused to answer")


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_answer_never_passes_because_nothing_forbids_it(text: str) -> None:
    assert graded(case_of({"not_contains": "x"}), text).reason == "the answer is empty"
    assert graded(case_of({"equals": ""}), text).passed


def test_a_tool_call_is_an_answer() -> None:
    assert graded(case_of({"not_contains": "x"}), Completion("ok", tool_calls=(ToolCall("f", "{}"),))).passed


def test_all_checks_must_hold_and_the_score_is_their_weighted_mean() -> None:
    grade = graded(case_of({"contains": "a", "weight": 3}, {"contains": "b"}), "a")
    assert (grade.score, grade.passed) == (0.75, False)
    assert grade.reason == "`contains`: expected `b` in the answer, found `a`"
    assert [(part.check, part.passed) for part in grade.parts] == [("contains", True), ("contains", False)]


def test_no_checks_never_pass() -> None:
    assert not graded(replace(case_of("json_valid"), checks=()), "x").passed
    assert not combine([], []).passed


@pytest.mark.parametrize("score", [math.nan, math.inf, -0.1, 1.1])
def test_a_score_that_is_none_fails(score: float) -> None:
    result = usable(Grade(score, True))
    assert (result.score, result.passed) == (0, False)
