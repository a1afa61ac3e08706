from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.evidence import Case
from pinward.errors import ConfigError
from pinward.evals.suite import Suite, load_suite, merge_suites
from tests.support.trees import MemoryTree

PATH = "evals/tickets.yml"
GOOD = """\
defaults:
  repeats: 2
  checks: [json_valid]
cases:
  - id: acme
    category: happy_path
    input: {document: "ACME owes 5"}
    expected: {company: ACME}
    tags: [invoice]
    params: {temperature: 0}
    checks:
      - json_schema: schemas/entities.json
      - json_equals: {path: $.company}
      - not_contains: "As an AI"
        weight: 2
  - input: "plain"
    checks:
      - equals: "x"
"""
SCHEMA = '{"type": "object", "required": ["company"]}'


def read(text: str, files: dict[str, str | bytes] | None = None) -> Suite:
    tree = MemoryTree({PATH: textwrap.dedent(text), "evals/schemas/entities.json": SCHEMA, **(files or {})})
    return load_suite(tree, PATH)


def refusal(text: str, files: dict[str, str | bytes] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(text, files)
    return caught.value


def one(check: str, expected: str = "") -> str:
    return f"cases:\n  - id: a\n    input: x\n{expected}    checks:\n      - {check}\n"


def test_a_suite_is_read_whole() -> None:
    first, second = read(GOOD).cases
    assert (first.id, first.category, first.repeats, first.tags) == ("acme", "happy_path", 2, ("invoice",))
    assert first.params == {"temperature": 0}
    assert [check.grader for check in first.checks] == ["json_schema", "json_equals", "not_contains", "json_valid"]
    assert first.checks[0].argument == {"type": "object", "required": ["company"]}
    assert first.checks[1].argument == {"path": "$.company", "value": "ACME"}
    assert [check.weight for check in first.checks] == [1, 1, 2, 1]
    assert (first.where, first.checks[0].where) == (f"{PATH}:5", f"{PATH}:12")
    assert [check.grader for check in second.checks] == ["equals", "json_valid"]
    assert second.category == "uncategorized"


def test_a_derived_id_stays_when_cases_move_and_changes_with_the_input() -> None:
    case = "  - {{input: {0}, checks: [json_valid]}}\n"
    one_way = read("cases:\n" + case.format("a") + case.format("b"))
    other_way = read("cases:\n" + case.format("b") + case.format("a"))
    assert [c.id for c in one_way.cases] == [c.id for c in reversed(other_way.cases)]
    assert len({c.id for c in one_way.cases}) == 2


def test_a_file_is_looked_up_beside_the_suite_then_at_the_root() -> None:
    text = one("json_schema: schemas/entities.json")
    assert read(text, {"schemas/entities.json": '{"type": "null"}'}).cases[0].checks[0].argument != {"type": "null"}
    tree = MemoryTree({PATH: text, "schemas/entities.json": '{"type": "null"}'})
    assert load_suite(tree, PATH).cases[0].checks[0].argument == {"type": "null"}


WRONG = {
    "empty file": ("", "evals/tickets.yml:1", "is empty"),
    "no cases": ("cases: []", "evals/tickets.yml:1", "no cases"),
    "cases missing": ("defaults: {repeats: 1}", "evals/tickets.yml:1", "no cases"),
    "a list": ("- a", "evals/tickets.yml:1", "must be a mapping"),
    "unknown top key": ("casess: []", "evals/tickets.yml:1", "Did you mean `cases`?"),
    "unknown case key": ("cases:\n  - id: a\n    imput: x\n", "evals/tickets.yml:3", "Did you mean `input`?"),
    "unknown check": (one("contain: x"), "evals/tickets.yml:5", "Did you mean `contains`?"),
    "unknown bare check": (one("json_vaild"), "evals/tickets.yml:5", "Did you mean `json_valid`?"),
    "no checks": ("cases: [{id: a, input: x}]", "evals/tickets.yml:1", "no checks"),
    "empty checks": ("cases: [{id: a, input: x, checks: []}]", "evals/tickets.yml:1", "no checks"),
    "no input": ("cases: [{id: a, checks: [json_valid]}]", "evals/tickets.yml:1", "no `input`"),
    "empty input": ("cases: [{id: a, input: '', checks: [json_valid]}]", "evals/tickets.yml:1", "`cases[0].input`"),
    "duplicate ids": (
        "cases:\n  - {id: a, input: x, checks: [json_valid]}\n  - {id: a, input: y, checks: [json_valid]}\n",
        "evals/tickets.yml:3",
        "`a` stands twice (first on line 2)",
    ),
    "duplicate inputs without ids": (
        "cases:\n  - {input: x, checks: [json_valid]}\n  - {input: x, checks: [json_valid]}\n",
        "evals/tickets.yml:3",
        "stands twice",
    ),
    "two checks in one": (one("{json_valid: true, equals: x}"), "evals/tickets.yml:5", "found json_valid, equals"),
    "id with a line break": ('cases: [{id: "a\\nb", input: x, checks: [json_valid]}]', ":1", "printable"),
    "repeats zero": ("cases: [{id: a, input: x, repeats: 0, checks: [json_valid]}]", ":1", "whole number from 1"),
    "repeats true": ("defaults: {repeats: true}\ncases: [{input: x}]", ":1", "whole number from 1"),
    "tags of numbers": ("cases: [{id: a, input: x, tags: [1], checks: [json_valid]}]", ":1", "must be text"),
    "bad pattern": (one("regex: '(a'"), "evals/tickets.yml:5", "the pattern"),
    "equals number": (one("equals: 42"), "evals/tickets.yml:5", "quotes"),
    "equals nothing": (one("equals"), "evals/tickets.yml:5", "no `expected`"),
    "contains nothing": (one("contains: []"), "evals/tickets.yml:5", "no `expected`"),
    "bad schema": (one("json_schema: {type: 5}"), "evals/tickets.yml:5", "the schema is wrong"),
    "schema missing": (one("json_schema: nope.json"), "evals/tickets.yml:5", "`evals/nope.json` or `nope.json`"),
    "schema outside": (one("json_schema: ../../etc/passwd"), "evals/tickets.yml:5", "leaves the repository"),
    "schema absolute": (one("json_schema: /etc/passwd"), "evals/tickets.yml:5", "not a path inside"),
    "remote reference": (one('json_schema: {$ref: "https://a.example/s.json"}'), ":5", "remote references are refused"),
    "schema loop": (one('json_schema: {$ref: "#"}'), ":5", "refers to itself"),
    "path without value": (one("json_equals: {path: $.a}"), ":5", "no `value`"),
    "path without dollar": (one("json_equals: {path: a, value: 1}"), ":5", "not a path"),
    "path with descent": (one("json_equals: {path: $..a, value: 1}"), ":5", "not a path"),
}


@pytest.mark.parametrize(("text", "where", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_line(text: str, where: str, says: str) -> None:
    error = refusal(text)
    assert where in error.message
    assert says in str(error)
    assert error.hint


def test_t18_a_link_out_of_the_tree_is_the_trees_refusal() -> None:
    tree = MemoryTree({})
    with pytest.raises(ConfigError, match="no such file"):
        load_suite(tree, "evals/missing.yml")


def test_a_broken_schema_file_is_named_with_the_check_that_names_it() -> None:
    error = refusal(one("json_schema: schemas/bad.json"), {"evals/schemas/bad.json": '{\n "a": 1,\n}'})
    assert f"{PATH}:5" in error.message
    assert "evals/schemas/bad.json:3" in error.message


EDITS = {
    "input": ("ACME owes 5", "ACME owes 6"),
    "expected": ("company: ACME", "company: Other"),
    "a check removed": ('      - not_contains: "As an AI"\n        weight: 2\n', ""),
    "a check changed": ("As an AI", "As an LLM"),
    "a weight": ("weight: 2", "weight: 1"),
    "a category": ("happy_path", "edge_case"),
    "a default check": ("checks: [json_valid]", "checks: [{contains: '{'}]"),
    "an id": ("id: acme", "id: other"),
    "parameters": ("temperature: 0", "temperature: 1"),
}


@pytest.mark.parametrize(("old", "new"), EDITS.values(), ids=EDITS)
def test_t29_an_edit_of_a_case_is_reported_and_the_base_version_runs(old: str, new: str) -> None:
    base = read(GOOD)
    cases, weakened = merge_suites(base, read(GOOD.replace(old, new)))
    assert "acme" in weakened
    assert [c for c in cases if c.id == "acme"] == [base.cases[0]]


def test_t29_a_schema_file_that_is_weakened_counts_as_an_edit() -> None:
    _, weakened = merge_suites(read(GOOD), read(GOOD, {"evals/schemas/entities.json": "{}"}))
    assert weakened == ["acme"]


def test_lines_tags_and_descriptions_are_no_edit() -> None:
    head = GOOD.replace("cases:\n", "\n# moved\ncases:\n").replace(
        "tags: [invoice]", "description: said\n    tags: [b]"
    )
    cases, weakened = merge_suites(read(GOOD), read(head))
    assert (len(cases), weakened) == (2, [])
    assert read(head).digest == read(GOOD).digest


def test_new_cases_of_the_head_run_after_those_of_the_base() -> None:
    head = GOOD.replace("cases:\n", "cases:\n  - {id: new, input: n, checks: [json_valid]}\n")
    cases, weakened = merge_suites(read(GOOD), read(head))
    assert ([case.id for case in cases][-1], len(cases), weakened) == ("new", 3, [])


def test_a_suite_on_one_side_alone() -> None:
    suite = read(GOOD)
    assert merge_suites(None, suite) == (suite.cases, [])
    assert merge_suites(suite, None) == (suite.cases, [case.id for case in suite.cases])
    nothing, weakened = merge_suites(None, None)
    assert (list(nothing), weakened) == ([], [])


LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab: -[]{}\n", max_size=6)
KEYS = st.sampled_from(
    [
        "id",
        "input",
        "checks",
        "cases",
        "defaults",
        "expected",
        "params",
        "repeats",
        "tags",
        "category",
        "weight",
        "path",
        "equals",
        "contains",
        "regex",
        "json_schema",
        "json_equals",
        "json_valid",
        "not_contains",
        "pattern",
        "any",
        "x",
    ]
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=14
)


@given(TREES, TREES)
@settings(max_examples=300, deadline=None)
def test_any_document_is_a_suite_or_a_clear_error(cases: object, defaults: object) -> None:
    text = json.dumps({"cases": [cases] if isinstance(cases, dict) else cases, "defaults": defaults})
    cases_read: Sequence[Case] = ()
    refused = None
    try:
        cases_read = read(text).cases
    except ConfigError as error:
        refused = error
    assert refused is None or (refused.message.startswith(PATH) and refused.hint)
    assert all(case.checks for case in cases_read)
