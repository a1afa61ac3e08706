"""Every rule has a page, every page a rule, and the examples of a page do what it says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from pinward.commands import project_facts
from pinward.commands.explain import rule_page
from pinward.commands.scan.run import ScanOptions, judge
from pinward.config.changes import TaskState, task_changes
from pinward.config.project import load_project
from pinward.core.facts import ProjectFacts
from pinward.core.policy import LifecyclePolicy, Project
from pinward.lifecycle.catalog import load
from pinward.prompts.registry import load_prompts
from pinward.rules.base import Rule
from pinward.rules.table import RULES, gather
from pinward.scan.languages import is_program
from pinward.scan.scanner import scan_tree
from tests.support.trees import MemoryTree

PAGES = Path(__file__).parents[2] / "docs" / "rules"
TODAY = date(2026, 11, 22)
# Where an example stands that does not begin with a comment that names its file.
FILES = {"python": "app.py", "yaml": "settings.yaml", "sh": "run.sh"}
SECTIONS = ("Bad", "Good", "What to do", "Source")


def found(page: str, title: str) -> set[str]:
    section = re.search(rf"## {title}\n(.*?)\n## ", page, re.DOTALL)
    assert section, title
    sides: dict[str, dict[str, str]] = {"base: ": {}, "": {}}
    for language, text in re.findall(r"```(\w+)\n(.*?)```", section.group(1), re.DOTALL):
        named = re.match(r"# (base: )?([\w/]+\.yml)\n", text)
        side, path = (named[1] or "", named[2]) if named else ("", FILES[language])
        sides[side][path] = text
    base, head = MemoryTree(sides["base: "]), MemoryTree(sides[""])
    assert head.files
    day = re.search(r"--today (\S+)", sides[""].get("run.sh", ""))
    today = date.fromisoformat(day[1]) if day else TODAY
    catalog = load()
    result = scan_tree(head, catalog)
    assert result.uses or day
    programs = frozenset(filter(is_program, head.files))
    facts = gather(result.uses, catalog, today, LifecyclePolicy(), project(base, head), programs)
    return {finding.rule for finding in judge(facts, result, ScanOptions(today, persona="auditor")).findings}


def project(base: MemoryTree, head: MemoryTree) -> ProjectFacts | None:
    before, after = load_project(base), load_project(head)
    if after is None:
        return None
    changes = task_changes(states(base, before or Project()), states(head, after)) if before else ()
    facts, notes = project_facts.gather(head, after, before, changes)
    assert not notes
    return facts


def states(tree: MemoryTree, project: Project) -> dict[str, TaskState]:
    prompts = {name: load_prompts(tree, task.prompts) for name, task in project.tasks.items() if task.prompts}
    digest = {name: file.select(project.tasks[name].model).prompt.digest for name, file in prompts.items()}
    return {name: TaskState(task, digest.get(name, "")) for name, task in project.tasks.items()}


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
