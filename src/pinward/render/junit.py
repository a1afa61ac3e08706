"""The gate's report as JUnit XML, which CI servers show as tests: one suite a task, one test a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from pinward.core.report import GateReport, NotableCase, TaskReport
from pinward.render import case_markdown, text, words

_FAILS = {"regressed", "failed"}
_UNDECIDED = {"unconfirmed", "excluded"}  # an error in JUnit's words: the test itself could not be carried out
_VERDICT_TAGS = {"fail": "failure", "inconclusive": "error", "error": "error", "stale": "error", "cancelled": "error"}


def junit(report: GateReport, case_ids: Mapping[str, Iterable[str]] | None = None) -> str:
    """Return JUnit XML. `case_ids` names the cases of each task (from `results.jsonl`), so that those which held
    are counted too; without it only notable cases appear. The first suite holds one test: the verdict itself.
    """
    root = Element("testsuites", name="pinward", time=f"{report.seconds:.3f}")
    _run_suite(root, report)
    for task in report.tasks:
        _task_suite(root, task, (case_ids or {}).get(task.task, ()))
    for counter in ("tests", "failures", "errors"):
        root.set(counter, str(sum(int(suite.get(counter, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _run_suite(root: Element, report: GateReport) -> None:
    suite = SubElement(root, "testsuite", name="pinward", timestamp=text.visible(report.started))
    verdict = SubElement(suite, "testcase", classname="pinward", name="verdict")
    tag = _VERDICT_TAGS.get(report.verdict)
    if tag and report.exit_code:
        _problem(verdict, tag, report.verdict, words.title(report))
    for finding in report.findings:
        name = f"{finding.rule} {words.place(finding)}".strip()
        test = SubElement(suite, "testcase", classname="pinward.scan", name=text.visible(name))
        if finding.blocking:
            _problem(test, "failure", finding.rule, f"{finding.message}\n{finding.help}".strip())
    _count(suite)


def _task_suite(root: Element, task: TaskReport, case_ids: Iterable[str]) -> None:
    suite = SubElement(root, "testsuite", name=text.visible(task.task))
    told = {case.id: (case.status, _said(case)) for case in task.notable_cases}
    for status, names in task.further_cases.items():
        told |= dict.fromkeys(names, (status, words.STATUSES[status]))
    for case_id in dict.fromkeys([*told, *case_ids]):
        test = SubElement(suite, "testcase", classname=text.visible(task.task), name=text.visible(case_id))
        if case_id in told:
            _say(test, *told[case_id])
    _count(suite)


def _said(case: NotableCase) -> str:
    return "\n".join(part for part in (case_markdown.outcome(case), case.why) if part)


def _say(test: Element, status: str, said: str) -> None:
    if status in _FAILS:
        _problem(test, "failure", status, said)
    elif status in _UNDECIDED:
        _problem(test, "error", status, said)
    else:
        SubElement(test, "system-out").text = text.visible(said)


def _problem(test: Element, tag: str, kind: str, said: str) -> None:
    problem = SubElement(test, tag, type=text.visible(kind), message=text.one_line(said))
    problem.text = text.visible(said)


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
