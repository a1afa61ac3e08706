from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.errors import ConfigError
from pinward.evals.suite import Suite, load_suite
from tests.support.trees import MemoryTree

CSV = 'ticket,body,label,n\n7,"Where, is it?",shipping,3\n\n8,"My bill\nis wrong",billing,4\n'
SOURCE = """\
defaults: {category: edge_case}
cases_from:
  - file: %s
    map: {id: ticket, input: body, expected: label}
    tags: [export]
    checks: [equals]
"""


def read(text: str, **files: str | bytes) -> Suite:
    named = {name.replace("__", "/").replace("_", "."): content for name, content in files.items()}
    return load_suite(MemoryTree({"evals/s.yml": text, **named}), "evals/s.yml")


def test_rows_of_a_csv_file_become_cases() -> None:
    first, second = read(SOURCE % "data/t.csv", evals__data__t_csv=CSV).cases
    assert (first.id, first.input, first.expected) == ("7", "Where, is it?", "shipping")
    assert (first.category, first.tags, first.where) == ("edge_case", ("export",), "evals/data/t.csv:2")
    assert (first.checks[0].grader, first.checks[0].argument) == ("equals", "shipping")
    assert (second.input, second.where) == ("My bill\nis wrong", "evals/data/t.csv:5")


def test_columns_can_be_gathered_and_reached_into() -> None:
    text = (
        "cases_from: [{file: t.jsonl, map: {input: {q: $.in.text, n: n}, expected: '$.out[0]'}, checks: [json_equals]}]"
    )
    row = {"in": {"text": "hello"}, "n": 2, "out": [{"a": 1}]}
    case = read(text, evals__t_jsonl=json.dumps(row)).cases[0]
    assert (case.input, case.expected) == ({"q": "hello", "n": 2}, {"a": 1})
    assert case.checks[0].argument == {"path": "$", "value": {"a": 1}}


def test_without_a_map_the_row_is_the_input() -> None:
    text = "cases_from: [{file: t.tsv, checks: [{contains: x}]}]"
    assert read(text, evals__t_tsv="a\tb\n1\t2\n").cases[0].input == {"a": "1", "b": "2"}


def test_a_glob_reads_files_in_order_and_text_files_are_one_row_each() -> None:
    text = "cases_from: [{file: 'docs/*.txt', map: {id: file, input: text}, checks: [{contains: x}]}]"
    cases = read(text, evals__docs__b_txt="two", evals__docs__a_txt="one").cases
    assert [(case.id, case.input) for case in cases] == [("evals/docs/a.txt", "one"), ("evals/docs/b.txt", "two")]


def test_a_number_of_a_csv_file_is_a_number_to_numeric() -> None:
    text = "cases_from: [{file: t.csv, map: {input: body, expected: n}, checks: [numeric]}]"
    assert read(text, evals__t_csv=CSV).cases[0].checks[0].argument == {"value": 3.0}


WRONG = {
    "short row": ("a,b\n1\n", "evals/t.csv:2: 1 columns, the header has 2"),
    "open quote": ('a,b\n1,"x\n', "evals/t.csv:"),
    "column twice": ("a,a\n1,2\n", "names the column `a` twice"),
    "no header": ("", "the header is empty"),
    "no rows": ("a,b\n", "no rows"),
    "binary": (b"a\0b", "binary file"),
    "wrong encoding": (b"a,b\n\xff,1\n", "is not UTF-8"),
    "column missing": ("a,b\n1,2\n", "evals/t.csv:2: the row has no `ticket`, which evals/s.yml:4 names"),
    "input empty": ("ticket,body,label\n1,,x\n", "evals/t.csv:2: the case has no `input`"),
    "id twice": ("ticket,body,label\n1,a,x\n1,b,x\n", "evals/t.csv:3: the id `1` stands twice (first on line 2)"),
}


@pytest.mark.parametrize(("data", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_data_file_is_said_with_its_line(data: str | bytes, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(SOURCE % "t.csv", evals__t_csv=data)
    assert says in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{checks: [equals]}", "needs a `file`"),
        ("{file: t.xlsx}", "no file"),
        ("{file: 'x/*.csv'}", "no file matches"),
        ("{file: ../../t.csv}", "leaves the repository"),
        ("{file: t.csv, mapp: {}}", "unknown key"),
        ("{file: t.csv, map: {question: a}}", "unknown key"),
        ("{file: t.bin}", "cannot be read"),
    ],
)
def test_a_wrong_source_is_said_with_its_line(source: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        read(f"cases_from:\n  - {source}\n", evals__t_csv=CSV, evals__t_bin="x")
    assert "evals/" in caught.value.message


@given(
    st.binary(max_size=60) | st.text('{}[]",:ab1\n\\ ', max_size=60).map(str.encode),
    st.sampled_from(["csv", "jsonl", "json", "yml"]),
)
@settings(max_examples=200, deadline=None)
def test_any_data_file_gives_cases_or_a_clear_error(data: bytes, ending: str) -> None:
    refused = None
    count = 1
    try:
        suite = load_suite(
            MemoryTree(
                {"s.yml": f"cases_from: [{{file: t.{ending}, checks: [{{contains: x}}]}}]", f"t.{ending}": data}
            ),
            "s.yml",
        )
        count = len(suite.cases)
    except ConfigError as error:
        refused = error
    assert count
    assert refused is None or (refused.message.startswith(("s.yml:", f"t.{ending}")) and refused.hint)
