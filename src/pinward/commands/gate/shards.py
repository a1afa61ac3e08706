"""One gate on several machines: which part of the cases is whose, under which share of the limits.

Source of the shares: docs/how-verdicts.md. A part decides nothing; `pinward merge` judges all of them together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from pinward.commands.gate.work import Planned
from pinward.core.evidence import Evidence, TaskPlan
from pinward.core.policy import BudgetPolicy, Json, Policy
from pinward.core.quantities import count
from pinward.core.report import GateReport, ShardPart
from pinward.errors import ExitCode, UsageError
from pinward.providers.base import digest
from pinward.verdict.cases import first_calls
from pinward.version import __version__

MAX_SHARDS = 256  # jobs of one matrix: docs.github.com/actions/reference/limits
_WRITTEN = re.compile(r"([0-9]{1,4})/([0-9]{1,4})\Z")
# What a part's process may end with: whether the work was done, and never what it says.
_ENDS = frozenset({ExitCode.OK, ExitCode.BLOCKED, ExitCode.INCONCLUSIVE})


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number`, counted from 1, of a run that is cut into `of`."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"shard {self.number} of {self.of}"


def read_shard(text: str) -> Shard:
    """Read `I/N`. Raises `UsageError`."""
    hit = _WRITTEN.match(text)
    number, of = (int(hit[1]), int(hit[2])) if hit else (0, 0)
    if not 1 <= number <= of <= MAX_SHARDS:
        hint = f"Write for example 1/4: the first of four; at most {MAX_SHARDS}."
        raise UsageError(f"--shard {text!r} is no part I/N of a run", hint)
    return Shard(number, of)


def dealt(planned: Planned, of: int) -> Planned:
    """Deal the cases of all tasks out in turn, so that every shard gets its part of each task."""
    turn = 0
    runs = []
    for run in planned.runs:
        cases = []
        for case in run.plan.cases:
            cases.append(replace(case, shard=turn % of + 1))
            turn += 1
        runs.append(replace(run, plan=replace(run.plan, cases=tuple(cases))))
    return replace(planned, runs=tuple(runs))


def part(plans: tuple[TaskPlan, ...], shard: Shard | None) -> Evidence:
    """Return the empty evidence of one shard: its cases, and how many there are in all; everything without a shard."""
    if shard is None:
        return Evidence(plans)
    mine = [replace(plan, cases=tuple(c for c in plan.cases if c.shard == shard.number)) for plan in plans]
    total = sum(len(plan.cases) for plan in plans)
    return Evidence(tuple(plan for plan in mine if plan.cases), total_cases=total)


def share(policy: Policy, plans: tuple[TaskPlan, ...], evidence: Evidence) -> BudgetPolicy:
    """Return the part of the budget that belongs to `evidence`: that of its calls among all calls of the first pass.

    The deadline is not divided: shards run at the same time.
    """
    mine, whole = (sum(1 for plan in of for _ in first_calls(plan, policy.gate)) for of in (evidence.plans, plans))
    budget = policy.budget
    if mine == whole:
        return budget
    return replace(budget, max_usd=budget.max_usd * mine / whole, max_requests=budget.max_requests * mine // whole)


def plan_digest(compared: Mapping[str, Json], planned: Planned, policy: Policy, of: int) -> str:
    """Return the SHA-256 of everything that decides what is asked: shards with equal digests are parts of one run.

    `compared` is the request's part. Suites, prompts and parameters are in the commits; how they are read is in the
    version.
    """
    return digest(
        {
            "version": __version__,
            **compared,
            "policy": _plain(policy),
            "plans": [_plain(run.plan) for run in planned.runs],
            "of": of,
        }
    )


def _plain(noun: Policy | TaskPlan) -> Json:
    plain: Json = asdict(noun)
    return plain


def as_part(report: GateReport, shard: ShardPart) -> GateReport:
    """Return the report of one shard. It is `inconclusive` unless it failed: a part alone never passes and never fails.

    The exit code says whether its work was done.
    """
    if report.verdict in {"error", "cancelled"}:
        return report.model_copy(update={"shard": shard, "evidence": ""})
    done = ExitCode(report.exit_code) in _ENDS
    return report.model_copy(
        update={
            "shard": shard,
            "evidence": "",  # a merge group reuses what stands under it
            "verdict": "inconclusive",
            "complete": False,
            "exit_code": int(ExitCode.OK if done else report.exit_code),
            "reasons": [*_said(report, shard), *([] if done else report.reasons)],
            "next_step": "Run the other shards, then give every report folder to `pinward merge`.",
        }
    )


def _said(report: GateReport, shard: ShardPart) -> Iterator[str]:
    cases = sum(task.cases for task in report.tasks)
    yield f"Shard {shard.number} of {shard.of}: {count(cases, 'case')}. Only all shards together decide."
