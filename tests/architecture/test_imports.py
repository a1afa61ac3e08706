"""The rules of the house (docs/architecture.md), read from the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "pinward"
FILES = sorted(SRC.rglob("*.py"))
PACKAGES = {p.name for p in SRC.iterdir() if p.is_dir() and p.name != "__pycache__"}
# Which siblings a package may see, beside core, errors and version.
MAY_SEE = {
    "core": set(),
    "scan": {"git"},
    "providers": {"net"},
    "lifecycle": {"net"},
    "verdict": {"net"},  # verdict.rollout alone; see test_only_rollout_uses_the_network_in_verdict
    "evals": {"prompts", "providers.base"},
    "runtime": {"config", "prompts", "providers", "lifecycle.catalog"},
    "commands": PACKAGES | {"net"},
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
    return any(target == name or target.startswith(name + ".") for name in MAY_SEE.get(package, set()))


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
def test_no_file_is_longer_than_400_lines_and_no_function_longer_than_60(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [(f.name, f.end_lineno) for f in functions if (f.end_lineno or 0) - f.lineno + 1 > 60]


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


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_processes_are_started_by_git_and_by_eval_targets_alone(path: Path) -> None:
    if module_name(path).split(".")[0] == "git" or module_name(path) in {"evals.runner", "providers.command"}:
        return
    source = ast.parse(path.read_text(encoding="utf-8"))
    named = [a.name for n in ast.walk(source) if isinstance(n, ast.Import) for a in n.names]
    assert "subprocess" not in named
