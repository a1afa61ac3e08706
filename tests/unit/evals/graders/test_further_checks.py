from __future__ import annotations

import pytest

from pinward.core.evidence import Completion, ToolCall
from pinward.core.policy import Json
from pinward.errors import ConfigError
from tests.unit.evals.graders.grades import case_of, grade, graded

ANSWERS: list[tuple[Json, str, bool, str]] = [
    ({"one_of": ["billing", "shipping"]}, " billing\n", True, ""),
    ({"one_of": ["billing", "shipping"]}, "Billing", False, "one of `billing`, `shipping`, found `Billing`"),
    ({"starts_with": "Dear"}, "\nDear Ada", True, ""),
    ({"starts_with": ["Hi", "Hello"]}, "Dear Ada", False, "to begin with `Hi` or `Hello`, found `Dear Ada`"),
    ({"ends_with": {"any": ["BYE"], "ignore_case": True}}, "so long, bye ", True, ""),
    ({"ends_with": "."}, "no", False, "to end with `.`"),
    ({"numeric": 1234.5}, "The total is $1,234.50.", True, ""),
    ({"numeric": 42}, "42.0", True, ""),
    ({"numeric": {"value": 10, "relative": 0.1}}, "9.1", True, ""),
    ({"numeric": {"value": 10, "tolerance": 0.5}}, "9.1", False, "expected 10 (within 0.5), found 9.1"),
    ({"numeric": 5}, "-5", False, "found -5"),
    ({"numeric": 2026}, "2026-11-22", False, "found 3 numbers"),
    ({"numeric": {"value": 7, "find": "last"}}, "3 + 4 = 7", True, ""),
    ({"numeric": 1}, "one", False, "found no number"),
    ({"numeric": 3}, "1e999", False, ""),
    ({"levenshtein": {"value": "kitten", "min": 0.5}}, "sitting", True, ""),
    ({"levenshtein": "kitten"}, "sitting", False, "similarity 0.57, expected 0.80"),
    ({"token_f1": {"value": "the red kettle", "min": 0.6}}, "A red, round kettle!", True, ""),
    ({"token_f1": "red kettle"}, "blue lamp", False, "similarity 0.00"),
    ({"json_subset": {"a": 1}}, '{"a": 1, "b": 2}', True, ""),
    ({"json_subset": {"value": {"total": 10}, "tolerance": 0.01}}, '{"total": 10.005}', True, ""),
    ({"json_subset": {"value": {"total": 10}, "tolerance": 0.01}}, '{"total": 10.05}', False, "$.total: expected 10"),
    ({"json_subset": {"a": [{"b": 1}]}}, '{"a": [{"b": 1, "c": 2}]}', True, ""),
    ({"length": {"max": 5}}, " 12345 ", True, ""),
    ({"length": {"max": 2, "unit": "words"}}, "one two three", False, "at most 2 words, found 3"),
    ({"length": {"min": 2, "unit": "lines"}}, "one", False, "at least 2 lines, found 1"),
    ({"refusal": True}, "I'm sorry, but I can't help with that.", True, ""),
    ({"refusal": True}, "Sure, here it is", False, "expected a refusal"),
    ({"refusal": False}, "I cannot assist with this request.", False, "expected an answer, not a refusal"),
    ({"refusal": False}, "The report says: I cannot recommend it.", True, ""),
]


@pytest.mark.parametrize(("check", "answer", "passed", "reason"), ANSWERS)
def test_an_answer_is_judged_and_the_reason_says_why(check: Json, answer: str, passed: bool, reason: str) -> None:
    result = grade(check, answer)
    assert result.passed is passed
    assert reason in result.reason


def test_a_similarity_is_the_score() -> None:
    assert grade({"levenshtein": "kitten"}, "sitting").score == pytest.approx(1 - 3 / 7)
    assert grade({"token_f1": "a b c d"}, "b c x y").score == pytest.approx(2 * 2 / (3 + 4))


def test_f19_a_refusal_that_the_case_asks_for_passes_and_fails_where_it_asks_for_an_answer() -> None:
    assert graded(case_of({"refusal": True}), Completion("refused")).passed
    assert not graded(case_of({"refusal": False}), Completion("refused")).passed


def test_latency_and_cost_are_those_of_the_call() -> None:
    completion = Completion("ok", text="x", latency=1.5, cost_usd=0.002)
    assert graded(case_of({"latency": 1.5}, {"cost": 0.002}), completion).passed
    assert "at most 1 seconds, found 1.5" in graded(case_of({"latency": 1}), completion).reason
    assert "not known" in grade({"cost": 1}, "x").reason


def called(*calls: tuple[str, str]) -> Completion:
    return Completion("ok", tool_calls=tuple(ToolCall(name, arguments) for name, arguments in calls))


CALLS: list[tuple[Json, Completion, bool, str]] = [
    ({"tool_call": "look_up"}, called(("look_up", "{}")), True, ""),
    ({"tool_call": "look_up"}, Completion("ok", text="look_up()"), False, "a call of `look_up` (calls made: none)"),
    ({"tool_call": {"name": "f", "arguments": {"a": 1}}}, called(("f", '{"a": 1, "b": 2}')), True, ""),
    ({"tool_call": {"name": "f", "arguments": {"a": 1}}}, called(("f", '{"a": 2}')), False, "f.a: expected 1, found 2"),
    ({"tool_call": {"name": "f"}}, called(("f", "{a: 1}")), False, "are not JSON"),
    ({"tool_call": {"name": "f"}}, called(("f", "{}"), ("g", "{}")), False, "further calls were made: g"),
    ({"tool_call": {"calls": ["f"], "extra": True}}, called(("f", "{}"), ("g", "{}")), True, ""),
    ({"tool_call": {"calls": ["f", "g"]}}, called(("g", "{}"), ("f", "{}")), False, "`f` next"),
    ({"tool_call": {"calls": ["f", "g"], "ordered": False}}, called(("g", "{}"), ("f", "{}")), True, ""),
    ({"tool_call": {"calls": []}}, called(("g", "{}")), False, "further calls were made: g"),
    (
        {"tool_call": {"name": "f", "schema": {"properties": {"a": {"type": "integer"}}}}},
        called(("f", '{"a": "x"}')),
        False,
        "$.a: 'x' is not of type 'integer'",
    ),
]


@pytest.mark.parametrize(("check", "completion", "passed", "reason"), CALLS)
def test_tool_calls_are_matched(check: Json, completion: Completion, passed: bool, reason: str) -> None:
    result = graded(case_of(check), completion)
    assert result.passed is passed
    assert reason in result.reason


@pytest.mark.parametrize(
    "check",
    [
        {"one_of": "x"},
        {"one_of": [1]},
        {"numeric": "x"},
        {"numeric": {"value": 1, "tolerance": -1}},
        {"numeric": {"value": 1, "find": "any"}},
        {"levenshtein": {"value": "x", "min": 0}},
        {"token_f1": {"value": 3}},
        {"json_subset": {"value": 1, "tolerance": -1}},
        {"length": {"unit": "words"}},
        {"length": {"min": 3, "max": 2}},
        {"length": {"max": 1, "unit": "bytes"}},
        {"latency": 0},
        {"cost": True},
        {"refusal": "yes"},
        {"tool_call": {"arguments": {}}},
        {"tool_call": {"name": "f", "args": {}}},
        {"tool_call": {"name": "f", "schema": {"type": "nope"}}},
        {"all": {"checks": ["json_valid"], "threshold": 0}},
        {"all": []},
        {"not": ["json_valid", "refusal"]},
    ],
)
def test_a_wrong_argument_is_refused_with_an_example(check: Json) -> None:
    with pytest.raises(ConfigError) as caught:
        case_of(check)
    assert caught.value.message.startswith("s.yml:1")
    assert caught.value.hint
