from __future__ import annotations

from pinward.commands.gate.params import accepted
from tests.unit.evals.fakes import case, request_of


def test_an_arm_that_nobody_runs_is_asked_without_what_its_model_rejects() -> None:
    ask = request_of("o4-mini", temperature=0, top_p=1, seed=7)
    assert accepted(ask, "openai")(case("c")).params == {"seed": 7}
    assert accepted(ask, "cohere")(case("c")) == ask(case("c"))
