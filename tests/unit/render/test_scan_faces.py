from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pinward.core import baseline
from pinward.core.facts import RepositoryFacts
from pinward.core.findings import Finding, Location, ModelUse
from pinward.core.model_id import ModelId
from pinward.core.policy import LifecyclePolicy
from pinward.core.scan_report import Note, RuleText, ScanReport
from pinward.render import sarif, scan_console, scan_faces, scan_json

TODAY = date(2026, 11, 22)


def report(path: str = "a b/é.py", name: str = "gpt-4o", count: int = 1, message: str = "it moves") -> ScanReport:
    use = ModelUse(
        ModelId("openai", name, name, "floating"), Location(path, 3, 5, 5 + len(name)), "selection", "s", "w"
    )
    finding = Finding("unpinned-alias", "error", "high", message, "Pin it.", "https://x/y", "0123456789abcdef", use)
    facts = RepositoryFacts((use,), {}, TODAY, LifecyclePolicy(), TODAY)
    rules = (RuleText("unpinned-alias", "error", "The name moves", "https://x/y"),)
    return ScanReport((finding,) * count, facts, (Note("c.bin", "binary"),), 7, rules, {(path, 3): f'x = "{name}"'})


def test_sarif_names_rule_place_and_fingerprint() -> None:
    document: dict[str, Any] = json.loads(sarif.render(report()))
    run = document["runs"][0]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "unpinned-alias"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%C3%A9.py"
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endColumn": 11}
    assert result["partialFingerprints"] == {"pinward/v1": "0123456789abcdef"}
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "binary"


def test_annotations_are_capped_and_the_rest_counted() -> None:
    lines = scan_faces.github(report(count=13)).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert lines[-1].startswith("3 more of severity error")


def test_an_annotation_cannot_start_another_command() -> None:
    text = scan_faces.github(report(path="a\n::set-output::x,y:z.py", message="one\n::error::two"))
    assert len(text.splitlines()) == 1
    assert "%0A" in text


def test_gitlab_wants_path_line_and_severity() -> None:
    (issue,) = json.loads(scan_faces.gitlab(report()))
    assert (issue["severity"], issue["location"]) == ("major", {"path": "a b/é.py", "lines": {"begin": 3}})


def test_a_baseline_holds_fingerprints_without_lines() -> None:
    document = json.loads(baseline.render(report().findings))
    assert document["schema"] == "pinward.baseline/1"
    assert [row["fingerprint"] for row in document["findings"]] == ["0123456789abcdef"]
    assert "line" not in document["findings"][0]


def test_markdown_is_one_table_whatever_the_path_holds() -> None:
    text = scan_faces.markdown(report(path="a|b`c.py"))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert "**1 error** in 7 files" in text


@given(st.text(max_size=40), st.text(min_size=1, max_size=30), st.text(max_size=60))
def test_no_text_breaks_a_face(path: str, name: str, message: str) -> None:
    given_report = report(path, name, 2, message)
    for face in (scan_console.render, scan_faces.markdown, scan_faces.github):
        assert "\x1b" not in face(given_report)
    for face in (sarif.render, scan_faces.gitlab, scan_json.render):
        json.loads(face(given_report))
