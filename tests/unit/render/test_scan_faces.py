from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema

from pinward.core import baseline
from pinward.core.facts import RepositoryFacts
from pinward.core.findings import Finding, Fix, Location, ModelUse
from pinward.core.model_id import ModelId
from pinward.core.policy import LifecyclePolicy
from pinward.core.scan_report import Note, RuleText, ScanReport
from pinward.core.screen import Detail, Screen
from pinward.core.visible import visible
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


def test_the_gravest_rules_are_annotated_first() -> None:
    many = report(count=11)
    other = replace(many.findings[0], rule="retired-model", message="it is gone")
    rules = (RuleText("retired-model", "error", "s", "u"), *many.rules)
    lines = scan_faces.github(replace(many, findings=(*many.findings, other), rules=rules)).splitlines()
    assert "title=pinward retired-model::it is gone" in lines[0]


def test_sarif_offers_the_fix_as_a_replacement() -> None:
    fixed = replace(report().findings[0], fix=Fix("a b/é.py", 3, 5, 11, "gpt-4o-2024-11-20", safe=True))
    (result,) = json.loads(sarif.render(replace(report(), findings=(fixed,))))["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "a%20b/%C3%A9.py"
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 3, "startColumn": 5, "endColumn": 11},
            "insertedContent": {"text": "gpt-4o-2024-11-20"},
        }
    ]


SIGNS = "a/.:%,|`<>&*_[]()@#\n\r\t\x00\x1b\x85\u2028\u202e\ufeff\udc80é😀"
PIECES = [*SIGNS, "%0A", "%25", "::error::", "| - |", "\n- x", "```"]
HOSTILE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=20).map("".join)
HIDDEN = ("\x1b", "\u202e", "\x00", "\x85", "\u2028")


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_hostile_text_stays_data_in_every_face(path: str, name: str, message: str) -> None:
    hostile = report(path, name, 2, message)
    hostile = replace(hostile, notes=(Note(path, message),))
    for face in (scan_console.render, scan_faces.markdown, scan_faces.github):
        text = face(hostile)
        assert not [sign for sign in HIDDEN if sign in text]
        text.encode("utf-8")
    for face in (sarif.render, scan_faces.gitlab, scan_json.render):
        text = face(hostile)
        assert text.isascii()
        json.loads(text)
    assert json.loads(scan_faces.gitlab(hostile))[0]["location"]["path"] == path.replace("\udc80", "\ufffd")


@settings(max_examples=60)
@given(HOSTILE, HOSTILE)
def test_no_text_starts_a_second_workflow_command_or_a_table_row(path: str, message: str) -> None:
    hostile = report(path, "gpt-4o", 2, message)
    assert all(line.startswith("::error file=") for line in scan_faces.github(hostile).splitlines())
    rows = [line for line in scan_faces.markdown(hostile).split("\n") if line.startswith("|")]
    assert len(rows) == 4


@settings(max_examples=60)
@given(HOSTILE, HOSTILE)
def test_a_runner_reads_back_what_an_annotation_says(path: str, message: str) -> None:
    line = scan_faces.github(report(path, "gpt-4o", 1, message)).rstrip("\n")
    properties, said = line.removeprefix("::error ").split("::", 1)
    assert unescaped(properties.split(",")[0]) == f"file={visible(path)}"
    assert unescaped(said) == visible(f"{message}. Pin it.")


def unescaped(text: str) -> str:
    """As the runner does it (actions/runner, ActionCommand.cs): the percent sign last."""
    for escape, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, sign)
    return text


@settings(max_examples=60)
@given(HOSTILE, HOSTILE)
def test_sarif_is_valid_by_its_schema_whatever_it_holds(path: str, message: str) -> None:
    hostile = report(path, "gpt-4o", 1, message)
    fix = Fix(path, 3, 5, 11, "gpt-4o-2024-11-20", safe=False)
    hostile = replace(hostile, findings=(replace(hostile.findings[0], fix=fix),), notes=(Note(path, message),))
    document = StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json(sarif.render(hostile))
    assert [len(run.results or ()) for run in document.runs] == [len(hostile.findings)]


def test_the_schema_refuses_what_sarif_does_not_know() -> None:
    document = json.loads(sarif.render(report()))
    document["runs"][0]["results"][0]["rule"] = "x"
    with pytest.raises(ValidationError):
        StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(document)


def test_quiet_is_one_line_a_finding_and_nothing_where_there_is_none() -> None:
    quiet = Screen(detail=Detail.QUIET)
    assert scan_console.render(report(), quiet) == "a b/é.py:3:5: error: it moves [unpinned-alias]\n"
    assert not scan_console.render(replace(report(), findings=()), quiet)


def test_full_are_the_names_that_nothing_is_said_of_too() -> None:
    sound = replace(report(), findings=(), notes=())
    shown = scan_console.render(sound, Screen(detail=Detail.FULL))
    assert shown.startswith("Model names:\n  a b/é.py:3:5: gpt-4o: floating, selection\n")
    assert "Model names" not in scan_console.render(sound)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_terminal_gets_lines_that_fit_and_a_pipe_whole_ones(width: int) -> None:
    said = " ".join(["a message that goes on"] * 12)
    long = replace(report(path="a.py", message=said), lines={("a.py", 3): "x = " + '"gpt-4o", ' * 60})
    plain, coloured = (scan_console.render(long, Screen(width, True, color)) for color in (False, True))
    assert max(map(len, plain.splitlines())) <= width
    assert "^^^^^^" in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured
    assert f"error: {said}  [unpinned-alias]\n" in scan_console.render(long)
