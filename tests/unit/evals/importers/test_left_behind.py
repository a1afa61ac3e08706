"""What has no counterpart is listed by its reason, and never becomes a check that any answer passes."""

from __future__ import annotations

import json

import pytest

from pinward.core.policy import Json
from pinward.evals.importers.base import Draft
from pinward.evals.importers.table import import_file
from tests.support.trees import MemoryTree


def imported(path: str, document: Json, **beside: str) -> Draft:
    (draft,) = import_file(MemoryTree({path: json.dumps(document), **beside}), path).drafts
    return draft


# Each assertion of promptfoo, and what is said of it.
ASSERTIONS: list[tuple[dict[str, Json], str]] = [
    ({"type": "equals", "value": "a", "transform": "output.trim()"}, "`transform` runs code"),
    ({"type": "contains", "value": "file://a.txt"}, "the value of `contains` is a file"),
    ({"value": "a"}, "`an assertion without type` has no counterpart"),
    ({"type": "not-perplexity", "threshold": 2}, "`not-perplexity` has no counterpart"),
    ({"type": "equals", "value": True}, "the value is no text"),
    ({"type": "contains-any", "value": []}, "the list is empty"),
    ({"type": "is-json", "value": "file://schema.js"}, "the schema is made by code"),
    ({"type": "latency"}, "the value is no number"),
    ({"type": "word-count", "value": "few"}, "the value is no number"),
    ({"type": "word-count", "value": "nan"}, "the value is no number"),
    ({"type": "word-count", "value": {"min": "inf"}}, "the value is no number"),
    ({"type": "cost", "threshold": "1e999"}, "the value is no number"),
    ({"type": "llm-rubric", "value": "kind", "threshold": 0}, "its threshold 0 does not lie in its range 0 to 1"),
    ({"type": "model-graded-closedqa", "value": ""}, "the value is no text"),
]


@pytest.mark.parametrize(("assertion", "why"), ASSERTIONS, ids=[why for _, why in ASSERTIONS])
def test_an_assertion_of_promptfoo_that_cannot_be_carried(assertion: dict[str, Json], why: str) -> None:
    tests: list[Json] = [{"vars": {"text": "x"}, "assert": [assertion]}]
    draft = imported("promptfooconfig.json", {"prompts": ["{{ text }}"], "tests": tests})
    assert not draft.cases
    assert any(why in note for note in draft.notes), draft.notes


CARRIED: list[tuple[dict[str, Json], Json]] = [
    ({"type": "equals", "value": {"a": 1}}, {"json_equals": {"path": "$", "value": {"a": 1}}}),
    ({"type": "equals", "value": 3}, {"equals": "3"}),
    ({"type": "contains-all", "value": "a, b"}, {"contains": {"all": ["a", "b"], "ignore_case": False}}),
    ({"type": "is-json"}, {"json_valid": None}),
    ({"type": "is-json", "value": '{"type": "object"}'}, {"json_schema": {"type": "object"}}),
    ({"type": "is-json", "value": "type: object"}, {"json_schema": {"type": "object"}}),
    ({"type": "word-count", "value": 3}, {"length": {"min": 3, "max": 3, "unit": "words"}}),
    ({"type": "word-count", "value": {"max": 9}}, {"length": {"max": 9, "unit": "words"}}),
]


@pytest.mark.parametrize(("assertion", "check"), CARRIED)
def test_an_assertion_of_promptfoo_becomes_the_check_that_says_the_same(
    assertion: dict[str, Json], check: Json
) -> None:
    tests: list[Json] = [{"vars": {"text": "x"}, "assert": [assertion]}]
    draft = imported("promptfooconfig.json", {"prompts": ["{{ text }}"], "tests": tests})
    assert draft.cases[0]["checks"] == [check]


# Each evaluator of a GitHub prompt.
EVALUATORS: list[tuple[dict[str, Json], str]] = [
    ({"name": "e", "uses": "github/luck"}, "`github/luck` has no counterpart"),
    ({"name": "e", "string": {"equals": "a", "contains": "a"}}, "`string` has no counterpart"),
    ({"name": "e", "string": {"matches": "a"}}, "`string` has no counterpart"),
    ({"name": "e"}, "`evaluator` has no counterpart"),
    ({"name": "e", "string": {"equals": "{{ gone }}"}}, "its text is empty"),
    ({"name": "e", "llm": {"prompt": 3}}, "its prompt is no text"),
]


def github(**fields: Json) -> Draft:
    messages: list[Json] = [{"role": "user", "content": "{{input}}"}]
    usual: dict[str, Json] = {"messages": messages}
    return imported("a.prompt.yml", {**usual, **fields})


@pytest.mark.parametrize(("evaluator", "why"), EVALUATORS, ids=[why for _, why in EVALUATORS])
def test_an_evaluator_of_a_github_prompt_that_cannot_be_carried(evaluator: dict[str, Json], why: str) -> None:
    draft = github(evaluators=[evaluator], testData=[{"input": "a"}])
    assert not draft.cases
    assert draft.notes == [
        f"testData 1: evaluator `e`: {why}",
        "testData 1: left out: no evaluator that can be carried, so any answer would pass",
    ]


@pytest.mark.parametrize(
    ("written", "schema", "notes"),
    [
        ('{"name": "n", "schema": {"type": "object"}}', {"type": "object"}, []),
        ({"type": "array"}, {"type": "array"}, []),
        ("[1]", None, []),
        ("{", None, ["jsonSchema: is not valid JSON"]),
    ],
)
def test_the_schema_of_a_github_prompt_is_taken_out_of_its_wrapping(
    written: Json, schema: Json, notes: list[str]
) -> None:
    draft = github(responseFormat="json_schema", jsonSchema=written)
    assert draft.versions[0]["response_schema"] == schema
    assert [note.partition(" JSON")[0] + " JSON" for note in draft.notes] == notes
    assert github(responseFormat="json_object").versions[0]["params"] == {"response_format": {"type": "json_object"}}


ANSWER = "{{ sample.output_text }}"
CHECK: dict[str, Json] = {"type": "string_check", "operation": "eq", "input": ANSWER, "reference": "a"}
ALIKE: dict[str, Json] = {**CHECK, "type": "text_similarity", "evaluation_metric": "fuzzy_match"}
LABEL: dict[str, Json] = {"type": "label_model", "labels": ["a", "b"], "passing_labels": ["a"], "input": []}
# Each grader of an eval of the platform.
GRADERS: list[tuple[dict[str, Json], str]] = [
    ({"type": "python", "source": "def grade(): ..."}, "`python` runs code"),
    ({**CHECK, "reference": 3}, "`reference` is no text"),
    ({**CHECK, "reference": ANSWER}, "it compares the answer with itself"),
    ({**CHECK, "reference": ""}, "its reference is empty"),
    ({**CHECK, "reference": "{{ item.gone }}"}, "no attribute 'gone'"),
    ({**CHECK, "input": "{{ item.a }}"}, "its input is something else than the answer"),
    ({**CHECK, "operation": "near"}, "the operation `near` is not known"),
    ({**ALIKE, "evaluation_metric": "bleu"}, "the metric `bleu` has no counterpart"),
    ({**ALIKE, "input": "x"}, "its input is something else than the answer"),
    (ALIKE, "`pass_threshold` is no number"),
    ({"type": "score_model", "range": [1], "input": []}, "`range` is no pair of numbers"),
    ({**LABEL, "passing_labels": ["a", "b"]}, "all of its labels pass, or none"),
    ({**LABEL, "input": [{"content": {"image": 1}}]}, "a message holds something else than text"),
]


def platform(*graders: Json, **source: Json) -> Draft:
    content: list[Json] = [{"item": {"a": "x"}}]
    data: dict[str, Json] = {"type": "completions", "source": {"type": "file_content", "content": content}, **source}
    definition: Json = {
        "data_source_config": {"type": "custom"},
        "testing_criteria": list(graders),
        "data_source": data,
    }
    return imported("eval.json", definition)


@pytest.mark.parametrize(("grader", "why"), GRADERS, ids=[why for _, why in GRADERS])
def test_a_grader_of_the_platform_that_cannot_be_carried(grader: dict[str, Json], why: str) -> None:
    source: Json = {"type": "file_content", "content": [{"item": {"a": "x"}}]}
    draft = imported(
        "eval.json",
        {
            "data_source_config": {"type": "custom"},
            "testing_criteria": [{"name": "g", **grader}],
            "data_source": {"type": "completions", "source": source},
        },
    )
    assert not draft.cases
    assert any("grader `g`" in note and why in note for note in draft.notes), draft.notes
