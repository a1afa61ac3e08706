"""Grades one answer by one check, on the way that a suite takes."""

from __future__ import annotations

import asyncio
import json

from pinward.core.evidence import Ask, Case, Completion, Grade
from pinward.core.policy import Json
from pinward.evals.grading import grade_case
from pinward.evals.suite import load_suite
from tests.support.trees import MemoryTree


def case_of(*checks: Json, expected: Json = None) -> Case:
    """Return the case of a suite with these checks."""
    document = {"cases": [{"id": "a", "input": "x", "expected": expected, "checks": list(checks)}]}
    return load_suite(MemoryTree({"s.yml": json.dumps(document), "schemas/entities.json": "{}"}), "s.yml").cases[0]


def graded(case: Case, answer: str | Completion, ask: Ask | None = None) -> Grade:
    completion = answer if isinstance(answer, Completion) else Completion("ok", text=answer)
    grade = asyncio.run(grade_case(case, completion, ask))
    assert grade is not None
    return grade


def grade(check: Json, answer: str | Completion, expected: Json = None) -> Grade:
    return graded(case_of(check, expected=expected), answer)
