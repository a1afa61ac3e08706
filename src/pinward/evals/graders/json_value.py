"""Checks of the answer as JSON: `json_valid`, `json_equals`."""

from __future__ import annotations

from abc import abstractmethod

from pinward.core.evidence import Grade
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.core.visible import quoted
from pinward.evals.graders.base import ReadFile, TextGrader, failed, held, is_number, mapping, number
from pinward.evals.json_compare import Comparer, show
from pinward.evals.json_path import parse_path


class JsonGrader(TextGrader):
    """A check that needs the whole answer to be one JSON value, with nothing around it."""

    def judge(self, text: str, argument: Json) -> Grade:
        """Parse strictly, then look at the value."""
        try:
            value = parse_json(text)
        except JsonError as error:
            fence = "; it stands in a code fence" if text.lstrip().startswith("```") else ""
            return failed(f"expected JSON and nothing around it: {error}{fence}; found {quoted(text, 80)}")
        return self.judge_value(value, argument)

    @abstractmethod
    def judge_value(self, value: Json, argument: Json) -> Grade:
        """Judge the parsed value."""


class JsonValid(JsonGrader):
    """The answer is one JSON value: nothing around it, no NaN, no key twice."""

    name = "json_valid"
    example = "json_valid"

    def validate(self, argument: Json) -> None:
        """Take no argument (`true` is allowed)."""
        if argument not in (None, True):
            raise self.wrong("takes no argument")

    def judge_value(self, value: Json, argument: Json) -> Grade:
        """Whatever was parsed is valid."""
        return held()


class JsonEquals(JsonGrader):
    """The answer, or the value at a path of it, equals this value."""

    name = "json_equals"
    example = "json_equals: {path: $.company, value: ACME}"

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Return `{path, value}`. Without a value, the case's expected value at the same path is meant."""
        if not _has_path(argument):
            return {"path": "$", "value": expected if argument is None else argument}
        options = dict(argument) if isinstance(argument, dict) else {}
        if "value" not in options:
            path = parse_path(str(options["path"]))
            found = path.select(expected)
            if not found:
                raise self.wrong(f"has no `value`, and `expected` has none at {options['path']}")
            options["value"] = found if path.many else found[0]
        return options

    def validate(self, argument: Json) -> None:
        """Parse the path and look at the keys."""
        if not isinstance(argument, dict) or set(argument) != {"path", "value"}:
            raise self.wrong("takes a value, or `{path: $.key, value: ...}`")
        if argument["path"] == "$" and argument["value"] is None:
            raise self.wrong("has no value, and the case has no `expected`")
        parse_path(str(argument["path"]))

    def judge_value(self, value: Json, argument: Json) -> Grade:
        """Compare; a path with a wildcard compares the list of all that it names."""
        options = mapping(argument)
        path = parse_path(str(options["path"]))
        found = path.select(value)
        if not found and not path.many:
            return failed(
                f"expected {show(options['value'])} at {options['path']}, found nothing there in {show(value)}"
            )
        start = str(options["path"])
        difference = Comparer().difference(options["value"], found if path.many else found[0], start)
        return held() if difference is None else failed(difference)


class JsonSubset(JsonGrader):
    """The answer holds at least this; further keys are allowed, numbers may differ by `tolerance`."""

    name = "json_subset"
    example = "json_subset: {value: {total: 10.5}, tolerance: 0.01}"

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Return `{value, tolerance}`; the case's expected value stands in for a missing value."""
        structured = isinstance(argument, dict) and "tolerance" in argument and set(argument) <= {"value", "tolerance"}
        options = dict(argument) if structured and isinstance(argument, dict) else {"value": argument}
        if options.get("value") is None:
            options["value"] = expected
        return {"tolerance": 0, **options}

    def validate(self, argument: Json) -> None:
        """Look at value and tolerance."""
        options = mapping(argument)
        if options.get("value") is None:
            raise self.wrong("has no value, and the case has no `expected`")
        tolerance = options.get("tolerance")
        if not is_number(tolerance) or number(tolerance) < 0:
            raise self.wrong("takes a `tolerance` from 0 on")

    def judge_value(self, value: Json, argument: Json) -> Grade:
        """Compare."""
        options = mapping(argument)
        comparer = Comparer(subset=True, tolerance=number(options["tolerance"]))
        difference = comparer.difference(options["value"], value)
        return held() if difference is None else failed(difference)


def _has_path(argument: Json) -> bool:
    return isinstance(argument, dict) and "path" in argument and set(argument) <= {"path", "value"}
