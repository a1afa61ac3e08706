"""Every rule has a page, every page a rule, and the examples of a page do what it says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from pinward.commands.explain import rule_page
from pinward.commands.scan import ScanOptions, judge
from pinward.core.policy import LifecyclePolicy
from pinward.lifecycle.catalog import load
from pinward.rules.base import Rule
from pinward.rules.table import RULES, gather
from pinward.scan.scanner import scan_tree
from tests.support.trees import MemoryTree

PAGES = Path(__file__).parents[2] / "docs" / "rules"
TODAY = date(2026, 11, 22)
FILES = {"python": "app.py", "yaml": "settings.yaml"}
SECTIONS = ("Bad", "Good", "What to do", "Source")


def found(page: str, title: str) -> set[str]:
    match = re.search(rf"## {title}\n\n```(\w+)\n(.*?)```", page, re.DOTALL)
    assert match, title
    catalog = load()
    result = scan_tree(MemoryTree({FILES[match.group(1)]: match.group(2)}), catalog)
    assert result.uses
    facts = gather(result.uses, catalog, TODAY, LifecyclePolicy())
    return {finding.rule for finding in judge(facts, result, ScanOptions(TODAY, persona="auditor")).findings}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_shows_what_its_rule_finds_and_what_it_leaves_alone(rule: Rule) -> None:
    page = rule_page(rule.id)
    assert page.startswith(f"# {rule.id}\n\n{rule.severity}")
    assert rule.id in found(page, "Bad")
    assert rule.id not in found(page, "Good")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_says_what_to_do_and_where_it_was_read(rule: Rule) -> None:
    titles = re.findall(r"^## (.*)$", rule_page(rule.id), re.MULTILINE)
    assert tuple(titles) == SECTIONS


def test_rules_pages_and_index_name_the_same_rules() -> None:
    rules = {rule.id: rule for rule in RULES}
    assert {page.stem for page in PAGES.glob("*.md")} - {"README"} == rules.keys()
    rows = re.findall(r"^\| \[([\w-]+)\]\(\1\.md\) \| (\w+)(?: \(auditor\))? \| (.*) \|$", index(), re.MULTILINE)
    assert rows == [(rule.id, rule.severity, rule.summary) for rule in RULES]


def index() -> str:
    return (PAGES / "README.md").read_text(encoding="utf-8")
