"""Which of two models answers a request while a rollout is under way."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

from pinward.runtime.config import TaskConfig

_BUCKETS = 2**64


def select_model(config: TaskConfig, key: str | None = None, draw: Callable[[], float] = random.random) -> str:
    """Return the model for one request: the candidate for the rollout's share of keys, the proven model for the rest.

    The same key (a user, a tenant) always gets the same model, and a higher percentage only adds keys. Without a key
    each request is drawn by chance; `draw` gives a number in [0, 1).
    """
    if config.candidate is None or config.percent <= 0:
        return config.model
    if config.percent >= 100:
        return config.candidate
    place = draw() * 100 if key is None else bucket(config.name, config.candidate, key)
    return config.candidate if place < config.percent else config.model


def bucket(task: str, candidate: str, key: str) -> float:
    """Return the place of a key in [0, 100). Each migration shuffles anew, so that nobody is always first."""
    text = "\0".join((task, candidate, key))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) / _BUCKETS * 100
