"""`pinward gate --dry-run`: what a run would ask, and what it could cost at worst. Needs no key and calls nobody."""

from __future__ import annotations

from dataclasses import replace

from pinward.commands.gate.params import rejected_notes
from pinward.commands.gate.run import GateEdges, GateRequest, GateRun, account
from pinward.commands.gate.shards import part
from pinward.commands.gate.work import make_work
from pinward.core.evidence import Round
from pinward.core.quantities import money
from pinward.evals.preflight import Openings
from pinward.evals.runner import Edges, Limits, Runner
from pinward.providers.targets import unasked
from pinward.render.text import console
from pinward.verdict.plan import next_round


def dry_run(request: GateRequest, edges: GateEdges) -> str:
    """Return the plan in words. Raises what the run itself would raise for a wrong suite, prompt or configuration."""
    run = GateRun(request, replace(edges, merged=None, fetch=None), edges.now())
    ready = run.prepare()
    project, planned = run.project, ready.planned
    plans = tuple(task.plan for task in planned.runs)
    mine = part(plans, request.shard)
    ledger, spending = account(run, project.policy, plans)
    # No call is made, so that no key is needed to say what the calls would be.
    nobody = unasked(project.providers, project.targets)
    work = make_work(planned.runs, ready.base, ready.head, nobody, ledger.meter)
    if ready.judging is not None:
        work = ready.judging.over(work, ready.judging.connect(nobody, ledger.meter(ready.judging.model)))
    first = next_round(mine, project.policy.gate)
    calls = first.calls if isinstance(first, Round) and planned.runs else ()

    asked = Edges(preflight=True, window=edges.window)
    runner = Runner(work, Limits(), ledger, edges.prices, edges=asked)
    worst = ledger.estimate(runner.first_calls(calls, Openings()))
    changes = [f"{change.name}: {', '.join(change.said)}" for change in ready.difference.tasks]
    changes += [f"not evaluated: {said}" for said in planned.uncovered]
    changes += rejected_notes(work)
    lines = [f"  {console(line)}" for line in changes] or ["  no task changes"]
    unknown = f", and {', '.join(sorted(worst.unpriced))} has no known price" if worst.unpriced else ""
    whose = f" to {request.shard}" if request.shard else ""
    limit = f"policy.budget allows{whose} ${ledger.max_usd:.2f} and {ledger.max_requests:,} requests"
    spent = f"Preflight and first pass: {worst.requests:,} requests, {money(worst.usd)} at worst{unknown}; {limit}."
    return "\n".join(
        [
            f"{console(project.source)}, {request.base[:9]} to {request.head[:9]}:",
            *lines,
            *map(console, spending),
            console(spent),
        ]
    )
