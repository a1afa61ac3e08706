"""`pinward explain` as the command line calls it."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.commands.explain import Format, run
from pinward.errors import ExitCode, UsageError
from pinward.lifecycle.catalog import load
from pinward.rules.table import BY_ID

CATALOG = load()
TODAY = date(2026, 11, 22)


def explain(*names: str, client: str | None = None, output: Format = "console", today: date = TODAY) -> str:
    out = StringIO()
    assert run(names, CATALOG, today, out, client, output) == ExitCode.OK
    return out.getvalue()


def rows(*names: str, client: str | None = None) -> list[dict[str, Any]]:
    document = json.loads(explain(*names, client=client, output="json"))
    assert document["schema"] == "pinward.explain/1"
    assert set(document) == {"schema", "models"}
    models: list[dict[str, Any]] = document["models"]
    return models


def test_json_has_one_row_an_argument_in_order_and_exactly_the_fields_of_the_contract() -> None:
    first, second, third = rows("gpt-4o", "no-such-model", "gpt-4o")
    assert first == {
        "model": "gpt-4o", "provider": "openai", "id": "gpt-4o", "pin": "floating", "preview": False,
        "resolves_to": "gpt-4o-2024-08-06", "status": "deprecated",
        "shutdown_on": "2027-01-14", "shutdown_kind": "fixed",
        "routes_to": None, "replacement": "gpt-6-luna", "why": "an alias, of gpt-4o-2024-08-06 when it was read",
        "source": "https://developers.openai.com/api/docs/deprecations", "read_on": "2026-11-17",
    }  # fmt: skip
    assert list(second) == list(first)
    assert (second["provider"], second["pin"], second["status"], second["source"]) == ("?", "unknown", None, None)
    assert third == first


def test_the_client_says_which_channel_is_meant() -> None:
    assert [r["shutdown_on"] for r in rows("gemini-2.5-flash")] == ["2026-12-01"]
    assert [r["shutdown_on"] for r in rows("gemini-2.5-flash", client="vertex")] == ["2026-10-20"]
    assert [r["pin"] for r in rows("gpt-4o", client="azure")] == ["unknown"]


def test_a_reroute_is_in_the_row() -> None:
    (row,) = rows("gemini-2.5-flash")
    assert row["routes_to"] == row["resolves_to"] == "gemini-3.5-flash-lite"
    assert row["shutdown_kind"] == "earliest"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("2027-01-13", "1 day left"),
        ("2027-01-14", "(today)"),
        ("2027-01-15", "1 day ago"),
        ("2026-11-22", "53 days left"),
    ],
)
def test_the_console_counts_the_days_as_of_the_day_asked(day: str, text: str) -> None:
    assert text in explain("gpt-4o", today=date.fromisoformat(day))


def test_the_console_shows_the_chain_the_source_and_when_it_was_read() -> None:
    text = explain("gpt-4-0125-preview")
    assert "gpt-5 -> gpt-6.1-sol" in text
    assert "https://developers.openai.com/api/docs/deprecations (read 2026-11-17, first-party)" in text


def test_a_promise_is_not_shown_as_a_date() -> None:
    assert "none announced; promised not before 2026-10-15" in explain("claude-haiku-4-5")


def test_an_unknown_name_gets_suggestions_of_its_own_channel() -> None:
    assert "did you mean  gpt-4o-mini" in explain("gpt-4o-minii")
    assert "claude-opus-4-6" in explain("claude-opus-46")
    assert "did you mean  claude-sonnet-4-6" in explain("claude-sonet-4-6")  # a rule calls it pinned all the same
    assert "did you mean" not in explain("qwen/qwen3:8b")  # of its channel nothing is known
    assert "did you mean" not in explain("gpt-4o")
    assert "did you mean" not in explain("qqqqqqqq")
    assert "did you mean" not in explain("x" * 100_000)


def test_no_name_at_all_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="at least one"):
        run((), CATALOG, TODAY, StringIO())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=20).filter(lambda name: name not in BY_ID), min_size=1, max_size=3))
def test_any_text_is_explained_without_control_characters(names: list[str]) -> None:
    text = explain(*names)
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    text.encode("utf-8")
    assert [r["model"] for r in rows(*names)] == names


def test_a_rule_is_explained_by_its_page_before_the_models() -> None:
    text = explain("gpt-4o", "retired-model")
    assert text.startswith("# retired-model\n\nerror")
    assert text.index("## Source") < text.index("gpt-4o-2024-08-06")
    assert explain("retired-model").endswith("was read.\n")


def test_a_rule_has_no_json_form() -> None:
    with pytest.raises(UsageError, match="`retired-model` is a rule"):
        explain("gpt-4o", "retired-model", output="json")


def test_what_breaks_on_the_way_to_the_replacement_is_told() -> None:
    out = StringIO()
    run(("gpt-4.1-2025-04-14",), CATALOG, date(2026, 11, 22), out)
    assert "on the way    write `max_completion_tokens` for `max_tokens`" in out.getvalue()
    assert "on the way    the price per million tokens goes from $2 in and $8 out to" in out.getvalue()


def test_a_date_that_stood_before_is_told_with_its_source() -> None:
    out = StringIO()
    run(("claude-opus-4-5-20251101",), CATALOG, date(2026, 11, 30), out)
    (before,) = [line for line in out.getvalue().splitlines() if line.startswith("  before")]
    assert "2026-11-24 (not-before, read 2026-10-02: https://platform.claude.com/" in before
