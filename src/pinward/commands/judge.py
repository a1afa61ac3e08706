"""`pinward judge calibrate`: does the judge decide as people do?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO, cast

from pinward.commands.gate.judge import judge_model, judging
from pinward.commands.gate.run import GateEdges
from pinward.core.evidence import Ask, Case, Check, Completion
from pinward.core.fields import suggestion
from pinward.core.policy import Json, Project
from pinward.core.quantities import count, money
from pinward.core.tree import Tree
from pinward.errors import ConfigError, ExitCode, UnavailableError, UsageError
from pinward.evals.budget import Ledger
from pinward.evals.graders.base import mapping, number
from pinward.evals.graders.judge import Judge as Grader
from pinward.evals.graders.judge import ends
from pinward.evals.grading import grade_case, questions
from pinward.evals.judge import JudgeUnreachableError
from pinward.evals.rows import read_rows
from pinward.evals.suite import load_suite
from pinward.render.text import console
from pinward.verdict.agreement import agreement

_WORDS = {
    **dict.fromkeys(("pass", "true", "yes", "1", "better", "tie"), True),
    **dict.fromkeys(("fail", "false", "no", "0", "worse"), False),
}
_COLUMNS = ("answer", "label", "input", "reference")


@dataclass(frozen=True)
class Labelled:
    """One answer and what people said of it."""

    case: Case
    answer: Completion
    passed: bool


@dataclass(frozen=True)
class Labels:
    """The file of labelled answers, and the check: a rubric, or the one that a task's suite uses."""

    path: str
    rubric: str = ""
    task: str = ""


def calibrate(project: Project, tree: Tree, labels: Labels, edges: GateEdges, out: TextIO) -> ExitCode:
    """Ask the judge about labelled answers and print how far it agrees with the labels.

    Raises `ConfigError` for a wrong judge or file, `BudgetError`, and `UnavailableError` where nothing was judged.
    """
    policy = project.policy
    if policy.judge.model is None:
        raise ConfigError(f"{project.source}: policy.judge.model names no model", "Name a pinned one to calibrate.")
    by = judging(judge_model(policy.judge.model, edges.catalog, edges.now().date()), policy.judge)
    argument = _argument(project, tree, labels)
    rows = [_labelled(row, f"{labels.path}:{line}", argument) for line, row in read_rows(tree, labels.path)]
    if not rows:
        raise ConfigError(f"{labels.path}: has no rows", "Give each labelled answer a row.")
    ledger = Ledger(policy.budget, edges.prices)
    ledger.check((by.model, by.told.request(q, "0" * 32)) for row in rows for q in questions(row.case, row.answer))
    connections = edges.connect(project.providers)

    async def ask_all() -> list[bool | None]:
        try:
            judge = by.connect(connections, ledger.meter(by.model))
            return list(await asyncio.gather(*(_verdict(row, judge) for row in rows)))
        finally:
            await connections.aclose()

    verdicts = asyncio.run(ask_all())
    _print(rows, verdicts, policy.judge.min_kappa, by.told.written, out)
    out.write(f"{ledger.requests} calls, {'price unknown' if ledger.unpriced else money(ledger.spent_usd)}\n")
    return ExitCode.OK


async def _verdict(row: Labelled, ask: Ask) -> bool | None:
    try:
        grade = await grade_case(row.case, row.answer, ask)
    except JudgeUnreachableError:
        return None
    return grade.passed if grade else None


def _argument(project: Project, tree: Tree, labels: Labels) -> dict[str, Json]:
    """Return the judge's argument."""
    rubric, task = labels.rubric, labels.task
    if bool(rubric) == bool(task):
        raise UsageError("name the check by --rubric TEXT or by --task TASK", "One of both.")
    if rubric:
        return {"rubric": rubric}
    if task not in project.tasks:
        raise UsageError(f"there is no task `{task}`", suggestion(task, project.tasks))
    path = project.tasks[task].suite
    found: list[dict[str, Json]] = []
    for case in load_suite(tree, path).cases if path else ():
        for argument in _judges((check.grader, check.argument) for check in case.checks):
            own = {key: value for key, value in argument.items() if key != "reference"}
            found += [own] if own not in found else []
    if len(found) != 1:
        raise UsageError(f"the suite of {task} asks a judge in {len(found)} ways", "Name one by --rubric.")
    return found[0]


def _judges(checks: Iterable[tuple[str, Json]]) -> Iterator[dict[str, Json]]:
    """Yield the arguments of judges among checks and inside their combinations."""
    for name, argument in checks:
        if name == Grader.name:
            yield mapping(argument)
        elif isinstance(inner := mapping(argument).get("checks"), list):
            parts = (cast("dict[str, Json]", part) for part in inner)
            yield from _judges((str(part["check"]), part["argument"]) for part in parts)


def _labelled(row: dict[str, Json], where: str, argument: dict[str, Json]) -> Labelled:
    missing = next((name for name in ("answer", "label") if row.get(name) in (None, "")), None)
    if missing:
        raise ConfigError(f"{where}: the row has no `{missing}`", f"The columns are {', '.join(_COLUMNS)}.")
    grader, reference = Grader(), row.get("reference") or None
    prepared = grader.prepare(argument, reference, lambda _: None)
    try:
        grader.validate(prepared)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error.message}", error.hint) from None
    case = Case(where, "", row.get("input") or "", (Check(grader.name, prepared, where),), where, reference)
    return Labelled(case, Completion("ok", str(row["answer"])), _passed(row["label"], mapping(prepared), where))


def _passed(label: Json, options: dict[str, Json], where: str) -> bool:
    """Return whether people passed the answer: by a word, by a label of the check, or by a number of its range."""
    word = str(label).strip()
    scores = mapping(options.get("labels"))
    if word in scores:
        return number(scores[word]) >= number(options["min"])
    if "range" in options:
        low, high = ends(options)
        with suppress(ValueError):
            if low <= float(word) <= high:  # which `nan` is not
                return float(word) >= number(options["min"])
    if word.lower() not in _WORDS:
        raise ConfigError(f"{where}: the label `{word[:40]}` is not known", suggestion(word, [*_WORDS, *scores]))
    return _WORDS[word.lower()]


def _print(rows: list[Labelled], verdicts: list[bool | None], least: float, judge: str, out: TextIO) -> None:
    judged = [(row, verdict) for row, verdict in zip(rows, verdicts, strict=True) if verdict is not None]
    if not judged:
        raise UnavailableError(f"{judge} answered none of {len(rows)} questions", "Try again, or look at its provider.")
    found = agreement([(row.passed, verdict) for row, verdict in judged])
    lost = f" ({len(rows) - len(judged)} were not judged: the judge did not answer)" if len(judged) < len(rows) else ""
    out.write(f"{console(judge)}: {count(found.n, 'labelled answer')} judged{lost}\n")
    low, high = found.share.low or 0.0, found.share.high or 1.0
    out.write(f"Agreement {found.share.estimate:.1%} (95% interval {low:.1%} to {high:.1%})\n")
    if found.kappa is None:
        out.write("Cohen's kappa cannot be computed: people and judge gave every answer the same label.\n")
    else:
        low, high = found.kappa.low or 0.0, found.kappa.high or 0.0
        out.write(f"Cohen's kappa {found.kappa.estimate:.2f} (95% interval {low:.2f} to {high:.2f})\n")
    for says, name in ((True, "pass"), (False, "fail")):
        lines = [row.case.where.rpartition(":")[2] for row, verdict in judged if verdict is says is not row.passed]
        if lines:
            out.write(f"The judge says {name}, people do not: {len(lines)} (lines {', '.join(lines[:20])})\n")
    if found.kappa is None or found.kappa.estimate < least:
        out.write(
            f"warning: this judge does not reach kappa {least:.2f} (policy.judge.min_kappa): its verdicts add noise. "
            "Sharpen the rubric, label more answers of both kinds, or name another judge.\n"
        )
