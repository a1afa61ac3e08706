"""What a refresh may do to the facts: nothing is lost, and what moves is said."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scripts import build_catalog
from scripts.refresh_catalog import Statement, deprecations, litellm, merge, openai_page, report, written

TODAY = date(2026, 11, 22)
DOCUMENT = build_catalog.read()
ROWS: list[dict[str, Any]] = DOCUMENT["models"]
IDS = [(row["provider"], row["id"]) for row in ROWS]


def by_id(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["provider"], row["id"]): row for row in rows}


def said(name: str, day: str, first: bool = True) -> Statement:
    return Statement("openai", name, day, "https://example.com/x", first)


def test_a_first_partys_date_replaces_the_old_one_which_is_kept_and_told() -> None:
    merged = merge(ROWS, [said("gpt-4o-2024-08-06", "2027-02-14")], TODAY)
    row = by_id(merged.rows)["openai", "gpt-4o-2024-08-06"]
    assert (row["shutdown_on"], row["status"], row["confidence"]) == ("2027-02-14", "deprecated", "first-party")
    assert row["superseded"][0].startswith("2027-01-14 (fixed, read 2026-")
    assert merged.changes == ["openai/gpt-4o-2024-08-06: 2027-01-14 -> 2027-02-14 (https://example.com/x)"]


def test_a_third_party_fills_a_gap_and_moves_nothing() -> None:
    merged = merge(
        ROWS, [said("gpt-6-luna", "2027-05-01", False), said("gpt-4o-2024-08-06", "2027-03-01", False)], TODAY
    )
    rows = by_id(merged.rows)
    assert rows["openai", "gpt-6-luna"]["confidence"] == "third-party"
    assert rows["openai", "gpt-4o-2024-08-06"]["shutdown_on"] == "2027-01-14"
    assert len(merged.changes) == 1
    assert "2027-01-14 stands" in merged.open_questions[0]


def test_an_unknown_id_is_a_question_and_never_a_row() -> None:
    merged = merge(ROWS, [said("gpt-99", "2027-05-01"), said("gpt-98", "2027-05-01", False)], TODAY)
    assert len(merged.rows) == len(ROWS)
    assert [line.split(":")[0] for line in merged.open_questions] == ["openai/gpt-99"]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda who, day, first: Statement(who[0], who[1], day, "https://example.com", first),
            st.sampled_from(IDS) | st.tuples(st.text(max_size=5), st.text(max_size=20)),
            st.dates(date(2019, 1, 1), date(2101, 1, 1)).map(str) | st.text(max_size=12),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_t32_no_row_and_no_date_is_ever_lost_and_every_move_is_a_line(statements: list[Statement]) -> None:
    merged = merge(ROWS, statements, TODAY)
    after = by_id(merged.rows)
    assert list(after) == IDS
    for row in ROWS:
        new = after[row["provider"], row["id"]]
        if new.get("shutdown_on") != row.get("shutdown_on"):
            assert any(line.startswith(f"{row['provider']}/") for line in merged.changes)
            assert "shutdown_on" not in row or any(row["shutdown_on"] in old for old in new["superseded"])
            assert new["shutdown_on"]
    build_catalog.encode(DOCUMENT | {"models": merged.rows})


def test_the_file_is_written_as_it_was() -> None:
    text = build_catalog.SOURCE.read_text(encoding="utf-8")
    lines = set(text.splitlines()) ^ set(written(text, DOCUMENT).splitlines())
    assert len(lines) < 40  # a dozen long lines break elsewhere


def test_the_page_is_read_by_the_names_of_its_columns() -> None:
    page = (
        "| Shutdown date | Affected model | Status | Recommended replacement |\n|---|---|---|---|\n"
        "| 2027‑01‑14 | `gpt-4o` and `gpt-4o-2024-08-06` | x | `gpt-6-luna` |\n\n| a | b |\n| 2027-01-01 | `no` |\n"
    )
    assert [(s.id, s.day) for s in openai_page(page)] == [("gpt-4o", "2027-01-14"), ("gpt-4o-2024-08-06", "2027-01-14")]


def test_the_datasets_are_read_as_third_parties() -> None:
    table = {
        "sample_spec": {"litellm_provider": "one of", "deprecation_date": "x"},
        "gemini/gemini-2.5-pro": {"litellm_provider": "gemini", "deprecation_date": "2026-12-01"},
        "azure/our-name": {"litellm_provider": "azure", "deprecation_date": "2026-12-01"},
        "broken": None,
    }
    feed = [{"provider": "OpenAI", "model_id": "gpt-4o", "shutdown_date": "2027-01-14T00:00:00Z"}, {"provider": 7}, "x"]
    assert [(s.provider, s.id, s.first_party) for s in litellm(table)] == [("gemini", "gemini-2.5-pro", False)]
    assert [(s.id, s.day, s.first_party) for s in deprecations(feed)] == [("gpt-4o", "2027-01-14", False)]


def test_the_pull_requests_text_holds_names_as_code() -> None:
    merged = merge(ROWS, [Statement("openai", "gpt-4o", "2027-02-14", "https://x/`@all`", True)], TODAY)
    assert "`@all`" not in report(merged, [])
