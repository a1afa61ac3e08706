"""The walks of docs/architecture.md name what is there, and stay short."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.house import ROOT, SRC

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
STEP = re.compile(r"`([\w/]+\.py)(?::([\w.]+))?`")


def walks(page: str) -> dict[str, list[str]]:
    """Return the lines of each walk, by its heading."""
    section = page.partition("\n## Five walks\n")[2].partition("\n## ")[0]
    _, *parts = re.split(r"^### (.+)$", section, flags=re.MULTILINE)
    return {title: text.strip().splitlines() for title, text in zip(parts[::2], parts[1::2], strict=True)}


def missing(text: str) -> list[str]:
    """Return the steps that a text names and the code does not have."""
    return [f"{path}:{name}" for path, name in STEP.findall(text) if not defined(path, name)]


def defined(path: str, dotted: str) -> bool:
    """Tell whether a module defines a name: a function, a class, a method, a value."""
    file = SRC / path
    if not file.is_file():
        return False
    scope: list[ast.stmt] = ast.parse(file.read_text(encoding="utf-8")).body
    for name in filter(None, dotted.split(".")):
        found = [node for node in scope if name in _names(node)]
        if not found:
            return False
        scope = getattr(found[0], "body", [])
    return True


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def test_there_are_five_walks_of_at_most_ten_lines() -> None:
    lengths = {title: len(lines) for title, lines in walks(PAGE).items()}
    assert len(lengths) == 5
    assert all(4 <= length <= 10 for length in lengths.values()), lengths


@pytest.mark.parametrize("title", walks(PAGE))
def test_every_step_of_a_walk_is_in_the_code(title: str) -> None:
    text = "\n".join(walks(PAGE)[title])
    assert len(STEP.findall(text)) >= 5
    assert missing(text) == []


def test_a_step_that_is_gone_is_noticed() -> None:
    assert missing("`net.py:HttpClient.send` and `action.py:INPUTS` and `scan/suppression.py`") == []
    gone = "`net.py:HttpClient.sends`, `net.py:send`, `nets.py:HttpClient`, `action.py:INPUT`"
    assert len(missing(gone)) == 4
