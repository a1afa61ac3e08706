from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.policy import Json
from tests.unit.evals.graders.grades import grade

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab 1", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab 1", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("text", ['{"a": 1}', " [1, 2]\n", '"x"', "null", "1.5e3"])
def test_one_value_is_valid(text: str) -> None:
    assert grade("json_valid", text).passed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('```json\n{"a": 1}\n```', "stands in a code fence"),
        ('Sure! {"a": 1}', "nothing around it"),
        ('{"a": 1} {"b": 2}', "text follows the JSON value"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ('{"a": 1, "a": 2}', '"a\\" stands twice'),
        ('{"a": 1', "line 1"),
        ("{'a': 1}", "line 1"),
        ("1e999", "too large"),
        ("9" * 5000, "too large"),
        ("[" * 100_000, "nested too deep"),
        ("[" * 70 + "]" * 70, "nested deeper"),
    ],
)
def test_whatever_else_is_not_valid(text: str, reason: str) -> None:
    result = grade("json_valid", text)
    assert not result.passed
    assert reason.replace("\\", "") in result.reason.replace("\\", "")


FOUND = json.dumps({"company": "ACME", "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}], "ok": True})
PATHS: list[tuple[Json, bool, str]] = [
    ({"path": "$.company", "value": "ACME"}, True, ""),
    ({"path": "$.company", "value": "Acme"}, False, '$.company: expected "Acme", found "ACME"'),
    ({"path": "$['company']", "value": "ACME"}, True, ""),
    ({"path": "$.lines[0].n", "value": 1.0}, True, ""),
    ({"path": "$.lines[-1].sku", "value": "b"}, True, ""),
    ({"path": "$.lines[*].sku", "value": ["a", "b"]}, True, ""),
    ({"path": "$.lines[*].sku", "value": ["b", "a"]}, False, "$.lines[*].sku[0]"),
    ({"path": "$.ok", "value": 1}, False, "expected 1, found true"),
    ({"path": "$.none", "value": None}, False, "found nothing there"),
    ({"path": "$.lines[7]", "value": 1}, False, "found nothing there"),
    ({"path": "$.lines", "value": []}, False, "expected 0 items, found 2"),
]


@pytest.mark.parametrize(("argument", "passed", "reason"), PATHS)
def test_a_value_at_a_path(argument: Json, passed: bool, reason: str) -> None:
    result = grade({"json_equals": argument}, FOUND)
    assert result.passed is passed
    assert reason in result.reason


def test_a_whole_document_is_compared_and_further_keys_are_a_difference() -> None:
    assert grade("json_equals", '{"b": 2, "a": 1}', expected={"a": 1, "b": 2}).passed
    assert "$.c: not expected, found 3" in grade("json_equals", '{"a": 1, "c": 3}', expected={"a": 1}).reason
    assert "$.b: expected 2, found no such key" in grade({"json_equals": {"a": 1, "b": 2}}, '{"a": 1}').reason


def test_a_path_without_value_takes_the_expected_values_part() -> None:
    assert grade({"json_equals": {"path": "$.company"}}, FOUND, expected={"company": "ACME"}).passed
    assert not grade({"json_equals": {"path": "$.company"}}, FOUND, expected={"company": "Other"}).passed


@given(VALUES, VALUES)
@settings(max_examples=60, deadline=None)
def test_a_document_equals_another_only_where_json_does(one: Json, other: Json) -> None:
    def canonical(value: Json) -> str:
        return json.dumps(value, sort_keys=True)

    result = grade({"json_equals": {"path": "$", "value": [one]}}, json.dumps([other]))
    assert result.passed is (canonical(one) == canonical(other))
    assert result.passed or result.reason.startswith("`json_equals`: $")
