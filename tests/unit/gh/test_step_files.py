from __future__ import annotations

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.report import GateReport, ModelRef, Pair, TaskReport
from pinward.errors import InternalError
from pinward.gh.step_files import MAX_SUMMARY, append_summary, outputs, write_outputs
from pinward.gh.texts import cut
from tests.unit.gh.runner import read_outputs

NAMES = ["verdict", "pass-rate", "non-regression-rate", "regressions", "cost-usd", "report"]


def task(name: str, passed: float | None, kept: float | None, regressed: int) -> TaskReport:
    model = ModelRef(name="openai/gpt-5.1", pin="undated")
    rate = Pair(baseline=1.0, candidate=passed)
    figures = {"pass_rate": rate, "non_regression_rate": kept, "regressed": regressed}
    return TaskReport(task=name, verdict="fail", baseline=model, candidate=model, cases=2, valid=2, **figures)


def report(*tasks: TaskReport, cost: float | None = None) -> GateReport:
    return GateReport(
        verdict="fail",
        exit_code=1,
        base="b" * 40,
        head="a" * 40,
        policy_source="defaults",
        started="2026-11-20T10:00:00Z",
        seconds=1,
        cost_usd=cost,
        tasks=list(tasks),
    )


def test_outputs_are_the_worst_tasks() -> None:
    found = outputs(report(task("a", 1.0, 0.5, 0), task("b", 0.9167, 0.94, 2), cost=0.41), "pinward-report")
    assert found == {
        "verdict": "fail",
        "pass-rate": "0.9167",
        "non-regression-rate": "0.5000",
        "regressions": "2",
        "cost-usd": "0.410000",
        "report": "pinward-report",
    }


def test_unknown_figures_are_empty_and_never_zero() -> None:
    found = outputs(report(task("a", None, None, 0)), "r")
    assert (found["pass-rate"], found["non-regression-rate"], found["cost-usd"]) == ("", "", "")


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40) | st.sampled_from(["a\nb=c", "x\r\ny", "EOF"])))
@settings(max_examples=300, deadline=None)
def test_t13_what_the_runner_reads_is_what_was_meant_or_nothing(values: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "output"
        path.write_text("before=1\n", encoding="utf-8")
        tokens = map(str, itertools.count())
        try:
            write_outputs(path, values, lambda: next(tokens))
        except InternalError:
            values = {}
        assert read_outputs(path.read_text(encoding="utf-8")) == {"before": "1", **values}


def test_t13_a_report_path_that_spells_a_delimiter_stays_a_value(tmp_path: Path) -> None:
    values = {"report": "pinward_7", "verdict": "pass"}
    write_outputs(tmp_path / "output", values, iter(["1", "2"]).__next__)
    assert read_outputs((tmp_path / "output").read_text(encoding="utf-8")) == values


def test_an_output_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InternalError):
        write_outputs(tmp_path / "output", {"PATH": "x"}, lambda: "t")


def test_a_job_summary_never_makes_the_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("x" * 1000, encoding="utf-8")
    append_summary(path, "é\n" * 600_000)
    append_summary(path, "more\n" * 100)
    assert path.stat().st_size <= MAX_SUMMARY
    assert "Cut here" in path.read_text(encoding="utf-8")


@given(st.text(alphabet="aé\n`🎈", max_size=300), st.integers(80, 400), st.integers(80, 400))
def test_a_cut_keeps_whole_lines_within_both_limits(text: str, max_bytes: int, max_characters: int) -> None:
    short = cut(text, max_bytes, max_characters)
    assert len(short) <= max_characters
    assert len(short.encode()) <= max_bytes
    if short != text:
        kept = short.partition("\n\n(Cut here")[0]
        assert kept == "" or text.startswith(kept + "\n")
