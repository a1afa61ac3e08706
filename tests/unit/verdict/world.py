"""A small world for the verdict's tests: plans, answers, and a loop that plays the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from pinward.core.evidence import (
    Call,
    Comparison,
    Completion,
    Evidence,
    Fault,
    FaultKind,
    Grade,
    Outcome,
    PlannedCase,
    Round,
    Sample,
    TaskPlan,
    Verdict,
)
from pinward.core.model_id import ModelId
from pinward.core.policy import GatePolicy
from pinward.verdict.plan import next_round

OLD = ModelId("openai", "openai/old-2025-01-01", "old-2025-01-01", "pinned")
NEW = ModelId("openai", "openai/new-2026-01-01", "new-2026-01-01", "pinned")
Answer = Callable[[Call], Sample]


def plan(cases: int | Iterable[PlannedCase] = 4, task: str = "extract", no_baseline: str | None = None) -> TaskPlan:
    planned = (
        tuple(PlannedCase(f"c{i}", "happy_path") for i in range(cases)) if isinstance(cases, int) else tuple(cases)
    )
    return TaskPlan(task, planned, None if no_baseline else OLD, NEW, no_baseline)


def graded(call: Call, score: float, passed: bool | None = None, **completion: object) -> Sample:
    answer = Completion("ok", text=f"{call.arm} {call.case} {call.repeat}", replayed=True, **completion)  # type: ignore[arg-type]  # fields under test
    return Sample(call, answer, Grade(score, score >= 1 if passed is None else passed))


def faulty(call: Call, kind: FaultKind = "server", outcome: Outcome = "infra_error") -> Sample:
    return Sample(call, Completion(outcome, fault=Fault(kind, "the endpoint did not answer")), None)


def scores(table: Mapping[str, float | tuple[float, float]], other: float = 1.0) -> Answer:
    """Answer with fixed scores: `{"c1": 0.0}` is the candidate's, a pair is (baseline, candidate)."""

    def answer(call: Call) -> Sample:
        value = table.get(call.case, other)
        pair = value if isinstance(value, tuple) else (other, value)
        return graded(call, pair[call.arm == "candidate"])

    return answer


def play(
    plans: TaskPlan | Iterable[TaskPlan],
    answer: Answer,
    policy: GatePolicy | None = None,
    rounds: int = 9,
    stopped: Literal["budget", "deadline", "cancelled"] | None = None,
) -> tuple[Verdict, Evidence]:
    """Run to the verdict; after `rounds` rounds the run is `stopped`."""
    policy = policy or GatePolicy()
    evidence = Evidence((plans,) if isinstance(plans, TaskPlan) else tuple(plans))
    for _ in range(rounds):
        step = next_round(evidence, policy)
        if isinstance(step, Verdict):
            return step, evidence
        evidence = Evidence(evidence.plans, (*evidence.samples, *map(answer, step.calls)))
    evidence = Evidence(evidence.plans, evidence.samples, stopped)
    step = next_round(evidence, policy)
    assert not isinstance(step, Round), f"still wants to run: {step.why}"
    return step, evidence


def judge(
    plans: TaskPlan | Iterable[TaskPlan], answer: Answer, policy: GatePolicy | None = None
) -> tuple[Verdict, Comparison]:
    """Run to the verdict and return it with the first task's comparison."""
    verdict, _ = play(plans, answer, policy)
    return verdict, verdict.comparisons[0]


def statuses(comparison: Comparison) -> dict[str, str]:
    return {case.case: case.status for case in comparison.cases}
