"""Candidates are ranked by what they were shown to do, with intervals that hold at once."""

from __future__ import annotations

from dataclasses import replace

from pinward.core.evidence import (
    BASELINE,
    CANDIDATE,
    Call,
    Comparison,
    Completion,
    Evidence,
    Grade,
    Sample,
    TaskPlan,
    Verdict,
)
from pinward.core.model_id import ModelId
from pinward.core.policy import GatePolicy
from pinward.verdict.ranking import next_round_of_all, rank
from tests.unit.verdict.world import NEW, Answer, faulty, graded, judge, plan, play, scores


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


def candidates(*names: str) -> tuple[TaskPlan, ...]:
    return tuple(replace(plan(12, task=name), candidate=replace(NEW, written=f"openai/{name}")) for name in names)


def play_all(plans: tuple[TaskPlan, ...], answer: Answer, policy: GatePolicy) -> tuple[Verdict, Evidence]:
    evidence = Evidence(plans)
    while not isinstance(step := next_round_of_all(evidence, policy), Verdict):
        evidence = replace(evidence, samples=(*evidence.samples, *map(answer, step.calls)))
    return step, evidence


def test_every_candidate_is_judged_as_alone_at_its_share_of_the_error_rate() -> None:
    def answer(call: Call) -> Sample:
        bad = call.arm == CANDIDATE and call.task == "bad" and call.case in {"c1", "c2"}
        return graded(call, 0.0 if bad else 1.0)

    policy = GatePolicy(alpha=0.05)
    verdict, evidence = play_all(candidates("bad", "good"), answer, policy)
    assert [c.plan.task for c in verdict.comparisons] == ["good", "bad"]
    assert [c.verdict for c in verdict.comparisons] == ["pass", "fail"]
    assert verdict.value == "pass"
    for comparison in verdict.comparisons:
        alone, _ = play(comparison.plan, answer, GatePolicy(alpha=0.025))
        assert replace(alone.comparisons[0], outcomes={}) == replace(comparison, outcomes={})
    assert {s.call.task for s in evidence.samples if s.call.arm == BASELINE} == {"bad"}


def test_regressions_of_one_candidate_never_count_against_another() -> None:
    def answer(call: Call) -> Sample:
        return graded(call, float(call.arm == BASELINE or call.case != ("c1" if call.task == "one" else "c2")))

    verdict, _ = play_all(candidates("one", "two"), answer, GatePolicy(max_regressions=1))
    assert [c.verdict for c in verdict.comparisons] == ["pass", "pass"]
