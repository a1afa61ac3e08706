from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hypothesis import HealthCheck, given, settings

from pinward.core.report import GateReport
from pinward.render.junit import junit
from tests.golden.parts import BLOCKED_TASK, report
from tests.golden.reports import STATES
from tests.unit.render.hostile import REPORTS


def parse(xml: str) -> Element:
    return ElementTree.fromstring(xml.encode("utf-8"))  # noqa: S314 - our own XML


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REPORTS)
def test_any_report_gives_xml_that_parses_and_counts_right(anything: GateReport) -> None:
    root = parse(junit(anything))
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(root.attrib["errors"]) == len(root.findall("*/testcase/error"))


def test_broken_cases_fail_flaky_ones_do_not_and_the_verdict_is_a_test_too() -> None:
    root = parse(junit(STATES["blocked"]))
    failed = [case.attrib["name"] for case in root.iter("testcase") if case.find("failure") is not None]
    assert failed == ["verdict", "multi-currency-total", "two-invoices-in-one-mail"]
    assert "6 of 6 before, 0 of 6 now" in (root.findtext("*/testcase[@name='multi-currency-total']/failure") or "")


def test_cases_that_held_are_counted_when_their_ids_are_given() -> None:
    root = parse(junit(STATES["blocked"], {BLOCKED_TASK.task: ["plain", "multi-currency-total"]}))
    names = [case.attrib["name"] for case in root.findall(f"testsuite[@name='{BLOCKED_TASK.task}']/testcase")]
    assert names == ["multi-currency-total", "two-invoices-in-one-mail", "handwritten-date", "plain"]


def test_a_verdict_that_does_not_fail_the_check_fails_no_test() -> None:
    for state in ("passed", "not_enough_evidence_tolerated", "floating_names", "unchanged"):
        root = parse(junit(STATES[state]))
        assert root.find("*/testcase[@name='verdict']/*") is None
    for state in ("not_enough_evidence", "could_not_evaluate", "cancelled", "stopped_at_its_limit"):
        assert parse(junit(STATES[state])).find("*/testcase[@name='verdict']/error") is not None


def test_a_case_that_broke_fails_though_the_report_has_no_room_for_it() -> None:
    judged = BLOCKED_TASK.model_copy(update={"further_cases": {"regressed": ["beyond"]}})
    root = parse(junit(report(tasks=[judged]), {judged.task: ["beyond", "sound"]}))
    failed = {test.get("name") for test in root.iterfind(".//testcase[failure]")}
    assert "beyond" in failed
    assert "sound" not in failed
