"""The one table of graders. A new one is its module, a row here, a page in `docs/graders/` and a test."""

from __future__ import annotations

from pinward.evals.graders.base import BaseGrader
from pinward.evals.graders.combine import AllOf, AnyOf, Not
from pinward.evals.graders.json_schema import JsonSchema
from pinward.evals.graders.json_value import JsonEquals, JsonSubset, JsonValid
from pinward.evals.graders.judge import Judge
from pinward.evals.graders.limits import Cost, Latency, Length
from pinward.evals.graders.numeric import Numeric
from pinward.evals.graders.parses_with import ParsesWith
from pinward.evals.graders.patterns import Regex
from pinward.evals.graders.refusal import Refusal
from pinward.evals.graders.similarity import Levenshtein, TokenF1
from pinward.evals.graders.text import Contains, EndsWith, Equals, NotContains, OneOf, StartsWith
from pinward.evals.graders.tool_call import ToolCallGrader

GRADERS: dict[str, BaseGrader] = {}
_ROWS: tuple[BaseGrader, ...] = (
    Equals(),
    OneOf(),
    Contains(),
    NotContains(),
    StartsWith(),
    EndsWith(),
    Regex(),
    Length(),
    Numeric(),
    Levenshtein(),
    TokenF1(),
    JsonValid(),
    JsonSchema(),
    JsonEquals(),
    JsonSubset(),
    ToolCallGrader(),
    ParsesWith(),
    Refusal(),
    Latency(),
    Cost(),
    Judge(),
    AllOf(GRADERS),
    AnyOf(GRADERS),
    Not(GRADERS),
)
GRADERS.update({grader.name: grader for grader in _ROWS})
