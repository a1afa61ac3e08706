"""Any night of the watch, with the worst texts in every field that data can reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import cycle
from typing import get_args

from hypothesis import strategies as st

from pinward.core.drift import Alarm, Drift
from pinward.core.facts import LifecycleFact, Lifetime, Stage, Standing
from pinward.core.findings import Finding, Location, ModelUse
from pinward.core.model_id import ModelId
from pinward.core.observation import Observation
from pinward.render.watch import Ending, Night
from tests.unit.render.hostile import TEXTS

TODAY = date(2026, 12, 16)
STAGES: tuple[Stage, ...] = tuple(stage for stage in get_args(Stage) if stage != "drifted")


def ending(turn: Iterator[str], stage: Stage, day: date | None) -> Ending:
    """Return one ending whose texts come from `turn`."""
    model = ModelId(next(turn), next(turn), next(turn), "pinned")
    fact = LifecycleFact(next(turn), next(turn), "snapshot", "deprecated", next(turn), "2026-11", "third-party")
    place = Location(next(turn), 3, 1, 5)
    use = ModelUse(model, place, "selection", next(turn))
    finding = Finding("retiring-soon", "error", "high", next(turn), next(turn), "https://example.com", "f", use=use)
    life = Lifetime(fact, "deprecated", day, "fixed", chain=(next(turn), next(turn)), replacement=next(turn))
    life = replace(life, rerouted_to=next(turn)) if stage == "rerouted" else life
    return Ending(
        model, life, (finding,), (place,) * 7, True, Standing(stage, day),
        owners=(next(turn),), duties=(next(turn),), breaks=(next(turn),), proof=next(turn),
    )  # fmt: skip


def hostile_night(texts: Sequence[str], stages: Sequence[Stage]) -> Night:
    """Return a night that carries the texts, in turn, in every field that takes text."""
    turn = cycle(text.encode("utf-8", "replace").decode("utf-8") for text in texts)
    seen = Observation(next(turn), next(turn), TODAY, {"k": 1.0}, 1, (next(turn),), (next(turn),))
    alarm = Alarm("served", TODAY, TODAY, 9, 0.9, 0.4, (next(turn),), (next(turn),), True)
    return Night(
        TODAY, date(2026, 11, 30), 3, 1, 9,
        [ending(turn, stage, None if stage == "retired" else date(2027, 1, 14)) for stage in stages],
        [next(turn), next(turn)],
        [Drift(next(turn), next(turn), seen, 9, 1, alarm), Drift(next(turn), next(turn), seen, 3, 1)],
    )  # fmt: skip


NIGHTS = st.builds(
    hostile_night, st.lists(TEXTS, min_size=1, max_size=20), st.lists(st.sampled_from(STAGES), max_size=4)
)
