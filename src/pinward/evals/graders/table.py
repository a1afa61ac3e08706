"""The one table of graders. A new one is its module, a row here, a page in `docs/graders/` and a test."""

from __future__ import annotations

from pinward.evals.graders.base import BaseGrader
from pinward.evals.graders.json_schema import JsonSchema
from pinward.evals.graders.json_value import JsonEquals, JsonValid
from pinward.evals.graders.patterns import Regex
from pinward.evals.graders.text import Contains, Equals, NotContains

GRADERS: dict[str, BaseGrader] = {
    grader.name: grader
    for grader in (
        Equals(),
        Contains(),
        NotContains(),
        Regex(),
        JsonValid(),
        JsonSchema(),
        JsonEquals(),
    )
}
