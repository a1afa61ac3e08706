"""Checks of the answer's text: `equals`, `contains`, `not_contains`."""

from __future__ import annotations

from dataclasses import dataclass

from pinward.core.evidence import Grade
from pinward.core.policy import Json
from pinward.core.visible import quoted
from pinward.evals.graders.base import ReadFile, TextGrader, failed, held, whole


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that a check looks for. `every` asks for all of them."""

    values: tuple[str, ...]
    every: bool = True
    ignore_case: bool = False

    def fold(self, text: str) -> str:
        """Return the text as it is compared."""
        return text.casefold() if self.ignore_case else text

    def found(self, text: str) -> list[str]:
        """Return the values that occur in the text."""
        folded = self.fold(text)
        return [value for value in self.values if self.fold(value) in folded]

    def place(self, text: str, value: str) -> tuple[int, int] | None:
        """Return where a value that was found stands; None where ignoring case changes how long the text is."""
        folded, sought = self.fold(text), self.fold(value)
        start = folded.find(sought)
        return (start, start + len(sought)) if start >= 0 and len(folded) == len(text) else None


class _Compared(TextGrader):
    """Compares the answer with what the check names, or with the case's expected value where it names nothing."""

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Take the case's expected value where the check names none."""
        return expected if argument is None else argument


class _TextsGrader(_Compared):
    """Takes a text, a list of texts, or `{all|any: [...], ignore_case: true}`."""

    def validate(self, argument: Json) -> None:
        """Refuse whatever is not text: `42` and `"42"` must not be mistaken for each other."""
        self.texts(argument)

    def texts(self, argument: Json) -> Texts:
        """Read the argument."""
        if not isinstance(argument, dict):
            return Texts(self._values(argument))
        unknown = sorted(set(argument) - {"all", "any", "ignore_case"})
        ignore_case = argument.get("ignore_case", False)
        if unknown or ("all" in argument) == ("any" in argument) or not isinstance(ignore_case, bool):
            raise self.wrong("takes a text, a list, or a mapping with `all` or `any`, and `ignore_case: true`")
        values = self._values(argument.get("all", argument.get("any")))
        return Texts(values, "all" in argument, ignore_case)

    def _values(self, argument: Json) -> tuple[str, ...]:
        values = argument if isinstance(argument, list) else [argument]
        if argument is None or not values:
            raise self.wrong("has no value, and the case has no `expected`")
        if not all(isinstance(value, str) and value for value in values):
            raise self.wrong("takes text; put numbers and true or false in quotes")
        return tuple(str(value) for value in values)


class Equals(_Compared):
    """The answer is exactly this text; white space at both ends is not compared."""

    name = "equals"
    example = 'equals: "42"'

    def validate(self, argument: Json) -> None:
        """Refuse whatever is not text."""
        if argument is None:
            raise self.wrong("has no value, and the case has no `expected`")
        if not isinstance(argument, str):
            raise self.wrong("takes text; put numbers in quotes, and compare structures with `json_equals`")

    def wants_empty(self, argument: Json) -> bool:
        """`equals: ""` asks for an empty answer."""
        return not str(argument).strip()

    def judge(self, text: str, argument: Json) -> Grade:
        """Compare."""
        wanted, found = str(argument).strip(), text.strip()
        if wanted == found:
            return held()
        place = next((i for i, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b), None)
        at = min(len(wanted), len(found)) if place is None else place
        start = max(0, at - 20)
        place_of = whole(text)
        differs_at = None if place_of is None else (place_of[0] + min(at, len(found) - 1), place_of[1])
        differ = f"; they differ from character {at + 1}: {quoted(found[start : at + 40])}" if at > 60 else ""
        return failed(f"expected {quoted(wanted)}, found {quoted(found)}{differ}", span=differs_at)


class Contains(_TextsGrader):
    """The answer contains these texts (all of them, or any)."""

    name = "contains"
    example = 'contains: "ACME"'

    def judge(self, text: str, argument: Json) -> Grade:
        """Look for each text. The score is the share that was found."""
        texts = self.texts(argument)
        found = texts.found(text)
        if len(found) == len(texts.values) or (found and not texts.every):
            return held(span=texts.place(text, found[0]))
        missing = [value for value in texts.values if value not in found]
        wanted = ", ".join(quoted(value, 60) for value in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        word = "" if texts.every else "any of "
        score = len(found) / len(texts.values) if texts.every else 0.0
        return failed(f"expected {word}{wanted}{more} in the answer, found {quoted(text)}", score)


class NotContains(_TextsGrader):
    """The answer contains none of these texts."""

    name = "not_contains"
    example = 'not_contains: "As an AI"'

    def judge(self, text: str, argument: Json) -> Grade:
        """Look for each text. With `all`, or a list, none may occur; `any` means the same."""
        texts = self.texts(argument)
        found = texts.found(text)
        if not found:
            return held()
        at = texts.fold(text).find(texts.fold(found[0]))
        reason = f"{quoted(found[0], 60)} must not occur, found {quoted(text[max(0, at - 30) : at + 60])}"
        return failed(reason, span=texts.place(text, found[0]))


class OneOf(_Compared):
    """The answer is exactly one of these texts; white space at both ends is not compared."""

    name = "one_of"
    example = "one_of: [billing, shipping]"

    def validate(self, argument: Json) -> None:
        """Refuse whatever is not a list of texts."""
        if not isinstance(argument, list) or not argument or not all(isinstance(a, str) for a in argument):
            raise self.wrong("takes a list of texts; put numbers in quotes")

    def wants_empty(self, argument: Json) -> bool:
        """A choice that is empty asks for an empty answer."""
        return "" in _stripped(argument)

    def judge(self, text: str, argument: Json) -> Grade:
        """Compare with each choice."""
        choices = _stripped(argument)
        if text.strip() in choices:
            return held()
        shown = ", ".join(quoted(choice, 40) for choice in choices[:6])
        more = f" and {len(choices) - 6} more" if len(choices) > 6 else ""
        return failed(f"expected one of {shown}{more}, found {quoted(text)}")


def _stripped(argument: Json) -> list[str]:
    return [str(choice).strip() for choice in argument] if isinstance(argument, list) else []


class _EdgeGrader(_TextsGrader):
    """The answer begins or ends with a text, or with any of several."""

    side: str

    def at_edge(self, text: str, value: str) -> bool:
        """Tell whether the text has the value at this side."""
        return text.strip().startswith(value) if self.side == "begin" else text.strip().endswith(value)

    def _place(self, text: str, size: int) -> tuple[int, int] | None:
        start, end = whole(text) or (0, 0)
        return (start, min(end, start + size)) if self.side == "begin" else (max(start, end - size), end)

    def judge(self, text: str, argument: Json) -> Grade:
        """Look at one side of the answer; white space there is not compared."""
        texts = self.texts(argument)
        edge = next((v for v in texts.values if self.at_edge(texts.fold(text), texts.fold(v))), None)
        if edge is not None:
            return held(span=self._place(text, len(edge)))
        wanted = " or ".join(quoted(value, 60) for value in texts.values[:4])
        shown = text.strip()[:100] if self.side == "begin" else text.strip()[-100:]
        return failed(f"expected the answer to {self.side} with {wanted}, found {quoted(shown)}")


class StartsWith(_EdgeGrader):
    """The answer begins with one of these texts."""

    name = "starts_with"
    example = 'starts_with: "Dear"'
    side = "begin"


class EndsWith(_EdgeGrader):
    """The answer ends with one of these texts."""

    name = "ends_with"
    example = 'ends_with: "."'
    side = "end"
