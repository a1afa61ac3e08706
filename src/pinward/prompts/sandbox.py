"""Templates that can only read their data and only work so much.

A prompt file of a pull request is data from a stranger. Jinja's sandbox keeps a template away from Python's
internals, but not from `{% for %}` in `{% for %}` or from a list that doubles with each line. So only plain
constructs are allowed, and whatever can grow or repeat draws on one budget of work: the same template always ends
the same way, on any machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

from pinward.core.policy import Json
from pinward.core.visible import brief
from pinward.errors import ConfigError

if TYPE_CHECKING:
    from jinja2 import Template, nodes
    from jinja2.sandbox import SandboxedEnvironment

MAX_TEMPLATE = 200_000  # characters
MAX_OUTPUT = 1_000_000  # characters
MAX_WORK = 2_000_000  # loop rounds, values looked at, 64 characters each
MAX_NUMBER = 2**53
_NODES = frozenset(
    {
        *("Template", "Output", "TemplateData", "Name", "Const", "Getattr", "Getitem", "Slice", "If", "For", "With"),
        *("Filter", "Test", "Compare", "Operand", "And", "Or", "Not", "CondExpr", "Concat", "Tuple", "List", "Dict"),
        *("Pair", "Keyword", "Call", "Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Neg", "Pos", "Assign"),
    }
)
_METHODS = frozenset(
    {
        *("items", "keys", "values", "get", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize"),
        *("startswith", "endswith"),
    }
)
_FILTERS = (
    *("default", "d", "first", "last", "length", "count", "lower", "upper", "title", "capitalize", "trim", "int"),
    *("float", "round", "abs", "string", "list", "sort", "unique", "reverse", "items", "dictsort", "min", "max"),
    *("select", "reject", "selectattr", "rejectattr", "map", "truncate", "wordcount"),
)
_work: ContextVar[int] = ContextVar("work left for the template that is rendered", default=0)


def render_template(source: str, variables: Mapping[str, Json]) -> str:
    """Render one template. Raises `ConfigError` for a fault of the template, an unknown variable or too much work."""
    import jinja2

    template = compile_template(source)
    token = _work.set(MAX_WORK)
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(dict(variables)):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_OUTPUT:
                raise ConfigError(f"the prompt is longer than {MAX_OUTPUT:,} characters", "Shorten the template.")
    except jinja2.UndefinedError as error:
        known = ", ".join(sorted(variables)) or "none"
        raise ConfigError(
            brief(error.message or "a variable is not defined", 200), f"The case's input has: {brief(known, 300)}."
        ) from None
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise ConfigError(f"the template cannot be rendered: {brief(str(error), 200)}", "Mend the template.") from None
    finally:
        _work.reset(token)
    return "".join(pieces)


@lru_cache(maxsize=256)
def compile_template(source: str) -> Template:
    """Compile a template. Raises `ConfigError` with the template's line."""
    import jinja2

    if len(source) > MAX_TEMPLATE:
        raise ConfigError(f"the template has {len(source):,} characters; at most {MAX_TEMPLATE:,}", "Shorten it.")
    environment = _environment()
    try:
        tree = environment.parse(source)
        _refuse_unknown(tree)
        return jinja2.Template.from_code(environment, environment.compile(_metered(tree)), environment.globals)
    except jinja2.TemplateSyntaxError as error:
        line = f"line {error.lineno} of the template: " if error.lineno else ""
        raise ConfigError(f"{line}{brief(error.message or 'syntax error', 200)}", "Mend the template.") from None
    except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError):
        raise ConfigError("the template is nested too deep", "Simplify it.") from None


def template_variables(source: str) -> frozenset[str]:
    """Return the names of the variables that a template reads."""
    from jinja2 import meta

    compile_template(source)
    return frozenset(meta.find_undeclared_variables(_environment().parse(source)) - {"range"})


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined, pass_context, sandbox
    from jinja2.exceptions import SecurityError

    class Environment(sandbox.ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"+", "*", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "%" and isinstance(left, str):
                raise SecurityError("`%` formats no text here; use {{ name }}")
            if operator == "*" and not (isinstance(left, int | float) and isinstance(right, int | float)):
                raise SecurityError("`*` repeats no text or list here")
            for operand in (_spend(left), _spend(right)):
                if isinstance(operand, int) and abs(operand) > MAX_NUMBER:
                    raise SecurityError("a number is too large")
            return super().call_binop(context, operator, left, right)

    @pass_context  # or Jinja would call it for constants when it compiles
    def finalize(_: Any, value: Any) -> Any:
        return _spend(value)

    environment = Environment(undefined=StrictUndefined, finalize=finalize, optimized=False)
    builtin = environment.filters
    environment.filters = {name: _bounded(builtin[name]) for name in _FILTERS}
    environment.filters |= {"join": _join, "replace": _replace, "indent": _indent, "tojson": _tojson, "metered": _spend}
    environment.globals = {"range": sandbox.safe_range}
    return environment


def _refuse_unknown(tree: nodes.Template) -> None:
    from jinja2 import TemplateSyntaxError, nodes

    for node in tree.find_all(nodes.Node):
        name = type(node).__name__
        if name not in _NODES or (isinstance(node, nodes.For) and node.recursive):
            raise TemplateSyntaxError(f"{name.lower()} is not allowed in a prompt", node.lineno)
        if isinstance(node, nodes.Call) and not _may_call(node.node):
            raise TemplateSyntaxError("only range() and simple methods of text and mappings can be called", node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in _environment().filters:
            raise TemplateSyntaxError(f"the filter {node.name!r} is not known here", node.lineno)


def _may_call(called: nodes.Node) -> bool:
    from jinja2 import nodes

    if isinstance(called, nodes.Getattr):
        return called.attr in _METHODS
    return isinstance(called, nodes.Name) and called.name == "range"


def _metered(tree: nodes.Template) -> nodes.Template:
    """Let every loop, comparison and literal draw on the budget."""
    from jinja2 import nodes

    def meter(value: Any) -> nodes.Filter:
        return nodes.Filter(value, "metered", [], [], None, None, lineno=value.lineno, environment=tree.environment)

    for loop in list(tree.find_all(nodes.For)):
        loop.iter = meter(loop.iter)
    for comparison in list(tree.find_all(nodes.Compare)):
        comparison.expr = meter(comparison.expr)
    for operand in list(tree.find_all(nodes.Operand)):
        operand.expr = meter(operand.expr)
    for assignment in list(tree.find_all(nodes.Assign)):
        assignment.node = meter(assignment.node)
    for parts in list(tree.find_all(nodes.Concat)):
        parts.nodes = [meter(part) for part in parts.nodes]
    return tree


def _spend(value: Any) -> Any:
    """Take a value's size from the budget and return the value; refuse it where the budget is spent."""
    from jinja2 import Undefined

    left = _work.get() - 1
    stack = [value]
    while stack and left > 0:
        part = stack.pop()
        left -= 1 + (len(part) // 64 if isinstance(part, str) else 0)
        if isinstance(part, dict):
            stack.extend(part.values())
            stack.extend(part.keys())
        elif isinstance(part, Undefined) and part is not value:
            str(part)  # raises: a list of nothings must not be printed as such
        elif isinstance(part, list | tuple | range):
            left -= len(part)
            stack.extend(part if left > 0 else ())
    if left <= 0:
        raise ConfigError("the template does too much work", "Shorten its loops or its data.")
    _work.set(left)
    return value


def _bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)  # carries Jinja's marks for the context and environment arguments
    def bounded(*arguments: Any, **options: Any) -> Any:
        for argument in (*arguments, *options.values()):
            _spend(argument)
        return function(*arguments, **options)

    return bounded


def _join(values: Any, separator: str = "") -> str:
    parts = [str(part) for part in _spend(list(values))]
    _spend(separator)
    _fit(sum(map(len, parts)) + len(separator) * len(parts))
    return str(separator).join(parts)


def _replace(text: Any, old: str, new: str) -> str:
    source = str(_spend(text))
    _fit(len(source) + source.count(old) * len(new))
    return source.replace(old, new)


def _indent(text: Any, width: int = 4, first: bool = False) -> str:
    source = str(_spend(text))
    _fit(len(source) + (source.count("\n") + 1) * max(0, width))
    shifted = source.replace("\n", "\n" + " " * width)
    return " " * width + shifted if first else shifted


def _tojson(value: Any, indent: int | None = None) -> str:
    """Write JSON as it is; Jinja's own filter writes `<` as `\\u003c`, for web pages."""
    _fit(0 if indent is None else indent * 100)
    return json.dumps(_spend(value), ensure_ascii=False, indent=indent, default=str)


def _fit(size: int) -> None:
    if size > MAX_OUTPUT:
        raise ConfigError(f"a text grows beyond {MAX_OUTPUT:,} characters", "Shorten the template.")
