"""From the verdict to the report that every face is a function of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pinward.core.evidence import BASELINE, CANDIDATE, CaseComparison, Comparison, Evidence, Verdict, VerdictValue
from pinward.core.figures import Economy, Interval, Sides
from pinward.core.model_id import ModelId
from pinward.core.policy import Policy
from pinward.core.quantities import count
from pinward.core.report import (
    Category,
    ChecklistItem,
    Cost,
    Difference,
    GateReport,
    Latency,
    ModelInUse,
    ModelRef,
    Pair,
    ReportFinding,
    Share,
    StoredAnswers,
    TaskReport,
    scan_objection,
)
from pinward.errors import CancelledError, ExitCode, PinwardError, worst
from pinward.verdict.cases import Ledger, pass_share, to_ledger
from pinward.verdict.notable import Shown, cut, notable_cases
from pinward.verdict.resample import mean
from pinward.verdict.served import served_findings

MAX_SERVED = 10
_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the report says of the run itself, and what others found out beside the verdict.

    `objections` are sentences that block by themselves. `changed` holds sentences by task, `shutdowns` dates by model
    name as written. `models` are those in use at the head. `next_step` replaces the general advice where the
    caller knows better.
    """

    base: str
    head: str
    policy_source: str
    started: str
    seconds: float
    cost_usd: float | None = None
    requests: int = 0
    results_sha256: str | None = None
    changed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shutdowns: Mapping[str, str] = field(default_factory=dict)
    findings: Sequence[ReportFinding] = ()
    checklist: Sequence[ChecklistItem] = ()
    uncovered: Sequence[str] = ()
    objections: Sequence[str] = ()
    notes: Sequence[str] = ()
    next_step: str = ""
    models: Sequence[ModelInUse] = ()
    stored: Sequence[StoredAnswers] = ()


def build_report(
    verdict: Verdict, evidence: Evidence, policy: Policy, facts: RunFacts, redact: Callable[[str], str]
) -> GateReport:
    """Build the report. `redact` is applied to everything that a model or an endpoint said, before it is cut."""
    ledger, shown = to_ledger(evidence.samples), Shown(policy.outputs, redact)
    tasks, notes, findings = [], [*facts.notes], [*facts.findings]
    for comparison in verdict.comparisons:
        named = f"`{comparison.plan.task}`: " if len(verdict.comparisons) > 1 else ""
        cases, further = notable_cases(comparison.plan, comparison.cases, ledger, policy.gate, shown)
        served = _served(comparison.plan.task, ledger, redact)
        tasks.append(
            _task(comparison, policy, facts, served).model_copy(
                update={"notable_cases": cases, "further_cases": further}
            )
        )
        findings += served_findings(comparison, tasks[-1], redact)
        notes += [named + warning for warning in comparison.warnings]
        more = sum(map(len, further.values()))
        notes += [f"{named}{count(more, 'more notable case')} in `report.html`."] if more else []
    value, reasons = _with_findings(verdict, policy, facts)
    return GateReport(
        verdict=value,
        exit_code=exit_code(verdict, evidence, policy, blocked=value == "fail"),
        complete=verdict.complete,
        outputs=policy.outputs,
        reasons=_texts(reasons),
        base=facts.base,
        head=facts.head,
        policy_source=facts.policy_source,
        started=facts.started,
        seconds=facts.seconds,
        cost_usd=facts.cost_usd,
        max_usd=policy.budget.max_usd,
        requests=facts.requests,
        tasks=tasks,
        uncovered=_texts(facts.uncovered),
        findings=findings,
        checklist=list(facts.checklist),
        notes=_texts(notes),
        stored=list(facts.stored),
        models=list(facts.models),
        next_step=cut(facts.next_step or _next_step(value, verdict, evidence), _TEXT),
        results_sha256=facts.results_sha256,
    )


def error_report(error: PinwardError, facts: RunFacts, policy: Policy) -> GateReport:
    """Return the report of a run that ended with an error: never a pass, never silent."""
    verdict = Verdict("cancelled" if isinstance(error, CancelledError) else "error", (error.message,), complete=False)
    report = build_report(verdict, Evidence(()), policy, facts, str)
    return report.model_copy(update={"exit_code": int(error.exit_code), "next_step": cut(error.hint, _TEXT)})


def exit_code(verdict: Verdict, evidence: Evidence, policy: Policy, blocked: bool) -> ExitCode:
    """Return what the process ends with; where several hold, `errors.PRECEDENCE` decides.

    A spent budget or deadline counts only where it kept evidence out. `inconclusive: warn` covers complete runs only.
    """
    codes = [ExitCode.BLOCKED] if blocked else []
    if verdict.value == "cancelled":
        codes.append(ExitCode.INTERRUPTED)
    if verdict.value == "error":
        codes.append(ExitCode.UNAVAILABLE)
    if evidence.stopped in {"budget", "deadline"} and not verdict.complete:
        codes.append(ExitCode.BUDGET)
    tolerated = policy.gate.inconclusive == "warn" and verdict.complete
    if verdict.value == "stale" or (verdict.value == "inconclusive" and not tolerated):
        codes.append(ExitCode.INCONCLUSIVE)
    return worst(codes)


def _with_findings(verdict: Verdict, policy: Policy, facts: RunFacts) -> tuple[VerdictValue, list[str]]:
    """Join what the scan found and what no suite covers: both can block, neither can hide an error."""
    against = [*facts.objections]
    if blocking := sum(finding.blocking for finding in facts.findings):
        against.append(scan_objection(blocking))
    if facts.uncovered and policy.gate.uncovered_change == "fail":
        against.append(f"{count(len(facts.uncovered), 'change')} without a suite (`uncovered_change: fail`).")
    if not against or verdict.value in {"error", "cancelled", "stale"}:
        return verdict.value, [*verdict.reasons, *against]
    # What a passed suite has to say would read as an objection beside the reasons that block.
    own = [] if verdict.value in {"pass", "unchanged"} else verdict.reasons
    return "fail", [*own, *against]


def _texts(sentences: Iterable[str]) -> list[str]:
    return [cut(sentence, _TEXT) for sentence in sentences]


def _task(comparison: Comparison, policy: Policy, facts: RunFacts, served: Mapping[str, list[str]]) -> TaskReport:
    plan, statuses = comparison.plan, [case.status for case in comparison.cases]
    return TaskReport(
        task=plan.task,
        verdict=comparison.verdict,
        proven=comparison.proven,
        proven_before=plan.proven_before is not None,
        reasons=_texts(comparison.reasons),
        changed=_texts(facts.changed.get(plan.task, ())),
        baseline=_model(plan.baseline, facts, served[BASELINE]) if plan.baseline else None,
        candidate=_model(plan.candidate, facts, served[CANDIDATE]),
        no_baseline=comparison.no_baseline,
        cases=len(comparison.cases),
        valid=comparison.valid,
        excluded=dict(comparison.excluded),
        pass_rate=Pair(**comparison.pass_rate),
        non_regression_rate=comparison.non_regression_rate,
        difference=_difference(comparison.difference),
        pass_rate_change=_difference(comparison.pass_rate_change),
        mean_score=_pair(comparison.mean_score),
        p_value=comparison.p_value,
        detectable_loss=comparison.detectable_loss,
        cases_needed=comparison.cases_needed,
        regressed=statuses.count("regressed"),
        improved=statuses.count("improved"),
        flaky=statuses.count("flaky"),
        recovered=statuses.count("recovered"),
        unconfirmed=statuses.count("unconfirmed"),
        max_regressions=policy.gate.max_regressions,
        margin=policy.gate.margin,
        outcomes={side: dict(outcomes) for side, outcomes in comparison.outcomes.items()},
        cost=_cost(comparison.economy),
        latency=_latency(comparison.economy),
        refused=_share(comparison.economy.refused, comparison.economy.refused_change),
        truncated=_share(comparison.economy.truncated, comparison.economy.truncated_change),
        attribution=comparison.attribution and cut(comparison.attribution, _TEXT),
        categories=_categories(comparison.cases, policy.gate.strict_categories),
    )


def _served(task: str, ledger: Ledger, redact: Callable[[str], str]) -> Mapping[str, list[str]]:
    """Return the models that answered, by side: an alias or a gateway may serve another than was asked for."""
    seen: dict[str, set[str]] = defaultdict(set)
    for call, sample in ledger.items():
        if call.task == task and sample.completion.served_model:
            seen[call.arm].add(cut(redact(sample.completion.served_model), 500))
    return defaultdict(list, {side: sorted(names)[:MAX_SERVED] for side, names in seen.items()})


def _model(model: ModelId, facts: RunFacts, served: list[str]) -> ModelRef:
    return ModelRef(
        name=cut(model.written, 500), pin=model.pin, shutdown_on=facts.shutdowns.get(model.written), served=served
    )


def _difference(interval: Interval | None) -> Difference | None:
    return Difference(estimate=interval.estimate, low=interval.low, high=interval.high) if interval else None


def _pair(sides: Sides, scale: float = 1.0) -> Pair:
    scaled = (None if value is None else value * scale for value in (sides.baseline, sides.candidate))
    return Pair(**dict(zip((BASELINE, CANDIDATE), scaled, strict=True)))


def _cost(economy: Economy) -> Cost:
    return Cost(
        per_1000_requests=_pair(economy.cost, 1_000),
        change=_difference(economy.cost_change),
        input_tokens=_pair(economy.input_tokens),
        output_tokens=_pair(economy.output_tokens),
        cached_tokens=_pair(economy.cached_tokens),
        reasoning_tokens=_pair(economy.reasoning_tokens),
        input_change=_difference(economy.input_change),
        output_change=_difference(economy.output_change),
        monthly_change_usd=economy.monthly_change_usd,
        unpriced=list(economy.unpriced),
    )


def _share(sides: Sides, change: Interval | None) -> Share:
    return Share(share=_pair(sides), change=_difference(change))


def _latency(economy: Economy) -> Latency:
    return Latency(
        p50=_pair(economy.p50),
        p95=_pair(economy.p95),
        change_p50=_difference(economy.change_p50),
        change_p95=_difference(economy.change_p95),
    )


def _categories(cases: Sequence[CaseComparison], strict: Sequence[str]) -> dict[str, Category]:
    groups: dict[str, list[CaseComparison]] = defaultdict(list)
    for case in cases:
        if case.status != "excluded":
            groups[case.category].append(case)
    return {
        cut(name, 500): Category(
            cases=len(group),
            pass_rate=Pair(
                baseline=mean([pass_share(case.baseline) for case in group if case.baseline.runs]),
                candidate=mean([pass_share(case.candidate) for case in group]),
            ),
            regressed=sum(case.status == "regressed" for case in group),
            strict=name in strict,
        )
        for name, group in sorted(groups.items())
    }


def _next_step(value: VerdictValue, verdict: Verdict, evidence: Evidence) -> str:
    """Return advice that fits the verdict where the caller has none of its own."""
    deciding = next((c for c in verdict.comparisons if c.verdict == value), None)
    if value == "fail" and deciding is not None:
        return _after_a_block(deciding)
    if evidence.stopped in {"budget", "deadline"} and not verdict.complete:
        return "Raise `policy.budget` on the base branch, or run a smaller suite."
    if value == "error":
        return "Check the model's name and the provider's status, then run again; no case counts against the model."
    if value == "inconclusive" and not verdict.complete:
        return "Run again when the provider answers; until then nothing is proven either way."
    if value == "inconclusive" and deciding is not None and deciding.cases_needed:
        return f"Grow the suite to about {count(deciding.cases_needed, 'case')}, or widen `policy.gate.margin`."
    return ""


def _after_a_block(comparison: Comparison) -> str:
    """Return what helps against what blocked: a limit on cost or latency, or cases that broke, fell or fail."""
    plan = comparison.plan
    keep = f", or keep `{plan.baseline.written}`" if plan.baseline and comparison.no_baseline is None else ""
    if comparison.over_limit:
        return f"Choose another candidate, raise the limit in `policy.gate` on the base branch{keep}."
    what = "fell" if comparison.pass_rate[BASELINE] is not None else "fail"
    if any(case.status == "regressed" for case in comparison.cases):
        what = "broke"
    return f"Look at the cases that {what}, adapt the prompt for `{plan.candidate.written}`{keep}."
