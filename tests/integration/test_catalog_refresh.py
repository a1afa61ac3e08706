"""A refresh over real sockets: documents and endpoints as providers serve them, broken ones and hostile ones."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from pinward.core.policy import Provider
from pinward.net import HttpClient
from scripts import build_catalog
from scripts.catalog_sources import DOCUMENTS
from scripts.refresh_catalog import Merged, Reach, gather, refreshed, report
from tests.support.json_server import Asked, json_server

TODAY = date(2026, 12, 1)
CATALOG = build_catalog.read()
OPENAI, CLAUDE, LITELLM = (
    next(d.path for d in DOCUMENTS if part in d.url) for part in ("openai.com", "claude.com", "BerriAI")
)
PAGE = "| Shutdown date | Affected model |\n|---|---|\n| {} | `{}` |\n"
KEYS = {"OPENAI_API_KEY": "sk-refresh-canary"}


def refresh(server: Asked) -> tuple[Merged, list[str]]:
    notes: list[str] = []
    providers = {"openai": Provider("openai", "openai", server.url, "OPENAI_API_KEY")}
    reach = Reach(KEYS.get, providers, lambda _: HttpClient(server.url, {}))
    said = asyncio.run(gather(reach, CATALOG["models"], notes))
    return refreshed(CATALOG, said, notes, TODAY), notes


def row(merged: Merged, provider: str, name: str) -> dict[str, Any]:
    return next(row for row in merged.rows if (row["provider"], row["id"]) == (provider, name))


def test_endpoints_and_pages_move_dates_with_a_line_and_who_is_away_changes_nothing() -> None:
    answers = {
        "/models": {
            "data": [{"id": "gpt-6-luna", "shutdown_date": "2027-06-01"}, {"id": "gpt-4o", "shutdown_date": None}]
        },
        OPENAI: PAGE.format("Jul 1, 2027", "gpt-6-sol").encode(),
        CLAUDE: 503,
        LITELLM: {"gpt-6-astra": {"litellm_provider": "openai", "deprecation_date": "2027-08-01"}},
    }
    with json_server(answers) as server:
        merged, notes = refresh(server)
    moved = [line for line in merged.changes if "->" in line and "retired" not in line]
    assert [line.partition(",")[0] for line in moved] == [
        "openai/gpt-6-astra: no date -> 2027-08-01 (earliest)",
        "openai/gpt-6-luna: no date -> 2027-06-01",
        "openai/gpt-6-sol: no date -> 2027-07-01",
    ]
    assert row(merged, "openai", "gpt-6-astra")["confidence"] == "third-party"
    assert any("platform.claude.com" in note and "it answered 503" in note for note in notes)
    assert "anthropic was not asked: ANTHROPIC_API_KEY is not set" in notes
    assert build_catalog.problems(CATALOG | {"compiled_on": "2026-12-01", "models": merged.rows}) == []
    keyed = [path for _, path, headers in server.requests if "canary" in str(headers)]
    assert keyed == ["/models"]  # the key goes to its own endpoint, and to no page


def test_t32_hostile_feeds_lose_nothing_and_move_nothing() -> None:
    hostile = {
        "gpt-6-astra\n::error::x": {"litellm_provider": "openai", "deprecation_date": "2027-08-01"},
        "gpt-6-astra": {"litellm_provider": "openai", "deprecation_date": "9999-12-31"},
        "gpt-6-sol": {"litellm_provider": "openai", "deprecation_date": "2020-01-01"},
        "gpt-4o-2024-08-06": {"litellm_provider": "openai", "deprecation_date": "2031-01-01"},
        "__proto__": {"litellm_provider": ["openai"], "deprecation_date": {"$gt": ""}},
    }
    answers = {
        "/models": {"data": [{"id": "gpt-6-luna", "shutdown_date": "0001-01-01"}]},
        OPENAI: PAGE.format("2019-01-01", "gpt-6-sol").encode() + b"\xff\xfe" + b"|" * 100_000,
        CLAUDE: b"<table><tr><th>Retirement date<th>Model" + b"<tr><td>2027-01-01<td>@all\n::error::x" * 2000,
        LITELLM: hostile,
    }
    with json_server(answers) as server:
        merged, notes = refresh(server)
    settled = refreshed(CATALOG, [], [], TODAY)  # what the day alone does
    assert merged.rows == settled.rows
    assert merged.changes == settled.changes
    assert {line.partition(":")[0] for line in merged.open_questions} == {
        "openai/gpt-6-sol",
        "openai/gpt-4o-2024-08-06",
    }
    assert any(note.startswith("openai could not be asked: ") for note in notes)
    text = report(merged, notes)
    assert "\n::error" not in text
    assert "@all" not in text
