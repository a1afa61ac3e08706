"""The words that every face shares: the first line, the verdicts, the names of states.

Sentences here carry data between backticks, as the texts of a report do; `text.prose` turns them into Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pinward.core.quantities import count, money
from pinward.core.report import GateReport, ReportFinding, TaskReport, scan_objection
from pinward.errors import ExitCode
from pinward.render import text

VERDICTS = {
    "pass": "passed",
    "fail": "blocked",
    "inconclusive": "not enough evidence",
    "error": "could not evaluate",
    "stale": "stale",
    "cancelled": "cancelled",
    "unchanged": "nothing changed",
}
STATUSES = {
    "regressed": "broke",
    "failed": "fails",
    "unconfirmed": "fell, not confirmed",
    "flaky": "flaky",
    "excluded": "left out",
    "recovered": "recovered",
    "improved": "improved",
}
CHECK_STATES = {"done": "done", "missing": "missing", "unknown": "for you to check"}
FLOATING_RULES = {"unpinned-alias", "undated-model", "silent-reroute", "alias-of-retiring"}
_UNEXPLAINED = {
    "error": "No case was run.",
    "stale": "The branch moved while this ran; its own run follows.",
    "cancelled": "The run was interrupted; nothing is decided.",
}
MAX_LABEL = 120  # characters of a first line before it is parted
_PARTS = re.compile(r"[.:;] ")
RETIRED_RULES = {"retired-model"}
RETIRING_RULES = {"retiring-urgent", "retiring-soon"}


class Headline(NamedTuple):
    """What the first line says: the label is set in bold, the sentence follows it."""

    label: str
    sentence: str


def compared(report: GateReport) -> list[TaskReport]:
    """Return the tasks that the run had something to say about."""
    return [task for task in report.tasks if task.verdict != "unchanged"]


def decisive(report: GateReport) -> TaskReport | None:
    """Return the task that decided: of those with the run's verdict the one with most broken cases."""
    tasks = compared(report)
    deciding = [task for task in tasks if task.verdict == report.verdict] or tasks
    return max(deciding, key=lambda task: task.regressed, default=None)


def verdict_of(task: TaskReport) -> str:
    """Return a task's verdict in words, and of a passed one by what it passed."""
    return _passed_label([task]) if task.verdict == "pass" else VERDICTS[task.verdict]


def is_silent(report: GateReport) -> bool:
    """Tell whether nothing that concerns models changed, so that no comment is due."""
    quiet = report.verdict in {"pass", "unchanged"}
    return quiet and not (compared(report) or report.findings or report.uncovered)


def headline(report: GateReport) -> Headline:
    """Return the first line: the verdict with the one number, or the one sentence, that decided."""
    task, why = decisive(report), text.sentence(_why(report))
    if report.exit_code == ExitCode.BUDGET:
        return Headline("stopped at its limit", why or "The budget or the deadline was spent before a verdict.")
    if report.verdict == "inconclusive":
        return Headline(VERDICTS["inconclusive"], f"{why} {_inconclusive_effect(report)}".strip())
    if len(report.ranking) > 1 and report.verdict in {"pass", "fail"}:
        return _ranked(report)
    if report.verdict == "fail":
        return _blocked(report, why)
    if report.verdict in {"pass", "unchanged"}:
        return _passed(report, task) if task else _without_tasks(report)
    return Headline(VERDICTS[report.verdict], why or _UNEXPLAINED[report.verdict])


def told(report: GateReport) -> str:
    """Return all that the first line says, each sentence as its source wrote it too: nothing is said twice."""
    return " ".join([*headline(report), "" if _blocking(report) else _why(report)])


def title(report: GateReport) -> str:
    """Return the first line as plain text, for the title of a check."""
    label, sentence = headline(report)
    said = f"{label.rstrip('.')}: {sentence}" if sentence else label
    return text.one_line(said).replace("`", "")


def objections(report: GateReport) -> list[str]:
    """Return what else speaks against a blocked change: not said in the first line, nor by a task, nor by findings."""
    if report.verdict != "fail":
        return []
    first = told(report)
    by_tasks = tuple(reason for task in compared(report) for reason in task.reasons)
    listed = scan_objection(sum(finding.blocking for finding in report.findings))
    return [r for r in report.reasons if r not in first and r != listed and not (by_tasks and r.endswith(by_tasks))]


def spent(report: GateReport) -> list[str]:
    """Return `$0.41 of $5.00` where the run asked a model and its cost is known."""
    if report.cost_usd is None or not report.requests:
        return []
    limit = f" of {money(report.max_usd)}" if report.max_usd is not None else ""
    return [money(report.cost_usd) + limit]


def findings_lists(report: GateReport) -> list[tuple[str, list[ReportFinding]]]:
    """Part the findings into lists with a title each: those about names, and those about tasks."""
    names = [finding for finding in report.findings if finding.model]
    tasks = [finding for finding in report.findings if not finding.model]
    return [("Model names in changed files:", names), ("Tasks:", tasks)]


def place(finding: ReportFinding) -> str:
    """Return `path:line` of a finding, as much of it as there is."""
    return ":".join(str(part) for part in (finding.path, finding.line) if part is not None)


def _why(report: GateReport) -> str:
    task = decisive(report)
    own = task.reasons if task and task.verdict == report.verdict else []
    return next(iter([*own, *report.reasons]), "")


def _inconclusive_effect(report: GateReport) -> str:
    if report.shard is not None:
        return ""
    if report.exit_code == ExitCode.OK:
        return "(Does not fail the check: `policy.gate.inconclusive` is `warn`.)"
    if not report.complete:
        return "(Fails the check: answers are missing, and no policy makes up for them.)"
    return "(Fails the check; `policy.gate.inconclusive: warn` changes that.)"


def _blocking(report: GateReport) -> list[ReportFinding]:
    """Return the findings that decided; none where a task did."""
    task = decisive(report)
    return [] if task and task.verdict == "fail" else [finding for finding in report.findings if finding.blocking]


def _blocked(report: GateReport, why: str) -> Headline:
    if blocking := _blocking(report):
        if all(finding.model for finding in blocking):
            return Headline(f"blocked. {_findings_label(blocking)}.", _first_finding(blocking))
        return _blocked_by_rule(blocking)
    said, more = _in_short(why or "The policy does not allow this change.")
    return Headline(f"blocked. {said}", more)


def _blocked_by_rule(blocking: Sequence[ReportFinding]) -> Headline:
    """Say what the first finding about a task objects to, where, and how many more there are."""
    where, more = place(blocking[0]), len(blocking) - 1
    parts = [f"`{where}`" if where else "", f"and {count(more, 'more finding')}" if more else ""]
    said = ", ".join(part for part in parts if part)
    return Headline(f"blocked. {text.sentence(blocking[0].message)}", f"{said}." if more else said)


def _in_short(why: str) -> tuple[str, str]:
    """Part a long sentence where it explains itself, so that the first line stays one that is read at a glance."""
    ends = (end for end in _PARTS.finditer(why) if why.count("`", 0, end.start()) % 2 == 0)
    end = next(ends, None) if len(why) > MAX_LABEL else None
    return (why, "") if end is None else (why[: end.start()] + ".", text.sentence(why[end.end() :]))


def _passed(report: GateReport, task: TaskReport) -> Headline:
    tasks = compared(report)
    if len(tasks) == 1 and task.reasons:
        return Headline(_passed_label(tasks), " ".join([task.reasons[0], *_cheaper(task), *task.reasons[1:]]))
    sides = [t for t in tasks if t.no_baseline is None and not t.proven_before]
    broken, valid = sum(t.regressed for t in sides), sum(t.valid for t in sides)
    held = f"{broken} of {count(valid, 'case')} broke, which is allowed," if broken else f"No case broke on {valid:,}"
    said = [f"{held} in {count(len(sides), 'task')}."] if sides else []
    if alone := len(tasks) - len(sides):
        said.append(f"{count(alone, 'task')} {'was' if alone == 1 else 'were'} judged without a comparison.")
    return Headline(_passed_label(tasks), " ".join(said))


def _passed_label(tasks: Sequence[TaskReport]) -> str:
    if any(task.no_baseline is not None for task in tasks):
        return "passed without a baseline"
    if all(task.proven_before for task in tasks):
        return "passed from stored evidence"
    return "passed, proven" if all(task.proven for task in tasks) else VERDICTS["pass"]


def _ranked(report: GateReport) -> Headline:
    passed = sum(task.verdict == "pass" for task in report.tasks)
    number = count(len(report.ranking), "candidate")
    why = next(iter(report.tasks[0].reasons), "")
    if not passed:
        return Headline(f"none of {number} passed.", f"`{report.ranking[0]}` comes first: {why}")
    return Headline(f"`{report.ranking[0]}` comes first. {passed} of {number} passed.", why)


def _cheaper(task: TaskReport) -> list[str]:
    moved = task.cost.change
    if moved is None or abs(moved.estimate) < 0.005:
        return []
    return [f"It is {100 * abs(moved.estimate):.0f}% {'cheaper' if moved.estimate < 0 else 'more expensive'}."]


def _without_tasks(report: GateReport) -> Headline:
    if report.reasons:
        return Headline(VERDICTS[report.verdict], report.reasons[0])
    if report.uncovered:
        return Headline(f"{count(len(report.uncovered), 'change')} without a suite.", report.uncovered[0])
    if report.findings:
        return Headline(f"{_findings_label(report.findings)}.", _first_finding(report.findings))
    return Headline(
        "passed" if report.verdict == "pass" else "nothing changed", "No model, prompt or parameter changed."
    )


def _findings_label(findings: Sequence[ReportFinding]) -> str:
    rules = {finding.rule for finding in findings}
    named = all(finding.model for finding in findings)
    number, one = count(len(findings), "model name" if named else "finding"), len(findings) == 1
    if rules <= FLOATING_RULES:
        return f"{number} {'floats' if one else 'float'}"
    if rules <= RETIRED_RULES:
        return f"{number} {'is' if one else 'are'} retired"
    if rules <= RETIRING_RULES:
        return f"{number} will be shut down"
    return f"{number} {'needs' if one else 'need'} attention"


def _first_finding(findings: Sequence[ReportFinding]) -> str:
    first, where = findings[0], place(findings[0])
    return f"`{where}`: {first.message}" if where else first.message
