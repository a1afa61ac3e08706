"""What is run next, and what is decided from it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.evidence import NEW_TASK, Call, Evidence, PlannedCase, Round, Sample, Verdict
from pinward.core.policy import GatePolicy
from pinward.errors import ConfigError
from pinward.verdict.plan import next_round
from tests.unit.verdict.world import faulty, graded, judge, plan, play, scores, statuses

STRICT = tuple(PlannedCase(f"c{i}", "format") for i in range(4))


def first_round(evidence: Evidence, policy: GatePolicy | None = None) -> Round:
    step = next_round(evidence, policy or GatePolicy())
    assert isinstance(step, Round)
    return step


def after(evidence: Evidence, samples: list[Sample]) -> Evidence:
    return replace(evidence, samples=(*evidence.samples, *samples))


def test_the_first_pass_asks_both_sides_of_every_case_in_turn() -> None:
    step = first_round(Evidence((plan(3),)))
    assert [(c.case, c.arm) for c in step.calls] == [
        ("c0", "baseline"),
        ("c0", "candidate"),
        ("c1", "candidate"),
        ("c1", "baseline"),
        ("c2", "baseline"),
        ("c2", "candidate"),
    ]


def test_a_suite_may_raise_the_repeats_of_the_policy_but_not_lower_them() -> None:
    cases = [PlannedCase("low", "x", repeats=1), PlannedCase("high", "x", repeats=5)]
    step = first_round(Evidence((plan(cases),)), GatePolicy(repeats=3))
    assert [sum(call.case == name for call in step.calls) for name in ("low", "high")] == [6, 10]


def test_nothing_changed_where_there_is_no_plan() -> None:
    step = next_round(Evidence(()), GatePolicy())
    assert isinstance(step, Verdict)
    assert step.value == "unchanged"


def test_only_the_calls_that_are_missing_are_asked_again_after_an_interruption() -> None:
    evidence = Evidence((plan(3),))
    calls = first_round(evidence).calls
    resumed = first_round(after(evidence, [graded(call, 1.0) for call in calls[:4]]))
    assert resumed.calls == calls[4:]


def test_fallen_cases_are_run_again_fresh_on_both_sides_as_often_as_the_level_needs() -> None:
    evidence = Evidence((plan(4),))
    answer = scores({"c1": 0.0, "c2": 0.0})
    evidence = after(evidence, [answer(call) for call in first_round(evidence).calls])
    look = first_round(evidence)
    # 2 fallen: 1/C(2K, K) <= 0.0125 / 2 from K = 5 on.
    assert len(look.calls) == 2 * 2 * 5
    assert {call.phase for call in look.calls} == {"confirm"}
    assert {call.case for call in look.calls} == {"c1", "c2"}
    assert [call.arm for call in look.calls].count("baseline") == 10


def test_a_broken_case_is_regressed_at_the_first_look_and_blocks() -> None:
    verdict, comparison = judge(plan(10), scores({"c3": 0.0}))
    assert verdict.value == "fail"
    assert statuses(comparison)["c3"] == "regressed"
    assert comparison.reasons[0] == "1 of 10 cases broke on `openai/new-2026-01-01` (0 allowed)."
    broken = comparison.cases[3]
    assert broken.fresh_candidate is not None
    assert (broken.fresh_candidate.runs, broken.fresh_candidate.passes) == (5, 0)
    assert broken.p_value == pytest.approx(1 / 252)


def test_a_case_that_trails_without_significance_goes_on_to_sixteen_runs() -> None:
    def answer(call: Call) -> Sample:
        lucky = call.phase == "confirm" and call.repeat in {0, 2}
        return graded(call, 0.0 if call.case == "c0" and call.arm == "candidate" and not lucky else 1.0)

    verdict, evidence = play(plan(6), answer)
    fresh = [s for s in evidence.samples if s.call.phase == "confirm"]
    assert len(fresh) == 32
    assert statuses(verdict.comparisons[0])["c0"] == "regressed"


@pytest.mark.parametrize(("fresh", "status"), [(1.0, "recovered"), (0.0, "recovered"), (None, "flaky")])
def test_a_case_whose_candidate_does_not_trail_on_fresh_runs_is_released(fresh: float | None, status: str) -> None:
    def answer(call: Call) -> Sample:
        if call.phase == "first":
            return graded(call, 0.0 if (call.case, call.arm) == ("c0", "candidate") else 1.0)
        return graded(call, float(call.repeat % 2) if fresh is None else fresh)

    verdict, comparison = judge(plan(6), answer)
    assert statuses(comparison)["c0"] == status
    assert verdict.value == "pass"


def test_fallen_cases_of_all_tasks_form_one_family() -> None:
    answer = scores({f"c{i}": 0.0 for i in range(4)})
    evidence = Evidence((plan(9, "a"), plan(9, "b")))
    evidence = after(evidence, [answer(call) for call in first_round(evidence).calls])
    # 8 fallen: 1/C(2K, K) <= 0.0125 / 8 from K = 6 on; 4 alone would need 6 as well, 3 only 5.
    assert len(first_round(evidence).calls) == 8 * 2 * 6


def test_a_fall_in_a_strict_category_needs_no_confirmation() -> None:
    verdict, evidence = play(plan(STRICT), scores({"c0": 0.0}), GatePolicy(strict_categories=("format",)))
    assert verdict.value == "fail"
    assert all(sample.call.phase == "first" for sample in evidence.samples)


@pytest.mark.parametrize(("confirm", "deterministic"), [(0, False), ("auto", True)])
def test_the_first_pass_stands_without_confirmation_where_policy_or_providers_say_so(
    confirm: int | str, deterministic: bool
) -> None:
    policy = GatePolicy(confirm=confirm)  # type: ignore[arg-type]  # parametrised
    verdict, evidence = play(replace(plan(4), deterministic=deterministic), scores({"c0": 0.0}), policy)
    assert verdict.value == "fail"
    assert len(evidence.samples) == 8
    assert any("without confirmation" in note for note in verdict.comparisons[0].warnings)


def test_a_number_of_fresh_runs_is_run_exactly_and_too_few_of_them_decide_nothing() -> None:
    verdict, evidence = play(plan(6), scores({"c0": 0.0}), GatePolicy(confirm=3))
    assert sum(s.call.phase == "confirm" for s in evidence.samples) == 6
    assert verdict.value == "inconclusive"
    assert "`confirm: 3` is too few" in verdict.reasons[0]
    verdict, _ = play(plan(6), scores({"c0": 0.0}), GatePolicy(confirm=4))
    assert verdict.value == "fail"


@pytest.mark.parametrize(("allowed", "value"), [(0, "fail"), (1, "fail"), (2, "pass")])
def test_more_regressions_than_allowed_in_the_whole_run_fail(allowed: int, value: str) -> None:
    plans = [plan(40, "a"), plan(40, "b")]
    verdict, _ = play(plans, scores({"c0": 0.0}), GatePolicy(max_regressions=allowed))
    assert verdict.value == value


def test_regressions_are_never_netted_against_improvements() -> None:
    table = {"c0": (1.0, 0.0)} | {f"c{i}": (0.0, 1.0) for i in range(1, 9)}
    verdict, comparison = judge(plan(10), scores(table))
    assert verdict.value == "fail"
    assert (statuses(comparison)["c0"], statuses(comparison)["c5"]) == ("regressed", "improved")


def test_a_small_drop_of_a_graded_score_is_jitter_where_the_policy_says_so() -> None:
    answer = scores({"c0": (0.9, 0.85), "c1": (0.9, 0.6)})
    _, comparison = judge(plan(4), answer, GatePolicy(min_score_drop=0.1))
    assert statuses(comparison)["c0"] == "held"
    assert statuses(comparison)["c1"] == "regressed"
    assert comparison.non_regression_rate == 0.75


def test_many_small_losses_fail_by_the_suite_though_no_case_breaks() -> None:
    def answer(call: Call) -> Sample:
        fell = call.phase == "first" and call.arm == "candidate" and int(call.case[1:]) < 12
        return graded(call, 0.0 if fell else 1.0)

    verdict, comparison = judge(plan(100), answer)
    assert "regressed" not in statuses(comparison).values()
    assert verdict.value == "fail"
    assert "12 of 100 cases fell and 0 rose" in verdict.reasons[0]


@pytest.mark.parametrize("when", [0, 1, 2])
@pytest.mark.parametrize("why", ["budget", "deadline"])
def test_a_run_cut_short_never_passes(when: int, why: str) -> None:
    def answer(call: Call) -> Sample:
        trailing = call.phase == "confirm" and call.repeat % 2 == 0
        bad = call.case == "c0" and call.arm == "candidate" and (call.phase == "first" or trailing)
        return graded(call, 0.0 if bad else 1.0)

    verdict, _ = play(plan(6), answer, rounds=when, stopped=why)  # type: ignore[arg-type]  # parametrised
    assert verdict.value == "inconclusive"
    assert not verdict.complete
    assert why in verdict.reasons[0]


def test_a_run_stopped_after_its_last_call_keeps_its_verdict() -> None:
    assert play(plan(6), scores({}), rounds=1, stopped="budget")[0].value == "pass"


def test_a_regression_found_before_the_budget_ended_still_fails() -> None:
    def answer(call: Call) -> Sample:
        luck = call.case == "c1" and call.phase == "confirm" and call.repeat < 2
        return graded(call, 1.0 if call.case not in {"c0", "c1"} or call.arm == "baseline" or luck else 0.0)

    verdict, _ = play(plan(12), answer, rounds=2, stopped="budget")
    assert verdict.value == "fail"
    assert statuses(verdict.comparisons[0])["c1"] == "unconfirmed"


def test_an_interrupted_run_is_cancelled() -> None:
    verdict, _ = play(plan(6), scores({}), rounds=1, stopped="cancelled")
    assert verdict.value == "cancelled"
    assert not verdict.complete


def test_calls_that_the_budget_kept_back_are_not_run_and_never_a_failure_of_the_model() -> None:
    def answer(call: Call) -> Sample:
        return faulty(call, "budget") if call.case == "c5" else graded(call, 1.0)

    verdict, comparison = judge(plan(6), answer)
    assert verdict.value == "inconclusive"
    assert comparison.excluded == {"not_run": 1}
    assert "1 of 6 cases were not run" in verdict.reasons[0]


def test_a_case_that_lost_one_of_several_runs_to_the_budget_leaves_the_run_incomplete() -> None:
    def answer(call: Call) -> Sample:
        return faulty(call, "budget") if (call.case, call.repeat) == ("c5", 2) else graded(call, 1.0)

    assert judge(plan(6), answer, GatePolicy(repeats=3))[0].value == "inconclusive"


@pytest.mark.parametrize("arm", ["baseline", "candidate"])
def test_infrastructure_errors_beyond_the_tolerance_are_inconclusive_and_incomplete(arm: str) -> None:
    def answer(call: Call) -> Sample:
        return faulty(call) if call.arm == arm and call.case in {"c0", "c1"} else graded(call, 1.0)

    verdict, comparison = judge(plan(50), answer)
    assert (verdict.value, verdict.complete) == ("inconclusive", False)
    assert f"2 of 50 calls to the {arm} could not be judged (server: 2); 2% are tolerated." in verdict.reasons[0]
    assert comparison.valid == 48


def test_one_infrastructure_error_within_the_tolerance_leaves_the_case_out_of_every_figure() -> None:
    def answer(call: Call) -> Sample:
        return faulty(call) if (call.arm, call.case) == ("candidate", "c0") else graded(call, float(call.case != "c0"))

    verdict, comparison = judge(plan(50), answer)
    assert verdict.value == "pass"
    assert (comparison.valid, comparison.excluded) == (49, {"infra_error": 1})
    assert comparison.pass_rate == {"baseline": 1.0, "candidate": 1.0}
    assert "1 of 50 cases are left out: not valid on both sides." in comparison.warnings


def test_a_bad_day_of_the_provider_during_confirmation_is_no_regression() -> None:
    def answer(call: Call) -> Sample:
        if call.phase == "confirm" and call.arm == "candidate":
            return faulty(call)
        return graded(call, 0.0 if (call.case, call.arm) == ("c0", "candidate") else 1.0)

    verdict, comparison = judge(plan(6), answer, GatePolicy(max_infra_errors=0.9))
    assert statuses(comparison)["c0"] == "unconfirmed"
    assert verdict.value == "inconclusive"


def test_no_money_is_spent_on_confirming_a_run_that_cannot_be_trusted() -> None:
    def answer(call: Call) -> Sample:
        return faulty(call) if call.case in {"c1", "c2"} else scores({"c0": 0.0})(call)

    _, evidence = play(plan(10), answer)
    assert all(sample.call.phase == "first" for sample in evidence.samples)


def test_an_unavailable_candidate_is_an_error_and_never_zero_percent() -> None:
    def answer(call: Call) -> Sample:
        return faulty(call, "not_found", "model_unavailable") if call.arm == "candidate" else graded(call, 1.0)

    verdict, comparison = judge(plan(6), answer)
    assert verdict.value == "error"
    assert verdict.reasons[0].startswith("`openai/new-2026-01-01` is not available (not found: 6).")
    assert comparison.pass_rate["candidate"] is None


def test_an_unreachable_provider_is_an_error() -> None:
    verdict, _ = judge(plan(6), lambda call: faulty(call, "connection"))
    assert verdict.value == "error"
    assert "could not be reached (connection: 6)" in verdict.reasons[0]


def test_a_parser_that_cannot_be_run_is_no_unreachable_provider() -> None:
    verdict, _ = judge(plan(6), lambda call: faulty(call, "parser"))
    assert verdict.value == "error"
    assert "answered and could not be graded (parser: 6)" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("floor", "value"), [(None, "inconclusive"), (0.5, "pass"), (0.99, "fail")], ids=["no floor", "held", "broken"]
)
def test_a_baseline_that_turns_out_to_be_gone_leaves_the_decision_to_the_floor(floor: float | None, value: str) -> None:
    def answer(call: Call) -> Sample:
        if call.arm == "baseline":
            return faulty(call, "not_found", "model_unavailable")
        return graded(call, float(int(call.case[1:]) >= 5))

    verdict, comparison = judge(plan(20), answer, GatePolicy(min_pass_rate=floor))
    assert verdict.value == value
    assert (comparison.reasons[-1] == "The floor (50%) held.") == (value == "pass")
    assert comparison.no_baseline == "`openai/old-2025-01-01` is not available any more"
    assert set(statuses(comparison).values()) == {"absolute"}


def test_a_new_task_is_judged_by_absolute_results_alone() -> None:
    verdict, evidence = play(plan(4, no_baseline=NEW_TASK), scores({"c0": 0.0}))
    assert {sample.call.arm for sample in evidence.samples} == {"candidate"}
    assert verdict.value == "pass"
    said = "`openai/new-2026-01-01` passes 75% of 4 cases; there is nothing to compare with (new task)."
    assert verdict.reasons == (said,)
    assert "Nothing was asked of this new task" in verdict.comparisons[0].warnings[0]


def test_without_a_baseline_a_failure_in_a_strict_category_fails() -> None:
    policy = GatePolicy(strict_categories=("format",))
    verdict, _ = judge(plan(STRICT, no_baseline="retired: 2026-01-01"), scores({"c0": 0.0}), policy)
    assert verdict.value == "fail"
    assert verdict.reasons[0] == "1 of 4 cases in strict categories failed on `openai/new-2026-01-01`."
    passed, _ = judge(plan(STRICT, no_baseline="retired: 2026-01-01"), scores({}), replace(policy, min_pass_rate=0.995))
    assert (passed.value, passed.reasons[-1]) == ("pass", "The floor (99.5%) and the strict categories held.")


def test_a_floor_that_the_baseline_misses_too_is_a_note() -> None:
    table = {f"c{i}": (0.0, 0.0) for i in range(15)}
    verdict, comparison = judge(plan(20), scores(table), GatePolicy(min_pass_rate=0.9))
    assert verdict.value == "pass"
    assert "the baseline lies below it too (25%)" in comparison.warnings[0]


def test_proof_within_a_margin_needs_as_many_cases_as_the_report_says() -> None:
    policy = GatePolicy(require="non_inferior", margin=0.05)
    verdict, comparison = judge(plan(72), scores({}), policy)
    assert (verdict.value, verdict.complete) == ("inconclusive", True)
    assert verdict.reasons[0] == "The policy asks for proof within 5 points; 72 cases cannot give it, about 73 would."
    verdict, comparison = judge(plan(73), scores({}), policy)
    assert verdict.value == "pass"
    assert comparison.proven


def test_a_margin_makes_a_plain_pass_proven_where_it_is_met() -> None:
    assert judge(plan(73), scores({}), GatePolicy(margin=0.05))[1].proven
    assert not judge(plan(72), scores({}), GatePolicy(margin=0.05))[1].proven
    assert not judge(plan(73), scores({}))[1].proven


def test_a_margin_of_zero_asks_for_an_improvement() -> None:
    policy = GatePolicy(require="non_inferior", margin=0.0)
    verdict, _ = judge(plan(50), scores({}), policy)
    assert verdict.value == "inconclusive"
    assert "no number of cases would give it" in verdict.reasons[0]
    better = scores({f"c{i}": (0.0, 1.0) for i in range(20)})
    assert judge(plan(50), better, policy)[0].value == "pass"


def test_non_inferiority_without_a_margin_is_never_proven() -> None:
    assert "sets no `margin`" in judge(plan(50), scores({}), GatePolicy(require="non_inferior"))[0].reasons[0]


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0, float("nan")])
def test_an_error_rate_of_nothing_or_everything_is_refused(alpha: float) -> None:
    with pytest.raises(ConfigError, match=r"policy\.gate\.alpha"):
        next_round(Evidence((plan(),)), GatePolicy(alpha=alpha))


@pytest.mark.parametrize("bad", [GatePolicy(margin=-0.1), GatePolicy(margin=1.0), GatePolicy(confirm=-1)])
def test_impossible_numbers_of_the_policy_are_refused(bad: GatePolicy) -> None:
    with pytest.raises(ConfigError):
        next_round(Evidence((plan(),)), bad)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.1, 1.1])
def test_a_score_that_is_no_score_leaves_the_case_out_and_counts_against_the_run(score: float) -> None:
    def answer(call: Call) -> Sample:
        return graded(call, score if (call.case, call.arm) == ("c0", "candidate") else 1.0, passed=True)

    verdict, comparison = judge(plan(10), answer)
    assert verdict.value == "inconclusive"
    assert comparison.excluded == {"invalid_score": 1}


def test_cases_answered_on_one_side_only_compare_nothing() -> None:
    evidence = Evidence((plan(3),))
    one_side = [graded(call, 1.0) for call in first_round(evidence).calls if call.arm == "baseline"]
    step = next_round(replace(after(evidence, one_side), stopped="budget"), GatePolicy())
    assert isinstance(step, Verdict)
    assert step.value == "inconclusive"
    assert step.comparisons[0].valid == 0
    assert step.comparisons[0].pass_rate == {"baseline": None, "candidate": None}


@pytest.mark.parametrize("score", [0.0, 0.5, 1.0])
def test_all_equal_scores_pass(score: float) -> None:
    verdict, comparison = judge(plan(30), scores({}, other=score))
    assert verdict.value == "pass"
    assert comparison.difference is not None
    assert comparison.difference.estimate == 0


def test_one_case_can_break_and_can_pass() -> None:
    assert judge(plan(1), scores({"c0": 0.0}))[0].value == "fail"
    verdict, comparison = judge(plan(1), scores({}))
    assert verdict.value == "pass"
    assert comparison.detectable_loss is None


def test_an_empty_suite_decides_nothing() -> None:
    assert judge(plan(0), scores({}))[0].value == "inconclusive"


def test_the_first_answer_of_a_call_stands_so_that_nothing_is_repeated_until_it_pleases() -> None:
    verdict, evidence = play(plan(6), scores({"c0": 0.0}))
    again = tuple(graded(sample.call, 1.0) for sample in evidence.samples)
    assert next_round(replace(evidence, samples=(*evidence.samples, *again)), GatePolicy()) == verdict


def test_each_shard_spends_its_part_of_the_error_rate_and_merging_asks_for_nothing_more() -> None:
    policy = GatePolicy()
    samples: tuple[Sample, ...] = ()
    parts = [plan([PlannedCase(f"s{s}-{i}", "x", shard=s) for i in range(20)]) for s in (1, 2)]
    broken = scores({f"s1-{i}": 0.0 for i in range(3)} | {"s2-0": 0.0})
    for part in parts:
        evidence = Evidence((part,), total_cases=40)
        while isinstance(step := next_round(evidence, policy), Round):
            evidence = after(evidence, [broken(call) for call in step.calls])
        samples = (*samples, *evidence.samples)
    whole = plan([case for part in parts for case in part.cases])
    merged = next_round(Evidence((whole,), samples), policy)
    assert isinstance(merged, Verdict)
    assert [name for name, status in statuses(merged.comparisons[0]).items() if status == "regressed"] == [
        "s1-0",
        "s1-1",
        "s1-2",
        "s2-0",
    ]


def noisy(seed: int, weakness: float) -> dict[tuple[str, str, str, int], float]:
    """Draw one score for every call that could be made; a weaker candidate scores lower or equal everywhere."""
    rng = random.Random(seed)
    calls = {}
    for index in range(12):
        rate = rng.choice([1.0, 1.0, 0.9, 0.5])
        for phase, count in (("first", 1), ("confirm", 16)):
            for repeat in range(count):
                for arm in ("baseline", "candidate"):
                    bar = rate * (1 - weakness if arm == "candidate" else 1)
                    calls[(f"c{index}", arm, phase, repeat)] = float(rng.random() < bar)
    return calls


def world(seed: int, weakness: float) -> tuple[Verdict, Evidence]:
    table = noisy(seed, weakness)
    return play(plan(12), lambda c: graded(c, table[(c.case, c.arm, c.phase, c.repeat)]))


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=40, deadline=None)
def test_the_verdict_does_not_depend_on_the_order_of_samples_or_cases(seed: int, weakness: float) -> None:
    verdict, evidence = world(seed, weakness)
    rng = random.Random(seed)
    samples, cases = list(evidence.samples), list(evidence.plans[0].cases)
    rng.shuffle(samples)
    rng.shuffle(cases)
    step = next_round(Evidence((replace(evidence.plans[0], cases=tuple(cases)),), tuple(samples)), GatePolicy())
    assert isinstance(step, Verdict)
    assert (step.value, step.reasons) == (verdict.value, verdict.reasons)


@given(st.integers(0, 10_000), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_less_evidence_never_turns_a_fail_into_a_pass(seed: int, kept: int) -> None:
    verdict, evidence = world(seed, 0.5)
    if verdict.value == "fail" and kept < len(evidence.samples):
        less = next_round(replace(evidence, samples=evidence.samples[:kept], stopped="budget"), GatePolicy())
        assert isinstance(less, Verdict)
        assert less.value in {"fail", "inconclusive"}


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_swapping_the_sides_mirrors_the_figures(seed: int) -> None:
    def flip(call: Call) -> Call:
        return replace(call, arm="candidate" if call.arm == "baseline" else "baseline")

    _, evidence = world(seed, 0.3)
    first = [s for s in evidence.samples if s.call.phase == "first"]
    there = next_round(replace(evidence, samples=tuple(first), stopped="deadline"), GatePolicy())
    mirrored = tuple(replace(s, call=flip(s.call)) for s in first)
    back = next_round(replace(evidence, samples=mirrored, stopped="deadline"), GatePolicy())
    assert isinstance(there, Verdict)
    assert isinstance(back, Verdict)
    a, b = there.comparisons[0], back.comparisons[0]
    assert a.difference is not None
    assert b.difference is not None
    assert a.difference.estimate == pytest.approx(-b.difference.estimate)
    assert (a.difference.low, a.difference.high) == pytest.approx((-(b.difference.high or 0), -(b.difference.low or 0)))
    assert (a.p_value or 0) + (b.p_value or 0) == pytest.approx(1)
    assert a.pass_rate["baseline"] == b.pass_rate["candidate"]


def test_where_scores_say_more_than_passes_both_differences_are_told_apart() -> None:
    table = {"c0": (1.0, 0.5), "c1": (0.5, 0.75)}
    _, comparison = judge(plan(10), scores(table), GatePolicy(confirm=0))
    assert comparison.difference is not None
    assert comparison.pass_rate_change is not None
    assert comparison.difference.estimate == pytest.approx(-0.025)
    assert comparison.pass_rate_change.estimate == pytest.approx(-0.1)
    assert (comparison.mean_score.baseline, comparison.mean_score.candidate) == pytest.approx((0.95, 0.925))
    _, binary = judge(plan(10), scores({"c0": 0.0}))
    assert binary.pass_rate_change == binary.difference


def test_the_suite_test_spends_half_the_error_rate() -> None:
    def fall(cases: int) -> str:
        def answer(call: Call) -> Sample:
            fell = call.phase == "first" and call.arm == "candidate" and int(call.case[1:]) < cases
            return graded(call, float(not fell))

        return judge(plan(40), answer)[0].value

    # Mid-p of 4 losses and no gain is 0.031, of 5 it is 0.016; half of alpha is 0.025.
    assert (fall(4), fall(5)) == ("pass", "fail")


def test_a_graded_candidate_may_jitter_below_a_perfect_baseline() -> None:
    _, comparison = judge(plan(4), scores({"c0": (1.0, 0.95)}), GatePolicy(min_score_drop=0.1))
    assert statuses(comparison)["c0"] == "held"


def test_a_floor_that_the_suite_cannot_tell_from_the_rate_is_a_note() -> None:
    table = {f"c{i}": (1.0, 0.0) for i in range(2)}
    policy = GatePolicy(min_pass_rate=0.95, max_regressions=5)
    verdict, comparison = judge(plan(20), scores(table), policy)
    assert verdict.value == "pass"
    assert "the suite cannot tell them apart (up to 98.8%)" in comparison.warnings[0]


ADDED = tuple(PlannedCase(f"new{i}", "format", added=True) for i in range(400))
BASE_CASES = tuple(PlannedCase(f"c{i}", "format") for i in range(40))


def test_cases_that_the_head_adds_do_not_dilute_failed_calls() -> None:
    def answer(call: Call) -> Sample:
        broken = call.arm == "candidate" and call.case in {"c0", "c1"}
        return faulty(call, "invalid_request") if broken else graded(call, 1.0)

    alone, _ = play(plan(BASE_CASES), answer)
    diluted, _ = play(plan((*BASE_CASES, *ADDED)), answer)
    assert (alone.value, diluted.value) == ("inconclusive", "inconclusive")
    assert "2 of 40 calls" in diluted.reasons[0]


@pytest.mark.parametrize(
    "policy",
    [
        GatePolicy(require="non_inferior", margin=0.05, max_regressions=9, confirm=0),
        GatePolicy(min_pass_rate=0.99, max_regressions=9, confirm=0),
    ],
)
def test_cases_that_the_head_adds_do_not_dilute_a_loss(policy: GatePolicy) -> None:
    answer = scores(dict.fromkeys(("c0", "c1", "c2", "c3"), 0.0))
    alone, _ = play(plan(BASE_CASES), answer, policy)
    diluted, _ = play(plan((*BASE_CASES, *ADDED)), answer, policy)
    assert diluted.value == alone.value
    assert diluted.value != "pass"
    assert not diluted.comparisons[0].proven


def test_an_added_case_still_speaks_against_the_candidate() -> None:
    verdict, _ = play(plan((*BASE_CASES, *ADDED[:2])), scores({"new0": 0.0}))
    assert verdict.value == "fail"
    assert verdict.comparisons[0].valid == 42
