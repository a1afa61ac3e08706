"""Gathers what the checklist of a migration looks at, at one commit or in a work tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain

from pinward.core.documents import decode
from pinward.core.evidence import Comparison
from pinward.core.facts import Catalog, Move, Ruling
from pinward.core.model_id import ModelId
from pinward.core.policy import Task
from pinward.core.tree import Tree
from pinward.errors import PinwardError
from pinward.evals.lint import by_category, thin
from pinward.evals.suite import Suite, load_suite
from pinward.prompts.registry import load_prompts
from pinward.verdict.checklist import Migration, benchmark_in
from pinward.verdict.rollout import share_of

DOCUMENTS = (".md", ".rst", ".txt", ".adoc")
MOST = 200
_HISTORY = ("changelog", "history", "news", "release")


@dataclass(frozen=True)
class Known:
    """What the caller knows of one task's migration beside its files."""

    current: str
    candidate: ModelId
    dated: bool
    move: Move | None = None
    rulings: tuple[Ruling, ...] = ()
    comparison: Comparison | None = None
    approved: bool = False


def at_once(
    task: Task, candidate: str, tree: Tree, setting: tuple[Catalog, date], comparison: Comparison | None = None
) -> Migration:
    """Return what is known of a task whose model becomes another one at once; `setting` is the catalog and the day."""
    catalog, today = setting
    model = catalog.identify(candidate)
    known = Known(task.model, model, catalog.lifetime(model, today) is not None, comparison=comparison)
    return migration(replace(task, model=candidate), known, tree)


def migration(task: Task, known: Known, tree: Tree, load: Callable[[str], Suite] | None = None) -> Migration:
    """Return what is known of a task that moves to another model; `load` reads a suite of the tree."""
    cases, names = _suite(task, load or partial(load_suite, tree))
    documents = dict(_documents(tree))
    new, old = (_naming(documents, model) for model in (known.candidate.written, known.current))
    return Migration(
        task=task.name,
        current=known.current,
        candidate=known.candidate,
        move=known.move,
        share=share_of(task, known.candidate.written) if task.model != known.candidate.written else 0.0,
        rulings=known.rulings,
        comparison=known.comparison,
        approved=known.approved,
        suite=task.suite,
        cases=cases,
        thin=names[1],
        benchmark=benchmark_in(names[0]),
        prompts=task.prompts,
        stranger=_is_stranger(task, known.candidate.written, tree),
        outdated=[path for path in old if path not in new],
        documented=next(iter(new), ""),
        alert=_alert(tree),
        dated=known.dated,
        kept=known.current in (task.model, *task.fallbacks, *task.candidates),
    )


def _suite(
    task: Task, load: Callable[[str], Suite]
) -> tuple[Mapping[str, int] | None, tuple[Iterable[str], list[str]]]:
    """Return the suite's cases by category, all names in it, and its thin categories."""
    if task.suite is None:
        return None, ((), [])
    try:
        cases = load(task.suite).cases
    except PinwardError:
        return None, ((), [])
    named = (word for case in cases for word in (case.where, case.id, case.category, *case.tags))
    return by_category(cases), (chain([task.suite], named), thin(cases))


def _is_stranger(task: Task, model: str, tree: Tree) -> bool:
    try:
        return bool(task.prompts) and load_prompts(tree, task.prompts or "").select(model).fallback
    except PinwardError:
        return True


def _documents(tree: Tree) -> Iterable[tuple[str, str]]:
    """Yield the documents for people; what tells of the past names old models rightly."""
    paths = [path for path in tree.paths() if path.lower().endswith(DOCUMENTS)]
    for path in [p for p in paths if not p.lower().rsplit("/", 1)[-1].startswith(_HISTORY)][:MOST]:
        try:
            yield path, decode(tree.read(path), path)
        except PinwardError:
            continue


def _naming(documents: Mapping[str, str], model: str) -> list[str]:
    name = model.partition("/")[2] or model
    return [path for path, text in documents.items() if name in text]


def _alert(tree: Tree) -> str:
    """Return the workflow that runs Pinward on a schedule; empty for none."""
    for path in tree.paths():
        if path.startswith(".github/workflows/") and path.endswith((".yml", ".yaml")):
            try:
                text = decode(tree.read(path), path)
            except PinwardError:
                continue
            if "schedule:" in text and "pinward" in text.lower():
                return path
    return ""
