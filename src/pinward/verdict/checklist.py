"""The nine points of a migration, each done, missing, or not knowable here, with what it was seen from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pinward.core.evidence import Comparison
from pinward.core.facts import Move, Ruling
from pinward.core.model_id import ModelId
from pinward.core.quantities import count
from pinward.core.report import ChecklistItem
from pinward.verdict.rollout import LOST, METRICS, SOAK

State = Literal["done", "missing", "unknown"]
# Data that models have been trained on and tuned for: it says little about a repository's own work.
BENCHMARKS = frozenset(
    {
        *("aime", "arc-agi", "bbh", "big-bench", "boolq", "gpqa", "gsm8k", "hellaswag", "humaneval", "ifeval"),
        *("lambada", "livecodebench", "mbpp", "mgsm", "mmlu", "mmlu-pro", "mt-bench", "piqa", "simpleqa"),
        *("swe-bench", "triviaqa", "truthfulqa", "winogrande"),
    }
)


@dataclass(frozen=True, slots=True)
class Migration:
    """What is known of one task that moves from one model to another.

    `move` is the step of its rollout, None where all of the traffic moves at once; `share` the candidate's in percent.
    `comparison` is None where nothing was evaluated here. `cases` counts the suite's by category, None without one.
    `benchmark` names public data in the suite. `outdated` are places in documents that name the old model, `documented`
    one that names the new. `alert` is the workflow that watches dates, `dated`: the catalog knows the new model's.
    """

    task: str
    current: str
    candidate: ModelId
    move: Move | None = None
    share: float = 0.0
    rulings: tuple[Ruling, ...] = ()
    comparison: Comparison | None = None
    approved: bool = False
    suite: str | None = None
    cases: Mapping[str, int] | None = None
    thin: Sequence[str] = ()
    benchmark: str = ""
    prompts: str | None = None
    stranger: bool = False
    outdated: Sequence[str] = ()
    documented: str = ""
    alert: str = ""
    dated: bool = False
    kept: bool = False


def checklist(migration: Migration) -> list[ChecklistItem]:
    """Return the nine points."""
    points = (
        ("the new model is pinned", _pinned),
        ("the suite covers the use", _covered),
        ("the candidate was evaluated", _evaluated),
        ("regressions were reviewed", _reviewed),
        ("a gradual rollout is set", _gradual),
        ("outcomes were watched at each stage", _watched),
        ("prompts and documents are updated", _updated),
        ("an alert for the new model's deprecation is set", _alerted),
        ("the previous version is kept for a rollback", _kept),
    )
    items = []
    for text, judge in points:
        state, evidence, url = (*judge(migration), "")[:3]
        items.append(ChecklistItem(text=text, state=state, evidence=evidence, url=url))
    return items


def checklists(by_task: Sequence[tuple[str, list[ChecklistItem]]]) -> list[ChecklistItem]:
    """Return the points of several tasks, each with its task's name before it where there is more than one."""
    if len(by_task) < 2:
        return [item for _, items in by_task for item in items]
    return [item.model_copy(update={"text": f"{task}: {item.text}"}) for task, items in by_task for item in items]


def benchmark_in(names: Iterable[str]) -> str:
    """Return the public benchmark that a suite's path, case ids, categories or tags name; empty for none."""
    for name in names:
        words = re.split(r"[^a-z0-9]+", name.lower())
        joined = {*words, *(f"{a}-{b}" for a, b in pairwise(words))}
        if found := sorted(BENCHMARKS & joined):
            return found[0]
    return ""


Point = tuple[State, str] | tuple[State, str, str]


def _pinned(m: Migration) -> Point:
    if m.candidate.pin == "unknown":
        return "unknown", f"nothing is known of `{m.candidate.written}`"
    said = f"`{m.candidate.written}` is {m.candidate.pin}"
    return ("done" if m.candidate.pin == "pinned" else "missing"), said


def _covered(m: Migration) -> Point:
    if m.cases is None:
        return "missing", f"task `{m.task}` has no suite"
    number = f"{m.suite}: {count(sum(m.cases.values()), 'case')}"
    if m.benchmark:
        return "missing", f"{number}, from the public benchmark {m.benchmark}: not your own work"
    return ("missing", f"{number}; thin: {', '.join(m.thin)}") if m.thin else ("done", number)


def _evaluated(m: Migration) -> Point:
    if m.comparison is None:
        return "unknown", "the report of the pull request that chose it says so"
    said = f"{m.comparison.verdict} on {count(m.comparison.valid, 'case')}"
    return ("done" if m.comparison.verdict == "pass" else "missing"), said


def _reviewed(m: Migration) -> Point:
    if m.comparison is None:
        return "unknown", "look at the report of the pull request that chose it"
    broke = sum(case.status in {"regressed", "flaky"} for case in m.comparison.cases)
    if not broke:
        return "done", "no case fell"
    said = f"{count(broke, 'case')} fell"
    return ("done", f"{said}; approved in a review") if m.approved else ("unknown", f"{said}: look at each")


def _gradual(m: Migration) -> Point:
    if m.move is not None and m.move.before >= m.move.after:
        return "done", f"it had {m.move.before:g}% before it took over"
    if m.move is not None:
        return "done", f"{m.move.before:g}% -> {m.move.after:g}%"
    return ("done", f"at {m.share:g}%") if m.share else ("missing", "all of the traffic moves at once")


def _watched(m: Migration) -> Point:
    asked = [ruling for ruling in m.rulings if ruling.rule in {SOAK, METRICS}]
    if m.move is None or m.move.before == 0:
        return ("missing", "no stage has been live yet") if m.move else ("missing", "there are no stages")
    if not asked:
        return "unknown", "each step was held to it; look at the pull requests that took them"
    worst = next((r for state in ("broken", "unknown") for r in asked if r.state == state), None)
    url = next((ruling.url for ruling in asked if ruling.url), "")
    if worst is not None:
        return ("missing" if worst.state == "broken" else "unknown"), worst.said, url
    return "done", "; ".join(ruling.said for ruling in asked), url


def _updated(m: Migration) -> Point:
    if m.prompts and m.stranger:
        return "missing", f"{m.prompts} has no version for `{m.candidate.written}`"
    if m.outdated and not m.documented:
        return "missing", f"still named in {', '.join(m.outdated[:3])}: `{m.current}`"
    if m.documented:
        return "done", f"{m.prompts or 'no prompt file'}; {m.documented} names the new model"
    return "unknown", f"{m.prompts or 'no prompt file'}; no document names either model"


def _alerted(m: Migration) -> Point:
    if not m.alert:
        return "missing", "no scheduled workflow runs Pinward; `pinward init` writes one"
    known = "the catalog knows its dates" if m.dated else "the catalog has no row for it yet"
    return ("done" if m.dated else "unknown"), f"{m.alert}; {known}"


def _kept(m: Migration) -> Point:
    back = next((ruling for ruling in m.rulings if ruling.rule == LOST), None)
    if back is not None:
        return ("done" if back.state == "held" else "missing"), back.said
    said = f"`{m.current}` is {'still' if m.kept else 'no longer'} configured"
    return ("done" if m.kept else "missing"), said
