from __future__ import annotations

import time

import pytest

from pinward.core.policy import Json
from pinward.errors import ConfigError
from tests.unit.evals.graders.grades import case_of, grade, graded

PERSON: dict[str, Json] = {
    "type": "object",
    "properties": {"name": {"type": "string", "pattern": "^[A-Z]"}, "age": {"$ref": "#/$defs/age"}},
    "required": ["name"],
    "additionalProperties": False,
    "patternProperties": {"^x-": {"type": "string"}},
    "$defs": {"age": {"type": "integer", "minimum": 0}},
}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ('{"name": "Ada", "age": 3, "x-note": "y"}', ""),
        ('{"age": 3}', "'name' is a required property"),
        ('{"name": "ada"}', "$.name: 'ada' does not match '^[A-Z]'"),
        ('{"name": "Ada", "age": -1}', "$.age: -1 is less than the minimum of 0"),
        ('{"name": "Ada", "years": 3}', "further properties are not allowed: 'years'"),
        ('{"name": "Ada", "x-note": 3}', "3 is not of type 'string'"),
        ("[]", "is not of type 'object'"),
        ("Sure!", "nothing around it"),
    ],
)
def test_an_answer_is_held_against_the_schema(answer: str, reason: str) -> None:
    result = grade({"json_schema": PERSON}, answer)
    assert result.passed is (not reason)
    assert reason in result.reason


@pytest.mark.parametrize("draft", ["draft-04", "draft-06", "draft-07"])
def test_old_drafts_mean_what_they_say(draft: str) -> None:
    schema: Json = {"$schema": f"http://json-schema.org/{draft}/schema#", "definitions": {"n": {"type": "number"}}}
    assert isinstance(schema, dict)
    schema["items"] = [{"$ref": "#/definitions/n"}]
    assert grade({"json_schema": schema}, "[1]").passed
    assert not grade({"json_schema": schema}, '["x"]').passed


def test_draft_4_knows_exclusive_limits_as_booleans() -> None:
    schema: Json = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "items": {"type": "number", "minimum": 1, "exclusiveMinimum": True},
    }
    assert not grade({"json_schema": schema}, "[1]").passed


@pytest.mark.parametrize("draft", ["2019-09", "2020-12"])
def test_new_drafts_follow_ids_and_anchors(draft: str) -> None:
    schema: Json = {
        "$schema": f"https://json-schema.org/draft/{draft}/schema",
        "$id": "https://acme.example/root",
        "properties": {"a": {"$ref": "part"}, "b": {"$ref": "#word"}},
        "$defs": {"part": {"$id": "part", "type": "number"}, "word": {"$anchor": "word", "type": "string"}},
    }
    assert grade({"json_schema": schema}, '{"a": 1, "b": "x"}').passed
    assert "$.a" in grade({"json_schema": schema}, '{"a": "x"}').reason
    assert "$.b" in grade({"json_schema": schema}, '{"b": 1}').reason


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"$ref": "https://a.example/s.json"}, "remote references are refused"),
        ({"properties": {"a": {"$ref": "other.json"}}}, "remote references are refused"),
        ({"$ref": "#/$defs/none"}, "is not in the schema"),
        ({"$ref": "#"}, "refers to itself"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "refers to itself"),
        ({"$schema": "https://acme.example/draft"}, "is not known"),
        ({"type": "strin"}, "the schema is wrong"),
        ({"properties": {"a": {"pattern": "("}}}, "the pattern"),
        ({"patternProperties": {"a": True}, "allOf": [{"unevaluatedProperties": False}]}, "time limit"),
        (True, "takes a file or a schema"),
        (3, "takes a file or a schema"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_when_it_is_read(schema: Json, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        case_of({"json_schema": schema})
    assert says in str(caught.value)


def test_a_property_named_like_a_keyword_is_no_reference() -> None:
    assert grade({"json_schema": {"properties": {"$ref": {"type": "string"}}}}, '{"$ref": "x"}').passed


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"pattern": "(a|aa)+$"}},
        {"items": {"patternProperties": {"(a|aa)+$": True}}},
        {"items": {"patternProperties": {"(a|aa)+$": True}, "additionalProperties": False}},
    ],
)
def test_t15_a_pattern_in_a_schema_runs_under_the_limit(schema: Json) -> None:
    case = case_of({"json_schema": schema})
    text = "a" * 5000 + "!"
    started = time.process_time()
    with pytest.raises(ConfigError, match="ran longer"):
        graded(case, f'["{text}", {{"{text}": 1}}]')
    assert time.process_time() - started < 1.5


def test_a_schema_bomb_is_stopped_when_it_is_read() -> None:
    parts: dict[str, Json] = {f"p{i}": {"allOf": [{"$ref": f"#/$defs/p{i + 1}"}] * 2} for i in range(40)}
    started = time.process_time()
    with pytest.raises(ConfigError, match="steps"):
        case_of({"json_schema": {"$ref": "#/$defs/p0", "$defs": {**parts, "p40": {"type": "array"}}}})
    assert time.process_time() - started < 5
