"""The rules of the house (docs/architecture.md), read from the source itself."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "pinward"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
FILES = sorted(SRC.rglob("*.py"))
PACKAGES = {p.name for p in SRC.iterdir() if p.is_dir() and p.name != "__pycache__"}
# Which siblings a package may see, beside core, errors and version.
MAY_SEE = {
    "core": set(),
    "scan": {"git"},
    "providers": {"net", "program"},
    "lifecycle": {"net"},
    "verdict.rollout": {"net"},
    "evals": {"prompts", "providers.base"},
    "runtime": {"config", "prompts", "providers", "lifecycle.catalog"},
    "program": {"confine"},  # the file that it starts, for its exit codes
    "commands": PACKAGES | {"net", "program"},
}
ENTRYPOINTS = {"cli", "verbs", "action", "__main__"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(SRC).with_suffix("").parts)


def imports(path: Path) -> Iterator[str]:
    """Yield what a file imports of pinward, without the `pinward.` in front."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pinward"):
            rest = node.module.removeprefix("pinward").lstrip(".")
            yield from [rest] if rest else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (a.name.removeprefix("pinward.") for a in node.names if a.name.startswith("pinward."))


def allowed(source: str, target: str) -> bool:
    package, seen = source.split(".")[0], target.split(".")[0]
    if package in ENTRYPOINTS or seen in {"errors", "version", package}:
        return True
    if seen == "core":
        return package not in {"errors", "version"}
    seen_by = MAY_SEE.get(package, set()) | MAY_SEE.get(source, set())
    return any(target == name or target.startswith(name + ".") for name in seen_by)


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_module_imports_only_what_the_house_allows(path: Path) -> None:
    source = module_name(path)
    wrong = [target for target in imports(path) if not allowed(source, target)]
    assert not wrong, f"{source} imports {wrong}"


@pytest.mark.parametrize("path", [p for p in FILES if p.name == "__init__.py"], ids=module_name)
def test_package_files_define_nothing(path: Path) -> None:
    if path.parent.name == "runtime":
        return
    assert not path.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_file_is_longer_than_400_lines_no_function_than_60_and_none_takes_more_than_7_arguments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [(f.name, f.end_lineno) for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 60]
    assert not [f.name for f in functions if len(f.args.args) + len(f.args.kwonlyargs) - ("self" in _names(f)) > 7]


def _names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    return {argument.arg for argument in function.args.args}


def attribute_uses(path: Path, names: set[str]) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            dotted = f"{node.value.id}.{node.attr}"
            if dotted in names:
                found.append(f"{dotted}:{node.lineno}")
    return found


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_only_settings_reads_the_environment(path: Path) -> None:
    if module_name(path) == "config.settings":
        return
    assert not attribute_uses(path, {"os.environ", "os.getenv", "os.environb"})


def libraries(nodes: Iterator[ast.AST]) -> set[str]:
    """Return what import statements name, dotted."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def everywhere(path: Path) -> set[str]:
    return libraries(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def on_import(path: Path) -> set[str]:
    """Return what is imported as soon as the module is, type checkers' imports left out."""
    return libraries(iter(ast.parse(path.read_text(encoding="utf-8")).body))


# Who may reach outside: a library's name, and the modules that may import it.
EDGES = {
    "subprocess": {"git.process"},
    "socket": set(),
    "urllib.request": set(),
    "http": set(),
    "httpx2": {"net"},
    "github": {"gh.client"},
}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_processes_and_networks_are_reached_from_one_module_each(path: Path) -> None:
    named = {name.split(".")[0] for name in everywhere(path)} | everywhere(path)
    assert not {library for library in named & EDGES.keys() if module_name(path) not in EDGES[library]}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_programs_of_the_users_are_started_in_one_place(path: Path) -> None:
    if module_name(path) == "program":
        return
    assert not attribute_uses(path, {"asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "os.system"})


CLOCKS = {"time.time", "time.monotonic", "time.sleep", "time.perf_counter", "datetime.now", "date.today"}
READS_CLOCKS = {
    *("providers.limits", "providers.client", "providers.router", "providers.retry"),
    *("evals.runner", "lifecycle.live", "lifecycle.refresh"),
    *("commands.publish", "commands.gate_cli", "verbs.common"),
    *("runtime.config", "runtime.metrics"),
}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_only_edges_and_entry_points_know_the_time(path: Path) -> None:
    if module_name(path) in READS_CLOCKS | ENTRYPOINTS:
        return
    assert not attribute_uses(path, CLOCKS)


# Imported where they are used: nothing that a user waits for before the first line of output.
HEAVY = {
    "nacl",
    "jinja2",
    "rich",
    "github",
    "httpx2",
    "jsonschema",
    "genai_prices",
    "ahocorasick_rs",
    "ast_grep_py",
    "yaml",
    "regex",
    "rapidfuzz",
}
# pydantic is the base class of what these define or check; `pinward --version` imports none of them.
PYDANTIC = {"config.schema", "core.report", "commands.gate_files"}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    at_once = {name.split(".")[0] for name in on_import(path)}
    assert not at_once & HEAVY
    assert "pydantic" not in at_once or module_name(path) in PYDANTIC


def test_the_page_draws_every_room() -> None:
    drawn = re.findall(r"^  (\w+)(?:\.py|/) ", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    files = {path.stem for path in SRC.glob("*.py")} - {"__init__", "__main__", "version"}
    assert set(drawn) == PACKAGES | files
    assert len(drawn) == len(set(drawn))


def test_every_dependency_is_used_and_justified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[\[><=~ ]", entry)[0].lower() for entry in project["dependencies"]}
    modules = {"pyyaml": "yaml", "pygithub": "github", "pynacl": "nacl"}
    imported = {name.split(".")[0] for path in FILES for name in everywhere(path)}
    assert not [name for name in wanted if modules.get(name, name.replace("-", "_")) not in imported]
    page = ARCHITECTURE.read_text(encoding="utf-8").lower()
    assert not [name for name in wanted if not re.search(rf"^\| (?:[\w, -]+, )?{name}[, ]", page, re.MULTILINE)]
