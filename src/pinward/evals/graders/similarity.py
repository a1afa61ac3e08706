"""How much an answer is like a reference: `levenshtein`, `token_f1`. The score is the similarity itself."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter

from pinward.core.evidence import Grade
from pinward.core.policy import Json
from pinward.core.visible import quoted
from pinward.evals.graders.base import ReadFile, TextGrader, is_number, mapping, number

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = re.compile(r"[^\w\s]")


class SimilarityGrader(TextGrader):
    """Takes `{value, min}`; passes from `min` on (0.8 where it is not given)."""

    @abstractmethod
    def similarity(self, wanted: str, found: str) -> float:
        """Return how alike two texts are, from 0 to 1."""

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Return the mapping form; the case's expected value stands in for a missing value."""
        options = mapping(argument) or {"value": argument}
        if options.get("value") is None:
            options["value"] = expected
        return {"min": 0.8, **options}

    def validate(self, argument: Json) -> None:
        """Look at keys and ranges."""
        options = mapping(argument)
        value, least = options.get("value"), options.get("min")
        if set(options) != {"value", "min"} or not isinstance(value, str) or not value.strip():
            raise self.wrong("takes a text, or `{value, min}`")
        if not is_number(least) or not 0 < number(least) <= 1:
            raise self.wrong("takes a `min` above 0 and up to 1")

    def judge(self, text: str, argument: Json) -> Grade:
        """Measure and compare with the least similarity."""
        options = mapping(argument)
        wanted, least = str(options["value"]), number(options["min"])
        score = min(1.0, max(0.0, self.similarity(wanted.strip(), text.strip())))
        passed = score >= least
        reason = f"similarity {score:.2f}, expected {least:.2f} to {quoted(wanted, 60)}, found {quoted(text, 80)}"
        return Grade(score, passed, "" if passed else reason)


class Levenshtein(SimilarityGrader):
    """One minus the edit distance over the longer length."""

    name = "levenshtein"
    example = "levenshtein: {value: ACME Corporation, min: 0.9}"

    def similarity(self, wanted: str, found: str) -> float:
        """Return the normalised Levenshtein similarity."""
        from rapidfuzz.distance import Levenshtein as Distance

        return float(Distance.normalized_similarity(wanted, found))


class TokenF1(SimilarityGrader):
    """The F1 of shared words, as SQuAD counts it: case, punctuation and articles left out (arXiv:1606.05250)."""

    name = "token_f1"
    example = "token_f1: {value: the red kettle, min: 0.7}"

    def similarity(self, wanted: str, found: str) -> float:
        """Return the F1 of the two bags of words."""
        one, other = _words(wanted), _words(found)
        shared = sum((one & other).values())
        total = sum(one.values()) + sum(other.values())
        return 2 * shared / total if total else float(wanted == found)


def _words(text: str) -> Counter[str]:
    return Counter(_ARTICLES.sub(" ", _PUNCTUATION.sub("", text.casefold())).split())
