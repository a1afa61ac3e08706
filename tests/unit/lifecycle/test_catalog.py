"""The whole of model identity, on the embedded catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pinward.core.facts import Catalog
from pinward.core.model_id import ModelId
from pinward.lifecycle.catalog import EmbeddedCatalog, load

HERE = Path(__file__).parent
CATALOG = load()


def cases(name: str) -> list[Any]:
    rows = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return [pytest.param(row, id=f"{row['id']}|{row.get('client', '')}") for row in rows]


def verdict(model: ModelId) -> str:
    return model.pin + (" preview" if model.preview else "")


@pytest.mark.parametrize("case", cases("pinning_cases.yaml"))
def test_every_known_case_holds(case: dict[str, str]) -> None:
    model = CATALOG.identify(case["id"], case.get("client"))
    assert (model.provider, verdict(model)) == (case["provider"], case["verdict"])
    assert model.resolves_to == case.get("resolves_to")
    assert model.why


def test_the_embedded_catalog_is_a_catalog() -> None:
    catalog: Catalog = EmbeddedCatalog.__new__(EmbeddedCatalog)
    assert catalog is not None
    assert CATALOG.compiled_on.isoformat() == "2026-11-22"
