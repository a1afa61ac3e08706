"""The rules of the house as functions: a module's source in, what breaks the rule out (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "pinward"
PACKAGES = {p.name for p in SRC.iterdir() if p.is_dir() and p.name != "__pycache__"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One module: its name below `pinward`, and its source."""

    name: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def package(self) -> str:
        return self.name.split(".")[0]

    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def libraries(self, nodes: Iterable[ast.AST] | None = None) -> set[str]:
        """Return what import statements name, dotted; of the whole module by default."""
        found = set()
        for node in ast.walk(self.tree) if nodes is None else nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        return found

    def dotted(self) -> Iterator[tuple[str, int]]:
        """Yield attributes of plain names, such as `os.environ`, with their lines."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield f"{node.value.id}.{node.attr}", node.lineno


def module_at(path: Path) -> Module:
    name = ".".join(path.relative_to(SRC).with_suffix("").parts)
    return Module(name.removesuffix(".__init__"), path.read_text(encoding="utf-8"))


MODULES = [module_at(path) for path in sorted(SRC.rglob("*.py"))]


def inner(nodes: Iterable[ast.AST], names: Set[str] = frozenset()) -> Iterator[str]:
    """Yield what is imported of Pinward, without the `pinward.` in front; those in `names` as modules."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "pinward":
            rest = node.module.removeprefix("pinward").lstrip(".")
            members = [f"{rest}.{alias.name}".lstrip(".") for alias in node.names]
            yield from (member if member in names or not rest else rest for member in members)
        elif isinstance(node, ast.Import):
            yield from (a.name.removeprefix("pinward.") for a in node.names if a.name.startswith("pinward."))


# Layers

# Which siblings a package may see, beside core, errors and version.
MAY_SEE: Mapping[str, set[str]] = {
    "core": set(),
    "scan": {"git"},
    "providers": {"net", "program"},
    "lifecycle": {"net"},
    "verdict.rollout": {"net"},
    "evals": {"prompts", "providers.base"},
    "runtime": {"config", "prompts", "providers", "lifecycle.catalog"},
    "program": {"confine"},  # the file that it starts, for its exit codes
    "commands": PACKAGES - {"verbs"} | {"net", "program"},
}
ENTRYPOINTS = {"cli", "verbs", "action", "__main__"}


def layers(module: Module) -> list[str]:
    """Return imports that the house does not allow."""
    return [target for target in inner(ast.walk(module.tree)) if not _allowed(module, target)]


def _allowed(module: Module, target: str) -> bool:
    seen = target.split(".")[0]
    if module.package in ENTRYPOINTS or seen in {"errors", "version", module.package}:
        return True
    if seen == "core":
        return module.package not in {"errors", "version"}
    visible = MAY_SEE.get(module.package, set()) | MAY_SEE.get(module.name, set())
    return any(target == name or target.startswith(name + ".") for name in visible)


def absolute(module: Module) -> list[str]:
    """Return relative imports."""
    return [str(node.module) for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom) and node.level]


# Sizes

MOST_LINES, MOST_OF_A_FUNCTION, MOST_PARAMETERS = 400, 60, 6


def file_length(module: Module) -> list[str]:
    lines = module.source.count("\n")
    return [f"{lines} lines"] if lines > MOST_LINES else []


def function_length(module: Module) -> list[str]:
    return [f.name for f in module.functions() if (f.end_lineno or 0) - f.lineno + 1 > MOST_OF_A_FUNCTION]


def parameters(module: Module) -> list[str]:
    return [f.name for f in module.functions() if len(_parameters(f)) > MOST_PARAMETERS]


def _parameters(function: Function) -> list[str]:
    """Return every parameter that a caller gives: `self` and `cls` are not, `*args` and `**kwargs` are."""
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    names = names[1:] if names[:1] in (["self"], ["cls"]) else names
    return names + [a.arg for a in (*given.kwonlyargs, given.vararg, given.kwarg) if a]


# Edges

# Who may reach outside: a library's name, and the modules that may import it.
EDGES: Mapping[str, set[str]] = {
    "subprocess": {"git.process"},
    "socket": set(),
    "urllib.request": set(),
    "http": set(),
    "httpx2": {"net"},
    "github": {"gh.client"},
}
ENVIRONMENT = {"os.environ", "os.getenv", "os.environb", "os.getenvb"}
PROGRAMS = {"asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "os.system", "os.popen"}
CLOCKS = {"time.time", "time.monotonic", "time.sleep", "time.perf_counter", "datetime.now", "date.today"}
READS_CLOCKS = {
    *("providers.limits", "providers.client", "providers.router", "providers.retry"),
    *("evals.runner", "lifecycle.live", "lifecycle.refresh"),
    *("commands.publish", "commands.gate.cli"),
    *("runtime.config", "runtime.metrics"),
}


def edges(module: Module) -> list[str]:
    """Return libraries of processes and networks that this module may not import."""
    named = {name.split(".")[0] for name in module.libraries()} | module.libraries()
    return sorted(library for library in named & EDGES.keys() if module.name not in EDGES[library])


def environment(module: Module) -> list[str]:
    return [] if module.name == "config.settings" else _uses(module, ENVIRONMENT)


def programs(module: Module) -> list[str]:
    return [] if module.name == "program" else _uses(module, PROGRAMS)


def clocks(module: Module) -> list[str]:
    return [] if module.name in READS_CLOCKS or module.package in ENTRYPOINTS else _uses(module, CLOCKS)


def _uses(module: Module, names: set[str]) -> list[str]:
    """Return where names are used, however they were imported: `os.environ`, or `from os import environ`."""
    imported = [name for name in sorted(module.libraries()) if name in names]
    return imported + [f"{name}:{line}" for name, line in module.dotted() if name in names]


# Start-up

# Imported where they are used: nothing that a user waits for before the first line of output.
HEAVY = {
    *("nacl", "jinja2", "rich", "github", "httpx2", "jsonschema", "genai_prices"),
    *("ahocorasick_rs", "ast_grep_py", "yaml", "regex", "rapidfuzz", "botocore"),
}
# pydantic is the base class of what these define or check; `pinward --version` imports none of them.
PYDANTIC = {"config.schema", "core.report", "commands.gate.files"}


def heavy(module: Module) -> list[str]:
    """Return heavy libraries that are imported as soon as the module is; type checkers' imports are not."""
    at_once = {name.split(".")[0] for name in module.libraries(module.tree.body)}
    return sorted(at_once & HEAVY | (at_once & {"pydantic"} if module.name not in PYDANTIC else set()))


def package_files(modules: Mapping[str, str]) -> list[str]:
    """Return `__init__` files (by package, with their source) that hold anything; `runtime` re-exports its names."""
    return [name for name, source in modules.items() if source.strip() and name != "runtime"]


RULES: Mapping[str, Callable[[Module], list[str]]] = {
    "imports only what the house allows": layers,
    "imports absolutely": absolute,
    "is no longer than 400 lines": file_length,
    "has no function longer than 60 lines": function_length,
    "has no function of more than 6 parameters": parameters,
    "reaches processes and networks from one module each": edges,
    "leaves the environment to the settings": environment,
    "leaves programs of the users to one module": programs,
    "knows the time only at an edge": clocks,
    "imports heavy libraries where they are used": heavy,
}


def circles(modules: Iterable[Module]) -> list[set[str]]:
    """Return groups of modules that import each other, imports inside functions counted, those of type checkers not."""
    trees = {module.name: module.tree for module in modules}
    names = trees.keys()
    sees = {name: set(inner(_running(tree), names)) & names - {name} for name, tree in trees.items()}
    reaches = {name: _reached(name, sees) for name in sees}
    groups = {frozenset(n for n in reaches if name in reaches[n] and n in reaches[name]) for name in reaches}
    return [set(group) for group in sorted(groups, key=sorted) if len(group) > 1]


def _reached(start: str, sees: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    new = set(sees[start])
    while new:
        found |= new
        new = {name for seen in new for name in sees[seen]} - found
    return found


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree without what type checkers alone see."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _running(child)
