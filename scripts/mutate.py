"""Break the code on purpose and see whether a test notices: mutation testing of the modules that decide.

    python -m scripts.mutate [--seed 1] [--sample 300] [--only core]

A mutant is one change of one module's syntax tree: a comparison, a truth value, a number, a key, a statement left out.
It is put into a fork of this process by an import hook, so that no file is touched and no two mutants meet; the fork
runs the fast tests of its area until one fails. Texts with a space in them (messages, help), annotations and
decorators are not mutated. Survivors are printed as the lines that nobody would miss.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.util
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
UNIT = "tests/unit"
# What is mutated, and the tests that must notice.
# Simulations that measure error rates over thousands of runs (minutes) are left out.
SLOW = {"test_calibration", "test_outcomes", "test_power", "test_foresight", "test_resample"}
AREAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "core": (
        ("pinward/core/*.py",),
        tuple(
            f"{UNIT}/{room}"
            for room in ("core", "config", "lifecycle", "scan", "rules", "commands/scan", "evals", "prompts", "render")
        ),
    ),
    "verdict": (("pinward/verdict/*.py",), (f"{UNIT}/verdict",)),
    "roles": (("pinward/scan/roles.py", "pinward/scan/*_rules.py"), (f"{UNIT}/scan",)),
    "trust": (
        ("pinward/gh/event.py", "pinward/gh/payload.py", "pinward/gh/publish.py", "pinward/commands/event/*.py"),
        (
            f"{UNIT}/gh",
            f"{UNIT}/commands/event",
            "tests/integration/test_publish.py",
        ),
    ),
}
CPU_SECONDS = 120
KILLED, SURVIVED, STOPPED = "killed", "survived", "killed by its time limit"


@dataclass(frozen=True)
class Mutant:
    """One change: the module, the number of the node in a walk of its tree, which of its changes, and how it reads."""

    path: Path
    node: int
    choice: int
    line: int
    says: str

    @property
    def module(self) -> str:
        """Return the dotted name of the module."""
        return ".".join(self.path.relative_to(SRC).with_suffix("").parts)


# The changes

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
Change = Callable[[ast.AST], ast.AST]


def changes(node: ast.AST) -> list[Change]:  # noqa: C901  # one row a kind of node
    """Return what can be done to a node; each takes a copy of it and returns what stands in its place."""
    match node:
        case ast.Compare(ops=[operator]):
            return [_with(ops=[new()]) for new in _COMPARISONS.get(type(operator), ())]
        case ast.BoolOp(op=operator):
            return [_with(op=ast.Or() if isinstance(operator, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.Not()):
            return [lambda found: found.operand]  # type: ignore[attr-defined]  # a UnaryOp
        case ast.BinOp(op=operator) if type(operator) in _OPERATORS:
            return [_with(op=_OPERATORS[type(operator)]())]
        case ast.If() | ast.IfExp():
            return [_with(test=ast.Constant(True)), _with(test=ast.Constant(False))]
        case ast.Continue():
            return [lambda _: ast.Break()]
        case ast.Break():
            return [lambda _: ast.Continue()]
        case ast.Raise() | ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign():
            return [lambda _: ast.Pass()]
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            return [_with(value=ast.Constant(None))]
        case ast.Constant(value=value):
            return [_with(value=new) for new in _other_values(value)]
    return []


def _with(**fields: object) -> Change:
    def change(node: ast.AST) -> ast.AST:
        for name, value in fields.items():
            setattr(node, name, value)
        return node

    return change


def _other_values(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1]
    if isinstance(value, str) and value and not any(c.isspace() for c in value):
        return [value + "x"]
    return []


# Where they apply


def mutable(tree: ast.AST) -> Iterator[tuple[int, ast.AST]]:
    """Yield the nodes of a tree that can be changed, with their numbers in the walk."""
    skipped = {id(inner) for outer in ast.walk(tree) for part in _apart(outer) for inner in ast.walk(part)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) not in skipped:
            yield number, node


def _apart(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what says nothing about behaviour: types, decorators, `if TYPE_CHECKING`, pieces of messages."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from [*node.decorator_list, *filter(None, [node.returns])]
    elif isinstance(node, ast.ClassDef):
        yield from node.decorator_list
    elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
        yield node.annotation
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
        yield node.slice  # an alias of a type
    elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        yield node
    elif isinstance(node, ast.JoinedStr):
        yield from (piece for piece in node.values if isinstance(piece, ast.Constant))


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for number, node in mutable(tree):
        for choice, change in enumerate(changes(node)):
            before, after = ast.unparse(node), ast.unparse(ast.fix_missing_locations(change(copy.deepcopy(node))))
            if before != after:
                yield Mutant(path, number, choice, getattr(node, "lineno", 0), f"{_short(before)}  ->  {_short(after)}")


def _short(text: str) -> str:
    return " ".join(text.split())[:70]


def mutated(mutant: Mutant) -> ast.Module:
    """Return the module's tree with the change in it."""
    tree = ast.parse(mutant.path.read_text(encoding="utf-8"))
    target = next(node for number, node in enumerate(ast.walk(tree)) if number == mutant.node)
    change = changes(target)[mutant.choice]

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return change(node) if node is target else self.generic_visit(node)

    return ast.fix_missing_locations(Replace().visit(tree))


# Running


class Loader(importlib.abc.InspectLoader):
    """Loads one module from a tree of ours."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def get_source(self, fullname: str) -> str:  # noqa: ARG002  # the loader's protocol
        """Return the text as it stands on disk, for tracebacks."""
        return self._mutant.path.read_text(encoding="utf-8")

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed module."""
        module.__file__ = str(self._mutant.path)
        code = compile(mutated(self._mutant), str(self._mutant.path), "exec")
        exec(code, module.__dict__)  # noqa: S102  # our own source


class Finder(importlib.abc.MetaPathFinder):
    """Finds the mutant in the place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return the mutant's spec for its own name."""
        return importlib.util.spec_from_loader(name, Loader(self._mutant)) if name == self._mutant.module else None


def outcome(mutant: Mutant | None, tests: Sequence[Sequence[str]]) -> str:
    """Run the tests in a fork, with the mutant in its place, a group after the other until one fails."""
    pid = os.fork()
    if not pid:
        os._exit(_child(mutant, tests))
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return STOPPED if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL, signal.SIGALRM) else KILLED
    return SURVIVED if os.WEXITSTATUS(status) == 0 else KILLED


def _child(mutant: Mutant | None, tests: Sequence[Sequence[str]]) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    signal.alarm(10 * CPU_SECONDS)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    if mutant is not None:
        sys.meta_path.insert(0, Finder(mutant))
    quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # hypothesis is loaded already
    few = ("--hypothesis-seed=0", "--hypothesis-profile=mutation")
    run = ("-x", "-q", "-p", "no:cacheprovider", *few, *quiet)
    return next((int(code) for group in tests if group and (code := pytest.main([*run, *group]))), 0)


def nearest_first(mutant: Mutant, tests: Sequence[str]) -> list[list[str]]:
    """Return the tests in groups: those that bear the module's name, those that import it, and the rest.

    Most mutants fall to the first few files; finding the tests of all others would cost more than running these.
    """
    files = [
        file for name in tests for file in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("test_*.py"))
    ]
    there = sorted(
        {file for file in files if file.is_file() and (file.stem not in SLOW or mutant.path.stem in file.stem)}
    )

    def distance(file: Path) -> int:
        if mutant.path.stem in file.stem:
            return 0
        return 1 if mutant.module in file.read_text(encoding="utf-8") else 2

    groups: list[list[str]] = [[], [], []]
    for file in sorted(there):
        groups[distance(file)].append(str(file))
    return groups


def warm_up() -> None:
    """Import what every fork would import, and nothing of what is mutated."""
    for name in ("pydantic", "yaml", "jsonschema", "regex", "ast_grep_py", "ahocorasick_rs"):
        importlib.import_module(name)
    hypothesis.settings.register_profile("mutation", max_examples=25, deadline=None)


def run(area: str, sample: int, seed: int) -> list[Mutant]:
    """Try a sample of an area's mutants, print what became of them, and return the survivors."""
    patterns, tests = AREAS[area]
    every = [m for pattern in patterns for path in sorted(SRC.glob(pattern)) for m in mutants(path)]
    chosen = sorted(random.Random(seed).sample(every, min(sample, len(every))), key=lambda m: (m.path, m.line))  # noqa: S311
    if outcome(None, nearest_first(chosen[0], tests)) != SURVIVED:
        raise SystemExit(f"{area}: the tests fail without any change")
    became: Counter[str] = Counter()
    left = []
    for mutant in chosen:
        ended = outcome(mutant, nearest_first(mutant, tests))
        became[ended] += 1
        if ended == SURVIVED:
            left.append(mutant)
            print(f"{mutant.path.relative_to(ROOT)}:{mutant.line}: {mutant.says}", flush=True)
    noticed = 100 * (1 - len(left) / len(chosen))
    told = ", ".join(f"{n} {name}" for name, n in became.most_common())
    print(f"{area}: {len(chosen)} of {len(every)} mutants, seed {seed}: {told} ({noticed:.1f}% noticed)", flush=True)
    return left


def main() -> None:
    """Run the areas that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=100, help="mutants of each area")
    parser.add_argument("--only", choices=AREAS, action="append")
    given = parser.parse_args()
    os.chdir(ROOT)
    started = time.monotonic()
    warm_up()
    for area in given.only or AREAS:
        run(area, given.sample, given.seed)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
