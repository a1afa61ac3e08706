"""Whom a grader's question goes to: the judge of the run, or the parser of the user's that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pinward.core.evidence import Ask, Client, Completion, Message, Question, Request
from pinward.errors import InternalError

PARSE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Asking:
    """Implements `core.evidence.Ask`. `parsers` are programs by the name of their target."""

    judge: Ask | None
    parsers: Mapping[str, Client]

    async def __call__(self, question: Question) -> Completion:
        """Ask whoever is meant. A parser gets the text as it stands: it is no model, and nothing can be said to it."""
        if question.parser:
            texts = tuple(Message("user", text) for _, text in question.data)
            return await self.parsers[question.parser].complete(Request("", texts), PARSE_SECONDS)
        if self.judge is None:
            raise InternalError("a check asks a judge, and none is connected")
        return await self.judge(question)


NOBODY = Asking(None, {})
