"""Which version of a task is deployed: a short digest that the application writes beside its metrics and the gate
computes from the repository, so that both mean the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from pinward.core.policy import Task

LENGTH = 12


def deployment(task: Task, prompt_digest: Callable[[str], str]) -> str:
    """Return 12 hex digits that stand for all that the users of a task meet: both models, their share, parameters and
    prompts. `prompt_digest` gives the digest of the prompt that a model gets."""
    candidate = task.candidates[0] if task.candidates else None
    share = float(task.rollout.percent) if candidate else 0.0
    models = [task.model] + ([candidate] if candidate and share > 0 else [])
    parts = [share, dict(task.params), [[model, prompt_digest(model)] for model in models]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=dict).encode()).hexdigest()[:LENGTH]
