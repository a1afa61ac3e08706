"""May a rollout take the step that a pull request takes? The rulings are made where GitHub and metrics can be asked;
here they become remarks at the key that took the step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pinward.core.facts import RepositoryFacts
from pinward.rules.base import Remark

# A step that one of these speaks against is blocked whatever `fail_on` says.
STEP_RULES = frozenset({"rollout-stage-skipped", "rollout-soak", "rollout-metrics", "rollback-lost"})


def ruled(rule: str) -> Callable[[RepositoryFacts], Iterator[Remark]]:
    """Return the survey of one rule: what is broken, and what is not knowable."""

    def survey(facts: RepositoryFacts) -> Iterator[Remark]:
        for found in facts.project.tasks if facts.project else ():
            for ruling in found.rulings:
                if ruling.rule == rule and ruling.state != "held":
                    yield Remark(ruling.said, ruling.help, ("tasks", found.task.name, "rollout", "percent"))

    return survey
