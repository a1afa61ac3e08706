"""How long models live: small catalogs for each rule, and the embedded one for real chains."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.facts import Lifetime
from pinward.core.policy import LifecyclePolicy
from pinward.lifecycle.catalog import EmbeddedCatalog, load

TODAY = date(2026, 11, 22)
CATALOG = load()
FIELDS = [
    "kind", "status", "source", "read_on", "confidence", "shutdown_on", "shutdown_kind", "deprecated_on", "replacement",
    "alias_of", "routes_to", "routes_on",
]  # fmt: skip


def catalog(**rows: Any) -> EmbeddedCatalog:
    """Return a catalog of one channel; `gpt_a` stands for the id `gpt-a`."""
    base = {
        "kind": "snapshot",
        "status": "active",
        "source": "https://example.test",
        "read_on": "2026-11",
        "confidence": "first-party",
    }
    document = {
        "schema": "pinward.catalog/1", "compiled_on": "2026-11-22", "fields": FIELDS, "interned": [], "strings": [],
        "providers": {"openai": {n.replace("_", "-"): [(base | r).get(f) for f in FIELDS] for n, r in rows.items()}},
    }  # fmt: skip
    return EmbeddedCatalog(document)


def life(
    source: EmbeddedCatalog, name: str, today: date = TODAY, client: str | None = "openai", warn_days: int = 90
) -> Lifetime:
    found = source.lifetime(source.identify(name, client), today, LifecyclePolicy(warn_days=warn_days))
    assert found is not None
    return found


def test_an_alias_inherits_the_date_of_its_target_and_says_so() -> None:
    rows = catalog(a={"kind": "alias", "alias_of": "b"}, b={"shutdown_on": "2027-01-10", "shutdown_kind": "fixed"})
    alias = life(rows, "a")
    assert (alias.shutdown_on, alias.inherited_from) == (date(2027, 1, 10), "b")
    assert life(rows, "b").inherited_from is None


@pytest.mark.parametrize(
    ("own", "target", "expected"),
    [("2027-01-01", "2027-02-01", None), ("2027-02-01", "2027-01-01", "b"), ("2027-01-01", "2027-01-01", None)],
)
def test_of_two_dates_the_earlier_holds_and_the_own_one_where_they_agree(
    own: str, target: str, expected: str | None
) -> None:
    rows = catalog(
        a={"kind": "alias", "alias_of": "b", "shutdown_on": own, "shutdown_kind": "fixed"},
        b={"shutdown_on": target, "shutdown_kind": "fixed"},
    )
    found = life(rows, "a")
    assert (found.shutdown_on, found.inherited_from) == (date.fromisoformat(min(own, target)), expected)


def test_a_real_date_of_the_target_beats_a_promise_of_the_alias() -> None:
    rows = catalog(
        a={"kind": "alias", "alias_of": "b", "shutdown_on": "2026-10-01", "shutdown_kind": "not-before"},
        b={"shutdown_on": "2027-01-01", "shutdown_kind": "fixed"},
    )
    assert (life(rows, "a").shutdown_on, life(rows, "a").status) == (date(2027, 1, 1), "active")


@pytest.mark.parametrize(
    ("kind", "expected"), [("fixed", "retired"), ("earliest", "retired"), ("not-before", "active")]
)
def test_a_date_in_the_past_retires_unless_it_was_a_promise(kind: str, expected: str) -> None:
    rows = catalog(a={"shutdown_on": "2026-11-01", "shutdown_kind": kind})
    assert life(rows, "a").status == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-01-01", "active"), ("2026-06-01", "deprecated"), ("2026-10-31", "deprecated"), ("2026-11-01", "retired")],
)
def test_the_status_is_the_one_of_the_day_that_is_asked_about(day: str, expected: str) -> None:
    rows = catalog(
        a={"status": "retired", "deprecated_on": "2026-06-01", "shutdown_on": "2026-11-01", "shutdown_kind": "fixed"}
    )
    assert life(rows, "a", date.fromisoformat(day)).status == expected


def test_a_reroute_is_announced_before_its_day_and_has_happened_from_its_day_on() -> None:
    rows = catalog(a={"routes_to": "b", "routes_on": "2026-12-01"}, b={})
    before, after = life(rows, "a", date(2026, 11, 30)), life(rows, "a", date(2026, 12, 1))
    assert (before.rerouted_to, before.reroutes_on) == (None, date(2026, 12, 1))
    assert (after.rerouted_to, after.reroutes_on) == ("b", None)
    assert after.replacement == "b"


def test_the_chain_of_replacements_is_walked_to_a_model_that_lives_beyond_the_window() -> None:
    rows: dict[str, Any] = {
        "a": {"replacement": ["b"], "shutdown_on": "2026-01-01", "shutdown_kind": "fixed"},
        "b": {"replacement": ["c"], "shutdown_on": "2027-01-10", "shutdown_kind": "fixed"},
        "c": {},
    }
    assert life(catalog(**rows), "a").chain == ("b", "c")
    assert life(catalog(**rows), "a", warn_days=30).chain == ("b",)


def test_a_replacement_that_is_rerouted_or_dying_without_a_date_is_passed_over() -> None:
    rows = catalog(
        a={"replacement": ["b", "c", "d"]},
        b={"routes_to": "d", "routes_on": "2027-06-01"},
        c={"status": "deprecated"},
        d={},
    )
    assert life(rows, "a").chain == ("d",)


def test_an_alias_of_a_dying_model_is_no_replacement() -> None:
    rows = catalog(
        a={"replacement": ["b", "d"]}, b={"kind": "alias", "alias_of": "c"},
        c={"shutdown_on": "2026-12-01", "shutdown_kind": "fixed"}, d={},
    )  # fmt: skip
    assert life(rows, "a").replacement == "d"


def test_where_every_way_ends_dead_the_replacement_is_honestly_none() -> None:
    dead = {"shutdown_on": "2026-01-01", "shutdown_kind": "fixed"}
    rows = catalog(
        a={"replacement": ["b"], **dead}, b={"replacement": ["a", "c"], **dead}, c={"replacement": ["b"], **dead}
    )
    assert (life(rows, "a").replacement, life(rows, "a").chain) == (None, ())


def test_circles_of_aliases_end() -> None:
    rows = catalog(
        a={"kind": "alias", "alias_of": "b"}, b={"kind": "alias", "alias_of": "a"}, c={"kind": "alias", "alias_of": "c"}
    )
    assert life(rows, "a").status == "active"
    assert life(rows, "c").shutdown_on is None


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.tuples(st.lists(st.sampled_from("abcdefg"), max_size=3), st.sampled_from([None, *"abcdefg"]), st.booleans()),
    )
)
def test_any_graph_of_replacements_and_aliases_ends_in_a_living_model_or_none(
    graph: dict[str, tuple[list[str], str | None, bool]],
) -> None:
    dead = {"shutdown_on": "2026-01-01", "shutdown_kind": "fixed"}
    rows: dict[str, Any] = {
        name: {"replacement": after or None, "alias_of": alias, **(dead if dies else {})}
        for name, (after, alias, dies) in graph.items()
    }
    source = catalog(**rows)
    for name in graph:
        found = life(source, name)
        if found.replacement:
            assert life(source, found.replacement).status == "active"
            assert found.chain[-1] == found.replacement != name


@pytest.mark.parametrize(
    ("written", "status", "shutdown", "inherited", "replacement"),
    [
        ("gpt-4o", "deprecated", "2027-01-14", None, "gpt-6-luna"),
        ("gpt-4-0125-preview", "retired", "2026-03-26", None, "gpt-6.1-sol"),  # gpt-5 dies within 90 days
        ("code-davinci-002", "retired", "2024-01-04", None, "gpt-5.6-terra"),
        ("ft:gpt-4o-2024-08-06:acme::a1", "deprecated", "2027-01-14", "gpt-4o-2024-08-06", "gpt-6-luna"),
        ("ft:gpt-3.5-turbo-1106:acme::a1", "retired", "2026-09-28", "gpt-3.5-turbo-1106", "gpt-5.6-terra"),
        ("claude-sonnet-4-5-20250929", "deprecated", "2026-11-30", None, "claude-sonnet-5-5"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "deprecated", "2027-04-08", None, None),
        ("claude-haiku-4-5", "legacy", "2026-10-15", None, None),
        ("gpt-4o (2024-11-20)", "legacy", "2027-04-14", None, "gpt-5.1"),
        ("claude-opus-4-6 (1)", "active", "2027-02-02", None, None),
        ("codex-mini-latest", "retired", "2026-02-12", None, None),
    ],
)
def test_real_models_on_a_fixed_day(
    written: str, status: str, shutdown: str, inherited: str | None, replacement: str | None
) -> None:
    found = life(CATALOG, written, client=None)
    assert (found.status, found.shutdown_on) == (status, date.fromisoformat(shutdown))
    assert (found.inherited_from, found.replacement) == (inherited, replacement)


def test_no_replacement_in_the_catalog_is_dead_or_about_to_die() -> None:
    for provider in CATALOG.providers:
        for name in CATALOG.ids(provider):
            found = CATALOG.lifetime(CATALOG.identify(name, provider), TODAY)
            if found and found.replacement and provider != "azure":
                after = life(CATALOG, found.replacement, client=provider)
                assert after.status != "retired"
                assert after.rerouted_to is None
                if after.shutdown_on and after.shutdown_kind != "not-before":
                    assert (after.shutdown_on - TODAY).days > 90


def test_a_family_is_no_id_and_has_no_lifetime() -> None:
    assert CATALOG.lifetime(CATALOG.identify("gpt-4o-realtime"), TODAY) is None
