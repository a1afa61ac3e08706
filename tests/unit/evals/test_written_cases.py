from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.commands.written import as_yaml
from pinward.core.evidence import Completion
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.evals.suite import load_suite
from pinward.evals.written_cases import answer_value, with_cases, written_case
from tests.support.trees import MemoryTree

CASE = "id: new\ninput: |-\n  two\n\n  lines\nchecks:\n- json_valid\n"
SUITES = (
    "cases:\n- id: a # kept\n  input: x\n  checks: [json_valid]\n",
    (
        "# top\nversion: 1\ncases:\n  # first\n  - {id: a, input: x, checks: [json_valid]}\n\n  - id: b\n    input: y\n"
        "    checks:\n      - json_valid\n\n# what follows\ndefaults: {repeats: 2}\n"
    ),
    "cases:\n    - id: a\n      input: >\n        folded\n        text\n      checks: [json_valid]",
    "cases:\n- id: a\n  checks: [json_valid]\n  input:\n  - one\n  # inside\n  - two\ndescription: last\n",
)


@pytest.mark.parametrize("text", SUITES)
def test_cases_are_added_and_every_line_that_stood_there_stays(text: str) -> None:
    longer = with_cases(text, "s.yml", [CASE, CASE.replace("new", "newer")])
    before, after = load_suite(MemoryTree({"s.yml": text}), "s.yml"), load_suite(MemoryTree({"s.yml": longer}), "s.yml")
    assert [case.id for case in after.cases] == [*(case.id for case in before.cases), "new", "newer"]
    assert [after.case_digests[case.id] for case in before.cases] == list(before.case_digests.values())
    assert after.cases[-1].input == "two\n\nlines"
    rest = iter(longer.splitlines())
    assert all(line in rest for line in text.splitlines())  # in order


@pytest.mark.parametrize("text", ["cases: [{id: a, input: x, checks: [json_valid]}]", "cases: x.jsonl", "a: 1", "[]"])
def test_a_list_that_cannot_grow_line_by_line_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="no list in block style"):
        with_cases(text, "s.yml", [CASE])


CHECKS: tuple[Json, ...] = (
    "json_valid",
    {"contains": "a", "weight": 2},
    {"json_schema": {"type": "object"}},
    {"json_equals": {"path": "$.a", "value": 1}},
    {"any": [{"contains": "a", "weight": 3}, {"not": {"regex": "b"}}]},
    {"all": {"checks": ["json_valid", {"numeric": 4}], "threshold": 0.5}},
    {"levenshtein": {"value": "a", "min": 0.5}},
    {"tool_call": {"name": "find", "arguments": {"a": 1}}},
    {"judge": "Good?"},
    {"refusal": False},
    "equals",
)


@given(
    checks=st.lists(st.sampled_from(CHECKS), min_size=1, max_size=4),
    text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20),
)
@settings(max_examples=40, deadline=None)
def test_a_case_that_is_written_is_read_back_the_same(checks: list[Json], text: str) -> None:
    case: Json = {"id": "a", "input": {"text": text}, "expected": "wanted", "tags": ["t"], "checks": checks}
    tree = MemoryTree({"s.json": json.dumps({"cases": [case]})})
    (read,) = load_suite(tree, "s.json").cases
    again = as_yaml({"cases": [written_case(read)]})
    suite = load_suite(MemoryTree({"s.yml": again}), "s.yml")
    assert suite.case_digests == load_suite(tree, "s.json").case_digests


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a": 1}', {"a": 1}), ("[1]", [1]), ("17", "17"), ("plain", "plain"), ('{"a": 1', '{"a": 1'), ('"x"', '"x"')],
)
def test_an_answer_is_a_structure_only_where_it_is_one(text: str, value: Json) -> None:
    assert answer_value(Completion("ok", text)) == value
