"""Which application answers for a task's model: the base commit's choice, where the base's policy allows its kind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from pinward import program
from pinward.config.changes import TaskChange
from pinward.core.evidence import Case, Check
from pinward.core.fields import suggestion
from pinward.core.policy import Project, Target
from pinward.errors import ConfigError
from pinward.evals.grading import questioning
from pinward.git.checkout import checkout
from pinward.providers.targets import PARSER, Programs

_OWN = "`targets` and `policy` are read from the base commit: set them in a pull request of their own."


def target_of(change: TaskChange, project: Project) -> Target | None:
    """Return the target of a changed task, None where the bare model is asked.

    The base's task decides; a new task may name any target that the base has. Raises `ConfigError` where there is no
    such target, or the policy does not allow its kind.
    """
    task = change.base.task if change.base else change.head.task if change.head else None
    where = f"tasks.{change.name}.target"
    if task is None or task.target is None:
        if "provider" not in project.policy.targets:
            raise ConfigError(f"{where}: policy.targets.allow leaves bare models out, and the task has no target", _OWN)
        return None
    target = project.targets.get(task.target)
    if target is None:
        hint = f"{suggestion(task.target, project.targets)} {_OWN}"
        raise ConfigError(f"{where}: the base commit has no target `{task.target}`", hint)
    if target.kind not in project.policy.targets:
        raise ConfigError(f"{where}: policy.targets.allow does not name `{target.kind}` at the base commit", _OWN)
    return target


def parsers_of(cases: Iterable[Case], project: Project, commit: str) -> dict[str, Target]:
    """Return the targets that checks parse with, by the name of their connection: programs in the files of `commit`.

    Raises `ConfigError` where a check names no program, or the policy does not allow programs.
    """
    found = {}
    for check, question in questioning(cases):
        if question.parser:
            found[f"{PARSER}{question.parser}@{commit}"] = _parser(check, question.parser, project)
    return found


def _parser(check: Check, name: str, project: Project) -> Target:
    target, said = project.targets.get(name), f"{check.where}: `{check.grader}`"
    if target is None:
        hint = f"{suggestion(name, project.targets)} {_OWN}"
        raise ConfigError(f"{said}: `targets` of {project.source} has no `{name}`", hint)
    if target.kind != "command":
        raise ConfigError(f"{said}: the target `{name}` is no program", "A parser is a `command` target.")
    if target.kind not in project.policy.targets:
        raise ConfigError(f"{said}: policy.targets.allow of {project.source} does not name `command`", _OWN)
    return target


def programs(root: Path, targets: Iterable[Target], refused: str) -> Programs:
    """Give programs the files of their commits until they are closed; `refused` says why none may be run.

    Raises `ConfigError` where a program is asked for and cannot be confined here: before anything is spent.
    """
    if not refused and any(target.command for target in targets):
        asyncio.run(program.check())
    places: list[TemporaryDirectory[str]] = []

    def folder(commit: str) -> Path:
        if not places:
            places.append(TemporaryDirectory(prefix="pinward-", ignore_cleanup_errors=True))
        found = Path(places[0].name) / commit
        if not found.exists():
            checkout(root, commit, found)
        return found

    def close() -> None:
        for place in places:
            place.cleanup()

    return Programs(folder, refused, close)
