"""The report is the verdict with its evidence: figures, notable cases, exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pinward.core.evidence import NEW_TASK, Call, Completion, Evidence, Fault, Grade, PlannedCase, Sample, Usage
from pinward.core.policy import GatePolicy, Policy
from pinward.core.report import GateReport, ReportFinding
from pinward.errors import ExitCode
from pinward.verdict.report import RunFacts, build_report
from tests.unit.verdict.world import Answer, faulty, graded, plan, play, scores

FACTS = RunFacts("a" * 40, "b" * 40, "pinward.yml@aaaaaaa", "2026-11-22T20:00:00Z", 12.5)
FINDING = ReportFinding(rule="retired-model", severity="error", message="`gpt-4-0613` is retired.", blocking=True)


def report(
    answer: Answer, cases: Any = 4, policy: Policy | None = None, facts: RunFacts = FACTS, **kwargs: Any
) -> GateReport:
    policy = policy or Policy()
    redact = kwargs.pop("redact", lambda text: text)
    no_baseline = kwargs.pop("no_baseline", None)
    verdict, evidence = play(plan(cases, no_baseline=no_baseline), answer, policy.gate, **kwargs)
    return build_report(verdict, evidence, policy, facts, redact)


def test_the_report_carries_the_figures_of_a_blocked_change_and_survives_its_own_schema() -> None:
    made = report(scores({"c0": 0.0, "c1": (0.0, 1.0)}), 12)
    task = made.tasks[0]
    assert (made.verdict, made.exit_code) == ("fail", ExitCode.BLOCKED)
    assert (task.cases, task.valid, task.regressed, task.improved) == (12, 12, 1, 1)
    assert task.pass_rate.baseline == task.pass_rate.candidate == pytest.approx(11 / 12)
    assert task.non_regression_rate == pytest.approx(11 / 12)
    assert task.difference is not None
    assert [case.status for case in task.notable_cases] == ["regressed", "improved"]
    assert made.next_step.startswith("Look at the cases that broke")
    assert GateReport.model_validate_json(made.model_dump_json(by_alias=True)) == made


def test_what_is_advised_after_a_block_fits_what_blocked() -> None:
    def dear(call: Call) -> Sample:
        price = 0.002 if call.arm == "candidate" else 0.001
        return replace(graded(call, 1.0), completion=Completion("ok", cost_usd=price))

    limit = report(dear, 20, Policy(gate=GatePolicy(max_cost_increase=0.1)))
    assert limit.verdict == "fail"
    assert limit.next_step.startswith("Choose another candidate, raise the limit in `policy.gate`")

    def shaky(call: Call) -> Sample:
        return graded(call, 0.0 if call.arm == "candidate" and call.phase == "first" else 1.0)

    suite = report(shaky, 20)
    assert (suite.verdict, suite.tasks[0].regressed) == ("fail", 0)
    assert suite.next_step.startswith("Look at the cases that fell")


def test_nobody_is_advised_to_keep_a_model_that_is_gone() -> None:
    floor = Policy(gate=GatePolicy(min_pass_rate=0.9))
    made = report(scores({}, 0.0), 20, floor, no_baseline="openai/old is retired since 2026-01-01")
    assert made.verdict == "fail"
    assert made.next_step.startswith("Look at the cases that fail")
    assert "keep" not in made.next_step


def test_a_regressed_case_shows_the_fresh_runs_that_judged_it_and_the_answers_of_the_first() -> None:
    case = report(scores({"c0": 0.0}), 12).tasks[0].notable_cases[0]
    assert (case.baseline.passes, case.baseline.runs) == (5, 5)
    assert (case.candidate.passes, case.candidate.runs) == (0, 5)
    assert case.candidate.text == "candidate c0 0"
    assert case.score_delta == -1


def test_of_several_repeats_the_one_that_fell_is_shown() -> None:
    def answer(call: Call) -> Sample:
        bad = call.arm == "candidate" and (call.phase == "confirm" or call.repeat == 2)
        return graded(call, 0.0 if bad and call.case == "c0" else 1.0)

    made = report(answer, 6, Policy(gate=GatePolicy(repeats=4)))
    assert made.tasks[0].notable_cases[0].candidate.text == "candidate c0 2"


@pytest.mark.parametrize(
    ("outputs", "regressed", "improved"),
    [("full", True, True), ("failed", True, False), ("none", False, False)],
)
def test_outputs_leave_the_runner_as_far_as_the_policy_says(outputs: Any, regressed: bool, improved: bool) -> None:
    def answer(call: Call) -> Sample:
        sample = scores({"c0": 0.0, "c1": (0.0, 1.0)})(call)
        assert sample.grade is not None
        return replace(sample, grade=replace(sample.grade, reason="SECRET output", check="equals"))

    made = report(answer, 12, Policy(outputs=outputs))
    texts = [case.candidate.text is not None for case in made.tasks[0].notable_cases]
    assert texts == [regressed, improved]
    assert ("SECRET" in made.model_dump_json()) == (outputs != "none")
    assert made.tasks[0].notable_cases[0].why == ("`equals` failed" if outputs == "none" else "SECRET output")


def test_a_secret_is_redacted_before_the_text_is_cut_through_it() -> None:
    secret = "sk-canary-0123456789"

    def answer(call: Call) -> Sample:
        text = "x" * (8_000 - 45) + secret + "y" * 9_000
        return Sample(call, Completion("ok", text=text), Grade(float(call.arm == "baseline"), call.arm == "baseline"))

    made = report(answer, 1, redact=lambda text: text.replace(secret, "***"))
    shown = made.tasks[0].notable_cases[0].candidate.text
    assert shown is not None
    assert "sk-c" not in shown
    assert shown.endswith("more characters)")
    assert len(shown) <= 8_000


def test_tool_calls_are_shown_where_there_is_no_text() -> None:
    from pinward.core.evidence import ToolCall

    def answer(call: Call) -> Sample:
        sample = scores({"c0": 0.0})(call)
        return replace(sample, completion=Completion("ok", tool_calls=(ToolCall("pay", '{"eur": 1}'),)))

    text = report(answer, 3).tasks[0].notable_cases[0].candidate.text
    assert text is not None
    assert '"name": "pay"' in text


def test_more_notable_cases_than_a_reader_can_take_are_counted_in_a_note() -> None:
    made = report(scores({f"c{i}": 0.0 for i in range(60)}), 60, Policy(gate=GatePolicy(confirm=0)))
    assert len(made.tasks[0].notable_cases) == 50
    assert "10 more notable cases in `report.html`." in made.notes


def test_a_case_without_an_answer_says_why_and_shows_no_text() -> None:
    def answer(call: Call) -> Sample:
        return faulty(call, "timeout") if (call.case, call.arm) == ("c0", "candidate") else graded(call, 1.0)

    case = report(answer, 60).tasks[0].notable_cases[0]
    assert (case.status, case.candidate.outcome, case.candidate.text) == ("excluded", "infra_error", None)
    assert case.candidate.reason == "the endpoint did not answer"
    assert case.why == "Left out of the comparison: candidate: infra error."


def test_a_new_task_lists_its_failures_without_a_baseline() -> None:
    made = report(scores({"c0": 0.0}), 4, no_baseline=NEW_TASK)
    task = made.tasks[0]
    assert (task.baseline, task.no_baseline, made.exit_code) == (None, NEW_TASK, ExitCode.OK)
    assert [case.status for case in task.notable_cases] == ["failed"]
    assert task.notable_cases[0].baseline.outcome == "ok"
    assert task.difference is None


def test_cost_tokens_and_latency_of_both_sides_are_reported() -> None:
    def answer(call: Call) -> Sample:
        new = call.arm == "candidate"
        completion = Completion(
            "ok", usage=Usage(100, 50 if new else 20), latency=2.0 if new else 1.0, cost_usd=0.003 if new else 0.002
        )
        return Sample(call, completion, Grade(1.0, True))

    task = report(answer, 20).tasks[0]
    assert task.cost.per_1000_requests.baseline == pytest.approx(2.0)
    assert task.cost.change is not None
    assert task.cost.change.estimate == pytest.approx(0.5)
    assert task.cost.output_tokens.candidate == 50
    assert task.latency.p95.candidate == 2.0
    assert task.latency.change_p50 is not None
    assert task.latency.change_p50.low == pytest.approx(1.0)


def test_categories_show_their_rates_and_which_of_them_are_strict() -> None:
    cases = [PlannedCase("a", "format"), PlannedCase("b", "format"), PlannedCase("c", "edge")]
    policy = Policy(gate=GatePolicy(strict_categories=("format",)))
    categories = report(scores({"a": 0.0}), cases, policy).tasks[0].categories
    assert categories["format"].pass_rate.candidate == 0.5
    assert (categories["format"].regressed, categories["format"].strict) == (1, True)
    assert (categories["edge"].cases, categories["edge"].strict) == (1, False)


def test_the_models_that_answered_are_named() -> None:
    answer: Answer = lambda call: graded(call, 1.0, served_model=f"{call.arm}-2026")  # noqa: E731 -- one line says it
    task = report(answer, 3, facts=replace(FACTS, shutdowns={"openai/old-2025-01-01": "2027-01-01"})).tasks[0]
    assert task.candidate.served == ["candidate-2026"]
    assert task.baseline is not None
    assert task.baseline.shutdown_on == "2027-01-01"


@pytest.mark.parametrize(
    ("answer", "kwargs", "code"),
    [
        (scores({}), {}, ExitCode.OK),
        (scores({"c0": 0.0}), {}, ExitCode.BLOCKED),
        (faulty, {}, ExitCode.UNAVAILABLE),
        (scores({}), {"rounds": 0, "stopped": "budget"}, ExitCode.BUDGET),
        (scores({}), {"rounds": 0, "stopped": "deadline"}, ExitCode.BUDGET),
        (scores({}), {"rounds": 0, "stopped": "cancelled"}, ExitCode.INTERRUPTED),
        (scores({}), {"rounds": 1, "stopped": "budget"}, ExitCode.OK),
    ],
)
def test_every_verdict_ends_with_its_own_exit_code(answer: Answer, kwargs: Any, code: ExitCode) -> None:
    assert report(answer, 12, **kwargs).exit_code == code


@pytest.mark.parametrize(("policy", "code"), [("fail", ExitCode.INCONCLUSIVE), ("warn", ExitCode.OK)])
def test_the_policy_may_let_a_complete_run_without_proof_pass(policy: Any, code: ExitCode) -> None:
    gate = GatePolicy(require="non_inferior", margin=0.05, inconclusive=policy)
    made = report(scores({}), 12, Policy(gate=gate))
    assert (made.verdict, made.exit_code, made.complete) == ("inconclusive", code, True)
    assert made.next_step == "Grow the suite to about 73 cases, or widen `policy.gate.margin`."


def test_no_policy_lets_a_failure_of_the_infrastructure_pass() -> None:
    def answer(call: Call) -> Sample:
        return faulty(call) if call.case == "c0" else graded(call, 1.0)

    made = report(answer, 12, Policy(gate=GatePolicy(inconclusive="warn")))
    assert (made.verdict, made.exit_code, made.complete) == ("inconclusive", ExitCode.INCONCLUSIVE, False)


def test_a_blocking_finding_fails_a_passing_suite_and_hides_no_error() -> None:
    facts = replace(FACTS, findings=(FINDING,))
    made = report(scores({}), 12, facts=facts)
    assert (made.verdict, made.exit_code) == ("fail", ExitCode.BLOCKED)
    assert made.reasons == ["1 finding of the scan blocks."]
    assert made.tasks[0].verdict == "pass"
    assert report(faulty, 12, facts=facts).exit_code == ExitCode.UNAVAILABLE


@pytest.mark.parametrize(("rule", "value"), [("warn", "unchanged"), ("fail", "fail")])
def test_a_change_without_a_suite_fails_where_the_policy_says_so(rule: Any, value: str) -> None:
    verdict, evidence = play([], scores({}))
    policy = Policy(gate=GatePolicy(uncovered_change=rule))
    made = build_report(verdict, evidence, policy, replace(FACTS, uncovered=("`app.py` changed its model.",)), str)
    assert made.verdict == value


def test_hostile_lengths_fit_the_schema() -> None:
    def answer(call: Call) -> Sample:
        grade = Grade(float(call.arm == "baseline"), call.arm == "baseline", reason="r" * 50_000)
        return Sample(call, Completion("ok", text="x" * 1_000_000, served_model="m" * 9_000), grade)

    made = report(answer, [PlannedCase("i" * 5_000, "k" * 5_000)])
    assert len(made.tasks[0].notable_cases[0].id) <= 500


def test_several_tasks_name_themselves_in_reasons_and_notes() -> None:
    verdict, evidence = play([plan(9, "a"), plan(9, "b")], scores({"c0": 0.0}), GatePolicy(confirm=0))
    made = build_report(verdict, evidence, Policy(gate=GatePolicy(confirm=0)), FACTS, str)
    assert made.reasons[0].startswith("`a`: 1 of 9 cases broke on `openai/new-2026-01-01`, 2 in all tasks (0 allowed)")
    assert made.notes[0].startswith("`a`: ")


def test_a_fault_detail_is_redacted() -> None:
    def answer(call: Call) -> Sample:
        fault = Fault("server", "SECRET in the detail")
        return Sample(call, Completion("infra_error", fault=fault), None)

    made = report(answer, 3, redact=lambda text: text.replace("SECRET", "***"))
    assert "SECRET" not in made.model_dump_json()


def test_an_unchanged_run_has_no_tasks() -> None:
    verdict, _ = play([], scores({}))
    made = build_report(verdict, Evidence(()), Policy(), FACTS, str)
    assert (made.verdict, made.exit_code, made.tasks) == ("unchanged", ExitCode.OK, [])
