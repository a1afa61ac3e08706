from __future__ import annotations

import io
from pathlib import Path

import pytest

from pinward.commands import import_, prompts
from pinward.commands.suite import check as suite
from pinward.commands.suite import power as suite_power
from pinward.core.policy import Project, Task
from pinward.core.report import GateReport, ModelRef, TaskReport
from pinward.errors import ConfigError, ExitCode, UsageError
from pinward.evals.suite import load_suite
from pinward.git.tree import WorkTree
from pinward.prompts.registry import load_prompts
from tests.support.trees import MemoryTree

SUITE = """\
cases:
  - {id: a, category: happy_path, input: {text: x, extra: y}, checks: [json_valid]}
  - {id: b, category: mine, input: {other: x}, checks: [json_valid]}
"""
PROMPTS = """\
versions:
  - {version: 1, models: [openai/*], template: "One {{ text }}"}
  - {version: 2, models: [openai/o3], template: "Two {{ text }}", params: {max_tokens: 5}}
"""
TREE = MemoryTree({"s.yml": SUITE, "p.yml": PROMPTS})
TASK = Task("extract", "openai/o3", fallbacks=("anthropic/claude-x",), prompts="p.yml", suite="s.yml")


def project(*tasks: Task) -> Project:
    return Project(tasks={task.name: task for task in tasks}, source="pinward.yml")


def test_lint_names_cases_that_cannot_be_rendered_and_variables_that_nothing_reads() -> None:
    out = io.StringIO()
    assert suite.lint(project(TASK), TREE, out) is ExitCode.USAGE
    assert "s.yml:3: case `b`: p.yml:3: 'text' is undefined" in out.getvalue()
    assert "s.yml:2: case `a`: no prompt reads `extra`" in out.getvalue()


def test_lint_goes_on_after_a_suite_that_cannot_be_read() -> None:
    out = io.StringIO()
    tree = MemoryTree({"bad.yml": "cases: []", "good.yml": "cases: [{id: a, input: x, checks: [json_valid]}]"})
    tasks = [Task("one", "a/b", suite="bad.yml"), Task("two", "a/b", suite="good.yml")]
    assert suite.lint(project(*tasks), tree, out) is ExitCode.USAGE
    assert out.getvalue().startswith("bad.yml:1")
    assert suite.lint(project(tasks[1]), tree, io.StringIO()) is ExitCode.OK


def test_coverage_counts_and_names_what_is_thin_or_missing() -> None:
    out = io.StringIO()
    assert suite.coverage(project(TASK, Task("bare", "a/b")), TREE, out) is ExitCode.OK
    assert "extract: 2 cases (1 happy_path, 1 mine)" in out.getvalue()
    assert "thin: happy_path, edge_case, format, regression" in out.getvalue()
    assert "bare: no suite" in out.getvalue()
    with pytest.raises(ConfigError, match="no tasks"):
        suite.coverage(project(), TREE, out)


def test_prompts_are_listed_by_model_and_compared() -> None:
    out = io.StringIO()
    prompts.listing(project(TASK, Task("bare", "a/b")), TREE, out)
    assert "openai/o3: version 2\n" in out.getvalue()
    assert "anthropic/claude-x: version 2 (fallback" in out.getvalue()
    out = io.StringIO()
    prompts.diff(project(TASK), TREE, "extract", ("1", "2"), out)
    assert "-One {{ text }}\n+Two {{ text }}" in out.getvalue()
    assert '+  "max_tokens": 5' in out.getvalue()
    with pytest.raises(UsageError, match="no version `3`"):
        prompts.diff(project(TASK), TREE, "extract", ("1", "3"), out)
    with pytest.raises(UsageError, match="no task `extrac`") as caught:
        prompts.diff(project(TASK), TREE, "extrac", ("1", "2"), out)
    assert "Did you mean `extract`?" in caught.value.hint


def test_an_import_is_read_back_before_it_is_written_and_never_overwrites(tmp_path: Path) -> None:
    rows = "".join(f"text {i},equals: {i}\n" for i in range(250))
    (tmp_path / "rows.csv").write_text(f"text,__expected\n{rows}")
    (tmp_path / "promptfooconfig.yaml").write_text(
        "prompts: ['Say {{ text }}']\nproviders: [a]\n"
        "tests: [rows.csv, {vars: {text: z}, assert: [{type: llm-rubric}]}]\n"
    )
    out = io.StringIO()
    tree = WorkTree(tmp_path)
    assert import_.run(tree, tmp_path, import_.Source("promptfooconfig.yaml"), out) is ExitCode.OK
    assert "not carried: test 251: the value is no text" in out.getvalue()
    cases = load_suite(WorkTree(tmp_path), "promptfooconfig.suite.yml").cases
    assert (len(cases), cases[7].input, cases[7].where) == (250, {"text": "text 7"}, "promptfooconfig.cases.jsonl:8")
    assert load_prompts(tree, "promptfooconfig.prompts.yml").versions[0].messages[0].content == "Say {{ text }}"
    with pytest.raises(UsageError, match="exists"):
        import_.run(WorkTree(tmp_path), tmp_path, import_.Source("promptfooconfig.yaml"), out)


def test_an_import_without_a_judge_lists_what_asks_one(tmp_path: Path) -> None:
    (tmp_path / "promptfooconfig.yaml").write_text(
        "prompts: ['Say {{ text }}']\nproviders: [a]\n"
        "tests: [{vars: {text: z}, assert: [{type: llm-rubric, value: Kind}, {type: contains, value: z}]}]\n"
    )
    out, tree = io.StringIO(), WorkTree(tmp_path)
    import_.run(tree, tmp_path, import_.Source("promptfooconfig.yaml", judge=False), out)
    assert "not carried: test 1: a check by a model is left out" in out.getvalue()
    assert [c.grader for c in load_suite(tree, "promptfooconfig.suite.yml").cases[0].checks] == ["contains"]


def test_power_says_what_a_suite_sees_before_a_run() -> None:
    out = io.StringIO()
    assert suite_power.power(project(TASK), TREE, "s.yml", None, out) is ExitCode.OK
    assert out.getvalue().splitlines() == [
        "s.yml: 2 cases",
        "Cases that change for the better by chance: 0% (assumed; `--history REPORT` measures it)",
        "- The suite is too small to see a loss that is spread over it; only single cases are guarded.",
        "- Work of which 55.3% breaks outright is represented by at least one case (power 0.8).",
        "- The first pass takes 4 calls; one fallen case takes 10 to 32 more.",
    ]


def history(tmp_path: Path, task: str, improved: int) -> Path:
    ref = ModelRef(name="a/b", pin="pinned")
    told = TaskReport(task=task, verdict="pass", baseline=ref, candidate=ref, cases=50, valid=50, improved=improved)
    report = GateReport(
        verdict="pass", exit_code=0, base="b", head="h", policy_source="p", started="now", seconds=1, tasks=[told]
    )
    (tmp_path / "report.json").write_text(report.model_dump_json(by_alias=True))
    return tmp_path


def test_power_takes_the_flip_rate_of_the_suites_own_task_from_a_report(tmp_path: Path) -> None:
    cases = "".join(f"  - {{id: c{n}, input: x, checks: [json_valid]}}\n" for n in range(50))
    tree = MemoryTree({"s.yml": f"cases:\n{cases}"})
    said = []
    for improved in (0, 5):
        out = io.StringIO()
        suite_power.power(project(TASK), tree, "s.yml", history(tmp_path, "extract", improved), out)
        said.append(out.getvalue())
    assert "10% (5 of 50 cases improved in " in said[1]
    assert "A loss of 13 points or more" in said[0]
    assert "A loss of 26 points or more" in said[1]
    with pytest.raises(UsageError, match="compares no task of this suite"):
        suite_power.power(project(TASK), tree, "s.yml", history(tmp_path, "other", 5), io.StringIO())


def test_a_history_in_which_more_improved_than_was_compared_or_less_than_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="more cases of extract improved than were compared"):
        suite_power.power(project(TASK), TREE, "s.yml", history(tmp_path, "extract", 51), io.StringIO())
    folder = history(tmp_path, "extract", 5)
    path = folder / "report.json"
    path.write_text(path.read_text().replace('"valid":50', '"valid":-5'))
    with pytest.raises(ConfigError, match="valid: Input should be greater than or equal to 0"):
        suite_power.power(project(TASK), TREE, "s.yml", folder, io.StringIO())
