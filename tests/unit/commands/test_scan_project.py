"""Rules about `pinward.yml` through the command line: which of them speak, where, and how they are kept quiet."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from pinward.commands.scan.cli import Flags, run
from pinward.core.facts import CATALOG_PROMISE
from pinward.errors import ExitCode
from pinward.lifecycle.catalog import load

TODAY = date(2026, 11, 22)
PROJECT = """\
version: 1
tasks:
  extract:
    model: openai/gpt-5.5-2026-04-23
    fallbacks: [openai/gpt-5.1-2025-11-13]
    prompts: prompts.yml
    suite: evals.yml
  other: {model: openai/gpt-5.5-2026-04-23}
"""
PROMPTS = "versions:\n  - {version: 1, models: [gpt-5.5-*], template: hello}\n"
SUITE = "cases:\n  - {id: one, category: format, input: a, checks: [json_valid]}\n"
FORMATS = ("console", "json", "sarif", "markdown", "github", "gitlab")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {"pinward.yml": PROJECT, "prompts.yml": PROMPTS, "evals.yml": SUITE}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def scan(root: Path, form: str = "console", **flags: Any) -> tuple[ExitCode, str]:
    out = StringIO()
    code = run(root, Flags(flags.pop("today", TODAY), form, **flags), out, StringIO())
    return code, out.getvalue()


def found(root: Path, **flags: Any) -> dict[str, int]:
    rows = json.loads(scan(root, "json", **flags)[1])["findings"]
    return {row["rule"]: row.get("line", 0) for row in rows}


def test_each_rule_points_at_the_line_that_it_is_about_and_none_blocks(root: Path) -> None:
    assert found(root) == {
        "fallback-same-provider": 5,
        "prompt-version-missing": 6,
        "suite-coverage": 7,
        "no-fallback": 8,
        "suite-missing": 8,
    }
    assert scan(root)[0] == ExitCode.OK


def test_a_rule_blocks_where_the_policy_names_it(root: Path) -> None:
    (root / "pinward.yml").write_text(PROJECT + "policy: {scan: {fail_on: [suite-missing]}}\n")
    assert scan(root)[0] == ExitCode.BLOCKED


def test_without_a_configuration_none_of_them_speaks(root: Path) -> None:
    (root / "pinward.yml").unlink()
    (root / "app.py").write_text('ask(model="gpt-5.5-2026-04-23")\n')
    assert found(root) == {}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_of_them_with_their_place(root: Path, form: str) -> None:
    text = scan(root, form)[1]
    assert "no-fallback" in text
    assert "pinward.yml" in text
    assert "task `other`" in text.replace("\\u0060", "`")


def test_a_comment_keeps_one_quiet_and_is_of_use(root: Path) -> None:
    quiet = "  # pinward: ignore[no-fallback, suite-missing] a nightly job that can wait\n"
    (root / "pinward.yml").write_text(PROJECT.replace("  other:", f"{quiet}  other:"))
    assert set(found(root)) == {"fallback-same-provider", "prompt-version-missing", "suite-coverage"}


def test_a_fingerprint_stays_when_lines_move_and_changes_with_the_task(root: Path) -> None:
    def prints() -> set[tuple[str, str]]:
        rows = json.loads(scan(root, "json")[1])["findings"]
        return {(row["rule"], row["fingerprint"]) for row in rows}

    before = prints()
    (root / "pinward.yml").write_text("# moved\n\n" + PROJECT)
    assert prints() == before
    (root / "pinward.yml").write_text(PROJECT.replace("other:", "another:"))
    assert len(before - prints()) == 2


def test_a_suite_that_is_not_there_is_told_at_its_key(root: Path) -> None:
    (root / "evals.yml").unlink()
    assert "names the suite evals.yml, and there is no such file" in scan(root)[1]


@pytest.mark.parametrize(("path", "what"), [("evals.yml", "suite"), ("prompts.yml", "prompts")])
def test_what_cannot_be_read_is_noted_and_the_scan_goes_on(root: Path, path: str, what: str) -> None:
    (root / path).write_text("nothing: here\n")
    text = scan(root)[1]
    assert f"the {what} of task extract " in text
    assert "[no-fallback]" in text


def test_two_names_for_one_endpoint_are_one_provider(root: Path) -> None:
    first, second = "one: {type: openai, base_url: 'http://127.0.0.1:1/v1'}", "two: {type: openai, base_url: 'U'}"
    text = "version: 1\ntasks:\n  a: {model: one/m-1, fallbacks: [two/m-2]}\nproviders:\n  " + first + "\n  " + second
    (root / "pinward.yml").write_text(text.replace("'U'", "'http://127.0.0.1:1/v1'"))
    assert "fallback-same-provider" in found(root)
    (root / "pinward.yml").write_text(text.replace("'U'", "'http://127.0.0.1:2/v1'"))
    assert "fallback-same-provider" not in found(root)


@pytest.mark.parametrize("form", FORMATS)
def test_a_stale_catalog_says_so_in_every_format_also_without_a_configuration(root: Path, form: str) -> None:
    (root / "pinward.yml").unlink()
    (root / "app.py").write_text('ask(model="gpt-5.5-2026-04-23")\n')
    promised = load().compiled_on + CATALOG_PROMISE
    assert "the catalog is " not in scan(root, form, today=promised)[1]
    code, text = scan(root, form, today=promised + timedelta(days=1))
    assert "the catalog is 46 days old" in text
    assert code == ExitCode.OK
    if form == "sarif":
        assert Sarif.model_validate_json(text).runs[0].results == []


def test_a_name_in_the_code_is_told_to_the_auditor_and_an_environments_default_is_not(root: Path) -> None:
    (root / "app.py").write_text(
        'ask(model="gpt-5.5-2026-04-23")\nMODEL = os.getenv("MODEL", "gpt-5.1-2025-11-13")\nask(model=MODEL)\n'
    )
    (root / "settings.yaml").write_text("model: gpt-5.5-2026-04-23\n")
    assert "hardcoded-model" not in found(root)
    rows = json.loads(scan(root, "json", persona="auditor")[1])["findings"]
    hard = [(row["path"], row["line"]) for row in rows if row["rule"] == "hardcoded-model"]
    assert hard == [("app.py", 1)]
