"""docs/threats.md says which attack and fault each test stands against; the tests have the last word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/threats.md").read_text(encoding="utf-8")
ROWS = {match[1]: match[2] for match in re.finditer(r"^\| (\d+|[TF]\d+) \|(.*)\|$", PAGE, re.MULTILINE)}
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("tests/**/test_*.py")))
TESTS = set(re.findall(r"def (test_\w+)\(", SOURCES))


def numbers(test: str) -> set[str]:
    """Return the rows whose numbers a test's name carries, as in `test_t9_t10_...` and `test_trust_2_...`."""
    if trust := re.match(r"test_trust_(\d+)_", test):
        return {trust[1]}
    label = re.match(r"test((?:_(?:to_)?[tf]\d+)+)_", test)
    return {number.upper() for number in re.findall(r"[tf]\d+", label[1])} if label else set()


CARRIED = {number for test in TESTS for number in numbers(test)}


def test_every_row_is_there_once() -> None:
    wanted = [str(n) for n in range(1, 13)] + [f"T{n}" for n in range(1, 33)] + [f"F{n}" for n in range(1, 27)]
    assert re.findall(r"^\| (\d+|[TF]\d+) \|", PAGE, re.MULTILINE) == wanted


@pytest.mark.parametrize("number", ROWS)
def test_each_test_that_a_row_names_exists(number: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", ROWS[number]))
    assert named <= TESTS
    assert named or "| open: " in ROWS[number] or "| none: " in ROWS[number]


def test_each_test_that_another_page_names_exists() -> None:
    pages = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))]
    assert set(re.findall(r"`(test_\w+)`", "\n".join(pages))) <= TESTS


@pytest.mark.parametrize("number", ROWS)
def test_a_row_is_open_only_while_no_test_carries_its_number(number: str) -> None:
    assert "| open: " not in ROWS[number] or number not in CARRIED


def test_a_number_in_a_tests_name_is_a_rows() -> None:
    assert {"T1", "F25", "7"} <= CARRIED <= set(ROWS)


def test_a_comment_that_cites_a_row_names_this_page() -> None:
    citing = re.compile(r"THREATS|\([TF]\d+\b")
    paths = [p for folder in ("src", "scripts", "tests") for p in sorted((ROOT / folder).rglob("*.[ps][yh]"))]
    assert not [path.name for path in paths if path != Path(__file__) and citing.search(path.read_text("utf-8"))]
