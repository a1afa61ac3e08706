"""What is known of the stage that a rollout is at: when GitHub says it began, and the outcomes since then.

Everything is the base commit's: its history, its metrics file, its endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pinward.config.project import load_project
from pinward.core.deployment import deployment
from pinward.core.facts import Lifetime, Move, Ruling
from pinward.core.outcomes import Window, parse_outcomes
from pinward.core.policy import Project, Task
from pinward.core.tree import Tree
from pinward.errors import ConfigError, GitError, MissingFileError, PinwardError
from pinward.gh.client import Merged
from pinward.git.history import changes_of, is_ancestor, is_sha, is_shallow, resolve
from pinward.git.tree import CommitTree
from pinward.prompts.registry import load_prompts
from pinward.verdict.rollout import Evidence, move_of, rulings

Fetch = Callable[[str, str | None], bytes]
Rulings = Mapping[str, tuple[Ruling, ...]]


@dataclass(frozen=True)
class Outside:
    """Who can be asked. `merged` gives GitHub's merged pull requests of a commit, `fetch` an endpoint's document (given
    the variable of its key); None where nobody may be asked."""

    now: datetime
    merged: Callable[[str], Sequence[Merged]] | None = None
    fetch: Fetch | None = None


@dataclass(frozen=True)
class Stage:
    """One stage of a rollout in the history of a branch: what the task says, and the commit that made it so.

    `merged` is None where GitHub names no pull request for that commit; `why` then says why.
    """

    task: Task
    commit: str
    merged: Merged | None = None
    why: str = ""


@dataclass(frozen=True)
class History:
    """A branch up to one commit, and its configuration's path in it."""

    root: Path
    sha: str
    config: str
    outside: Outside
    most: int = 200

    def evidence(self, task: Task, tree: Tree | None = None) -> Evidence:
        """Return what is known of the stage that a task is at. `tree` holds the metrics file, by default the commit."""
        outside = self.outside
        try:
            stage = next(iter(self.stages(task)), None)
        except GitError as error:
            return Evidence(outside.now, why_since=error.message, why_windows="the history cannot be read")
        if stage is None:
            return Evidence(outside.now, why_since=f"{self.config} is not in the history of {self.sha[:9]}")
        windows, why = self._windows(task, stage, tree or CommitTree(self.root, self.sha))
        merged = stage.merged
        since = merged.at.astimezone(UTC) if merged else None
        return Evidence(outside.now, since, merged.url if merged else "", stage.why, windows, why)

    def stages(self, task: Task) -> Iterable[Stage]:
        """Yield the stages of a task's rollout, the current one first, back to its beginning."""
        current, first = task, ""
        for sha in changes_of(self.root, self.sha, self.config, self.most):
            then = self._task_at(sha, task.name)
            if first and (then is None or _standing(then) != _standing(current)):
                yield self._stage(current, first)
                if then is None or not _under_way(then, task):
                    return
                current = then
            first = sha
        if first and is_shallow(self.root):
            yield Stage(current, first, why="the clone is shallow (set `fetch-depth: 0` at actions/checkout)")
        elif first:
            yield self._stage(current, first)

    def _task_at(self, sha: str, name: str) -> Task | None:
        try:
            project = load_project(CommitTree(self.root, sha), self.config)
        except ConfigError:
            return None  # a configuration that could not be read gave nobody a stage
        return project.tasks.get(name) if project else None

    def _stage(self, task: Task, sha: str) -> Stage:
        if self.outside.merged is None:
            return Stage(task, sha, why="GitHub was not asked")
        try:
            merged = self.outside.merged(sha)
        except PinwardError as error:
            return Stage(task, sha, why=error.message)
        if merged:  # a commit that came with several counts from the last
            return Stage(task, sha, max(merged, key=lambda m: m.at))
        why = f"GitHub knows of no pull request that was merged into the default branch with commit {sha[:9]}"
        return Stage(task, sha, why=why)

    def _windows(self, task: Task, stage: Stage, tree: Tree) -> tuple[tuple[Window, ...] | None, str]:
        try:
            found = self._read(task, tree)
        except PinwardError as error:
            return None, error.message
        if found is None:
            return None, "the base commit names no metrics source (`rollout.metrics`)"
        deployed = {v for v in {window.version for window in found} if self._is_deployed(v, task, stage)}
        known = tuple(window for window in found if window.version in deployed)
        if known or not found:
            return known, ""
        versions = ", ".join(sorted({window.version for window in found})[:3])
        return None, f"the metrics are of version {versions}, and {version_of(task, self._tree())} is deployed"

    def _read(self, task: Task, tree: Tree) -> tuple[Window, ...] | None:
        rollout = task.rollout
        if rollout.metrics_file:
            return parse_outcomes(tree.read(rollout.metrics_file), rollout.metrics_file, task.name)
        if rollout.metrics_url and self.outside.fetch:
            data = self.outside.fetch(rollout.metrics_url, rollout.metrics_key_env)
            return parse_outcomes(data, rollout.metrics_url, task.name)
        if rollout.metrics_url:
            raise MissingFileError(f"{rollout.metrics_url} was not asked")
        return None

    def _tree(self) -> CommitTree:
        return CommitTree(self.root, self.sha)

    def _is_deployed(self, version: str, task: Task, stage: Stage) -> bool:
        """Tell whether metrics are of what the branch deploys: by digest, or by a commit since the stage was set that
        deploys the same."""
        digest = version_of(task, self._tree())
        if not is_sha(version):
            return version == digest
        try:
            sha = resolve(self.root, version)
            if not (is_ancestor(self.root, stage.commit, sha) and is_ancestor(self.root, sha, self.sha)):
                return False
            then = self._task_at(sha, task.name)
            return then is not None and version_of(then, CommitTree(self.root, sha)) == digest
        except (GitError, ConfigError):
            return False


def version_of(task: Task, tree: Tree) -> str:
    """Return the digest of what a task deploys (see `core.deployment`)."""
    file = load_prompts(tree, task.prompts) if task.prompts else None
    return deployment(task, lambda model: file.select(model).prompt.digest if file else "")


def _standing(task: Task) -> tuple[str, tuple[str, ...], float]:
    return task.model, task.candidates[:1], float(task.rollout.percent)


def _under_way(then: Task, now: Task) -> bool:
    """Tell whether an earlier state is part of the same rollout."""
    return then.candidates[:1] == now.candidates[:1] and bool(then.candidates) and then.rollout.percent > 0


def steps(
    base: Project | None,
    head: Project,
    evidence: Callable[[Task], Evidence],
    lifetime: Callable[[str], Lifetime | None],
) -> Rulings:
    """Rule on every step that a head takes, by task. `evidence` is asked about the base's task."""
    ruled = {}
    for name, task in head.tasks.items():
        before = base.tasks.get(name) if base else None
        move = move_of(before, task)
        if move is not None:
            known = evidence(before) if before is not None and move.before > 0 else _UNASKED
            ruled[name] = rulings(move, before, task, known, lifetime(move.current))
    return ruled


_UNASKED = Evidence(datetime.min.replace(tzinfo=UTC))


def unasked(_: Task) -> Evidence:
    """Return the evidence of somebody who can ask nobody."""
    return _UNASKED


def moves(base: Project | None, head: Project | None) -> dict[str, Move]:
    """Return the steps that a head takes, by task."""
    before = base.tasks if base else {}
    found = {name: move_of(before.get(name), task) for name, task in (head.tasks if head else {}).items()}
    return {name: move for name, move in found.items() if move is not None}
