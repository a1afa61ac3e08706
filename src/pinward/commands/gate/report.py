"""Joins the verdict with what the scan found, what no suite covers, and what the head weakens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pinward.commands.gate.sides import Difference, Side
from pinward.commands.gate.work import Planned
from pinward.commands.migrations import Known, migration
from pinward.commands.models_in_use import in_use
from pinward.commands.rollout.evidence import moves
from pinward.config.changes import TaskChange, UseChange
from pinward.config.reference import model_in_file
from pinward.core.evidence import Verdict
from pinward.core.facts import Catalog
from pinward.core.findings import Finding
from pinward.core.policy import Project
from pinward.core.quantities import count
from pinward.core.report import ChecklistItem, ReportFinding
from pinward.core.tree import Tree
from pinward.errors import ConfigError
from pinward.rules.rollout import STEP_RULES
from pinward.rules.table import BY_ID, blocks
from pinward.verdict.checklist import checklist, checklists
from pinward.verdict.report import RunFacts
from pinward.version import doc

SET_UP = (
    "Run `pinward init`, or write `pinward.yml` by hand, and merge it first: policy is read from the base commit. "
    f"Each key: {doc('configuration.md')}"
)
SUITE_FOR = f"Give the task a suite: name it under `tasks.<name>.suite` in pinward.yml ({doc('suites.md')})."


@dataclass(frozen=True)
class Setting:
    """What the report is about: both sides, the base's policy, the catalog, the day, and why nothing may be run."""

    base: Side
    head: Side
    project: Project
    catalog: Catalog
    today: date
    config: str
    scan_only: str
    approved: bool = False


def complete(
    facts: RunFacts, setting: Setting, difference: Difference, planned: Planned, verdict: Verdict | None
) -> tuple[RunFacts, Verdict]:
    """Return the facts and the verdict that the report is built from; without a run, what the scan alone can say."""
    uncovered = [*planned.uncovered, *_uncovered_uses(difference, planned, setting)]
    weakened = _weakened(planned.weakened)
    notes = [*facts.notes, *_policy_notes(setting), *_idle_names(setting, planned), *difference.notes]
    models, unseen = in_use(setting.head, setting.project.policy, setting.catalog, setting.today)
    notes += [*planned.notes, *unseen]
    objections = [
        *weakened,
        *_deleted(setting),
        *_left_behind(setting),
        *_unguarded(setting, difference),
        *_unevaluated(setting, difference, uncovered),
    ]
    next_step = facts.next_step
    if setting.project.source == "defaults" and not setting.base.broken and (difference.uses or difference.tasks):
        next_step = SET_UP
    elif uncovered and not planned.runs and not setting.scan_only:
        next_step = _towards_a_suite(difference, setting)
    completed = replace(
        facts,
        changed={change.name: change.said for change in difference.tasks},
        shutdowns=_shutdowns(planned, setting),
        findings=[_told(finding, setting) for finding in difference.introduced],
        checklist=_checklist(setting, difference, verdict),
        uncovered=uncovered,
        objections=objections,
        notes=notes,
        models=models,
        next_step=next_step,
    )
    return completed, verdict or Verdict("unchanged", ())


def _checklist(setting: Setting, difference: Difference, verdict: Verdict | None) -> list[ChecklistItem]:
    """Return the points of every migration that this pull request is a part of."""
    compared = {comparison.plan.task: comparison for comparison in (verdict.comparisons if verdict else ())}
    steps = moves(setting.base.project, setting.head.project)
    found = []
    for change in difference.tasks:
        if change.base is None or change.head is None or "model" not in change.parts:
            continue
        model = setting.catalog.identify(change.head.task.model)
        known = Known(
            current=change.base.task.model,
            candidate=model,
            dated=setting.catalog.lifetime(model, setting.today) is not None,
            move=steps.get(change.name),
            rulings=difference.rulings.get(change.name, ()),
            comparison=compared.get(change.name),
            approved=setting.approved,
        )
        found.append(migration(setting.head.tasks[change.name], known, setting.head.tree, setting.head.suite))
    return checklists([(one.task, checklist(one)) for one in found])


def _told(finding: Finding, setting: Setting) -> ReportFinding:
    told = report_finding(finding, setting.project)
    return told.model_copy(update={"blocking": False}) if _is_way_back(finding, setting) else told


def _is_way_back(finding: Finding, setting: Setting) -> bool:
    """Tell whether a finding is about a model that did a task's work until now and becomes its fallback.

    Keeping it is what `rollback-lost` asks for, and it ends no sooner there. One that is gone is no way back.
    """
    use = finding.use
    if use is None or finding.rule in {"retired-model", "silent-reroute"} or "fallbacks" not in use.slot:
        return False
    tasks = setting.head.tasks
    before = (task for name, task in setting.base.tasks.items() if name in tasks and task.model != tasks[name].model)
    return any(use.model.written == task.model and task.model in tasks[task.name].fallbacks for task in before)


def report_finding(finding: Finding, project: Project) -> ReportFinding:
    """Carry a scan finding over, its message as a sentence: advice follows it."""
    location = finding.place
    return ReportFinding(
        rule=finding.rule,
        severity=finding.severity,
        path=location.path if location else None,
        line=location.line if location else None,
        model=finding.use.model.written if finding.use else None,
        message=f"{finding.message.rstrip('.')}.",
        help=finding.help,
        doc_url=finding.doc_url,
        blocking=finding.rule in STEP_RULES or blocks(finding, project.policy.scan.fail_on),
    )


def _uncovered_uses(difference: Difference, planned: Planned, setting: Setting) -> Iterable[str]:
    """Name the changed models, in the code and among the fallbacks, that no evaluated task stands for."""
    evaluated = {run.plan.candidate.id for run in planned.runs}
    # Other names of a file that a task reads its model from are not covered by that task.
    own = {(task.model_file, (task.model_key or "").replace(".", "/")) for task in setting.head.tasks.values()}
    for change in difference.uses:
        place = change.use.location
        is_own = place.path == setting.config or (place.path, change.use.slot) in own
        if not is_own and change.use.model.id not in evaluated:
            yield _said(change)
    for name, task in setting.head.tasks.items():
        before = setting.base.tasks.get(name)
        known = (before.model, *before.fallbacks) if before else ()
        if added := [model for model in task.fallbacks if model not in known]:
            yield f"task {name}: new fallback {', '.join(added)}; the suite asks the task's model alone"


def _towards_a_suite(difference: Difference, setting: Setting) -> str:
    """Return what gets a change evaluated: often a task stands for it, and names the model that the code has left."""
    identify = setting.catalog.identify
    for change in difference.uses:
        left = identify(change.before).id if change.before else None
        for name, task in setting.head.tasks.items():
            if task.suite and identify(task.model).id == left:
                return (
                    f"Task {name} still says `{task.model}` in {setting.config}: name the new model there too, and its "
                    "suite decides."
                )
    return SUITE_FOR


def _left_behind(setting: Setting) -> list[str]:
    """Name the places that the base's tasks read their models from, that the head's no longer do, and that now name
    other models: what the application reads there would go live without being asked anything."""
    said = []
    for name, task in setting.base.tasks.items():
        after = setting.head.tasks.get(name)
        if after is None or not task.model_file or not task.model_key:
            continue
        now = _model_at(setting.head.tree, task.model_file, task.model_key)
        if now not in (None, after.model):
            said.append(
                f"Task {name} no longer reads its model from `{task.model_key}` of {task.model_file}, which now names "
                f"{now}; the task says {after.model}. Let the task read the model where the application does."
            )
    return said


def _model_at(tree: Tree, path: str, key: str) -> str | None:
    try:
        return model_in_file(tree, path, key, path)
    except ConfigError:
        return None


def _said(change: UseChange) -> str:
    place = change.use.location
    before = f"{change.before} -> " if change.before else "new: "
    return f"{place.path}:{place.line}: {before}{change.use.model.written}"


def _weakened(by_task: Mapping[str, list[str]]) -> list[str]:
    said = []
    for task, cases in by_task.items():
        shown = ", ".join(cases[:5]) + (f" and {len(cases) - 5} more" if len(cases) > 5 else "")
        said.append(
            f"Existing cases of {task} are edited or deleted ({shown}). The base's version decides until somebody else "
            "with write access approves this commit in a review."
        )
    return said


def _deleted(setting: Setting) -> list[str]:
    if (setting.base.project or setting.base.broken) and setting.head.project is None:
        return [f"This pull request deletes {setting.config}."]
    return []


def _unguarded(setting: Setting, difference: Difference) -> list[str]:
    """A changed model that no policy guards was not evaluated, which is never green (first adoption is no change)."""
    if setting.base.project is None and setting.head.project is None and difference.uses:
        number = len(difference.uses)
        names = f"{count(number, 'model name')} {'changes' if number == 1 else 'change'}"
        return [f"{names}, and the base commit has no {setting.config} that says how to evaluate it."]
    return []


def _unevaluated(setting: Setting, difference: Difference, uncovered: Sequence[str]) -> list[str]:
    """What may not be evaluated here (a fork) is not waved through either: docs/threats.md, trust rule 7."""
    if setting.scan_only and (difference.tasks or difference.uses or uncovered):
        return [f"{_what_changes(difference.tasks)}, and nothing was evaluated: {setting.scan_only}."]
    return []


def _what_changes(tasks: Sequence[TaskChange]) -> str:
    if not tasks:
        return "Model names or fallbacks change"
    named = [f"`{task.name}` ({', '.join(sorted(task.parts))})" for task in tasks[:5]]
    more = f" and {len(tasks) - 5} more" if len(tasks) > 5 else ""
    noun, verb = ("Task", "changes") if len(tasks) == 1 else ("Tasks", "change")
    return f"{noun} {', '.join(named)}{more} {verb}"


def _policy_notes(setting: Setting) -> list[str]:
    notes: list[str] = []
    head = setting.head.project
    if setting.base.broken:
        notes.append(
            f"The base commit cannot decide ({setting.base.broken}). Its repair is approved in a review and counts "
            "after the merge; this run only scanned."
        )
    elif setting.base.project is None and head is not None:
        notes.append(f"First adoption: {setting.config} takes effect after the merge; this run only scanned.")
    elif head is not None and setting.base.project is not None:
        before = setting.base.project
        changed = any(getattr(head, part) != getattr(before, part) for part in ("policy", "providers", "targets"))
        notes += (
            ["`policy`, `providers` or `targets` change here; they take effect after the merge."] if changed else []
        )
        moved = [
            name
            for name, task in head.tasks.items()
            if name in before.tasks and task.target != before.tasks[name].target
        ]
        notes += [f"Task {name}: another `target` takes effect after the merge." for name in moved]
    return notes


def _idle_names(setting: Setting, planned: Planned) -> list[str]:
    """Say which names of the policy guard nothing: a misspelt rule or category would disarm it unseen."""
    policy = setting.project.policy
    rules = [name for name in policy.scan.fail_on if name not in BY_ID]
    notes = [f"`policy.scan.fail_on`: no rule is called {', '.join(rules)}."] if rules else []
    seen = {case.category for run in planned.runs for case in run.cases}
    idle = [name for name in policy.gate.strict_categories if name not in seen]
    notes += [f"`policy.gate.strict_categories`: no case here is in {', '.join(idle)}."] if idle and seen else []
    return notes


def _shutdowns(planned: Planned, setting: Setting) -> dict[str, str]:
    models = [model for run in planned.runs for model in (run.plan.baseline, run.plan.candidate) if model]
    lifetimes = ((model.written, setting.catalog.lifetime(model, setting.today)) for model in models)
    return {name: lifetime.shutdown_on.isoformat() for name, lifetime in lifetimes if lifetime and lifetime.shutdown_on}
