"""What to run next, and what it all says: a pure function of the evidence and the policy.

The rules and their sources: docs/how-verdicts.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pinward.core.evidence import BASELINE, CANDIDATE, CaseComparison, Comparison, Evidence, Round, TaskPlan, Verdict
from pinward.core.policy import GatePolicy
from pinward.core.quantities import count, money, percent, points
from pinward.errors import ConfigError
from pinward.verdict.attribution import attribute, attribution_calls
from pinward.verdict.cases import Answers, Ledger, answers, arms, cut_off, first_calls, first_pass, repeats, to_ledger
from pinward.verdict.confirm import Confirmation, Key, plan_looks
from pinward.verdict.cost import economy
from pinward.verdict.early import Stop, reached
from pinward.verdict.power import loss_seen
from pinward.verdict.rulings import RULES, VALUES, Rank, Ruling, Trial, meets_margin
from pinward.verdict.stats import holm
from pinward.verdict.suite import SuiteFigures, measure

_NAMED = 20  # cases that a sentence lists
_ORDER = ("error", "fail", "inconclusive", "pass")


def next_round(evidence: Evidence, policy: GatePolicy) -> Round | Verdict:
    """Return the next calls to make, or the verdict when there is nothing more to learn or to spend.

    Raises `ConfigError` for a policy under which no verdict would mean anything.
    """
    check(policy)
    if not evidence.plans:
        return Verdict("unchanged", ("Nothing that a suite covers has changed.",))
    ledger = to_ledger(evidence.samples)
    looked = [reached(plan, evidence, ledger, policy) for plan in evidence.plans]
    stops, evidence = [stop for _, stop in looked], replace(evidence, plans=tuple(plan for plan, _ in looked))
    missing = [call for plan in evidence.plans for call in first_calls(plan, policy) if call not in ledger]
    if missing and not evidence.stopped:
        return Round(tuple(missing), f"first pass: {count(len(missing), 'call')}")
    tasks = [_Task.of(plan, ledger, policy, stop) for plan, stop in zip(evidence.plans, stops, strict=True)]
    confirmations = _confirm(tasks, evidence, ledger, policy)
    calls = [call for confirmation in confirmations for call in confirmation.calls]
    if calls:
        fallen = sum(len(confirmation.fallen) for confirmation in confirmations)
        return Round(tuple(calls), f"confirming {count(fallen, 'fallen case')}: {count(len(calls), 'call')}")
    part, mixed = evidence.total_cases is not None, [task for task in tasks if not task.baseline_gone]
    wanted = (call for task in mixed for call in attribution_calls(task.plan, task.cases, policy, part))
    extra = [call for call in wanted if call not in ledger]
    if extra and not evidence.stopped:
        return Round(tuple(extra), f"telling the model's part from the rest: {count(len(extra), 'call')}")
    decided = {key: case for confirmation in confirmations for key, case in confirmation.decided.items()}
    return _judge([task.with_cases(decided) for task in tasks], evidence, ledger, policy)


def check(policy: GatePolicy) -> None:
    """Raise `ConfigError` for numbers that make no policy: an error rate of 0 never blocks, one of 1 always may."""
    if not 0 < policy.alpha < 1:
        raise ConfigError(f"policy.gate.alpha: {policy.alpha} is not between 0 and 1", "Use a rate such as 0.05.")
    if policy.margin is not None and not 0 <= policy.margin < 1:
        raise ConfigError(f"policy.gate.margin: {policy.margin} is not in [0, 1)", "Use a loss such as 0.05.")
    if policy.confirm != "auto" and policy.confirm < 0:
        raise ConfigError(f"policy.gate.confirm: {policy.confirm} is negative", "Use `auto`, 0, or a number of runs.")


@dataclass(frozen=True, slots=True)
class _Task:
    """One task after its first pass."""

    plan: TaskPlan
    sides: tuple[str, ...]
    no_baseline: str | None
    answers: Mapping[str, Answers]
    cases: tuple[CaseComparison, ...]
    baseline_gone: bool
    stop: Stop | None = None

    @classmethod
    def of(cls, plan: TaskPlan, ledger: Ledger, policy: GatePolicy, stop: Stop | None) -> _Task:
        counted = answers(plan, ledger)
        missing = _no_baseline(plan, counted)
        sides = (CANDIDATE,) if missing else arms(plan)
        cases = tuple(first_pass(plan, sides, ledger, policy))
        return cls(plan, sides, missing, counted, cases, _is_gone(plan, ledger), stop)

    def is_reliable(self, policy: GatePolicy) -> bool:
        """Tell whether so few calls failed that confirming is worth its price."""
        counted = [self.answers[side] for side in self.sides]
        return all(side.broken <= policy.max_infra_errors * side.asked for side in counted)

    def of_base(self, ledger: Ledger) -> _Task | None:
        """Return this task without the cases that the head adds; None where that is the same, or nothing."""
        kept = tuple(case for case in self.plan.cases if not case.added)
        if not kept or len(kept) == len(self.plan.cases):
            return None
        plan, ids = replace(self.plan, cases=kept), {case.id for case in kept}
        cases = tuple(case for case in self.cases if case.case in ids)
        return replace(self, plan=plan, cases=cases, answers=answers(plan, ledger))

    def with_cases(self, decided: Mapping[Key, CaseComparison]) -> _Task:
        return replace(self, cases=tuple(decided.get((self.plan.task, case.case), case) for case in self.cases))


def _is_gone(plan: TaskPlan, ledger: Ledger) -> bool:
    """Tell whether stored answers stand in for a baseline that cannot be asked, so that nothing can be confirmed."""
    own = (sample for call, sample in ledger.items() if call.task == plan.task and call.arm == BASELINE)
    return any(sample.stands_in for sample in own)


def _no_baseline(plan: TaskPlan, counted: Mapping[str, Answers]) -> str | None:
    if plan.no_baseline or plan.proven_before:
        return plan.no_baseline
    if plan.baseline is None:
        return "no baseline model"
    if counted[BASELINE].unavailable:
        return f"`{plan.baseline.written}` is not available any more"
    return None


def _confirm(tasks: Sequence[_Task], evidence: Evidence, ledger: Ledger, policy: GatePolicy) -> list[Confirmation]:
    """Take the looks at all fallen cases of reliable tasks: one family a shard, which spends its share of alpha."""
    total = evidence.total_cases or sum(len(plan.cases) for plan in evidence.plans)
    sizes = Counter(case.shard for plan in evidence.plans for case in plan.cases)
    families: dict[int, dict[Key, CaseComparison]] = defaultdict(dict)
    for task in tasks:
        shards = {case.id: case.shard for case in task.plan.cases}
        for case in task.cases:
            if case.status == "unconfirmed" and not task.baseline_gone and task.is_reliable(policy):
                families[shards[case.case]][(task.plan.task, case.case)] = case
    confirmations = []
    for shard, fallen in sorted(families.items()):
        looks = plan_looks(policy, len(fallen), sizes[shard] / total)
        confirmation = Confirmation(fallen, looks)
        confirmation.look_at(ledger, evidence.stopped is not None)
        confirmations.append(confirmation)
    return confirmations


def _judge(tasks: Sequence[_Task], evidence: Evidence, ledger: Ledger, policy: GatePolicy) -> Verdict:
    """Judge every task on all its cases and, where the head adds some, on the base's alone: additions dilute nothing.

    The suite test looks at the base's cases alone, so that it stays one test a task.
    """
    bases = [task.of_base(ledger) for task in tasks]
    # Where a task may stop early, looking and the final test share what the final test has alone otherwise.
    shared = policy if not policy.early_stop else replace(policy, alpha=policy.alpha / 2)
    tested = [
        None if task.stop else measure((base or task).cases, policy).p_value
        for base, task in zip(bases, tasks, strict=True)
    ]
    verdicts = iter(holm([p for p in tested if p is not None], shared.alpha / 2))
    worse = [
        task.stop.decided == "fail" if task.stop else p is not None and next(verdicts)
        for task, p in zip(tasks, tested, strict=True)
    ]
    regressed = sum(case.status == "regressed" for task in tasks for case in task.cases)

    def trial(task: _Task, is_worse: bool) -> Trial:
        return Trial(
            plan=task.plan,
            policy=policy,
            cases=task.cases,
            suite=_measured(task, shared),
            economy=economy(task.plan, task.cases, ledger, policy),
            answers=task.answers,
            no_baseline=task.no_baseline,
            baseline_gone=task.baseline_gone,
            stop=task.stop,
            worse=is_worse,
            run_regressed=regressed,
            attribution=attribute(task.plan, ledger, policy),
            cut_off=cut_off(task.plan, task.sides, ledger, policy),
            stopped=evidence.stopped,
        )

    judged = [
        _compare(trial(task, hit and base is None), trial(base, hit) if base else None)
        for task, base, hit in zip(tasks, bases, worse, strict=True)
    ]
    return _unite([comparison for comparison, _ in judged], all(complete for _, complete in judged), evidence)


def _measured(task: _Task, policy: GatePolicy) -> SuiteFigures:
    """Measure the cases that were run; where that ended early, the bets' interval is the one that holds."""
    figures = measure(task.cases, policy)
    return replace(figures, difference=task.stop.interval, cases_needed=None) if task.stop else figures


def _compare(trial: Trial, base: Trial | None) -> tuple[Comparison, bool]:
    """Judge one task, and again on the `base` suite's cases alone; also tell whether its evidence is complete."""
    said = (rule(trial) or (base and rule(base)) for rule in RULES)
    rulings = sorted((ruling for ruling in said if ruling), key=lambda ruling: ruling.rank)
    against = [ruling for ruling in rulings if ruling.rank < Rank.WARNING]
    value = VALUES[against[0].rank] if against else "pass"
    proven = value == "pass" and meets_margin(trial) and (base is None or meets_margin(base))
    suite = trial.suite
    comparison = Comparison(
        plan=trial.plan,
        verdict=value,
        proven=proven,
        over_limit=value == "fail" and all(ruling.limit for ruling in against if ruling.rank is Rank.FAIL),
        reasons=tuple(ruling.reason for ruling in against) or _passed(trial, proven),
        cases=trial.cases,
        valid=suite.valid,
        excluded=Counter(case.excluded.rpartition(": ")[2] for case in trial.cases if case.excluded),
        pass_rate={BASELINE: suite.pass_rate.baseline, CANDIDATE: suite.pass_rate.candidate},
        non_regression_rate=suite.non_regression_rate,
        difference=suite.difference,
        pass_rate_change=suite.pass_rate_change,
        mean_score=suite.mean_score,
        p_value=suite.p_value,
        detectable_loss=suite.detectable_loss,
        cases_needed=suite.cases_needed,
        outcomes={name: side.outcomes for name, side in trial.answers.items()},
        economy=trial.economy,
        no_baseline=trial.no_baseline,
        warnings=_warnings(trial, rulings),
        attribution=trial.attribution,
    )
    return comparison, not any(ruling.incomplete for ruling in rulings)


def _what_held(trial: Trial) -> Iterator[str]:
    """Say what stood in for a baseline."""
    floor, rate = trial.policy.min_pass_rate, trial.suite.pass_rate.candidate
    held = [f"the floor ({percent(floor)})"] if floor is not None and rate is not None and rate >= floor else []
    held += ["the strict categories"] if any(case.strict for case in trial.cases) else []
    if held:
        yield f"{' and '.join(held).capitalize()} held."


def _passed(trial: Trial, proven: bool) -> tuple[str, ...]:
    suite, cases = trial.suite, count(trial.suite.valid, "case")
    held = f"{trial.candidate} passes {percent(suite.pass_rate.candidate or 0.0)} of {cases}"
    if trial.plan.proven_before:
        return (f"{trial.plan.proven_before}; {percent(suite.pass_rate.candidate or 0.0)} of {cases} pass.",)
    if trial.no_baseline:
        return (f"{held}; there is nothing to compare with ({trial.no_baseline}).", *_what_held(trial))
    broke = trial.number("regressed")
    allowed = trial.policy.max_regressions
    first = f"{broke} of {cases} broke, {allowed} allowed." if broke else f"No case broke on {suite.valid:,}."
    if proven and suite.difference is not None and trial.policy.margin is not None:
        margin = f"{100 * trial.policy.margin:g}"
        return (first, f"{cases}: {points(suite.difference)}, within the margin of {margin}.")
    return (first, loss_seen(suite.detectable_loss))


def _warnings(trial: Trial, rulings: Sequence[Ruling]) -> tuple[str, ...]:
    notes = [ruling.reason for ruling in rulings if ruling.rank == Rank.WARNING]
    if trial.plan.deterministic and trial.number("regressed"):
        notes.append("Both providers state determinism, so the first pass stands without confirmation.")
    elif trial.policy.confirm == 0 and trial.number("regressed"):
        notes.append("`confirm: 0`: fallen cases count without confirmation.")
    notes += [_saved(trial, trial.stop)] if trial.stop else []
    left_out = trial.number("excluded")
    if left_out and trial.suite.valid:
        notes.append(f"{left_out} of {count(len(trial.cases), 'case')} are left out: not valid on both sides.")
    return tuple(notes)


def _saved(trial: Trial, stop: Stop) -> str:
    """Say what ending early left out, and what it saved in calls and money."""
    left, sides = stop.unvisited, (trial.economy.cost.baseline, trial.economy.cost.candidate)
    runs = sum(repeats(case, trial.policy) for case in left)
    spared = "" if None in sides else f" and about {money(runs * sum(side or 0.0 for side in sides))}"
    named = ", ".join(f"`{case.id}`" for case in left[:_NAMED]) + (", ..." if len(left) > _NAMED else "")
    return (
        f"Stopped early: {count(len(left), 'case')} of {len(left) + len(trial.cases):,} were not run, which saved "
        f"{count(2 * runs, 'call')}{spared}. Not run: {named}."
    )


def _unite(comparisons: Sequence[Comparison], complete: bool, evidence: Evidence) -> Verdict:
    value = min((comparison.verdict for comparison in comparisons), key=_ORDER.index)
    deciding = [c for c in comparisons if c.verdict == value]
    name = len(comparisons) > 1
    reasons = tuple(f"`{c.plan.task}`: {said}" if name else said for c in deciding for said in c.reasons)
    if evidence.stopped == "cancelled":
        reasons = ("The run was interrupted; nothing is decided.", *reasons)
        return Verdict("cancelled", reasons, tuple(comparisons), complete=False)
    return Verdict(value, reasons, tuple(comparisons), complete)
