"""What all graders share: how an argument is completed at load time, and how a grade is worded."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace

from pinward.core.evidence import Ask, Case, Completion, Fault, Grade, Question
from pinward.core.policy import Json
from pinward.errors import ConfigError, PinwardError

ReadFile = Callable[[str], Json]


class NoVerdictError(Exception):
    """A judge gave nothing that can be read: the check fails as a whole, whatever stands around it (`not` too)."""


class UngradedError(PinwardError):
    """Nobody could say whether an answer is good, for `fault`: never a failure of the model under test."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.detail)


class BaseGrader(ABC):
    """A kind of check. A subclass names itself, refuses bad arguments and judges; the rest has defaults."""

    name: str
    example: str

    def prepare(self, argument: Json, expected: Json, read: ReadFile) -> Json:
        """Return the argument in the form that `grade` takes, with expected value and files filled in.

        `expected` is the case's; `read` parses a JSON or YAML file named beside the suite. Raises `ConfigError`.
        """
        return argument

    @abstractmethod
    def validate(self, argument: Json) -> None:
        """Raise `ConfigError` where the prepared argument cannot be used."""

    @abstractmethod
    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Judge one answer. Raises `ConfigError` where the check itself cannot be run, never for the answer."""

    def questions(self, completion: Completion, case: Case, argument: Json) -> tuple[Question, ...]:
        """Return what the check asks of others about an answer; nothing for a check by rule."""
        return ()

    def wants_empty(self, argument: Json) -> bool:
        """Tell whether the check asks for an empty answer; without one an empty answer fails."""
        return False

    def wants_refusal(self, argument: Json) -> bool:
        """Tell whether the check asks for a refusal; without one a refused answer fails."""
        return False

    def wrong(self, message: str) -> ConfigError:
        """Return the error for a bad argument."""
        return ConfigError(f"`{self.name}` {message}", f"Write for example `- {self.example}`.")


class TextGrader(BaseGrader):
    """A check that looks at the answer's text alone."""

    @abstractmethod
    def judge(self, text: str, argument: Json) -> Grade:
        """Judge the text."""

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Judge the answer's text; where a check shows no place of its own, the whole of it is the evidence."""
        grade = self.judge(completion.text, argument)
        return grade if grade.span else replace(grade, span=whole(completion.text))


def mapping(argument: Json) -> dict[str, Json]:
    """Return a copy of a mapping; empty for anything else, which `validate` then refuses."""
    return dict(argument) if isinstance(argument, dict) else {}


def is_number(value: Json) -> bool:
    """Tell whether a value is a finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number(value: Json) -> float:
    """Return a value that `is_number` as a float."""
    return float(str(value))


def whole(text: str) -> tuple[int, int] | None:
    """Return where a text stands without the white space around it, None where it is blank."""
    stripped = text.strip()
    start = len(text) - len(text.lstrip())
    return (start, start + len(stripped)) if stripped else None


def held(reason: str = "", span: tuple[int, int] | None = None) -> Grade:
    """Return a full pass; `span` is where in the answer its evidence stands."""
    return Grade(1.0, True, reason, span=span)


def failed(reason: str, score: float = 0.0, span: tuple[int, int] | None = None) -> Grade:
    """Return a failure; `reason` names what was expected and what was found, `span` where."""
    return Grade(score, False, reason, span=span)
