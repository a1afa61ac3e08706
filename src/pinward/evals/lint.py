"""What is odd about a task's suite and prompts beyond what loading refuses, and which kinds of case are thin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pinward.core.evidence import Case
from pinward.errors import ConfigError
from pinward.prompts.registry import PromptVersion
from pinward.prompts.templates import prompt_variables, render

CATEGORIES = ("happy_path", "edge_case", "format", "regression")
ENOUGH = 3
EXAMPLE = "Replace this text by a real input."  # what `pinward init` writes


def unrendered(cases: Sequence[Case], prompts: Sequence[PromptVersion | None]) -> list[str]:
    """Return a sentence for each case that a prompt cannot be rendered for."""
    problems: list[str] = []
    for case in cases:
        for prompt in prompts:
            try:
                render(prompt, case.input)
            except ConfigError as error:
                problems.append(f"{case.where}: case `{case.id}`: {error.message}")
    return problems


def examples(cases: Sequence[Case]) -> list[str]:
    """Return a sentence for each case that nobody has written yet: a gate that passes on it says nothing."""
    left = (case for case in cases if case.input == EXAMPLE)
    return [f"{case.where}: case `{case.id}` is still the example of `pinward init`" for case in left]


def unused_variables(cases: Sequence[Case], prompts: Sequence[PromptVersion]) -> list[str]:
    """Return a sentence for each key of an input that no prompt reads; nothing where one reads the whole input."""
    read = {name for prompt in prompts for name in prompt_variables(prompt)}
    if not prompts or "input" in read:
        return []
    unused = ((case, sorted(set(case.input) - read)) for case in cases if isinstance(case.input, dict))
    return [f"{case.where}: case `{case.id}`: no prompt reads `{'`, `'.join(keys)}`" for case, keys in unused if keys]


def by_category(cases: Sequence[Case]) -> dict[str, int]:
    """Count cases by category: the four that every suite needs first, then the user's own."""
    counts = Counter(case.category for case in cases)
    return {name: counts[name] for name in dict.fromkeys((*CATEGORIES, *sorted(counts)))}


def thin(cases: Sequence[Case]) -> list[str]:
    """Return those of the four categories that have fewer than `ENOUGH` cases."""
    counts = by_category(cases)
    return [name for name in CATEGORIES if counts[name] < ENOUGH]
