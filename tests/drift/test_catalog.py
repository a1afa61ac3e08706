"""The embedded catalog is what its source of truth says."""

from __future__ import annotations

from scripts import build_catalog


def test_the_embedded_catalog_is_built_from_the_committed_facts() -> None:
    document = build_catalog.read()
    assert build_catalog.problems(document) == []
    assert build_catalog.TARGET.read_text(encoding="utf-8") == build_catalog.encode(document)
