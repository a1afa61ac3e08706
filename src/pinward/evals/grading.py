"""One answer of one case: all its checks together make one grade."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pinward.core.evidence import Ask, Case, Check, Completion, Grade, Question
from pinward.errors import ConfigError
from pinward.evals.graders.base import NoVerdictError
from pinward.evals.graders.table import GRADERS

_SOME_ANSWER = Completion("ok", "x")


async def grade_case(case: Case, completion: Completion, ask: Ask | None) -> Grade | None:
    """Grade an answer by all checks of its case.

    The score is the weighted mean of the checks' scores; the case passes where every check does. None where there is
    no answer to judge (`infra_error`, `model_unavailable`). Raises `ConfigError` where a check itself cannot be run,
    such as a pattern that exceeds its time limit, and `UngradedError` where the judge or a parser did not answer.
    """
    if completion.outcome in {"infra_error", "model_unavailable"}:
        return None
    if reason := _unfit(case, completion):
        return Grade(0.0, False, reason)
    parts = [await _grade(check, case, completion, ask) for check in case.checks]
    return combine(parts, [check.weight for check in case.checks])


def questions(case: Case, completion: Completion) -> tuple[Question, ...]:
    """Return what the checks of a case ask of others about an answer."""
    asked = (GRADERS[check.grader].questions(completion, case, check.argument) for check in case.checks)
    return tuple(question for some in asked for question in some)


def questioning(cases: Iterable[Case]) -> Iterator[tuple[Check, Question]]:
    """Yield each check that asks others, with what it would ask about some answer; none of those by rule."""
    for case in cases:
        for check in case.checks:
            for question in GRADERS[check.grader].questions(_SOME_ANSWER, case, check.argument):
                yield check, question


def combine(parts: list[Grade], weights: list[float]) -> Grade:
    """Join grades into one: weighted mean score, passed only where all are, the reasons of those that are not."""
    total = math.fsum(weights)
    score = math.fsum(p.score * w for p, w in zip(parts, weights, strict=True)) / total if total else 0.0
    reasons = [f"`{part.check}`: {part.reason}" for part in parts if not part.passed]
    passed = bool(parts) and not reasons
    span = next((part.span for part in parts if part.passed is passed and part.span), None)
    return Grade(min(1.0, score), passed, "; ".join(reasons), parts=tuple(parts), span=span)


def _unfit(case: Case, completion: Completion) -> str:
    """Say why an answer fails before any check looks at it: what is cut short or missing proves nothing."""
    if completion.outcome == "truncated":
        return "stopped at the token limit; an answer that is cut short is not judged"
    if completion.outcome == "refused":
        wanted = any(GRADERS[check.grader].wants_refusal(check.argument) for check in case.checks)
        return "" if wanted else "the model refused to answer"
    if completion.text.strip() or completion.tool_calls:
        return ""
    wanted = any(GRADERS[check.grader].wants_empty(check.argument) for check in case.checks)
    return "" if wanted else "the answer is empty"


async def _grade(check: Check, case: Case, completion: Completion, ask: Ask | None) -> Grade:
    try:
        grade = await GRADERS[check.grader].grade(completion, case, check.argument, ask)
    except NoVerdictError as error:
        return Grade(0.0, False, str(error), check.grader)
    except ConfigError as error:
        raise ConfigError(f"{check.where}: `{check.grader}`: {error.message}", error.hint) from None
    return replace(usable(grade), check=check.grader)


def usable(grade: Grade) -> Grade:
    """Return the grade, or a failure where its score is no number from 0 to 1."""
    if math.isfinite(grade.score) and 0 <= grade.score <= 1:
        return grade
    return Grade(0.0, False, f"the check gave no score from 0 to 1 ({grade.score})")
