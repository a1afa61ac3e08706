"""Every module keeps the rules of the house, and each rule notices who breaks it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from tests.architecture.house import HEAVY, MODULES, PACKAGES, ROOT, RULES, SRC, Module, circles, package_files

ARCHITECTURE = ROOT / "docs" / "architecture.md"


@pytest.mark.parametrize("rule", RULES)
def test_every_module(rule: str) -> None:
    assert not {module.name: found for module in MODULES if (found := RULES[rule](module))}


LONG = "def f():\n" + "    pass\n" * 60
BROKEN = [
    ("imports only what the house allows", "core.facts", "from pinward.git.tree import WorkTree"),
    ("imports only what the house allows", "scan.roles", "def f():\n    import pinward.net"),
    ("imports only what the house allows", "evals.runner", "from pinward.providers.retry import RetryPolicy"),
    ("imports only what the house allows", "commands.gate", "from pinward.verbs import main"),
    ("imports absolutely", "scan.roles", "from . import names"),
    ("is no longer than 400 lines", "scan.roles", "\n" * 401),
    ("has no function longer than 60 lines", "scan.roles", LONG),
    ("has no function of more than 6 parameters", "scan.roles", "def f(a, b, c, d, e, f, g): ..."),
    ("has no function of more than 6 parameters", "scan.roles", "async def f(a, b, c, /, *d, e, f, **g): ..."),
    ("reaches processes and networks from one module each", "scan.roles", "def f():\n    import subprocess"),
    ("reaches processes and networks from one module each", "gh.publish", "from github import Github"),
    ("leaves the environment to the settings", "gh.client", "import os\nos.environ['X']"),
    ("leaves the environment to the settings", "gh.client", "from os import environ"),
    ("leaves the environment to the settings", "action", "from os import getenv as g"),
    ("leaves programs of the users to one module", "evals.runner", "import os\nos.system('x')"),
    ("knows the time only at an edge", "verdict.plan", "from datetime import date\ndate.today()"),
    ("knows the time only at an edge", "core.facts", "from time import monotonic"),
    ("imports heavy libraries where they are used", "scan.roles", "import jinja2"),
    ("imports heavy libraries where they are used", "scan.roles", "from pydantic import BaseModel"),
]


@pytest.mark.parametrize(("rule", "name", "source"), BROKEN)
def test_each_rule_notices_who_breaks_it(rule: str, name: str, source: str) -> None:
    assert RULES[rule](Module(name, source))


def test_every_rule_is_seen_to_fail() -> None:
    assert {rule for rule, *_ in BROKEN} == RULES.keys()


def test_what_the_rules_allow() -> None:
    kept = Module(
        "scan.roles", "import os\nfrom pinward.git.tree import x\nclass A:\n    def f(self, a, b, c, d, e, f): ..."
    )
    assert not [name for name, rule in RULES.items() if rule(kept)]
    lazily = Module("gh.client", "def f():\n    import github")
    assert not [name for name, rule in RULES.items() if rule(lazily)]


def test_package_files_define_nothing() -> None:
    files = {path.parent.name: path.read_text(encoding="utf-8") for path in SRC.rglob("*/__init__.py")}
    assert package_files(files) == []
    assert package_files({"scan": "from pinward.scan.roles import role", "runtime": "x = 1"}) == ["scan"]


def test_no_modules_import_each_other_not_even_where_a_function_imports() -> None:
    assert circles(MODULES) == []


def test_a_circle_of_imports_is_noticed_wherever_it_closes() -> None:
    one = Module("core.a", "from pinward.core.b import x")
    two = Module("core.b", "def f():\n    from pinward.core import c")
    three = Module("core.c", "import pinward.core.a")
    aside = Module("core.d", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pinward.core.e import x")
    beside = Module("core.e", "from pinward.core.d import y")
    assert circles([one, two, three, aside, beside]) == [{"core.a", "core.b", "core.c"}]


# What a process holds once it has come so far: imports are followed through every module, not read from one.
PATHS = {
    "import pinward.cli": {"pydantic", "click", "asyncio"},
    "import pinward.commands.scan.run": {"pydantic", "click", "asyncio"},
    "import pinward.verbs.main": {"pydantic", "asyncio"},
    "import pinward.action": {"pydantic", "click", "asyncio"},
    "import pinward.runtime": {"pydantic", "click", "asyncio"},
}


def loaded(code: str) -> set[str]:
    """Return the packages that a fresh interpreter holds after some code."""
    listing = f"import sys; {code}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, check=True, text=True, cwd=ROOT / "src")
    return set(done.stdout.split())


@pytest.mark.parametrize("code", PATHS)
def test_a_path_loads_nothing_heavy_before_it_is_needed(code: str) -> None:
    assert not loaded(code) & (HEAVY | PATHS[code])


def test_what_a_process_holds_is_seen() -> None:
    assert {"pydantic", "pinward"} <= loaded("import pinward.config.schema")


def test_the_page_draws_every_room() -> None:
    drawn = re.findall(r"^  (\w+)(?:\.py|/) ", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    files = {path.stem for path in SRC.glob("*.py")} - {"__init__", "__main__", "version"}
    assert set(drawn) == PACKAGES | files
    assert len(drawn) == len(set(drawn))


def test_every_dependency_is_used_and_justified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[\[><=~ ]", entry)[0].lower() for entry in project["dependencies"]}
    modules = {"pyyaml": "yaml", "pygithub": "github", "pynacl": "nacl"}
    imported = {name.split(".")[0] for module in MODULES for name in module.libraries()}
    assert not [name for name in wanted if modules.get(name, name.replace("-", "_")) not in imported]
    page = ARCHITECTURE.read_text(encoding="utf-8").lower()
    assert not [name for name in wanted if not re.search(rf"^\| (?:[\w, -]+, )?{name}[, ]", page, re.MULTILINE)]
