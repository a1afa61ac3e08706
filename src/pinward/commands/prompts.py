"""`pinward prompts list` and `pinward prompts diff`: which prompt does a model get, and how do two versions differ?"""

from __future__ import annotations

import difflib
import json
from typing import TextIO

from pinward.commands.suite.check import need_tasks
from pinward.core.fields import suggestion
from pinward.core.policy import Json, Project
from pinward.core.tree import Tree
from pinward.errors import ExitCode, UsageError
from pinward.evals.foreign import load_prompts
from pinward.prompts.registry import PromptFile, PromptVersion
from pinward.render.text import console


def listing(project: Project, tree: Tree, out: TextIO) -> ExitCode:
    """Print, for every task and each of its models, the version that it gets."""
    need_tasks(project)
    for task in project.tasks.values():
        if task.prompts is None:
            out.write(f"{console(task.name)}: no prompts; the case's input is the user message\n")
            continue
        file = load_prompts(tree, task.prompts)
        versions = ", ".join(version.version for version in file.versions)
        out.write(f"{console(f'{task.name}: {file.path}, versions {versions}')}\n")
        for model in (task.model, *task.candidates, *task.fallbacks):
            selection = file.select(model)
            note = " (fallback: written for other models)" if selection.fallback else ""
            out.write(f"  {console(f'{model}: version {selection.prompt.version}{note}')}\n")
    return ExitCode.OK


def diff(project: Project, tree: Tree, task_name: str, versions: tuple[str, str], out: TextIO) -> ExitCode:
    """Print how two versions of a task's prompt differ, line by line."""
    task = project.tasks.get(task_name)
    if task is None or task.prompts is None:
        with_prompts = [name for name, known in project.tasks.items() if known.prompts]
        hint = suggestion(task_name, with_prompts) if with_prompts else "No task names a file under `prompts`."
        raise UsageError(f"no task `{task_name}` with prompts", hint)
    file = load_prompts(tree, task.prompts)
    one, other = (_version(file, name) for name in versions)
    lines = difflib.unified_diff(
        _text(one), _text(other), f"version {one.version}", f"version {other.version}", lineterm=""
    )
    out.writelines(f"{console(line)}\n" for line in lines)
    return ExitCode.OK


def _version(file: PromptFile, name: str) -> PromptVersion:
    found = next((version for version in file.versions if version.version == name), None)
    if found is None:
        raise UsageError(f"{file.path} has no version `{name}`", suggestion(name, [v.version for v in file.versions]))
    return found


def _text(version: PromptVersion) -> list[str]:
    lines: list[str] = []
    for message in version.messages:
        lines += [f"[{message.role or 'insert ' + str(message.insert)}]", *message.content.splitlines()]
    rest: dict[str, Json] = {
        "params": dict(version.params),
        "tools": list(version.tools),
        "response_schema": version.response_schema,
    }
    for name, value in rest.items():
        if value:
            lines += [f"[{name}]", *json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True).splitlines()]
    return lines
