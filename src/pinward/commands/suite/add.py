"""`pinward suite add`: a regression of a report becomes a case, with the baseline's answer to be reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from pinward.commands.gate.files import RESULTS, read_report
from pinward.commands.written import Written, as_yaml
from pinward.core.documents import decode
from pinward.core.evidence import BASELINE, Case, Sample
from pinward.core.policy import Json, Project
from pinward.core.report import GateReport
from pinward.core.tree import Tree
from pinward.errors import ConfigError, ExitCode, UsageError
from pinward.evals.journal import read_samples
from pinward.evals.suite import Suite, load_suite
from pinward.evals.written_cases import answer_value, with_cases, written_case
from pinward.render.text import console

_FALLEN = {"regressed", "unconfirmed"}
REVIEW = "# review: the expected value is what the baseline answered"


def add(project: Project, tree: Tree, root: Path, folder: Path, names: Sequence[str], out: TextIO) -> ExitCode:
    """Add cases of a report to the suites of their tasks; without names every case that regressed.

    Raises `UsageError` for a case that report or suite do not have, `ConfigError` where a suite cannot take it.
    """
    report = read_report(folder)
    chosen = _chosen(report, names)
    if not chosen:
        raise UsageError(f"{folder}: no case regressed", "Name the cases to be added.")
    answers = _answers(folder / RESULTS)
    for task, cases in chosen.items():
        path = project.tasks[task].suite if task in project.tasks else None
        if path is None:
            raise UsageError(f"the task `{task}` has no suite here", "Name one in `pinward.yml`.")
        text = _extended(tree, load_suite(tree, path), [_regression(tree, path, task, name, answers) for name in cases])
        (root / path).write_text(text, encoding="utf-8")
        out.writelines(f"{console(path)}: added {console(_new_id(name))}, to be reviewed\n" for name in cases)
    return ExitCode.OK


def _chosen(report: GateReport, names: Sequence[str]) -> dict[str, list[str]]:
    """Return the cases by task. A name is a case's id, or `task/id` where several tasks have it."""
    known = [(task.task, case) for task in report.tasks for case in task.notable_cases]
    wanted = names or [f"{task}/{case.id}" for task, case in known if case.status in _FALLEN]
    chosen: dict[str, list[str]] = {}
    for name in dict.fromkeys(wanted):
        found = [(task, case.id) for task, case in known if name in {case.id, f"{task}/{case.id}"}]
        if len(found) != 1:
            what = "shows no case" if not found else "has several cases"
            raise UsageError(f"the report {what} `{name}`", "Write the id as the report does, or `task/id`.")
        chosen.setdefault(found[0][0], []).append(found[0][1])
    return chosen


def _answers(path: Path) -> dict[tuple[str, str], Sample]:
    """Return the baseline's answers that passed, by task and case."""
    samples = read_samples(path) if path.exists() else iter(())
    baseline = (sample for sample in samples if sample.call.arm == BASELINE and sample.grade and sample.grade.passed)
    return {(sample.call.task, sample.call.case): sample for sample in baseline}


def _new_id(name: str) -> str:
    return f"regression-{name}"


def _regression(
    tree: Tree, path: str, task: str, name: str, answers: dict[tuple[str, str], Sample]
) -> tuple[str, dict[str, Json]]:
    case = next((case for case in load_suite(tree, path).cases if case.id == name), None)
    if case is None:
        raise UsageError(f"{path}: has no case `{name}` any more", "Add it by hand.")
    answer = answers.get((task, name))
    over = _over(case, answer)
    return f"{REVIEW}\n" if "expected" in over else "", written_case(case, **over)


def _over(case: Case, answer: Sample | None) -> dict[str, Json]:
    over: dict[str, Json] = {"id": _new_id(case.id), "category": "regression"}
    if case.expected is None and answer is not None:
        over["expected"] = answer_value(answer.completion)
    return over


def _extended(tree: Tree, suite: Suite, cases: Sequence[tuple[str, dict[str, Json]]]) -> str:
    """Return the suite's text with the cases; it is read back before it is written."""
    path = suite.path
    if not path.endswith((".yml", ".yaml")):
        raise ConfigError(f"{path}: cases can be added to YAML files alone", "Add the case by hand.")
    text = with_cases(decode(tree.read(path), path), path, [comment + as_yaml(case) for comment, case in cases])
    after = load_suite(Written(tree, {path: text}), path)
    if [case.id for case in after.cases if case.id not in suite.case_digests] != [case["id"] for _, case in cases]:
        raise ConfigError(f"{path}: the case would not be read back as it was written", "Add it by hand.")
    return text
