"""`pinward merge`: judge the shards of one gate together, as an unsharded run would have.

The plan is made again from the commits, so that what the shards say of themselves is compared and never believed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, TextIO

from pinward.commands.gate import files as gate_files
from pinward.commands.gate.cli import real_edges, refuse_tracked, show
from pinward.commands.gate.params import rejected_notes
from pinward.commands.gate.run import GateEdges, GateRequest, GateRun, Outcome, Prepared
from pinward.commands.gate.shard_files import AGAIN, Joined, Part, failures, read_parts
from pinward.commands.gate.shards import dealt, plan_digest
from pinward.commands.gate.spending import is_about_spending
from pinward.commands.gate.work import make_work
from pinward.config.settings import Settings
from pinward.core.evidence import Call, Evidence, Sample, TaskPlan, Verdict
from pinward.core.policy import GatePolicy, Policy
from pinward.core.quantities import count
from pinward.core.redact import MASK
from pinward.core.report import GateReport
from pinward.errors import ConfigError, ExitCode, PinwardError, UsageError, worst
from pinward.evals.budget import Ledger
from pinward.evals.grading import grade_case, questions
from pinward.evals.runner import Work, sample_key
from pinward.git.history import require_toplevel, resolve
from pinward.providers.targets import unasked
from pinward.verdict.cases import first_calls
from pinward.verdict.plan import next_round
from pinward.verdict.report import RunFacts, error_report

# What one shard ran into counts for all; where several did, the first of these is said.
_STOPS: tuple[Literal["cancelled", "deadline", "budget"], ...] = ("cancelled", "deadline", "budget")
_SIGNALS = (ExitCode.TERMINATED, ExitCode.INTERRUPTED)


@dataclass(frozen=True)
class Options:
    """The flags of the verb."""

    folders: tuple[Path, ...]
    report_dir: Path
    path: Path
    config: str


def run(options: Options, settings: Settings, out: TextIO) -> int:
    """Judge the shards in these folders and print the verdict."""
    root = require_toplevel(options.path)
    refuse_tracked(root, options.report_dir)

    def request(first: Part) -> GateRequest:
        told = first.report
        base, read = resolve(root, told.base), resolve(root, first.shard.read)
        return GateRequest(root, base, read, options.report_dir, options.config, shown_head=told.head)

    return show(merge(options.folders, options.report_dir, request, real_edges(settings)), settings, out)


def merge(
    folders: Sequence[Path], report_dir: Path, request_for: Callable[[Part], GateRequest], edges: GateEdges
) -> GateReport:
    """Judge all shards together and leave the report in `report_dir`.

    `request_for` says what has to be judged, given one of the shards. Raises `PinwardError` where that cannot be done,
    after leaving a report that says so.
    """
    _check_apart(folders, report_dir)

    def report() -> GateReport:
        parts = read_parts(folders)
        request = request_for(parts[0])
        for folder in folders:
            refuse_tracked(request.root, folder)  # a pull request can commit folders, and in them what it likes
        return _Merge(GateRun(request, edges, edges.now()), parts).report()

    def failed(error: PinwardError) -> GateReport:
        facts = RunFacts("", "", "none", edges.now().isoformat(timespec="seconds"), 0.0)
        return error_report(error, facts, Policy())

    return gate_files.leave_report(report_dir, report, failed)


def _check_apart(folders: Sequence[Path], report_dir: Path) -> None:
    place = report_dir.resolve()
    for folder in folders:
        if place == folder.resolve() or place.parent == folder.resolve():
            raise UsageError(f"{report_dir}: would be written among the shards", "Name another `--report-dir`.")


@dataclass(frozen=True)
class _Merge:
    """One joining: the run that is judged, made ready from the commits, and the shards of it."""

    run: GateRun
    parts: Sequence[Part]

    def report(self) -> GateReport:
        """Check the shards against the plan, and judge what they found."""
        ready = self._ready()
        report = self.run.conclude(ready, self._outcome(ready))
        started = min(part.report.started for part in self.parts)
        return report.model_copy(
            update={
                "started": started,
                "seconds": max(_seconds(started, part) for part in self.parts),
                "notes": [*report.notes, f"Judged together from {count(len(self.parts), 'shard')}."],
            }
        )

    def _ready(self) -> Prepared:
        """Prepare the whole run as each shard did. Raises `UsageError` where they followed another plan."""
        ready, first = self.run.prepare(), self.parts[0].shard
        planned = dealt(ready.planned, first.of)
        if plan_digest(self.run.request.compared, planned, self.run.project.policy, first.of) != first.plan:
            hint = "Merge with the version of Pinward, the commits and the approvals that the shards ran with."
            raise UsageError("the shards followed another plan than these commits give", hint)
        return replace(ready, planned=planned)

    def _outcome(self, ready: Prepared) -> Outcome:
        plans = tuple(replace(run.plan, deterministic=self.run.edges.deterministic) for run in ready.planned.runs)
        if not plans:
            return Outcome()
        work = self._work(ready)
        with asyncio.Runner() as loop:
            joined = Joined(_owners(plans), _keys(work), lambda sample: loop.run(_is_earned(work, sample)))
            digest = joined.write(self.parts, self.run.request.report_dir / gate_files.RESULTS)
        stopped = next((why for why in _STOPS if any(part.shard.stopped == why for part in self.parts)), None)
        evidence = Evidence(plans, joined.samples, stopped)
        evidence, verdict = _judge(evidence, self.run.project.policy.gate)
        codes = [ExitCode(code) for code in _SIGNALS if any(part.report.exit_code == code for part in self.parts)]
        asked = [part.report for part in self.parts if part.report.results_sha256]
        costs = [report.cost_usd for report in asked]
        return Outcome(
            verdict=_with_failed(verdict, self.parts),
            evidence=evidence,
            cost_usd=None if None in costs else sum(cost or 0.0 for cost in costs),
            requests=sum(report.requests for report in asked),
            results_sha256=digest,
            interrupted=worst(codes) if codes else None,
            notes=(*_spending(asked), *rejected_notes(work)),
        )

    def _work(self, ready: Prepared) -> Work:
        """Return what was asked. Nobody is called, so that no key is needed."""
        project = self.run.project
        nobody = unasked(project.providers, project.targets)
        ledger = Ledger(project.policy.budget, self.run.edges.prices)
        work = make_work(ready.planned.runs, ready.base, ready.head, nobody, ledger.meter)
        return work if ready.judging is None else ready.judging.over(work, None)


def _spending(reports: Iterable[GateReport]) -> Iterable[str]:
    """Return what the shards say of the ceilings across runs; each saw the same reports."""
    return dict.fromkeys(note for report in reports for note in report.notes if is_about_spending(note))


def _owners(plans: Sequence[TaskPlan]) -> dict[tuple[str, str], int]:
    return {(plan.task, case.id): case.shard for plan in plans for case in plan.cases}


def _keys(work: Work) -> Callable[[Call], str | None]:
    """Return what names the sample of a call in this plan; None for a call that it does not hold."""

    def key(call: Call) -> str | None:
        arm, case = work.arms.get((call.task, call.arm)), work.cases.get((call.task, call.case))
        if arm is None or case is None:
            return None
        return sample_key(call, arm, arm.request(case), case, work.grader_version)

    return key


async def _is_earned(work: Work, sample: Sample) -> bool:
    """Tell whether the checks by rule give this grade again. What a judge or a parser said is not asked again, and an
    answer that a secret was taken out of is no longer the one that was graded."""
    case, told = work.cases[sample.call.task, sample.call.case], sample.completion
    if sample.grade is None or MASK in told.text or questions(case, told):
        return True
    grade = await grade_case(case, told, None)
    return grade is not None and (grade.passed, grade.score) == (sample.grade.passed, sample.grade.score)


def _judge(evidence: Evidence, policy: GatePolicy) -> tuple[Evidence, Verdict]:
    """Return the verdict. Raises `ConfigError` where a shard that ended well lacks answers of its first pass."""
    step = next_round(evidence, policy)
    if isinstance(step, Verdict):
        return evidence, step
    owners, first = _owners(evidence.plans), {c for plan in evidence.plans for c in first_calls(plan, policy)}
    if lacking := sorted({owners[call.task, call.case] for call in step.calls if call in first}):
        numbers = ", ".join(map(str, lacking[:10]))
        raise ConfigError(f"answers are missing from the results of shard {numbers}", AGAIN)
    # A shard confirms nothing where too many of its own calls failed, although few did in all.
    cut = replace(evidence, stopped="incomplete shard")
    verdict = next_round(cut, policy)
    if not isinstance(verdict, Verdict):
        raise ConfigError("the shards left the run without a verdict", AGAIN)
    return cut, verdict


def _with_failed(verdict: Verdict, parts: Sequence[Part]) -> Verdict:
    """Let no verdict stand beside a shard that could not evaluate: few cases of many would hide in the tolerance."""
    failed = [part for part in parts if part.report.verdict == "error"]
    if not failed or verdict.value in {"error", "cancelled"}:
        return verdict
    return Verdict("error", (*failures(failed), *verdict.reasons), verdict.comparisons, complete=False)


def _seconds(started: str, part: Part) -> float:
    """Return the seconds from the start of the first shard to the end of this one."""
    try:
        begun = datetime.fromisoformat(part.report.started) - datetime.fromisoformat(started)
    except (ValueError, TypeError):
        return part.report.seconds
    return begun.total_seconds() + part.report.seconds
