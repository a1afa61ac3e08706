"""Parameters that a model is known to reject: said before the run, with the choice to drop them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pinward.core.evidence import CANDIDATE, Case, Request
from pinward.evals.runner import Work
from pinward.providers.parameters import rejected


def rejected_notes(work: Work) -> tuple[str, ...]:
    """Name what the documentation of each candidate says it rejects; the API has the last word (`evals.preflight`)."""
    said = []
    for (task, name), arm in work.arms.items():
        case = next((work.cases[key] for key in work.cases if key[0] == task), None)
        if name != CANDIDATE or case is None:
            continue
        request = arm.request(case)
        said += [
            f"`{arm.model.written}` rejects this `{parameter}` ({source}). To drop it, take it out of "
            f"`tasks.{task}.params`, or set it to null in the prompt version of this model."
            for parameter, source in rejected(arm.wire, request.model, request.params).items()
        ]
    return tuple(said)


def accepted(ask: Callable[[Case], Request], wire: str) -> Callable[[Case], Request]:
    """Return how to ask without what the model rejects: for the arms that nobody runs in production, which only tell
    the model's part of a change from the rest's."""

    def request(case: Case) -> Request:
        asked = ask(case)
        refused = rejected(wire, asked.model, asked.params)
        return replace(asked, params={name: value for name, value in asked.params.items() if name not in refused})

    return request
