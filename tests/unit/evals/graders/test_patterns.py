from __future__ import annotations

import time

import pytest

from pinward.errors import ConfigError
from tests.unit.evals.graders.grades import case_of, grade, graded


def test_a_pattern_is_searched() -> None:
    assert grade({"regex": r"\d{4}"}, "in 2026").passed
    assert "expected a match of" in grade({"regex": r"^\d{4}$"}, "in 2026").reason


def test_options() -> None:
    assert grade({"regex": {"pattern": "acme", "ignore_case": True}}, "ACME Inc").passed
    assert not grade({"regex": {"pattern": "ACME", "full": True}}, "ACME Inc").passed
    with pytest.raises(ConfigError, match="takes a pattern"):
        case_of({"regex": {"pattern": "a", "flags": "i"}})


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}$"])
def test_t15_a_pattern_that_never_stops_is_a_clear_error_within_a_second(pattern: str) -> None:
    case = case_of({"regex": pattern})
    started = time.process_time()
    with pytest.raises(ConfigError, match=r"s.yml:1: `regex`: the pattern .* ran longer than") as caught:
        graded(case, "a" * 5000 + "!")
    assert time.process_time() - started < 1
    assert "nested repetition" in caught.value.hint
