"""What a refresh may do to the facts: nothing is lost, and what moves is said."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.facts import ShutdownKind
from scripts import build_catalog
from scripts.catalog_sources import DOCUMENTS, Statement
from scripts.refresh_catalog import merge, refreshed, report, written

TODAY = date(2026, 11, 22)
DOCUMENT = build_catalog.read()
ROWS: list[dict[str, Any]] = DOCUMENT["models"]
IDS = [(row["provider"], row["id"]) for row in ROWS]


def by_id(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["provider"], row["id"]): row for row in rows}


def said(name: str, day: str, first: bool = True, kind: ShutdownKind = "fixed") -> Statement:
    return Statement("openai", name, day, "https://example.com/x", first, kind)


def test_a_first_partys_date_replaces_the_old_one_which_is_kept_and_told() -> None:
    merged = merge(ROWS, [said("gpt-4o-2024-08-06", "2027-02-14")], TODAY)
    row = by_id(merged.rows)["openai", "gpt-4o-2024-08-06"]
    assert (row["shutdown_on"], row["status"], row["confidence"]) == ("2027-02-14", "deprecated", "first-party")
    assert row["superseded"][0].startswith("2027-01-14 (fixed, read 2026-")
    assert merged.changes == ["openai/gpt-4o-2024-08-06: 2027-01-14 -> 2027-02-14, https://example.com/x"]


def test_a_third_party_fills_a_gap_in_the_future_and_moves_nothing() -> None:
    statements = [
        said("gpt-6-luna", "2027-05-01", False),
        said("gpt-6-sol", "2026-11-01", False),
        said("gpt-4o-2024-08-06", "2027-03-01", False),
    ]
    merged = merge(ROWS, statements, TODAY)
    rows = by_id(merged.rows)
    assert (rows["openai", "gpt-6-luna"]["confidence"], rows["openai", "gpt-6-luna"]["status"]) == (
        "third-party",
        "deprecated",
    )
    assert rows["openai", "gpt-6-sol"]["status"] == "active"
    assert rows["openai", "gpt-4o-2024-08-06"]["shutdown_on"] == "2027-01-14"
    assert merged.changes == ["openai/gpt-6-luna: no date -> 2027-05-01, a third party's: https://example.com/x"]
    assert [line.split(";")[0] for line in merged.open_questions] == [
        "openai/gpt-4o-2024-08-06: 2027-01-14 (fixed) stands",
        "openai/gpt-6-sol: no date stands",
    ]


def test_where_first_parties_disagree_what_stands_stands_and_of_two_new_days_the_earlier_is_taken() -> None:
    told = [said("gpt-4o-2024-08-06", day) for day in ("2027-01-14", "2027-02-01")]
    told += [said("gpt-6-luna", day) for day in ("2027-06-01", "2027-05-01")]
    merged = merge(ROWS, told, TODAY)
    rows = by_id(merged.rows)
    assert rows["openai", "gpt-4o-2024-08-06"]["shutdown_on"] == "2027-01-14"
    assert rows["openai", "gpt-6-luna"]["shutdown_on"] == "2027-05-01"
    assert len(merged.open_questions) == 2


def test_a_promise_moves_a_promise_and_never_an_end() -> None:
    promise = Statement("anthropic", "claude-opus-4-6", "2027-08-05", "https://example.com/x", True, "not-before")
    merged = merge(ROWS, [promise, said("gpt-4o-2024-08-06", "2028-01-01", kind="not-before")], TODAY)
    rows = by_id(merged.rows)
    opus = rows["anthropic", "claude-opus-4-6"]
    assert (opus["shutdown_on"], opus["shutdown_kind"], opus["status"]) == ("2027-08-05", "not-before", "active")
    assert rows["openai", "gpt-4o-2024-08-06"]["shutdown_on"] == "2027-01-14"
    assert "2027-01-14 (fixed) stands" in merged.open_questions[0]


def test_a_day_that_has_come_retires_the_row_and_is_a_line() -> None:
    merged = merge(ROWS, [], date(2027, 1, 14))
    assert by_id(merged.rows)["openai", "gpt-4o-2024-08-06"]["status"] == "retired"
    assert "openai/gpt-4o-2024-08-06: deprecated -> retired, its day (2027-01-14) has come" in merged.changes
    assert build_catalog.problems(DOCUMENT | {"compiled_on": "2027-01-14", "models": merged.rows}) == []


def test_a_day_before_the_model_was_released_is_a_question_and_stops_nothing() -> None:
    merged = merge(ROWS, [said("gpt-4o-2024-08-06", "2023-01-01"), said("gpt-6-luna", "2027-05-01")], TODAY)
    assert by_id(merged.rows)["openai", "gpt-4o-2024-08-06"]["shutdown_on"] == "2027-01-14"
    assert "which cannot be" in merged.open_questions[0]
    assert len(merged.changes) == 1


def test_azure_dates_a_model_as_a_whole_or_by_version() -> None:
    told = [
        Statement("azure", name, day, "https://example.com", first_party=True)
        for name, day in (("gpt-5 (2025-08-07)", "2027-03-06"), ("claude-opus-4-6 (1)", "2027-03-02"))
    ]
    rows = by_id(merge(ROWS, told, TODAY).rows)
    assert rows["azure", "gpt-5 (2025-08-07)"]["shutdown_on"] == "2027-03-06"
    assert rows["azure", "claude-opus-4-6"]["shutdown_on"] == "2027-03-02"


def test_a_catalog_that_nothing_changed_in_is_confirmed_only_where_everything_was_read() -> None:
    document = DOCUMENT | {"compiled_on": "2026-11-08"}
    settled = document | {"models": merge(ROWS, [], TODAY).rows}
    (line,) = refreshed(settled, [], [], TODAY).changes
    assert line == "compiled_on: 2026-11-08 -> 2026-11-22, nothing else changed"
    assert refreshed(settled, [], [f"{DOCUMENTS[0].url} could not be read: it answered 500"], TODAY).changes == []
    assert refreshed(settled, [], [], date(2026, 11, 21)).changes == []


def test_an_unknown_id_is_a_question_and_never_a_row() -> None:
    merged = merge(ROWS, [said("gpt-99", "2027-05-01"), said("gpt-98", "2027-05-01", False)], TODAY)
    assert len(merged.rows) == len(ROWS)
    assert [line.split(":")[0] for line in merged.open_questions] == ["openai/gpt-99"]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda who, day, first, kind: Statement(who[0], who[1], day, "https://example.com", first, kind),
            st.sampled_from(IDS) | st.tuples(st.text(max_size=5), st.text(max_size=20)),
            st.dates(date(2019, 1, 1), date(2099, 1, 1)).map(str),
            st.booleans(),
            st.sampled_from(["fixed", "earliest", "not-before"]),
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
    assert build_catalog.problems(DOCUMENT | {"models": merged.rows}) == []


def test_the_file_is_written_as_it_was() -> None:
    text = build_catalog.SOURCE.read_text(encoding="utf-8")
    lines = set(text.splitlines()) ^ set(written(text, DOCUMENT).splitlines())
    assert len(lines) < 40  # a dozen long lines break elsewhere


def test_the_pull_requests_text_holds_names_as_code() -> None:
    merged = merge(ROWS, [Statement("openai", "gpt-4o", "2027-02-14", "https://x/`@all`", True)], TODAY)
    assert "`@all`" not in report(merged, [])
