"""The 2x2 tells the model's part from the rest, and changes no verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.evidence import CANDIDATE, MODEL_ONLY, REST_ONLY, Call, Sample
from pinward.core.policy import GatePolicy
from pinward.verdict.attribution import estimate
from tests.unit.verdict.world import faulty, graded, judge, plan, play, scores

BOTH = replace(plan(20), changed_with_model="prompt")
SHARE = st.sampled_from([0.0, 0.5, 1.0])


def model_breaks(call: Call) -> Sample:
    return graded(call, float(not (call.arm in {CANDIDATE, MODEL_ONLY} and int(call.case[1:]) < 10)))


def test_a_loss_that_the_model_alone_causes_is_the_models() -> None:
    _, comparison = judge(BOTH, model_breaks)
    assert comparison.attribution is not None
    assert comparison.attribution.startswith(
        "Model and prompt changed together: over 20 cases the model moved the pass rate by -50.0 points ("
    )
    assert "the prompt by +0.0 points (" in comparison.attribution
    assert "neither does alone" not in comparison.attribution


def test_a_loss_that_needs_both_changes_is_called_so() -> None:
    _, comparison = judge(replace(plan(60), changed_with_model="parameters"), scores({}, other=1.0))
    assert comparison.attribution is None

    def both(call: Call) -> Sample:
        return graded(call, float(call.arm != CANDIDATE or int(call.case[1:]) >= 40))

    _, comparison = judge(replace(plan(60), changed_with_model="parameters"), both)
    assert comparison.attribution is not None
    assert "together they do what neither does alone (-66.7 points" in comparison.attribution


def test_the_mixed_arms_are_asked_last_and_only_where_something_moved() -> None:
    _, quiet = play(BOTH, scores({}))
    assert {sample.call.arm for sample in quiet.samples} == {"baseline", CANDIDATE}
    _, moved = play(BOTH, model_breaks)
    assert {sample.call.arm for sample in moved.samples[-40:]} == {MODEL_ONLY, REST_ONLY}
    _, plain = play(plan(20), model_breaks)
    assert len(moved.samples) == len(plain.samples) + 40


def test_a_case_that_is_not_valid_is_not_asked_again_for_what_moved_it() -> None:
    def gappy(call: Call) -> Sample:
        return faulty(call) if call.case == "c0" else model_breaks(call)

    _, evidence = play(BOTH, gappy, GatePolicy(max_infra_errors=0.5))
    assert {sample.call.case for sample in evidence.samples if sample.call.arm == MODEL_ONLY} == {
        f"c{number}" for number in range(1, 20)
    }


def test_faults_of_the_mixed_arms_leave_the_verdict_alone() -> None:
    def answer(call: Call) -> Sample:
        return faulty(call) if call.arm in {MODEL_ONLY, REST_ONLY} else model_breaks(call)

    verdict, comparison = judge(BOTH, answer)
    assert (verdict.value, verdict.complete, comparison.attribution) == ("fail", True, None)


def test_a_budget_that_ends_before_the_mixed_arms_leaves_the_verdict_alone() -> None:
    fallen_late = scores({"c0": (0.0, 1.0)})
    verdict, _ = play(BOTH, fallen_late, rounds=1, stopped="budget")
    assert (verdict.value, verdict.complete) == ("pass", True)
    assert verdict.comparisons[0].attribution is None


@given(st.lists(st.tuples(SHARE, SHARE, SHARE, SHARE), min_size=1, max_size=20))
def test_both_parts_add_up_to_the_whole_difference(corners: list[tuple[float, float, float, float]]) -> None:
    effects = estimate(corners, GatePolicy().alpha)
    assert effects is not None
    whole = sum(c - b for b, _, _, c in corners) / len(corners)
    assert effects.model.estimate + effects.rest.estimate == pytest.approx(whole)
    mirrored = estimate([(b, r, m, c) for b, m, r, c in corners], 0.05)
    assert mirrored is not None
    assert mirrored.model == effects.rest
