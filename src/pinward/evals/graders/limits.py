"""Ceilings of one answer: `length`, `latency`, `cost`."""

from __future__ import annotations

from pinward.core.evidence import Ask, Case, Completion, Grade
from pinward.core.policy import Json
from pinward.evals.graders.base import BaseGrader, TextGrader, failed, held, is_number, mapping, number

_UNITS = ("characters", "words", "lines")


class Length(TextGrader):
    """The answer has so many characters (or words, or lines), white space at both ends left out."""

    name = "length"
    example = "length: {max: 200, unit: words}"

    def validate(self, argument: Json) -> None:
        """Look at keys and ranges."""
        options = mapping(argument)
        ends = [options[key] for key in ("min", "max") if key in options]
        whole = all(isinstance(end, int) and not isinstance(end, bool) and end >= 0 for end in ends)
        if set(options) - {"min", "max", "unit"} or not ends or not whole:
            raise self.wrong("takes whole numbers `min` and `max`, and a `unit`")
        if options.get("unit", "characters") not in _UNITS:
            raise self.wrong(f"counts {', '.join(_UNITS)}")
        if len(ends) == 2 and int(str(ends[0])) > int(str(ends[1])):
            raise self.wrong("has a `min` above its `max`")

    def wants_empty(self, argument: Json) -> bool:
        """`max: 0` asks for an empty answer."""
        return isinstance(argument, dict) and argument.get("max") == 0

    def judge(self, text: str, argument: Json) -> Grade:
        """Count."""
        options = mapping(argument)
        unit, shown = options.get("unit", "characters"), text.strip()
        parts = {"characters": shown, "words": shown.split(), "lines": shown.splitlines()}
        count = len(parts[str(unit)])
        low, high = int(str(options.get("min", 0))), options.get("max")
        if count < low:
            return failed(f"expected at least {low:,} {unit}, found {count:,}")
        if high is not None and count > int(str(high)):
            return failed(f"expected at most {int(str(high)):,} {unit}, found {count:,}")
        return held()


class _Ceiling(BaseGrader):
    """Takes one number, the most that is allowed."""

    unit: str

    def validate(self, argument: Json) -> None:
        """Refuse what is no positive number."""
        if not is_number(argument) or number(argument) <= 0:
            raise self.wrong(f"takes a number of {self.unit} above 0")

    def compare(self, found: float | None, argument: Json) -> Grade:
        """Compare; a value that is not known is never within a ceiling."""
        most = number(argument)
        if found is None:
            return failed(f"expected at most {most:g} {self.unit}, but the {self.name} is not known")
        return held() if found <= most else failed(f"expected at most {most:g} {self.unit}, found {found:.4g}")


class Latency(_Ceiling):
    """The answer came within so many seconds."""

    name = "latency"
    example = "latency: 2.5"
    unit = "seconds"

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Compare the time of the attempt that answered."""
        return self.compare(completion.latency, argument)


class Cost(_Ceiling):
    """The answer cost at most so many US dollars."""

    name = "cost"
    example = "cost: 0.002"
    unit = "US dollars"

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Compare the price of the call."""
        return self.compare(completion.cost_usd, argument)
