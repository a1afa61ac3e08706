"""Every rule has a page, and the examples of the page do what it says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from pinward.core.policy import LifecyclePolicy
from pinward.lifecycle.catalog import load
from pinward.rules.base import Rule
from pinward.rules.table import RULES, check, gather
from pinward.scan.scanner import scan_file

PAGES = Path(__file__).parents[2] / "docs" / "rules"
TODAY = date(2026, 11, 22)


def found(page: str, title: str) -> set[str]:
    match = re.search(rf"## {title}\n\n```python\n(.*?)```", page, re.DOTALL)
    assert match, title
    catalog = load()
    uses = scan_file("app.py", match.group(1).encode(), catalog.identify).uses
    assert uses
    return {finding.rule for finding in check(gather(uses, catalog, TODAY, LifecyclePolicy()), "auditor")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_shows_what_its_rule_finds_and_what_it_leaves_alone(rule: Rule) -> None:
    name = rule.id
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {name}\n")
    assert name in found(page, "Bad")
    assert name not in found(page, "Good")


def test_no_page_is_left_without_its_rule() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} >= {rule.id for rule in RULES}
