"""Which model answered, where that is not the one that was asked for (docs/threats.md F26)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pinward.core.evidence import BASELINE, CANDIDATE, Comparison
from pinward.core.model_id import ModelId
from pinward.core.report import ReportFinding, TaskReport

RULE = "served-model"
HELP = "Ask the provider or the gateway for the model itself, by its full name: what was judged is what answered."
DATE_DIGITS = 3  # `-0613`, `-001`, `-20250929`: the snapshot of a name; `-6` is another model


def served_findings(comparison: Comparison, task: TaskReport, redact: Callable[[str], str]) -> Iterator[ReportFinding]:
    """Yield a warning for each side that another model answered than was asked for."""
    sides = (
        (BASELINE, comparison.plan.baseline, task.baseline.served if task.baseline else []),
        (CANDIDATE, comparison.plan.candidate, task.candidate.served),
    )
    for side, asked, served in sides:
        others = [name for name in served if asked is not None and is_other(asked, name)]
        if asked is not None and others:
            answered = redact(", ".join(others[:5]))
            said = f"Task {task.task}: the {side} asked for {asked.written}, and {answered} answered."
            yield ReportFinding(rule=RULE, severity="warning", message=said[:4_000], help=HELP)


def is_other(asked: ModelId, served: str) -> bool:
    """Say whether an answer's model is another one than was asked for.

    A name may be answered under its snapshot's (`gpt-4o` as `gpt-4o-2024-08-06`); a deployment of Azure is a name of
    the user's own, which says nothing of the model.
    """
    if asked.provider.startswith("azure"):
        return False
    given = _plain(served)
    known = (asked.id, asked.resolves_to or "", asked.written)
    return not any(name and _names(_plain(name), given) for name in known)


def _plain(name: str) -> str:
    return name.lower().rpartition("/")[2].removesuffix("-latest").removesuffix(":latest")


def _names(asked: str, served: str) -> bool:
    if not served.startswith(asked):
        return False
    rest = served[len(asked) :]
    parts = re.split(r"[-@:]", rest)
    if parts[0]:
        return False
    digits = [part for part in parts[1:] if part.isdecimal()]
    others = {part for part in parts[1:] if not part.isdecimal()}
    return not rest or (others <= {"preview", "latest", "exp"} and sum(map(len, digits)) >= DATE_DIGITS)
