"""What a pull request changes: tasks by name, model uses in the code by slot. Moving lines is not a change."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pinward.core.findings import ModelUse
from pinward.core.policy import Task

Part = Literal["new", "removed", "model", "prompt", "params"]


@dataclass(frozen=True, slots=True)
class TaskState:
    """One task at one commit. `prompt` is a digest of what its model is told (messages, schema, tools)."""

    task: Task
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One task whose answers may change. `said` puts each change in words."""

    name: str
    base: TaskState | None
    head: TaskState | None
    parts: frozenset[Part]
    said: tuple[str, ...]


def task_changes(base: Mapping[str, TaskState], head: Mapping[str, TaskState]) -> list[TaskChange]:
    """Compare the tasks of two commits; unchanged ones are left out. In the head's order, removed ones last."""
    names = [*head, *(name for name in base if name not in head)]
    changes = (_task_change(name, base.get(name), head.get(name)) for name in names)
    return [change for change in changes if change.parts]


def _task_change(name: str, base: TaskState | None, head: TaskState | None) -> TaskChange:
    said: dict[Part, str] = {}
    if head is None:
        said["removed"] = "the task was removed"
    elif base is None:
        said["new"] = f"new task on {head.task.model}"
    else:
        if base.task.model != head.task.model:
            said["model"] = f"model {base.task.model} -> {head.task.model}"
        if base.prompt != head.prompt:
            said["prompt"] = "prompt"
        if _written(base.task.params) != _written(head.task.params):
            said["params"] = "parameters: " + _params(base.task, head.task)
    return TaskChange(name, base, head, frozenset(said), tuple(said.values()))


def _written(value: object) -> str:
    """Return a value as JSON: to Python `1` and `true` are equal, to a provider they are not."""
    return json.dumps(value, sort_keys=True, default=dict)


def _params(base: Task, head: Task) -> str:
    keys = sorted({*base.params, *head.params})
    changed = [key for key in keys if _written(base.params.get(key)) != _written(head.params.get(key))]
    shown = [f"{key} {base.params.get(key, 'unset')!r} -> {head.params.get(key, 'unset')!r}" for key in changed]
    return ", ".join(shown)


@dataclass(frozen=True, slots=True)
class UseChange:
    """A model name that the head selects where the base selected another one, or none."""

    use: ModelUse
    before: str | None


def use_changes(base: Iterable[ModelUse], head: Iterable[ModelUse]) -> list[UseChange]:
    """Pair the selections of two commits by slot and return what is new or different at the head.

    Where a slot holds several names, they are compared as a multiset: reordering them is not a change.
    """
    before: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for use in base:
        if use.role == "selection":
            before[use.location.path, use.slot].append(use.model.id)
    unpaired = []
    for use in head:
        if use.role != "selection":
            continue
        left = before[use.location.path, use.slot]
        if use.model.id in left:
            left.remove(use.model.id)
        else:
            unpaired.append(use)
    return [UseChange(use, _take(before[use.location.path, use.slot])) for use in unpaired]


def _take(left: list[str]) -> str | None:
    return left.pop(0) if left else None
