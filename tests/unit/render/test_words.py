from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.report import ReportFinding, ShardPart, scan_objection
from pinward.core.screen import PIPE
from pinward.render import words
from pinward.render.console import gate
from pinward.render.diff import laid_out_json, short_diff
from pinward.render.markdown import comment
from tests.golden.reports import STATES


def test_the_title_of_a_check_is_the_first_line_without_marks() -> None:
    assert words.title(STATES["blocked"]) == "blocked. 2 of 48 cases broke on openai/gpt-5.6-terra (0 allowed)."
    assert words.title(STATES["passed"]).startswith("passed: No case broke on 48.")


def test_one_changed_value_of_a_long_json_is_one_changed_line() -> None:
    before = {"a": list(range(60)), "b": "x" * 50}
    after = before | {"b": "y"}
    changed = short_diff(str(before).replace("'", '"'), str(after).replace("'", '"')).splitlines()
    assert [line[0] for line in changed if line[0] in "+-"] == ["-", "+"]


@given(
    st.recursive(
        st.none() | st.floats(allow_nan=False) | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_laid_out_json_is_the_same_json_value_by_value(value: object) -> None:
    for written in (json.dumps({"v": value}), json.dumps({"v": value}, indent=3, ensure_ascii=False)):
        laid_out = laid_out_json(written)
        assert json.loads(laid_out) == {"v": value}
        assert laid_out == json.dumps({"v": value}, indent=1, ensure_ascii=written.isascii() and "\n" not in written)


def test_numbers_stay_as_they_were_written() -> None:
    assert "1204.50" in laid_out_json('{"total": 1204.50, "n": 12345678901234567890}')


def test_a_long_line_is_cut_around_its_first_difference() -> None:
    changed = short_diff("a" * 5000 + "b" + "c" * 5000, "a" * 5000 + "d" + "c" * 5000)
    assert "b" in changed.splitlines()[0]
    assert max(map(len, changed.splitlines())) <= 204


def test_a_diff_is_short_and_says_what_it_left_out() -> None:
    changed = short_diff("\n".join(map(str, range(100))), "\n".join(map(str, range(200, 300)))).splitlines()
    assert len(changed) == 15
    assert changed[-1] == "  … 186 more lines"


def test_differences_in_layout_alone_are_named() -> None:
    assert short_diff("a\nb", "a\nb\n") == "  (the outputs differ in line ends alone)"
    assert short_diff("same", "same") == ""


@pytest.mark.parametrize(("complete", "changeable"), [(True, True), (False, False)])
def test_no_policy_is_offered_as_a_way_around_missing_answers(complete: bool, changeable: bool) -> None:
    report = STATES["not_enough_evidence"].model_copy(update={"complete": complete})
    assert ("inconclusive: warn` changes that" in words.headline(report).sentence) is changeable


def test_what_else_speaks_against_a_change_is_listed_beside_the_finding_that_the_first_line_names() -> None:
    finding = ReportFinding(rule="unpinned-alias", severity="error", model="gpt-4o", message="It moves.", blocking=True)
    weaker = "2 cases of `extract` are weaker than at the base."
    update = {"verdict": "fail", "exit_code": 1, "tasks": [], "findings": [finding], "uncovered": ["task other: model"]}
    reasons = [weaker, scan_objection(1), "1 change without a suite (`uncovered_change: fail`)."]
    report = STATES["blocked"].model_copy(update={**update, "reasons": reasons})
    assert words.headline(report).label == "blocked. 1 model name floats."
    assert words.objections(report) == [weaker, reasons[2]]
    assert "**Also against it:**\n\n- 2 cases of `extract` are weaker than at the base.\n" in (comment(report) or "")
    assert "Also against it:\n- 2 cases of extract are weaker than at the base.\n" in gate(report, PIPE)


def test_a_change_that_nobody_tried_comes_before_what_is_to_say_of_its_name() -> None:
    findings = STATES["floating_names"].findings
    report = STATES["without_a_suite"].model_copy(update={"findings": findings})
    assert words.headline(report).label == "1 change without a suite."


@pytest.mark.parametrize("name", STATES)
def test_what_a_first_line_or_a_task_says_is_not_said_again(name: str) -> None:
    assert words.objections(STATES[name]) == []


def test_a_long_first_line_is_parted_where_it_explains_itself_and_never_inside_code() -> None:
    why = (
        "Models, prompts, parameters or fallbacks change, and nothing was evaluated: the `a: b` of this is a fork"
        + "s" * 40
    )
    blocked = STATES["blocked"].model_copy(update={"tasks": [], "reasons": [why]})
    assert words.headline(blocked) == (
        "blocked. Models, prompts, parameters or fallbacks change, and nothing was evaluated.",
        "The `a: b` of this is a fork" + "s" * 40 + ".",
    )
    assert not words.objections(blocked)


def test_a_shard_alone_does_not_speak_of_the_policy_for_missing_evidence() -> None:
    shard = ShardPart(number=1, of=2, read="a")
    told = STATES["not_enough_evidence"].model_copy(update={"shard": shard, "tasks": [], "reasons": ["6 cases."]})
    assert words.headline(told).sentence == "6 cases."


@pytest.mark.parametrize(
    ("names", "label", "sentence"),
    [
        (["passed", "passed"], "passed", "No case broke on 96 in 2 tasks."),
        (["passed", "rolled_back"], "passed", "No case broke on 48 in 1 task. 1 task was judged without a comparison."),
        (["rolled_back", "rolled_back"], "passed from stored evidence", "2 tasks were judged without a comparison."),
        (
            ["passed", "new_task"],
            "passed without a baseline",
            "No case broke on 48 in 1 task. 1 task was judged without a comparison.",
        ),
    ],
)
def test_of_several_passed_tasks_only_those_that_were_compared_count_as_unbroken(
    names: list[str], label: str, sentence: str
) -> None:
    tasks = [STATES[name].tasks[0] for name in names]
    assert words.headline(STATES["passed"].model_copy(update={"tasks": tasks})) == (label, sentence)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("passed", "passed"),
        ("passed_proven", "passed, proven"),
        ("rolled_back", "passed from stored evidence"),
        ("new_task", "passed without a baseline"),
        ("blocked", "blocked"),
    ],
)
def test_a_task_says_by_what_it_passed(name: str, said: str) -> None:
    task = STATES[name].tasks[0]
    assert words.verdict_of(task) == said
    several = STATES["several_tasks"].model_copy(update={"tasks": [task, STATES["passed"].tasks[0]]})
    assert f"**`{task.task}`: {said}.**" in (comment(several) or "")
