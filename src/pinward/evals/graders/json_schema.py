"""The answer satisfies a JSON Schema (drafts 4, 6, 7, 2019-09, 2020-12).

Remote references are refused: a suite means the same thing everywhere and reads nothing from the network. Patterns
run under a time limit, and validation under a count of steps, so that neither `^(a+)+$` nor a schema that refers to
itself without end can hold a run (docs/threats.md T15).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from pinward.core.evidence import Grade
from pinward.core.policy import Json
from pinward.core.visible import brief, quoted
from pinward.errors import ConfigError
from pinward.evals.graders.base import ReadFile, failed, held
from pinward.evals.graders.json_value import JsonGrader
from pinward.evals.graders.patterns import compile_pattern, search
from pinward.evals.json_compare import step

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

T = TypeVar("T")
MAX_STEPS = 100_000
_DRAFTS = ("draft-04", "draft-06", "draft-07", "2019-09", "2020-12")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_steps: ContextVar[int] = ContextVar("steps of the validation that is running", default=0)
Keyword = Callable[[Any, Any, Any, Any], Any]  # jsonschema's own signature: validator, value, instance, schema


class JsonSchema(JsonGrader):
    """The argument is a file beside the suite, or the schema itself."""

    name = "json_schema"
    example = "json_schema: schemas/entities.json"

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Read the schema's file."""
        return read(argument) if isinstance(argument, str) else argument

    def validate(self, argument: Json) -> None:
        """Compile the schema."""
        if not isinstance(argument, dict | bool) or argument is True:
            raise self.wrong("takes a file or a schema")
        _compiled(argument)

    def judge_value(self, value: Json, argument: Json) -> Grade:
        """Validate, and say which part is wrong first."""
        from jsonschema.exceptions import best_match

        try:
            error = _counted(lambda: best_match(_compiled(argument).iter_errors(value)))
        except RecursionError:
            raise ConfigError("the schema refers to itself without end", "Break the loop of `$ref`.") from None
        return held() if error is None else failed(_reason(error))


def _compiled(schema: Json) -> Validator:
    return _compile(json.dumps(schema, sort_keys=True))


@lru_cache(maxsize=64)
def _compile(text: str) -> Validator:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import SchemaError
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped] # it ships no types

    schema = json.loads(text)
    known = _draft(schema)
    try:
        known.check_schema(schema, format_checker=FormatChecker(formats=()))  # type: ignore[call-arg] # its stub lags behind
    except SchemaError as error:
        where = "/".join(str(part) for part in error.absolute_path) or "the top"
        raise ConfigError(
            f"the schema is wrong at {brief(where)}: {brief(error.message)}", "Mend the schema."
        ) from None
    _check_parts(known, schema)
    validator: Validator = _limited(known)(schema, registry=REGISTRY)
    _try_out(validator)
    return validator


def _draft(schema: Json) -> type[Validator]:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    stated = schema.get("$schema") if isinstance(schema, dict) else None
    if stated is None:
        return Draft202012Validator
    if not any(draft in str(stated) for draft in _DRAFTS):
        raise ConfigError(
            f"the draft {brief(str(stated))} is not known", "Use draft 4, 6, 7, 2019-09 or 2020-12, or leave it out."
        )
    return validator_for({"$schema": stated}, default=Draft202012Validator)


def _limited(draft: type[Validator]) -> Any:
    """Return the draft's validator with counted steps and time-limited patterns."""
    from jsonschema.validators import extend

    keywords: dict[str, Keyword] = dict(draft.VALIDATORS)
    keywords |= {"pattern": _pattern, "patternProperties": _pattern_properties}
    keywords["additionalProperties"] = _additional_properties
    return extend(draft, {name: _count(check) for name, check in keywords.items()})  # type: ignore[no-untyped-call] # its stub has none


def _count(check: Keyword) -> Keyword:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        left = _steps.get()
        if left <= 0:
            raise ConfigError(f"the schema needs more than {MAX_STEPS:,} steps", "Simplify its references.")
        _steps.set(left - 1)
        return check(validator, value, instance, schema)

    return counted


def _counted(run: Callable[[], T]) -> T:
    token = _steps.set(MAX_STEPS)
    try:
        return run()
    finally:
        _steps.reset(token)


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if validator.is_type(instance, "string") and not search(compile_pattern(pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for key, value in instance.items():
            if search(compile_pattern(pattern), key):
                yield from validator.descend(value, subschema, path=key, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if not validator.is_type(instance, "object"):
        return
    patterns = [compile_pattern(pattern) for pattern in schema.get("patternProperties", {})]
    named = schema.get("properties", {})
    extras = [key for key in instance if key not in named and not any(search(p, key) for p in patterns)]
    if validator.is_type(allowed, "object"):
        for key in extras:
            yield from validator.descend(instance[key], allowed, path=key)
    elif not allowed and extras:
        names = ", ".join(repr(key) for key in extras[:5])
        yield ValidationError(f"further properties are not allowed: {names}")


def _check_parts(draft: type[Validator], schema: Json) -> None:
    """Look at every subschema: its references must be known, its patterns must compile."""
    from jsonschema_specifications import REGISTRY
    from referencing.jsonschema import specification_with

    specification = specification_with(str(draft.META_SCHEMA.get("$schema", draft.META_SCHEMA.get("id"))))
    root = specification.create_resource(schema)
    parts = [(root, REGISTRY.resolver_with_root(root))]
    seen: set[str] = set()
    for part, outer in parts:  # grows while it is read
        resolver = outer.in_subresource(part)
        if isinstance(part.contents, dict):
            _check_references(part.contents, resolver)
            _check_patterns(part.contents)
            seen |= part.contents.keys()
        parts.extend((child, resolver) for child in part.subresources())
    if {
        "patternProperties",
        "unevaluatedProperties",
    } <= seen:  # jsonschema matches these with `re`: it cannot be stopped
        raise ConfigError(
            "`patternProperties` together with `unevaluatedProperties` cannot be run under a time limit",
            "Use `additionalProperties`.",
        )


def _check_references(part: dict[str, Json], resolver: Any) -> None:
    from referencing.exceptions import Unresolvable

    for reference in (part[key] for key in _REFERENCES if isinstance(part.get(key), str)):
        try:
            resolver.lookup(reference)
        except Unresolvable:
            raise ConfigError(
                f"the reference {quoted(str(reference), 80)} is not in the schema",
                "Put what it names under `$defs` in the same file; remote references are refused.",
            ) from None


def _check_patterns(part: dict[str, Json]) -> None:
    if isinstance(part.get("pattern"), str):
        compile_pattern(str(part["pattern"]))
    named = part.get("patternProperties")
    for pattern in named if isinstance(named, dict) else ():
        compile_pattern(pattern)


def _try_out(validator: Any) -> None:
    """Find at load time what would run without end on any answer."""
    answers: tuple[Json, ...] = (None, {}, [], "", 0)
    for value in answers:
        try:
            _counted(partial(next, validator.iter_errors(value), None))
        except RecursionError:
            raise ConfigError("the schema refers to itself without end", "Break the loop of `$ref`.") from None


def _reason(error: ValidationError) -> str:
    path = "$"
    for part in error.absolute_path:
        path = f"{path}[{part}]" if isinstance(part, int) else step(path, str(part))
    return f"{path}: {brief(error.message, 160)}"
