"""Candidates are ranked by what they were shown to do, with intervals that hold at once."""

from __future__ import annotations

from dataclasses import replace

from pinward.core.evidence import Call, Comparison, Completion, Grade, Sample
from pinward.core.model_id import ModelId
from pinward.core.policy import GatePolicy
from pinward.verdict.ranking import rank
from tests.unit.verdict.world import faulty, judge, plan, scores


def candidate(name: str, broken: int = 0, improved: int = 0, cost: float | None = None) -> Comparison:
    def answer(call: Call) -> Sample:
        index, new = int(call.case[1:]), call.arm == "candidate"
        score = float(not (index < broken and new) and not (index >= 40 - improved and not new))
        return Sample(call, Completion("ok", cost_usd=cost, replayed=True), Grade(score, score == 1))

    return judge(replace(plan(40, task=name), candidate=ModelId("x", name, name, "pinned")), answer)[1]


def names(comparisons: list[Comparison]) -> list[str]:
    return [ranked.comparison.plan.task for ranked in rank(comparisons, GatePolicy())]


def test_a_candidate_that_passes_comes_before_one_that_breaks_however_good_the_rest() -> None:
    assert names([candidate("broken", 1, 9), candidate("plain"), candidate("better", 0, 2)]) == [
        "better",
        "plain",
        "broken",
    ]


def test_of_equals_the_cheaper_comes_first_and_an_unknown_price_last() -> None:
    same = [candidate("unknown"), candidate("dear", cost=0.2), candidate("cheap", cost=0.1)]
    assert names(same) == ["cheap", "dear", "unknown"]
    assert names(same[::-1]) == names(same)


def test_intervals_widen_with_the_number_of_candidates() -> None:
    one, *_ = rank([candidate("a")], GatePolicy())
    three, *_ = rank([candidate("a"), candidate("b"), candidate("c")], GatePolicy())
    assert one.difference is not None
    assert three.difference is not None
    assert (three.difference.low or 0) < (one.difference.low or 0)
    assert one.difference == judge(plan(40), scores({}))[1].difference


def test_a_candidate_that_never_answered_comes_last_without_an_interval() -> None:
    gone = judge(plan(40, task="gone"), lambda c: faulty(c) if c.arm == "candidate" else scores({})(c))[1]
    *_, last = rank([gone, candidate("broken", 3)], GatePolicy())
    assert (last.comparison.plan.task, last.difference) == ("gone", None)
