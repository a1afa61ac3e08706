"""What can speak against a pass: each rule looks at one task and rules, or stays silent.

The strongest ruling decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from pinward.core.evidence import BASELINE, CANDIDATE, NEW_TASK, CaseComparison, TaskPlan, VerdictValue
from pinward.core.figures import Economy, Interval
from pinward.core.model_id import ModelId
from pinward.core.policy import GatePolicy
from pinward.core.quantities import count, percent, points, relative, signed
from pinward.verdict.cases import Answers
from pinward.verdict.early import Stop
from pinward.verdict.suite import SuiteFigures, upper_pass_rate


class Rank(IntEnum):
    """How strong a ruling is within its task: what could not be asked comes before what was answered."""

    ERROR = 0
    UNRELIABLE = 1
    FAIL = 2
    UNDECIDED = 3
    WARNING = 4


VALUES: Mapping[Rank, VerdictValue] = {
    Rank.ERROR: "error",
    Rank.UNRELIABLE: "inconclusive",
    Rank.FAIL: "fail",
    Rank.UNDECIDED: "inconclusive",
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """One objection, in a sentence. `incomplete` where evidence is missing that the plan asked for.

    `limit`: it is about what answers cost and how long they take, not about what they say.
    """

    rank: Rank
    reason: str
    incomplete: bool = False
    limit: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """All that is known of one task when no further call is to be made.

    `worse` is the suite test's verdict after Holm over tasks; `run_regressed` counts regressed cases of all tasks.
    `cut_off` counts cases whose first pass was not run to its end. `baseline_gone`: stored answers stand in for it.
    """

    plan: TaskPlan
    policy: GatePolicy
    cases: tuple[CaseComparison, ...]
    suite: SuiteFigures
    economy: Economy
    answers: Mapping[str, Answers]
    no_baseline: str | None
    baseline_gone: bool
    stop: Stop | None
    worse: bool
    run_regressed: int
    attribution: str | None
    cut_off: int
    stopped: str | None

    @property
    def is_compared(self) -> bool:
        """Whether there are two sides."""
        return not self.no_baseline and self.plan.proven_before is None

    @property
    def candidate(self) -> str:
        """The candidate's name as written."""
        return f"`{self.plan.candidate.written}`"

    def number(self, status: str) -> int:
        """Count the cases of one status."""
        return sum(case.status == status for case in self.cases)


def _asked(trial: Trial) -> Iterator[tuple[str, ModelId, Answers]]:
    """Yield the sides whose answers matter, with their models."""
    yield CANDIDATE, trial.plan.candidate, trial.answers[CANDIDATE]
    if trial.plan.baseline is not None and trial.is_compared:
        yield BASELINE, trial.plan.baseline, trial.answers[BASELINE]


def _unavailable(trial: Trial) -> Ruling | None:
    for _, model, side in _asked(trial):
        if side.unanswered:
            is_ungraded = side.faults.keys() <= {"judge", "parser"} and side.faults
            missing = "answered and could not be graded" if is_ungraded else "could not be reached"
            what = "is not available" if side.unavailable else missing
            return Ruling(Rank.ERROR, f"`{model.written}` {what} ({_why(side)}). No case was judged.", True)
    return None


def _why(side: Answers) -> str:
    named = (f"{kind.replace('_', ' ')}: {number}" for kind, number in side.faults.most_common(3))
    return ", ".join(named) or "no answer"


def _unreliable(trial: Trial) -> Ruling | None:
    tolerated = trial.policy.max_infra_errors
    for name, _, side in _asked(trial):
        if side.broken > tolerated * side.asked:
            return Ruling(
                Rank.UNRELIABLE,
                f"{side.broken} of {count(side.asked, 'call')} to the {name} could not be judged ({_why(side)}); "
                f"{percent(tolerated)} are tolerated.",
                True,
            )
    return None


def _nothing_valid(trial: Trial) -> Ruling | None:
    if trial.suite.valid:
        return None
    return Ruling(Rank.UNDECIDED, f"None of {count(len(trial.cases), 'case')} could be judged.", bool(trial.cases))


def _regressions(trial: Trial) -> Ruling | None:
    allowed, here = trial.policy.max_regressions, trial.number("regressed")
    if not here or trial.run_regressed <= allowed:
        return None
    run = "" if trial.run_regressed == here else f", {trial.run_regressed} in all tasks"
    total = count(trial.suite.valid, "case")
    return Ruling(Rank.FAIL, f"{here} of {total} broke on {trial.candidate}{run} ({allowed} allowed).")


def _suite_loss(trial: Trial) -> Ruling | None:
    if not trial.worse:
        return None
    suite = trial.suite
    if trial.stop is not None:
        said = f"The suite as a whole got worse on {trial.candidate}: {points(suite.difference)}"
        return Ruling(Rank.FAIL, f"{said} over the first {count(suite.valid, 'case')} in random order.")
    level = trial.policy.alpha / (4 if trial.policy.early_stop else 2)
    return Ruling(
        Rank.FAIL,
        f"The suite as a whole got worse on {trial.candidate}: {suite.fell} of {count(suite.valid, 'case')} fell and "
        f"{suite.rose} rose (one-sided p = {suite.p_value:.2g}, at most {level:.3g}).",
    )


def _strict_failures(trial: Trial) -> Ruling | None:
    strict = [case for case in trial.cases if case.strict and case.status == "absolute"]
    failed = sum(case.candidate.passes < case.candidate.runs for case in strict)
    if not failed:
        return None
    return Ruling(
        Rank.FAIL, f"{failed} of {count(len(strict), 'case')} in strict categories failed on {trial.candidate}."
    )


def _floor(trial: Trial) -> Ruling | None:
    floor, high = trial.policy.min_pass_rate, upper_pass_rate(trial.cases, trial.policy.alpha)
    rates = trial.suite.pass_rate
    if floor is None or rates.candidate is None or high is None or rates.candidate >= floor:
        return None
    reason = f"{percent(rates.candidate)} of {count(trial.suite.valid, 'case')} pass, the floor is {percent(floor)}"
    if high >= floor:
        return Ruling(Rank.WARNING, f"{reason}; the suite cannot tell them apart (up to {percent(high)}).")
    if rates.baseline is not None and rates.baseline < floor:
        return Ruling(Rank.WARNING, f"{reason}; the baseline lies below it too ({percent(rates.baseline)}).")
    return Ruling(
        Rank.FAIL, f"{reason} (at most {percent(high)} with {percent(1 - trial.policy.alpha / 2)} confidence)."
    )


def _cost_limit(trial: Trial) -> Ruling | None:
    limit = trial.policy.max_cost_increase
    if limit is None or not trial.is_compared:
        return None
    if trial.economy.cost_change is None and trial.economy.unpriced:
        names = ", ".join(f"`{name}`" for name in trial.economy.unpriced)
        return Ruling(Rank.UNDECIDED, f"The cost limit could not be judged: no price is known for {names}.")
    return _limit("Cost", trial.economy.cost_change, limit)


def _latency_limit(trial: Trial) -> Ruling | None:
    limit = trial.policy.max_latency_increase
    if limit is None or not trial.is_compared:
        return None
    if trial.economy.change_p50 is None:
        return Ruling(Rank.WARNING, "The latency limit was not judged: there are no live answers of both sides.")
    return _limit("Median latency", trial.economy.change_p50, limit)


def _share_limits(trial: Trial) -> Ruling | None:
    """Hold refusals and cut answers against their limits; the first that is broken, else the first that warns."""
    economy, policy = trial.economy, trial.policy
    said = [
        _share_limit("refused", economy.refused_change, policy.max_refusal_increase),
        _share_limit("cut off", economy.truncated_change, policy.max_truncation_increase),
    ]
    found = sorted((ruling for ruling in said if ruling), key=lambda ruling: ruling.rank)
    return found[0] if found and trial.is_compared else None


def _share_limit(what: str, change: Interval | None, limit: float | None) -> Ruling | None:
    if change is None or limit is None or change.estimate <= limit:
        return None
    reason = f"The share of answers that were {what} rose by {points(change)}, the limit is {100 * limit:g} points"
    if change.low is not None and change.low > limit:
        return Ruling(Rank.FAIL, f"{reason}.")
    return Ruling(Rank.WARNING, f"{reason}; the interval reaches below it.")


def _limit(what: str, change: Interval | None, limit: float) -> Ruling | None:
    if change is None or change.estimate <= limit:
        return None
    reason = f"{what} changed by {relative(change)}, the limit is {signed(100 * limit, 0)}%"
    if change.low is not None and change.low > limit:
        return Ruling(Rank.FAIL, f"{reason}.", limit=True)
    return Ruling(Rank.WARNING, f"{reason}; the interval reaches below it.")


def _incomplete(trial: Trial) -> Ruling | None:
    if not trial.cut_off:
        return None
    why = f" ({trial.stopped})" if trial.stopped else ""
    total = count(len(trial.cases), "case")
    return Ruling(Rank.UNDECIDED, f"{trial.cut_off} of {total} were not run to the end{why}.", True)


def _unconfirmed(trial: Trial) -> Ruling | None:
    open_cases = trial.number("unconfirmed")
    if not open_cases:
        return None
    if trial.baseline_gone:
        return _fell_from_a_gone_baseline(trial, open_cases)
    why = "too few fresh runs could be judged"
    if trial.stopped:
        why = f"the run ended first ({trial.stopped})"
    elif trial.policy.confirm != "auto":
        why = f"`confirm: {trial.policy.confirm}` is too few runs for so many; use `auto`"
    return Ruling(Rank.UNDECIDED, f"{count(open_cases, 'fallen case')} could not be confirmed: {why}.", True)


def _fell_from_a_gone_baseline(trial: Trial, fallen: int) -> Ruling:
    """Nobody can run the baseline again, so that an absolute measure has to carry what these cases leave open."""
    said = f"{count(fallen, 'case')} fell and cannot be confirmed, because the baseline cannot be asked any more"
    if _has_absolute_measure(trial):
        return Ruling(Rank.WARNING, f"{said}; the suite as a whole, floor and strict categories decide.")
    return Ruling(Rank.UNDECIDED, f"{said}; set `policy.gate.min_pass_rate` or name strict categories.")


def _has_absolute_measure(trial: Trial) -> bool:
    return trial.policy.min_pass_rate is not None or any(case.strict for case in trial.cases)


def _non_inferior(trial: Trial) -> Ruling | None:
    if trial.policy.require != "non_inferior" or not trial.is_compared or meets_margin(trial):
        return None
    if trial.policy.margin is None:
        return Ruling(Rank.UNDECIDED, "The policy asks for proof (`require: non_inferior`) but sets no `margin`.")
    asked = f"The policy asks for proof within {100 * trial.policy.margin:g} points"
    if trial.suite.cases_needed is None:
        return Ruling(Rank.UNDECIDED, f"{asked}; on these results no number of cases would give it.")
    cases = count(trial.suite.valid, "case")
    return Ruling(Rank.UNDECIDED, f"{asked}; {cases} cannot give it, about {trial.suite.cases_needed:,} would.")


def meets_margin(trial: Trial) -> bool:
    """Tell whether the loss is proven smaller than the margin."""
    difference, margin = trial.suite.difference, trial.policy.margin
    return margin is not None and difference is not None and difference.low is not None and difference.low > -margin


def _no_measure(trial: Trial) -> Ruling | None:
    if not trial.no_baseline or _has_absolute_measure(trial):
        return None
    said = "no floor is set (`policy.gate.min_pass_rate`) and the suite has no strict category"
    if trial.no_baseline == NEW_TASK:
        return Ruling(Rank.WARNING, f"Nothing was asked of this new task: {said}.")
    return Ruling(Rank.UNDECIDED, f"There is no baseline to compare with ({trial.no_baseline}), and {said}.")


RULES: tuple[Callable[[Trial], Ruling | None], ...] = (
    _unavailable,
    _unreliable,
    _regressions,
    _suite_loss,
    _strict_failures,
    _floor,
    _cost_limit,
    _latency_limit,
    _share_limits,
    _incomplete,
    _unconfirmed,
    _nothing_valid,
    _non_inferior,
    _no_measure,
)
