"""The answer is a number, within a tolerance: `numeric`."""

from __future__ import annotations

import math
import re

from pinward.core.evidence import Grade
from pinward.core.policy import Json
from pinward.core.visible import quoted
from pinward.evals.graders.base import ReadFile, TextGrader, failed, held, is_number, mapping, number

_NUMBER = re.compile(
    r"(?<![\w.,])[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+|(?<=[0-9]))(?:[eE][-+]?[0-9]{1,3})?(?![\w])"
)
_KEYS = {"value", "tolerance", "relative", "find"}
_FIND = ("only", "first", "last")


class Numeric(TextGrader):
    """The only (or first, or last) number of the answer equals a value.

    `tolerance` is absolute, `relative` a share of the value. `1,234.5` is read as 1234.5.
    """

    name = "numeric"
    example = "numeric: {value: 42.5, tolerance: 0.01}"

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Return the mapping form; the case's expected value stands in for a missing value."""
        options = mapping(argument) or {"value": argument}
        if options.get("value") is None:
            options["value"] = expected
        value = options["value"]
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):  # a CSV file knows text alone
            options["value"] = float(value.replace(",", ""))
        return options

    def validate(self, argument: Json) -> None:
        """Look at keys and ranges."""
        options = mapping(argument)
        tolerances = [options.get(key, 0) for key in ("tolerance", "relative")]
        in_range = all(is_number(part) and part >= 0 for part in tolerances)  # type: ignore[operator] # is_number says so
        if set(options) - _KEYS or not is_number(options.get("value")) or not in_range:
            raise self.wrong("takes a number, or `{value, tolerance, relative, find}`")
        if options.get("find", "only") not in _FIND:
            raise self.wrong(f"finds {', '.join(_FIND)}")

    def judge(self, text: str, argument: Json) -> Grade:
        """Find the number and compare."""
        options = mapping(argument)
        wanted, find = number(options["value"]), options.get("find", "only")
        numbers = list(_NUMBER.finditer(text))
        if not numbers or (find == "only" and len(numbers) > 1):
            count = "no number" if not numbers else f"{len(numbers)} numbers"
            return failed(f"expected the number {wanted:g}, found {count} in {quoted(text)}")
        place = numbers[-1] if find == "last" else numbers[0]
        found = float(place.group().replace(",", ""))
        tolerance = max(number(options.get("tolerance", 0)), number(options.get("relative", 0)) * abs(wanted))
        if math.isclose(found, wanted, rel_tol=0, abs_tol=tolerance):
            return held(span=place.span())
        return failed(f"expected {wanted:g} (within {tolerance:g}), found {found:g}", span=place.span())
