"""Checks made of checks: `all`, `any`, `not`. Inner checks are written as in a suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pinward.core.evidence import Ask, Case, Completion, Grade, Question
from pinward.core.fields import suggestion
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.evals.graders.base import BaseGrader, ReadFile, failed, held, is_number, mapping, number

Inner = dict[str, Json]  # {"check": name, "argument": ..., "weight": number}


class Combination(BaseGrader):
    """Reads inner checks; `graders` is the table that they are looked up in."""

    def __init__(self, graders: Mapping[str, BaseGrader]) -> None:
        self.graders = graders

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Return `{checks: [...], ...}` with every inner check prepared."""
        options = dict(argument) if isinstance(argument, dict) and "checks" in argument else {"checks": argument}
        checks = options["checks"] if isinstance(options["checks"], list) else [options["checks"]]
        options["checks"] = cast("Json", [self._inner(check, expected, read) for check in checks])
        return options

    def _inner(self, check: Json, expected: Json, read: ReadFile) -> Inner:
        parts: Inner = {check: None} if isinstance(check, str) else dict(check) if isinstance(check, dict) else {}
        weight = parts.pop("weight", 1.0)
        if len(parts) != 1 or not is_number(weight) or number(weight) <= 0:
            raise self.wrong("takes checks with one name each, and a `weight` above 0")
        name, argument = next(iter(parts.items()))
        if name not in self.graders:
            raise ConfigError(f"`{self.name}` holds the unknown check `{name}`", suggestion(name, self.graders))
        return {"check": name, "argument": self.graders[name].prepare(argument, expected, read), "weight": weight}

    def validate(self, argument: Json) -> None:
        """Validate every inner check."""
        options = mapping(argument)
        if set(options) - {"checks", *self.options()} or not options.get("checks"):
            raise self.wrong("takes a list of checks")
        for check in _checks(argument):
            self.graders[str(check["check"])].validate(check["argument"])

    def options(self) -> frozenset[str]:
        """Return the keys beside `checks`."""
        return frozenset()

    def questions(self, completion: Completion, case: Case, argument: Json) -> tuple[Question, ...]:
        """Return the questions of all inner checks."""
        inner = (self.graders[str(c["check"])].questions(completion, case, c["argument"]) for c in _checks(argument))
        return tuple(question for questions in inner for question in questions)

    def wants_empty(self, argument: Json) -> bool:
        """Ask the inner checks."""
        return any(self.graders[str(c["check"])].wants_empty(c["argument"]) for c in _checks(argument))

    def wants_refusal(self, argument: Json) -> bool:
        """Ask the inner checks."""
        return any(self.graders[str(c["check"])].wants_refusal(c["argument"]) for c in _checks(argument))

    async def parts(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> list[Grade]:
        """Grade by every inner check."""
        return [
            await self.graders[str(check["check"])].grade(completion, case, check["argument"], ask)
            for check in _checks(argument)
        ]


class AllOf(Combination):
    """All checks hold; with `threshold`, their weighted mean score reaches it."""

    name = "all"
    example = "all: {checks: [{contains: a}, {contains: b}], threshold: 0.5}"

    def options(self) -> frozenset[str]:
        """Allow a threshold."""
        return frozenset({"threshold"})

    def validate(self, argument: Json) -> None:
        """Look at the threshold too."""
        super().validate(argument)
        threshold = argument.get("threshold", 1) if isinstance(argument, dict) else 1
        if not is_number(threshold) or not 0 < number(threshold) <= 1:
            raise self.wrong("takes a `threshold` above 0 and up to 1")

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Weigh the parts."""
        parts = await self.parts(completion, case, argument, ask)
        weights = [number(check["weight"]) for check in _checks(argument)]
        score = sum(part.score * weight for part, weight in zip(parts, weights, strict=True)) / sum(weights)
        threshold = argument.get("threshold") if isinstance(argument, dict) else None
        passed = score >= number(threshold) if threshold is not None else all(part.passed for part in parts)
        reason, span = ("" if passed else _reasons(parts)), _evidence(parts, passed)
        return Grade(min(1.0, score), passed, reason, parts=tuple(parts), span=span)


class AnyOf(Combination):
    """At least one check holds."""

    name = "any"
    example = "any: [{contains: a}, {contains: b}]"

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Take the best part."""
        parts = await self.parts(completion, case, argument, ask)
        best = max(parts, key=lambda part: (part.passed, part.score))
        reason = "" if best.passed else f"none holds: {_reasons(parts)}"
        return Grade(best.score, best.passed, reason, parts=tuple(parts), span=best.span)


class Not(Combination):
    """The check does not hold."""

    name = "not"
    example = "not: {regex: '[0-9]'}"

    def validate(self, argument: Json) -> None:
        """Take one check."""
        super().validate(argument)
        if len(_checks(argument)) != 1:
            raise self.wrong("takes one check")

    def wants_empty(self, argument: Json) -> bool:
        """Never: an empty answer does not pass because it lacks something."""
        return False

    def wants_refusal(self, argument: Json) -> bool:
        """Never, likewise."""
        return False

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Turn the part round."""
        part = (await self.parts(completion, case, argument, ask))[0]
        name = str(_checks(argument)[0]["check"])
        if part.passed:
            return failed(f"`{name}` holds, but must not", span=part.span)
        return held(span=part.span)


def _checks(argument: Json) -> list[Inner]:
    checks = argument.get("checks") if isinstance(argument, dict) else None
    return cast("list[Inner]", checks) if isinstance(checks, list) else []


def _evidence(parts: list[Grade], passed: bool) -> tuple[int, int] | None:
    """Return the place that the first part with this result shows."""
    return next((part.span for part in parts if part.passed is passed and part.span), None)


def _reasons(parts: list[Grade]) -> str:
    return "; ".join(part.reason for part in parts if not part.passed and part.reason)
