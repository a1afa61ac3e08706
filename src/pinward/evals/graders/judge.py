"""`judge`: a model decides by a rubric, or whether an answer is at least as good as a reference.

Where everything can be checked by rule, a rule is cheaper and cannot be talked round; a case passes only where every
check does, so that a rule's failure stands whatever a judge says (docs/threats.md T7).
"""

from __future__ import annotations

import json

from pinward.core.evidence import Ask, Case, Completion, Grade, Question
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.core.visible import quoted
from pinward.errors import InternalError
from pinward.evals.graders.base import BaseGrader, NoVerdictError, ReadFile, is_number, mapping, number
from pinward.evals.judge import JudgeUnreachableError

PASS_FAIL: Json = {"pass": 1, "fail": 0}
FIRST, SECOND, TIE = "first", "second", "tie"
MAX_RUBRIC = 20_000
_KEYS = {"rubric", "labels", "range", "min", "pairwise", "reference"}


class Judge(BaseGrader):
    """Takes a rubric, `{rubric, labels | range, min}`, or `{pairwise, reference}`."""

    name = "judge"
    example = 'judge: "The answer names the company and promises nothing."'

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Return the mapping form; without a reference of its own a check takes the case's expected value."""
        options: dict[str, Json] = mapping(argument) if isinstance(argument, dict) else {"rubric": argument}
        if options.get("reference") is None and expected is not None:
            options["reference"] = expected
        if "rubric" in options and "range" not in options:
            options.setdefault("labels", PASS_FAIL)
            options.setdefault("min", 0.5)
        return options

    def validate(self, argument: Json) -> None:
        """Look at keys, labels and ranges."""
        options = mapping(argument)
        criteria = options.get("pairwise", options.get("rubric"))
        if set(options) - _KEYS or not isinstance(criteria, str) or not 0 < len(criteria.strip()) <= MAX_RUBRIC:
            raise self.wrong("takes a rubric, or a mapping with `rubric` or `pairwise`")
        if "pairwise" in options:
            self._validate_pairwise(options)
        elif "range" in options:
            self._validate_range(options)
        else:
            self._validate_labels(options)

    def _validate_pairwise(self, options: dict[str, Json]) -> None:
        if {"rubric", "labels", "range", "min"} & set(options):
            raise self.wrong("takes `pairwise` beside nothing but `reference`")
        if options.get("reference") in (None, ""):
            raise self.wrong("has no `reference` to compare with, and the case has no `expected`")

    def _validate_range(self, options: dict[str, Json]) -> None:
        ends, least = options["range"], options.get("min")
        if (
            not isinstance(ends, list)
            or len(ends) != 2
            or not all(is_number(end) for end in ends)
            or "labels" in options
        ):
            raise self.wrong("takes a `range` of two numbers, such as [1, 5], and no `labels` beside it")
        if not number(ends[0]) < number(ends[1]):
            raise self.wrong("has a `range` that does not rise")
        if not is_number(least) or not number(ends[0]) < number(least) <= number(ends[1]):
            raise self.wrong("takes a `min` within its `range`, above its lower end")

    def _validate_labels(self, options: dict[str, Json]) -> None:
        labels, least = options.get("labels"), options.get("min")
        if not isinstance(labels, dict) or not 2 <= len(labels) <= 50 or not all(key.strip() for key in labels):
            raise self.wrong("takes `labels` with a score each, such as {good: 1, bad: 0}")
        scores = [number(score) if is_number(score) else -1.0 for score in labels.values()]
        if not all(0 <= score <= 1 for score in scores):
            raise self.wrong("takes scores from 0 to 1 for its `labels`")
        if not is_number(least) or not min(scores) < number(least) <= max(scores):
            raise self.wrong("takes a `min` that some of its labels reach and others do not")

    def questions(self, completion: Completion, case: Case, argument: Json) -> tuple[Question, ...]:
        """Return what is asked of the judge: one question, or one in each order of a pair."""
        options = mapping(argument)
        given, answer = ("input", _text(case.input)), _answer(completion)
        reference = _text(options.get("reference"))
        if "pairwise" in options:
            return tuple(
                Question(
                    _pair_rules(str(options["pairwise"])), (given, ("first", one), ("second", other)), _schema(_PAIR)
                )
                for one, other in ((answer, reference), (reference, answer))
            )
        data = (given, *((("reference", reference),) if reference else ()), ("answer", answer))
        return (Question(_rubric_rules(options), data, _schema(_verdict(options))),)

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Ask and read the verdict.

        Raises `JudgeUnreachableError` where there is no answer to read, `NoVerdictError` where it cannot be read.
        """
        if ask is None:
            raise InternalError("a check asks a judge, and none is connected")
        answers = []
        for question in self.questions(completion, case, argument):
            told = await ask(question)
            if told.fault is not None or told.outcome in {"infra_error", "model_unavailable"}:
                raise JudgeUnreachableError(told)
            answers.append(_read(told))
        options = mapping(argument)
        if any(answer is None for answer in answers):
            raise NoVerdictError("the judge gave no verdict that fits the schema, which counts as a failure")
        verdicts = [answer for answer in answers if answer is not None]
        return (
            _pairwise(verdicts, completion) if "pairwise" in options else self._rubric(options, verdicts[0], completion)
        )

    def _rubric(self, options: dict[str, Json], answer: dict[str, Json], completion: Completion) -> Grade:
        verdict, least = answer.get("verdict"), number(options["min"])
        if "range" in options:
            low, high = ends(options)
            if not is_number(verdict) or not low <= number(verdict) <= high:
                raise NoVerdictError(f"the judge gave no number from {low:g} to {high:g}, which counts as a failure")
            score, passed = (number(verdict) - low) / (high - low), number(verdict) >= least
        else:
            scores = mapping(options["labels"])
            if not isinstance(verdict, str) or verdict not in scores:
                raise NoVerdictError("the judge gave none of the labels, which counts as a failure")
            score, passed = number(scores[verdict]), number(scores[verdict]) >= least
        said = f"the judge says {quoted(str(verdict), 40)}: {quoted(str(answer['reason']), 300)}"
        return Grade(score, passed, said, span=_span(answer, completion))


def _pairwise(answers: list[dict[str, Json]], completion: Completion) -> Grade:
    """Join the verdicts of both orders: what changes with the order is a tie (arXiv:2306.05685, position bias)."""
    first, second = (answer.get("verdict") for answer in answers)
    if {first, second} - {FIRST, SECOND, TIE}:
        raise NoVerdictError("the judge gave no verdict that fits the schema, which counts as a failure")
    reason = quoted(str(answers[0]["reason"]), 300)
    if (first, second) == (FIRST, SECOND):
        return Grade(
            1.0, True, f"the judge prefers the answer in both orders: {reason}", span=_span(answers[0], completion)
        )
    if (first, second) == (SECOND, FIRST):
        return Grade(
            0.0, False, f"the judge prefers the reference in both orders: {reason}", span=_span(answers[0], completion)
        )
    agreed = "sees a tie" if first == second == TIE else "changes its mind with the order, which is a tie"
    return Grade(0.5, True, f"the judge {agreed}: {reason}")


def _read(told: Completion) -> dict[str, Json] | None:
    """Return a verdict, None where the answer is anything but one object with exactly the three keys."""
    try:
        value = parse_json(told.text) if told.outcome == "ok" else None
    except JsonError:
        return None
    if not isinstance(value, dict) or set(value) != {"reason", "evidence", "verdict"}:
        return None
    return value if isinstance(value["reason"], str) and isinstance(value["evidence"], str) else None


def _span(answer: dict[str, Json], completion: Completion) -> tuple[int, int] | None:
    """Return where the words that the judge copied stand in the answer, None where they do not."""
    words = str(answer["evidence"]).strip()
    start = completion.text.find(words) if words else -1
    return None if start < 0 else (start, start + len(words))


_PAIR: Json = {"type": "string", "enum": [FIRST, SECOND, TIE]}


def _verdict(options: dict[str, Json]) -> Json:
    if "range" in options:
        return {"type": "number"}
    return {"type": "string", "enum": list[Json](mapping(options["labels"]))}


def _schema(verdict: Json) -> Json:
    return {
        "type": "object",
        "properties": {"reason": {"type": "string"}, "evidence": {"type": "string"}, "verdict": verdict},
        "required": ["reason", "evidence", "verdict"],
        "additionalProperties": False,
    }


def ends(options: dict[str, Json]) -> tuple[float, float]:
    """Return the lowest and the highest number that the judge may give."""
    low, high = options["range"] if isinstance(options["range"], list) else (0, 1)
    return number(low), number(high)


def _rubric_rules(options: dict[str, Json]) -> str:
    if "range" in options:
        low, high = ends(options)
        how = f"`verdict` is a number from {low:g} to {high:g}."
    else:
        how = f"`verdict` is one of {json.dumps(list(mapping(options['labels'])), ensure_ascii=False)}."
    return (
        "INPUT is what a program was asked, ANSWER is what it answered and what you judge"
        f", REFERENCE (where given) is an answer known to be good. {how}\nJudge by this rubric:\n{options['rubric']}"
    )


def _pair_rules(criteria: str) -> str:
    return (
        "INPUT is what two programs were asked, FIRST and SECOND are their answers. `verdict` is `first` or `second` "
        "for the better one, `tie` where neither is. Their order says nothing.\n"
        f"Judge by these criteria:\n{criteria}"
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def _answer(completion: Completion) -> str:
    """Return the answer as the judge sees it, with the tools that it called."""
    calls = [
        json.dumps({"tool": call.name, "arguments": call.arguments}, ensure_ascii=False)
        for call in completion.tool_calls
    ]
    return "\n".join([completion.text, *calls]) if calls else completion.text
