"""`pinward gate`: does the candidate do our own work at least as well as the model it replaces?

Policy, providers, suites and budgets are the base commit's; the head is data. The report is written before anything
is published.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from pinward.commands.gate import evidence as gate_evidence
from pinward.commands.gate import files as gate_files
from pinward.commands.gate.judge import Judging, judging_of
from pinward.commands.gate.local import Local, Stored
from pinward.commands.gate.params import rejected_notes
from pinward.commands.gate.report import Setting, complete
from pinward.commands.gate.shards import Shard, as_part, dealt, part, plan_digest, share
from pinward.commands.gate.sides import Difference, Side, allowed_providers, compare, read_base, read_side
from pinward.commands.gate.spending import Payer, allowance
from pinward.commands.gate.targets import programs
from pinward.commands.gate.work import Connect, Planned, Planner, check_suites, make_work, targets_of
from pinward.commands.rollout.evidence import Fetch, History, Outside
from pinward.config.project import require_if_named
from pinward.core.evidence import Evidence, PriceBook, Round, TaskPlan, Verdict
from pinward.core.facts import Catalog
from pinward.core.policy import GatePolicy, Json, Policy, Project
from pinward.core.quantities import count, money
from pinward.core.redact import Redactor
from pinward.core.report import GateReport, ShardPart, StoredAnswers
from pinward.errors import ExitCode, InternalError, PinwardError
from pinward.evals.budget import Ledger, Window
from pinward.evals.journal import Journal
from pinward.evals.judge import has_arrived
from pinward.evals.runner import Edges, Limits, NextRound, Progress, Runner, Work, run
from pinward.gh.client import Merged
from pinward.providers.aws import VARIABLES as SIGNING
from pinward.providers.endpoints import KNOWN
from pinward.providers.retry import DEFAULT_RETRY, RetryPolicy
from pinward.providers.targets import TargetConnections
from pinward.verdict.plan import next_round
from pinward.verdict.report import RunFacts, build_report, error_report


@dataclass(frozen=True)
class GateRequest:
    """What to compare. `base` and `head` are full commit ids whose files are read; `shown_head` is the commit that
    results hang on, where it is another (a pull request's own head below GitHub's test merge).

    `scan_only` says why nothing may be evaluated (a fork); `approved`: a reviewer has approved weakened cases, or
    a repair of a base that cannot be read. `evidence` identifies what decides, for the report;
    `shard`: this process runs one part of the cases; `stored`: a folder with reports of earlier runs; `pull_request`
    is its number, where GitHub told it.
    """

    root: Path
    base: str
    head: str
    report_dir: Path
    config: str = "pinward.yml"
    shown_head: str = ""
    scan_only: str = ""
    approved: bool = False
    evidence: str = ""
    shard: Shard | None = None
    stored: Path | None = None
    pull_request: int | None = None

    @property
    def judged(self) -> str:
        """The commit that the report is about."""
        return self.shown_head or self.head

    @property
    def compared(self) -> dict[str, Json]:
        """What of the request decides what is asked, whichever part of it this process asks."""
        commits: list[Json] = [self.base, self.head, self.judged]
        return {"commits": commits, "config": self.config, "approved": self.approved}


@dataclass(frozen=True)
class GateEdges:
    """The outside world. `keys` looks a key variable up; `secrets` are hidden beside the keys (a GitHub token).

    `deterministic`: the same call always gets the same answer (a recording), so that a first pass can stand.
    `window` knows how many tokens fit into one request to a model.
    `store` is the file with this machine's earlier answers; never in CI (docs/threats.md T24).
    `no_programs` says why no program of the user's is run (docs/threats.md, trust rule 5); `retry` is how often targets
    are asked again.
    `merged` asks GitHub for the pull requests that a commit came with, `fetch` a metrics endpoint (`rollout.evidence`).
    """

    catalog: Catalog
    prices: PriceBook
    connect: Connect
    now: Callable[[], datetime]
    keys: Callable[[str], str | None] = lambda _: None
    secrets: tuple[str, ...] = ()
    deterministic: bool = False
    window: Window = lambda _: None
    merged: Callable[[str], Sequence[Merged]] | None = None
    fetch: Fetch | None = None
    progress: Callable[[Progress], None] = lambda _: None
    signals: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM)
    no_programs: str = ""
    retry: RetryPolicy = DEFAULT_RETRY
    store: Path | None = None


@dataclass(frozen=True)
class Prepared:
    """Both sides, what differs, and what has to be run: all that is known before the first call."""

    base: Side
    head: Side
    difference: Difference
    planned: Planned
    judging: Judging | None = None


@dataclass(frozen=True)
class Outcome:
    """What the run of calls gave: nothing at all where no task needed one."""

    verdict: Verdict | None = None
    evidence: Evidence = field(default_factory=lambda: Evidence(()))
    cost_usd: float | None = None
    requests: int = 0
    results_sha256: str | None = None
    interrupted: ExitCode | None = None
    notes: tuple[str, ...] = ()
    stored: Sequence[StoredAnswers] = ()
    recall: Callable[[GateReport], GateReport] = lambda report: report


def run_gate(request: GateRequest, edges: GateEdges) -> GateReport:
    """Compare two commits, evaluate what changed, and leave the report in `request.report_dir`.

    Raises `PinwardError` where nothing could be evaluated, after leaving a report that says so.
    """
    run_of = GateRun(request, edges, edges.now())
    return gate_files.leave_report(request.report_dir, run_of.report, run_of.failed)


@dataclass
class GateRun:
    """One run, from the two commits to the report.

    `project` is the base's as soon as it has been read, `plan` the digest of what is to be run as soon as it is known,
    `ledger` the account as soon as there is one.
    """

    request: GateRequest
    edges: GateEdges
    started: datetime
    project: Project = field(default_factory=Project)
    plan: str = ""
    ledger: Ledger | None = None

    def prepare(self) -> Prepared:
        """Read both sides and decide what has to be run, without a call."""
        request, edges, today = self.request, self.edges, self.started.date()
        base = read_base(request.root, request.base, request.config, request.approved)
        self.project = base.project or Project()
        head = replace(read_side(request.root, request.head, request.config), suites=base.suites)
        require_if_named(request.config, base.project, head.project)
        outside = Outside(self.started, edges.merged, edges.fetch)
        history = History(request.root, request.base, request.config, outside)
        difference = compare(request.root, base, head, edges.catalog, today, history.evidence)
        planned = _plan(request, base, head, difference, edges, today)
        if request.shard is not None:
            planned = dealt(planned, request.shard.of)
            self.plan = plan_digest(request.compared, planned, self.project.policy, request.shard.of)
        judging = judging_of(planned.runs, self.project.policy.judge, edges.catalog, today)
        return Prepared(base, head, difference, planned, judging)

    def report(self) -> GateReport:
        """Run what has to be run and return the report. Raises what `run_gate` raises."""
        ready = self.prepare()
        outcome = evaluate(self, ready) if ready.planned.runs else Outcome()
        return self._marked(self.conclude(ready, outcome), outcome)

    def conclude(self, ready: Prepared, outcome: Outcome) -> GateReport:
        """Join what the calls gave with what the scan and the configuration say."""
        request, edges, today = self.request, self.edges, self.started.date()
        setting = Setting(
            ready.base,
            ready.head,
            self.project,
            edges.catalog,
            today,
            request.config,
            request.scan_only,
            request.approved,
        )
        facts, verdict = complete(self.facts(outcome), setting, ready.difference, ready.planned, outcome.verdict)
        report = build_report(verdict, outcome.evidence, self.project.policy, facts, redactor(self.project, edges))
        report = outcome.recall(report)
        code = int(outcome.interrupted or report.exit_code)
        return report.model_copy(update={"exit_code": code, "evidence": request.evidence})

    def failed(self, error: PinwardError) -> GateReport:
        """Return the report of a run that ended with an error."""
        paid = self.ledger
        outcome = Outcome() if paid is None else Outcome(cost_usd=cost(paid), requests=paid.requests)
        return self._marked(error_report(error, self.facts(outcome), self.project.policy), outcome)

    def _marked(self, report: GateReport, outcome: Outcome) -> GateReport:
        shard, read = self.request.shard, self.request.head
        report = report.model_copy(update={"pull_request": self.request.pull_request})
        if shard is None:
            return report
        stopped = outcome.evidence.stopped
        return as_part(report, ShardPart(number=shard.number, of=shard.of, plan=self.plan, read=read, stopped=stopped))

    def runner(self, work: Work, journal: Journal, stored: Stored, stand_in: Stored) -> Callable[[], Runner]:
        """Return what makes the runner, inside its event loop."""
        ledger, edges = self.ledger, self.edges
        if ledger is None:
            raise InternalError("a run has no account to pay from")
        limits = Limits(run_seconds=self.project.policy.budget.deadline_minutes * 60)
        calling = Edges(
            progress=edges.progress,
            preflight=not edges.deterministic,
            similar=edges.catalog.similar,
            window=edges.window,
            stored=stored,
            stand_in=stand_in,
        )
        return lambda: Runner(work, limits, ledger, edges.prices, journal, calling)

    def facts(self, outcome: Outcome) -> RunFacts:
        """Return what the report says of the run itself."""
        return RunFacts(
            base=self.request.base,
            head=self.request.judged,
            policy_source=self.project.source,
            started=self.started.isoformat(timespec="seconds"),
            seconds=(self.edges.now() - self.started).total_seconds(),
            cost_usd=outcome.cost_usd,
            requests=outcome.requests,
            results_sha256=outcome.results_sha256,
            notes=[*outcome.notes, *gate_evidence.sentences(outcome.stored)],
            stored=outcome.stored,
        )


def _plan(
    request: GateRequest, base: Side, head: Side, difference: Difference, edges: GateEdges, today: date
) -> Planned:
    if base.project is None:
        check_suites(head)  # once merged, a suite that cannot be read would stop every pull request
        return Planned()
    planner = Planner(base, head, base.project, edges.catalog, today, request.approved)
    planned = planner.plan(difference.tasks)
    return replace(planned, runs=()) if request.scan_only else planned  # weakened cases show without a call


def evaluate(run_of: GateRun, ready: Prepared, decide: NextRound | None = None) -> Outcome:
    """Make the calls that the plans need until `decide` (the gate's own where none is given) has a verdict."""
    request, edges = run_of.request, run_of.edges
    project = ready.base.project or Project()
    policy, runs = project.policy, ready.planned.runs
    plans = tuple(replace(run.plan, deterministic=edges.deterministic) for run in runs)
    evidence = part(plans, request.shard)
    if not evidence.plans:
        return Outcome()
    theirs = programs(request.root, targets_of(runs), edges.no_programs)
    connections = TargetConnections(edges.connect(project.providers), project.targets, edges.keys, theirs, edges.retry)
    run_of.ledger, spending = account(run_of, policy, plans)
    meter = run_of.ledger.meter
    work = make_work(runs, ready.base, ready.head, connections, meter)
    request.report_dir.mkdir(parents=True, exist_ok=True)
    journal = Journal(request.report_dir / gate_files.RESULTS, redactor(project, edges))
    verdicts = None
    if ready.judging is not None:
        verdicts = Journal(request.report_dir / gate_files.JUDGEMENTS, redactor(project, edges), has_arrived)
        work = ready.judging.over(work, ready.judging.connect(connections, meter(ready.judging.model), verdicts))
    heads = frozenset({request.head, request.judged})
    scope = gate_evidence.Scope(request.root, request.base, heads, run_of.started, policy.gate.evidence_days)
    reuse = gate_evidence.Reuse.of(request.stored, scope)
    evidence = reuse.planned(evidence, work, policy.gate)
    local = Local.open(edges.store, policy.gate.evidence_days, edges.now)
    runner = run_of.runner(work, journal, local.after(reuse.store.before, work), reuse.store.stand_in)
    try:
        evidence, verdict, caught = run(
            evidence, decide or deciding(policy.gate), runner, connections.aclose, edges.signals
        )
    finally:
        gate_files.hold_signals()  # until the report is written (`leave_report`)
        digest = journal.close()
        if verdicts is not None:
            verdicts.close()
        local.keep(journal)
    told = reuse.told(evidence.samples)
    mine = local.notes(evidence.samples, sum(one.answers for one in told))
    partial = ready.judging.partial(evidence.samples, edges.catalog) if ready.judging else ()
    return Outcome(
        verdict=verdict,
        evidence=evidence,
        cost_usd=cost(run_of.ledger),
        requests=run_of.ledger.requests,
        results_sha256=digest,
        interrupted=ExitCode(128 + caught) if caught else None,
        notes=(*spending, *_of_account(run_of.ledger), *reuse.notes, *mine, *rejected_notes(work), *partial),
        stored=told,
        recall=reuse.with_history,
    )


def account(run_of: GateRun, policy: Policy, plans: tuple[TaskPlan, ...]) -> tuple[Ledger, tuple[str, ...]]:
    """Open the account of a run: its part of what the policy and the spending of earlier runs leave, and notes."""
    request = run_of.request
    payer = Payer(
        request.root, request.base, request.head, request.shown_head, request.pull_request, run_of.edges.now()
    )
    allowed = allowance(policy.budget, request.stored, payer)
    mine = share(replace(policy, budget=allowed.budget), plans, part(plans, request.shard))
    return Ledger(mine, run_of.edges.prices, allowed.limit), allowed.notes


def _of_account(ledger: Ledger) -> Iterator[str]:
    """Say what an account holds beside this run's own calls, and what it could not know."""
    if ledger.earlier_requests:
        before = f"{count(ledger.earlier_requests, 'request')} and {money(ledger.earlier_usd)}"
        yield f"This run goes on from an interrupted one: {before} of it count against the same budget."
    if ledger.silent:
        names = ", ".join(f"`{name}`" for name in sorted(ledger.silent))
        yield f"Answers of {names} do not say their tokens: each call counts at its worst case, its cost is not known."


def cost(ledger: Ledger) -> float | None:
    """Return what a run has cost, None where that of a model that answered is not known."""
    return None if ledger.unpriced else ledger.spent_usd


def redactor(project: Project, edges: GateEdges) -> Redactor:
    """Return what takes every key of this run out of text."""
    named = {provider.api_key_env for provider in project.providers.values()}
    for target in project.targets.values():
        named |= {target.api_key_env, *target.env}
    known = {KNOWN[name].key_env for name in allowed_providers(project) if name in KNOWN}
    values = (edges.keys(name) for name in {*named, *known, *SIGNING} if name)
    return Redactor([*edges.secrets, *(value for value in values if value)])


def deciding(policy: GatePolicy) -> Callable[[Evidence], Round | Verdict]:
    """Return what decides after each round, under this policy."""
    return lambda evidence: next_round(evidence, policy)
