"""Every model that one commit uses, and what each can expect: the report's `models`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from pinward.commands.gate.sides import Side
from pinward.commands.watch.facts import configured, duties_of, key_of
from pinward.core.facts import Catalog
from pinward.core.findings import ModelUse
from pinward.core.model_id import ModelId
from pinward.core.policy import LifecyclePolicy, Policy, Project
from pinward.core.report import ModelInUse
from pinward.core.visible import shorten
from pinward.errors import PinwardError
from pinward.lifecycle.alerts import end_of, standing
from pinward.scan.discovery import discover_commit
from pinward.scan.scanner import scan_tree

MOST = 500
LONGEST = 400


def in_use(side: Side, policy: Policy, catalog: Catalog, today: date) -> tuple[list[ModelInUse], list[str]]:
    """Return the models that a commit sends to a provider or configures, the first end first, and notes on what is
    missing from the list: a picture never stops a gate."""
    tree, project = side.tree, side.project or Project()
    try:
        scanned = scan_tree(tree, catalog, discover_commit(tree, policy.scan.exclude), searched=True)
    except PinwardError as error:
        return [], [f"The lifetimes of the repository's models are not shown: {error.message}"]
    selected = [use for use in scanned.uses if use.role == "selection"]
    named = configured(project, tree, catalog, selected)
    by_model: defaultdict[tuple[str, str], list[ModelUse]] = defaultdict(list)
    for use in (*selected, *named.uses):
        by_model[key_of(use.model)].append(use)
    rows = [
        model_in_use(uses, duties_of(named.by_model, uses[0].model), catalog, today, policy.lifecycle)
        for uses in by_model.values()
    ]
    rows.sort(key=lambda row: (row.ends_on or "9", row.name))
    left = len(rows) - MOST
    return rows[:MOST], [f"`models` holds the first {MOST} of {len(rows)} models."] if left > 0 else []


def model_in_use(
    uses: list[ModelUse], duties: Iterable[str], catalog: Catalog, today: date, policy: LifecyclePolicy
) -> ModelInUse:
    """Return what one model can expect. `uses` are all of that model, at least one."""
    model: ModelId = uses[0].model
    name, provider = (shorten(text, LONGEST) for text in (model.written, model.provider))
    life = catalog.lifetime(model, today, policy)
    used = ModelInUse(
        name=name, provider=provider, places=len(uses), used_as=[shorten(duty, LONGEST) for duty in duties]
    )
    if life is None:
        return used
    stands, end = standing(life, today, policy), end_of(life)
    day = stands.day if stands else end
    promised = life.shutdown_on if life.shutdown_kind == "not-before" else None
    return used.model_copy(
        update={
            "known": True,
            "stage": stands.stage if stands else None,
            "ends_on": day.isoformat() if day else None,
            "may_move": life.shutdown_kind == "earliest",
            "promised_until": promised.isoformat() if promised else None,
            "answered_by": life.rerouted_to or (life.fact.routes_to if life.reroutes_on else None),
            "replacement": life.replacement,
            "confidence": life.fact.confidence,
        }
    )
