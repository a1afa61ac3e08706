from __future__ import annotations

import json
import tracemalloc
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.evidence import Case, Check
from pinward.errors import ConfigError
from pinward.evals.cases import IN_MEMORY, Cases, CasesByTask
from pinward.evals.suite import load_suite, merge_suites
from tests.support.trees import MemoryTree

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
CHECKS = st.builds(Check, st.sampled_from(["equals", "json_valid"]), JSON, st.text(), st.floats(0.1, 9))
CASES = st.builds(
    Case,
    st.text(min_size=1),
    st.text(),
    JSON,
    st.lists(CHECKS, min_size=1, max_size=3).map(tuple),
    st.text(),
    JSON,
    st.lists(st.text(), max_size=2).map(tuple),
    st.dictionaries(st.text(), JSON, max_size=2),
    st.none() | st.integers(1, 9),
)


@given(st.lists(CASES, max_size=4, unique_by=lambda case: case.id))
@settings(max_examples=60, deadline=None)
def test_cases_come_back_as_they_were_added(given_cases: list[Case]) -> None:
    cases = Cases(given_cases)
    assert list(cases) == given_cases
    assert cases[1:] == given_cases[1:]
    assert [cases.named(case.id) for case in reversed(given_cases)] == given_cases[::-1]
    by_task = CasesByTask({"t": cases})
    assert {key: by_task[key] for key in by_task} == {("t", case.id): case for case in given_cases}


def suite_of(number: int, text: str = "x") -> MemoryTree:
    rows = (json.dumps({"id": f"c{n}", "input": f"{n} {text}"}) + "\n" for n in range(number))
    suite = "cases: rows.jsonl\ndefaults: {checks: [{json_schema: s.json}]}\n"
    return MemoryTree({"s.yml": suite, "rows.jsonl": "".join(rows), "s.json": '{"type": "object"}'})


def test_what_a_case_asks_does_not_stay_in_memory() -> None:
    tree = suite_of(10_000, "y" * 1_000)
    load_suite(suite_of(10), "s.yml")
    tracemalloc.start()
    suite = load_suite(tree, "s.yml")
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(suite.cases) == 10_000
    assert suite.cases[9_999].input == "9999 " + "y" * 1_000
    assert held < IN_MEMORY + 10_000 * 350
    assert peak < IN_MEMORY * 2 + 10_000 * 350 + len(tree.read("rows.jsonl")) * 1.2


def test_a_check_of_the_defaults_is_one_object_and_its_file_is_read_once() -> None:
    read: list[str] = []

    class Counting(MemoryTree):
        def read(self, path: str) -> bytes:
            read.append(path)
            return super().read(path)

    suite = load_suite(Counting(suite_of(50).files), "s.yml")
    assert suite.cases[0].checks[0] is suite.cases[49].checks[0]
    assert read.count("s.json") == 1


def test_equal_is_not_the_same_for_the_checks_of_two_cases() -> None:
    rows = '{"id": "a", "input": "x", "expected": true}\n{"id": "b", "input": "y", "expected": 1}\n'
    tree = MemoryTree({"s.yml": "cases: r.jsonl\ndefaults: {checks: [json_equals]}\n", "r.jsonl": rows})
    values = [case.checks[0].argument for case in load_suite(tree, "s.yml").cases]
    assert json.dumps(values) == json.dumps([{"path": "$", "value": True}, {"path": "$", "value": 1}])


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_rows_of_a_table_keep_their_lines_whatever_ends_them(newline: str) -> None:
    table = newline.join(["id,input", "a,x", 'b,"y z"', "c,\u00e9", ""])
    tree = MemoryTree({"s.yml": "cases: t.csv\ndefaults: {checks: [json_valid]}\n", "t.csv": table})
    assert [(c.id, c.input, c.where) for c in load_suite(tree, "s.yml").cases] == [
        ("a", "x", "t.csv:2"),
        ("b", "y z", "t.csv:3"),
        ("c", "\u00e9", "t.csv:4"),
    ]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv"])
def test_a_byte_that_is_no_utf8_is_named_by_its_line(name: str) -> None:
    rows = b'{"id": "a", "input": "x"}\n' if name.endswith("jsonl") else b"id,input\n"
    files: Mapping[str, str | bytes] = {
        "s.yml": f"cases: {name}\ndefaults: {{checks: [json_valid]}}\n",
        name: rows + b"\xff\n",
    }
    with pytest.raises(ConfigError, match=rf"{name}:2: is not UTF-8"):
        load_suite(MemoryTree(dict(files)), "s.yml")


def test_new_cases_of_the_head_are_found_by_name_beside_those_of_the_base() -> None:
    base, head = load_suite(suite_of(3), "s.yml"), load_suite(suite_of(5), "s.yml")
    cases, weakened = merge_suites(base, head)
    assert (cases.ids, weakened) == (["c0", "c1", "c2", "c3", "c4"], [])
    assert cases.named("c4") == head.cases[4]
