"""Model-graded checks of other tools as our `judge`; the model is `policy.judge.model`, never the one they name."""

from __future__ import annotations

from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.evals.importers.base import Check, Draft

# openai/evals `fact.yaml`, and promptfoo's `factuality` after it: only a disagreement is a fault.
FACT_LABELS: Json = {"subset": 1, "superset": 1, "same": 1, "disagreement": 0, "immaterial": 1}
FACT_RUBRIC = (
    "Compare the facts in ANSWER with those in REFERENCE; style, grammar and punctuation do not count. `subset`: the "
    "answer states some of them and contradicts none. `superset`: it states them all and more, and contradicts none. "
    "`same`: it states the same. `disagreement`: the two contradict each other. `immaterial`: they differ, but not in "
    "facts."
)


def by_rubric(rubric: str, **options: Json) -> Check:
    """Return a judge by rubric. Raises `ConfigError` where there is none."""
    if not rubric.strip():
        raise ConfigError("the rubric is empty")
    return {"judge": {"rubric": rubric, **options} if options else rubric}


def by_range(rubric: str, low: float, high: float, least: float) -> Check:
    """Return a judge that gives a number. Raises `ConfigError` where every number, or none, would pass."""
    if not low < least <= high:
        raise ConfigError(f"its threshold {least:g} does not lie in its range {low:g} to {high:g}")
    return by_rubric(rubric, range=[low, high], min=least)


def without_judge(draft: Draft) -> Draft:
    """Take what asks a judge out of a draft and list it: the policy names no judge to ask."""
    kept = Draft(draft.name, versions=draft.versions, notes=list(draft.notes))
    for case in draft.cases:
        checks = case["checks"] if isinstance(case["checks"], list) else []
        rest = [check for check in checks if not _asks(check)]
        where = str(case["id"])
        if len(rest) < len(checks):
            kept.note(where, "a check by a model is left out: `policy.judge.model` names no judge")
        if rest:
            kept.cases.append({**case, "checks": rest})
        else:
            kept.note(where, "left out: no check is left, so any answer would pass")
    return kept


def _asks(check: Json) -> bool:
    if isinstance(check, list):
        return any(_asks(part) for part in check)
    if not isinstance(check, dict):
        return check == "judge"
    return "judge" in check or any(_asks(part) for key, part in check.items() if key in {"all", "any", "not", "checks"})
