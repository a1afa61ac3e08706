"""Is each task of `pinward.yml` ready for its model to change or fail? Rules about fallbacks, prompts and suites."""

from __future__ import annotations

from collections.abc import Iterator

from pinward.core.facts import RepositoryFacts, TaskFacts
from pinward.core.policy import Project
from pinward.core.quantities import count
from pinward.rules.base import Remark
from pinward.version import doc


def no_fallback(facts: RepositoryFacts) -> Iterator[Remark]:
    """Nothing answers when the model does not."""
    for found in _tasks(facts):
        task = found.task
        if not task.fallbacks:
            message = f"task `{task.name}` has no fallback: when `{task.model}` does not answer, nothing does"
            yield Remark(message, "Name a model of another provider under `fallbacks`.", ("tasks", task.name))


def fallback_same_provider(facts: RepositoryFacts) -> Iterator[Remark]:
    """One outage takes the model and all its fallbacks."""
    for found in _tasks(facts):
        task, project = found.task, _project(facts)
        own = _endpoint(task.model, project)
        if task.fallbacks and all(_endpoint(model, project) == own for model in task.fallbacks):
            provider = task.model.partition("/")[0]
            message = f"every fallback of task `{task.name}` is at `{provider}` too: one outage takes them all"
            yield Remark(message, "Add a fallback at another provider.", ("tasks", task.name, "fallbacks"))


def prompt_version_missing(facts: RepositoryFacts) -> Iterator[Remark]:
    """A model gets a prompt that was written for other models."""
    for found in _tasks(facts):
        task = found.task
        for model in found.strangers:
            yield Remark(
                f"{task.prompts} has no version for `{model}`: task `{task.name}` sends it one written for others",
                f"Add a version with `models: [{model}]`, or one without `models` for all.",
                ("tasks", task.name, "prompts"),
                model,
            )


def suite_missing(facts: RepositoryFacts) -> Iterator[Remark]:
    """A change of the model cannot be evaluated."""
    for found in _tasks(facts):
        task = found.task
        if found.suite_absent:
            message = f"task `{task.name}` names the suite {task.suite}, and there is no such file"
            yield Remark(message, "Mend the path, or write the suite.", ("tasks", task.name, "suite"))
        elif task.suite is None:
            message = f"task `{task.name}` has no suite: a change of its model cannot be evaluated"
            yield Remark(
                message, f"Name one under `suite`: {doc('suites.md')} shows how to begin.", ("tasks", task.name)
            )


def suite_coverage(facts: RepositoryFacts) -> Iterator[Remark]:
    """A kind of case is missing from a suite, or too rare to show a regression."""
    for found in _tasks(facts):
        if found.cases is not None and found.thin:
            task = found.task
            counts = ", ".join(f"{found.cases.get(name, 0)} {name}" for name in found.thin)
            message = f"the suite of task `{task.name}` ({count(sum(found.cases.values()), 'case')}) is thin: {counts}"
            yield Remark(
                message, "Add cases of these categories, three at least of each.", ("tasks", task.name, "suite")
            )


def prompt_and_model_changed(facts: RepositoryFacts) -> Iterator[Remark]:
    """A pull request changes both, so that a moved score has two possible reasons."""
    for found in _tasks(facts):
        if {"model", "prompt"} <= found.changed:
            yield Remark(
                f"model and prompt of task `{found.task.name}` change together",
                "Read the report's attribution, which says what each of both moved, or change one at a time.",
                ("tasks", found.task.name, "model"),
            )


def _tasks(facts: RepositoryFacts) -> tuple[TaskFacts, ...]:
    return facts.project.tasks if facts.project else ()


def _project(facts: RepositoryFacts) -> Project:
    return facts.project.project if facts.project else Project()


def _endpoint(model: str, project: Project) -> tuple[str, str | None]:
    """Return what fails together: two names for one origin are one endpoint."""
    name = model.partition("/")[0]
    provider = project.providers.get(name)
    return (provider.type, provider.base_url) if provider else (name, None)
