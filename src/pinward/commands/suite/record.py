"""`pinward suite record TASK`: what the task's model answers today, as expected values to be reviewed.

The committed configuration is asked, with the budget, the deadline and the journal of a gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from pinward.commands.gate.cli import real_edges
from pinward.commands.gate.files import alone
from pinward.commands.gate.run import GateEdges, redactor
from pinward.commands.gate.sides import Side, read_side
from pinward.commands.gate.work import TaskRun, make_work
from pinward.commands.written import Written, as_yaml
from pinward.config.changes import TaskChange
from pinward.config.settings import Settings
from pinward.core.evidence import CANDIDATE, Call, Case, Evidence, Round, Sample, TaskPlan, Verdict
from pinward.core.fields import suggestion
from pinward.core.policy import Json, Project
from pinward.core.quantities import money
from pinward.errors import BudgetError, ExitCode, UsageError
from pinward.evals import runner
from pinward.evals.budget import Ledger
from pinward.evals.cases import Cases
from pinward.evals.journal import Journal
from pinward.evals.runner import Edges, Limits, Runner
from pinward.evals.suite import load_suite
from pinward.evals.written_cases import answer_value, written_case
from pinward.git.history import require_toplevel, resolve
from pinward.render.text import console

HEADER = "# Recorded from {model}: every `expected` here is what it answered, and has to be reviewed.\n"


@dataclass(frozen=True)
class Wanted:
    """What to record: a task, into which file, and a check that compares with the recorded value."""

    task: str
    target: str
    check: str = ""


@dataclass(frozen=True)
class Recording(Wanted):
    """A recording of one commit."""

    root: Path = Path()
    sha: str = ""
    config: str = ""


def run(path: Path, config: str, wanted: Wanted, settings: Settings, out: TextIO) -> ExitCode:
    """Record the commit that is checked out, from the real providers. Raises what `record` raises."""
    root = require_toplevel(path)
    asked = Recording(wanted.task, wanted.target, wanted.check, root, resolve(root, "HEAD"), config)
    return record(asked, real_edges(settings), out)


def record(asked: Recording, edges: GateEdges, out: TextIO) -> ExitCode:
    """Ask for every case without an expected value, once, and write the whole suite with the answers.

    Raises `UsageError` where the file exists, `ConfigError`, and `BudgetError`, also where the run ended too early.
    """
    side = read_side(asked.root, asked.sha, asked.config)
    project = side.project or Project()
    if asked.task not in project.tasks:
        raise UsageError(f"there is no task `{asked.task}`", suggestion(asked.task, project.tasks))
    path = project.tasks[asked.task].suite
    if path is None:
        raise UsageError(f"the task `{asked.task}` has no suite", "Name one in `pinward.yml`.")
    if not asked.target.endswith((".yml", ".yaml")):
        raise UsageError(f"{asked.target}: a suite is written as YAML", "Name a `.yml` file.")
    if (asked.root / asked.target).exists():
        raise UsageError(f"{asked.target} exists", "Move it away, or name another `--out`.")
    cases = load_suite(side.tree, path).cases
    wanted = tuple(case for case in cases if case.expected is None)
    if not wanted:
        raise UsageError(f"{path}: every case has an expected value", "Take one out to have it recorded.")
    with alone((asked.root / asked.target).parent):
        answers = {sample.call.case: sample for sample in _ask(asked, side, wanted, edges, out)}
    recorded = [_recorded(case, answers.get(case.id), asked.check) for case in cases]
    text = HEADER.format(model=project.tasks[asked.task].model) + as_yaml({"version": 1, "cases": list[Json](recorded)})
    load_suite(Written(side.tree, {asked.target: text}), asked.target)
    (asked.root / asked.target).write_text(text, encoding="utf-8")
    kept = sum(_is_usable(sample) for sample in answers.values())
    out.write(f"{console(asked.target)}: {kept} of {len(wanted)} answers recorded, to be reviewed\n")
    out.writelines(
        f"not recorded: {console(_why(case, answers.get(case.id)))}\n"
        for case in wanted
        if not _is_usable(answers.get(case.id))
    )
    return ExitCode.OK


def _ask(asked: Recording, side: Side, cases: tuple[Case, ...], edges: GateEdges, out: TextIO) -> Sequence[Sample]:
    """Run one round of calls over the cases."""
    project = side.project or Project()
    policy, name = project.policy, asked.task
    plan = TaskPlan(name, (), None, edges.catalog.identify(project.tasks[name].model))
    change = TaskChange(name, None, side.states()[name], frozenset(), ())
    connections, ledger = edges.connect(project.providers), Ledger(policy.budget, edges.prices)
    work = make_work([TaskRun(change, plan, Cases(cases))], side, side, connections, ledger.meter)
    work = replace(work, grade=_ungraded)
    # A suite and its data often share a stem: the journal's name is nobody else's.
    journal = Journal(asked.root / f"{asked.target}.answers.jsonl", redactor(project, edges), _is_usable)
    limits = Limits(run_seconds=policy.budget.deadline_minutes * 60)
    first = Round(tuple(Call(name, case.id, CANDIDATE) for case in cases), "recording")

    def once(evidence: Evidence) -> Round | Verdict:
        return Verdict("unchanged", ()) if evidence.samples or evidence.stopped else first

    try:
        evidence, _, caught = runner.run(
            Evidence((plan,)),
            once,
            lambda: Runner(work, limits, ledger, edges.prices, journal, Edges(progress=edges.progress)),
            connections.aclose,
            edges.signals,
        )
    finally:
        journal.close()
    out.write(f"{ledger.requests} calls, {'price unknown' if ledger.unpriced else money(ledger.spent_usd)}\n")
    if evidence.stopped is not None or caught:
        again = "Raise policy.budget, and run" if evidence.stopped == "budget" else "Run"
        raise BudgetError(
            f"recording stopped early ({evidence.stopped or 'interrupted'})", f"{again} it again: what arrived is kept."
        )
    return evidence.samples


async def _ungraded(_case: Case, _completion: object) -> None:
    """Grade nothing: what the model answers today is what is asked for."""


def _is_usable(sample: Sample | None) -> bool:
    return sample is not None and sample.completion.outcome == "ok" and bool(sample.completion.text.strip())


def _recorded(case: Case, sample: Sample | None, check: str) -> dict[str, Json]:
    if sample is None or not _is_usable(sample):
        return written_case(case)
    written = written_case(case, expected=answer_value(sample.completion))
    checks = written["checks"] if isinstance(written["checks"], list) else []
    return {**written, "checks": [*checks, check]} if check else written


def _why(case: Case, sample: Sample | None) -> str:
    if sample is None:
        return f"{case.id}: it was not asked"
    told = sample.completion
    outcome = "empty" if told.outcome == "ok" else told.outcome
    return f"{case.id}: {told.fault.detail if told.fault else f'the answer is {outcome}'}"
