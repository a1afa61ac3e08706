"""`parses_with`: the user's own parser, a `command` target, reads the answer or does not (docs/targets.md)."""

from __future__ import annotations

from dataclasses import replace

from pinward.core.evidence import Ask, Case, Completion, Fault, Grade, Question
from pinward.core.policy import Json
from pinward.core.visible import quoted
from pinward.errors import InternalError
from pinward.evals.graders.base import BaseGrader, UngradedError, failed, held, whole


class ParsesWith(BaseGrader):
    """Takes the name of a target. What the parser writes is hostile text, since it may repeat the answer."""

    name = "parses_with"
    example = "parses_with: parser"

    def validate(self, argument: Json) -> None:
        """Take a name; whether there is such a target is the configuration's to say."""
        if not isinstance(argument, str) or not argument.strip():
            raise self.wrong("takes the name of a `command` target")

    def questions(self, completion: Completion, case: Case, argument: Json) -> tuple[Question, ...]:
        """Return the answer for the parser."""
        return (Question("", (("answer", completion.text),), None, parser=str(argument)),)

    async def grade(self, completion: Completion, case: Case, argument: Json, ask: Ask | None) -> Grade:
        """Run the parser. Raises `UngradedError` where it could not say, which is no failure of the model."""
        if ask is None:
            raise InternalError("a check asks a parser, and none is connected")
        told = await ask(self.questions(completion, case, argument)[0])
        if told.outcome not in {"ok", "refused"}:
            fault = told.fault or Fault("parser", told.outcome)
            raise UngradedError(replace(fault, kind="parser", detail=f"the parser gave no result: {fault.detail}"))
        place = whole(completion.text)
        if told.outcome == "ok":
            return held(span=place)
        said = f": {quoted(told.text, 300)}" if told.text else ""
        return failed(f"`{argument}` cannot parse the answer{said}", span=place)
