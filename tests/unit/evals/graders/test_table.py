from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.documents import load_yaml
from pinward.core.evidence import Completion, Grade
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.evals.graders.base import BaseGrader, NoVerdictError
from pinward.evals.graders.table import GRADERS
from pinward.evals.judge import Judge, JudgeModel
from tests.support.judges import ScriptedJudge
from tests.unit.evals.graders.grades import case_of, graded

PAGES = Path(__file__).parents[4] / "docs" / "graders"


@pytest.mark.parametrize("grader", GRADERS.values(), ids=GRADERS)
def test_every_graders_example_can_be_used_as_it_stands(grader: BaseGrader) -> None:
    case = case_of(load_yaml(grader.example, "example").value)
    assert [check.grader for check in case.checks] == [grader.name]


@pytest.mark.parametrize("grader", GRADERS.values(), ids=GRADERS)
def test_every_grader_has_a_page_that_shows_its_example(grader: BaseGrader) -> None:
    page = (PAGES / f"{grader.name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {grader.name}\n")
    assert f"- {grader.example}" in page
    assert f"]({grader.name}.md)" in (PAGES / "README.md").read_text(encoding="utf-8")


def test_no_page_is_left_of_a_grader_that_is_gone() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == {"README", *GRADERS}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats(-2, 2) | st.text("a1[({*+?$. \n", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "min", "max", "checks", "contains", "not", "name", "calls", "schema", "type"])
            | st.sampled_from(["arguments", "tolerance", "find", "unit", "path", "pattern", "any", "all", "threshold"])
            | st.sampled_from(["rubric", "labels", "range", "pairwise", "reference", "judge"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("name", GRADERS)
@given(argument=VALUES, expected=VALUES, answer=st.text(max_size=20) | st.sampled_from(['{"a": 1}', "[1, 2]", "NaN"]))
@settings(max_examples=40, deadline=None)
def test_any_argument_is_refused_when_it_is_read_or_judges_any_answer(
    name: str, argument: Json, expected: Json, answer: str
) -> None:
    grader = GRADERS[name]

    def no_file(path: str) -> Json:
        raise ConfigError(f"no file {path}", "Write another.")

    refused, grade = None, Grade(1.0, True)
    try:
        prepared = grader.prepare(argument, expected, no_file)
        grader.validate(prepared)
    except ConfigError as error:
        refused = error
    else:
        judge = Judge(JudgeModel("a/b", "b"), ScriptedJudge(lambda _: "pass"))
        with suppress(NoVerdictError):
            grade = asyncio.run(grader.grade(Completion("ok", text=answer), case_of("json_valid"), prepared, judge))
    assert refused is None or (refused.message and refused.hint)
    assert 0 <= grade.score <= 1
    assert grade.passed or grade.reason


def test_checks_of_checks_are_named_when_they_are_wrong() -> None:
    with pytest.raises(ConfigError, match="`any` holds the unknown check `contain`") as caught:
        case_of({"any": [{"contain": "x"}]})
    assert "Did you mean `contains`?" in caught.value.hint
    with pytest.raises(ConfigError, match="one name each"):
        case_of({"all": [{"contains": "x", "equals": "y"}]})


def test_all_any_and_not_combine() -> None:
    weighted: Json = {"all": {"checks": [{"contains": "a", "weight": 3}, {"contains": "b"}], "threshold": 0.7}}
    assert (graded(case_of(weighted), "a").score, graded(case_of(weighted), "a").passed) == (0.75, True)
    assert not graded(case_of(weighted), "b").passed
    assert not graded(case_of({"all": [{"contains": "a"}, {"contains": "b"}]}), "a").passed
    assert graded(case_of({"any": [{"contains": "a"}, {"contains": "b"}]}), "b").passed
    assert graded(case_of({"any": [{"contains": "a"}, {"equals": "b"}]}), "c").reason.startswith("`any`: none holds")
    assert graded(case_of({"not": {"contains": "a"}}), "b").passed
    assert not graded(case_of({"not": {"contains": "a"}}), "a").passed
    assert graded(case_of({"any": [{"equals": ""}, {"contains": "a"}]}), "").passed
    assert not graded(case_of({"not": {"contains": "a"}}), "").passed
