"""Both sides of a pull request, and what differs between them: tasks, prompts, model names in the code, findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pinward.commands import project_facts
from pinward.commands.gate import quiet as gate_quiet
from pinward.commands.gate.suites import Suites
from pinward.commands.rollout.evidence import Rulings, moves, steps, unasked
from pinward.config.changes import TaskChange, TaskState, UseChange, task_changes, use_changes
from pinward.config.project import load_project
from pinward.core.facts import Catalog, Move, ProjectFacts
from pinward.core.findings import Finding
from pinward.core.policy import Project, Task
from pinward.errors import BrokenBaseError, ConfigError
from pinward.evals.foreign import load_prompts
from pinward.evals.suite import Suite
from pinward.git.diff import changed_paths
from pinward.git.tree import CommitTree
from pinward.prompts.registry import PromptFile, PromptVersion
from pinward.rules.table import check, gather
from pinward.scan.discovery import is_excluded
from pinward.scan.scanner import scan_tree
from pinward.verdict.rollout import Evidence


@dataclass(frozen=True)
class Side:
    """One commit: its files, its configuration (None: it has no `pinward.yml`), its prompts by task; both sides share
    what has read their suites.

    `broken` says why a base has none that can be read, where a reviewer has approved the repair.
    """

    tree: CommitTree
    project: Project | None
    prompts: Mapping[str, PromptFile]
    broken: str = ""
    suites: Suites = field(default_factory=Suites)

    @property
    def tasks(self) -> Mapping[str, Task]:
        """The tasks of this commit."""
        return self.project.tasks if self.project else {}

    def states(self, taken: Mapping[str, Move] | None = None) -> dict[str, TaskState]:
        """What each task asks of its model at this commit; of its candidate, where a step gives that more traffic."""
        asked = dict(self.tasks)
        for name, move in (taken or {}).items():
            if not move.promoted and asked[name].model == move.current:
                asked[name] = replace(asked[name], model=move.candidate)
        return {name: TaskState(task, self._told(task)) for name, task in asked.items()}

    def facts(
        self, before: Project | None = None, changes: Iterable[TaskChange] = (), rulings: Rulings | None = None
    ) -> ProjectFacts | None:
        """Return what the rules about `pinward.yml` look at; the arguments are seen from the base."""
        if self.project is None:
            return None
        return project_facts.gather(self.tree, self.project, before, changes, rulings, self.suite)[0]

    def suite(self, path: str) -> Suite:
        """Return a suite of this commit. Raises `ConfigError`."""
        return self.suites.load(self.tree, path)

    def prompt(self, task: Task) -> PromptVersion | None:
        """Return the prompt version that the task's own model gets; None for a task without prompts."""
        prompts = self.prompts.get(task.name)
        return prompts.select(task.model).prompt if prompts else None

    def _told(self, task: Task) -> str:
        prompt = self.prompt(task)
        return prompt.digest if prompt else ""


@dataclass(frozen=True)
class Difference:
    """What the head changes, seen from the base."""

    tasks: list[TaskChange]
    uses: list[UseChange]
    introduced: list[Finding]
    notes: list[str]
    rulings: Rulings = field(default_factory=dict)


def read_side(root: Path, sha: str, config: str) -> Side:
    """Read one commit. Raises `ConfigError` for a wrong configuration or prompt file."""
    tree = CommitTree(root, sha)
    project = load_project(tree, config)
    tasks = project.tasks.values() if project else ()
    return Side(tree, project, {t.name: load_prompts(tree, t.prompts) for t in tasks if t.prompts})


def read_base(root: Path, sha: str, config: str, approved: bool) -> Side:
    """Read the commit that decides. Where it cannot be read, nothing there can be trusted to: raises `BrokenBaseError`.

    An approved head may repair it; it is then treated as a first adoption, which asks no model and uses no key.
    """
    try:
        return read_side(root, sha, config)
    except ConfigError as error:
        if not approved:
            raise BrokenBaseError(error) from None
        return Side(CommitTree(root, sha), None, {}, broken=error.message)


def compare(
    root: Path, base: Side, head: Side, catalog: Catalog, today: date, evidence: Callable[[Task], Evidence] = unasked
) -> Difference:
    """Find what the head changes. Only changed files are scanned: what stands in the others is no change.

    `evidence` tells what is known of the stage that a task's rollout is at.
    """
    project = base.project or Project()
    changed = changed_paths(root, base.tree.sha, head.tree.sha)
    paths = [path for path in changed if not is_excluded(path, project.policy.scan.exclude)]
    before = scan_tree(base.tree, catalog, [path for path in paths if base.tree.exists(path)])
    after = scan_tree(head.tree, catalog, [path for path in paths if head.tree.exists(path)])
    tasks, rulings = _changes(base, head), _rulings(base, head, catalog, today, evidence)
    policy = project.policy.lifecycle
    old = check(gather(before.uses, catalog, today, policy, base.facts()))
    new = check(gather(after.uses, catalog, today, policy, head.facts(base.project, tasks, rulings)))
    return Difference(
        tasks=tasks,
        uses=use_changes(before.uses, after.uses),
        introduced=gate_quiet.introduced(old, new, before.ignores, after.ignores, today),
        notes=[
            *(f"{note.path}: {note.message}" for note in after.notes),
            *gate_quiet.added(before.ignores, after.ignores),
        ],
        rulings=rulings,
    )


def _changes(base: Side, head: Side) -> list[TaskChange]:
    """Return the changed tasks. A step of a rollout is one: its candidate is asked before it gets more traffic."""
    taken = {name: move for name, move in moves(base.project, head.project).items() if name in base.tasks}
    changes = task_changes(base.states(), head.states(taken))
    said = {name: f"rollout {move.before:g}% -> {move.after:g}%" for name, move in taken.items()}
    return [replace(c, said=(*c.said, said[c.name])) if c.name in said else c for c in changes]


def _rulings(base: Side, head: Side, catalog: Catalog, today: date, evidence: Callable[[Task], Evidence]) -> Rulings:
    if base.project is None or head.project is None:
        return {}
    return steps(base.project, head.project, evidence, lambda model: catalog.lifetime(catalog.identify(model), today))


def allowed_providers(project: Project) -> frozenset[str]:
    """Name the providers that the base commit lets a run talk to: those it lists, and those its tasks already use."""
    models = [project.policy.judge.model or ""]
    for task in project.tasks.values():
        models += [task.model, *task.candidates, *task.fallbacks]
    return frozenset({*project.providers, *(model.partition("/")[0] for model in models if model)})


def require_provider(model: str, project: Project, where: str) -> str:
    """Return the provider of a model. Raises `ConfigError` where the base does not know it (docs/threats.md T1)."""
    provider = model.partition("/")[0]
    if provider not in allowed_providers(project):
        hint = (
            "Add it under `providers:` in a pull request of its own: endpoints and keys are read from the base commit."
        )
        raise ConfigError(f"{where}: the base commit has no provider `{provider}` for {model}", hint)
    return provider
