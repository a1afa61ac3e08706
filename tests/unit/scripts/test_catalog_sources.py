"""Pages as providers lay them out, and two datasets: what is read of them, and that nothing hostile gets in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.catalog_sources import DOCUMENTS, day_of, deprecations, is_id, litellm, page

URL = "https://example.com/page"


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("2027-01-14", ("2027-01-14", "fixed")),
        ("2027\N{NON-BREAKING HYPHEN}01\N{NON-BREAKING HYPHEN}14", ("2027-01-14", "fixed")),
        ("Jan 14, 2027", ("2027-01-14", "fixed")),
        ("January 2nd, 2027", ("2027-01-02", "fixed")),
        ("Sept. 4, 2027", None),
        ("8/31/2026", ("2026-08-31", "fixed")),
        ("08/16/26", ("2026-08-16", "fixed")),
        ("Not sooner than June 9, 2027", ("2027-06-09", "not-before")),
        ("No earlier than 2027-04-14<sup>1</sup>", ("2027-04-14", "not-before")),
        ("May 19, 2027 or later", ("2027-05-19", "not-before")),
        ("Earliest December 1, 2026", ("2026-12-01", "earliest")),
        ("December 1, 2026 and January 1, 2027", None),
        ("August 2026", None),
        ("2027-13-45", None),
        ("0001-01-01", None),
        ("No shutdown date announced", None),
        ("\N{EM DASH}", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_each_form_that_providers_write(cell: str, read: tuple[str, str] | None) -> None:
    assert day_of(cell) == read


# How each provider lays its table out: channel, the page, and what it says.
PAGES = [
    (
        "openai",
        (
            "| Shutdown date | Affected model | Status | Recommended replacement |\n|---|---|---|---|\n"
            "| Jan 14, 2027 | `old-a` and `old-b` | x | `new` |\n\n| a | b |\n|---|---|\n| 2027-01-01 | `no` |\n"
        ),
        [("old-a", "2027-01-14", "fixed"), ("old-b", "2027-01-14", "fixed")],
    ),
    (
        "anthropic",
        (
            "| API model name | Current state | Deprecated | Tentative retirement date |\n| :-- | --- | --- | --- |\n"
            "| old-1 | Deprecated | June 5, 2026 | January 22, 2027 |\n"
            "| old-2 | Active | N/A | Not sooner than June 9, 2027 |\n"
        ),
        [("old-1", "2027-01-22", "fixed"), ("old-2", "2027-06-09", "not-before")],
    ),
    (
        "gemini",
        (
            "| **Model** | **Release date** | **Shutdown date** | **Recommended replacement** |\n|---|---|---|---|\n"
            "| Preview models | | | |\n| old-1 | July 21, 2026 | No shutdown date announced | |\n"
            "| old-2 | May 7, 2026 | May 7, 2027 | new |\n"
        ),
        [("old-2", "2027-05-07", "fixed")],
    ),
    (
        "bedrock",
        (
            "<p>x</p><table><tr><th>Model provider</th><th>Model name</th><th><p>Model ID</p></th><th>Regions</th>"
            "<th>Legacy date</th><th>EOL date</th></tr><tr><td>Maker</td><td>Old</td><td><code>maker.old-v1:0</code>"
            "</td><td>us-east-1</td><td>May 26, 2026</td><td>November 26, 2026</td></tr></table>"
        ),
        [("maker.old-v1:0", "2026-11-26", "fixed")],
    ),
    (
        "azure",
        (
            "| Model | Version | Lifecycle | Retirement date | Replacement |\n|---|---|---|---|---|\n"
            "| old | 2025-01-31 | GA | 2026-11-19 | \N{EM DASH} |\n| whole | \N{EM DASH} | GA | 2026-12-19 | x |\n"
            "\n| Model | Version | Training retirement date | Deployment retirement date |\n|---|---|---|---|\n"
            "| old | 2025-01-31 | 2027-04-14 | 2027-10-14 |\n"
        ),
        [("old (2025-01-31)", "2026-11-19", "fixed"), ("whole", "2026-12-19", "fixed")],
    ),
    (
        "mistral",
        (
            "| Model | Version | API | Deprecation | Retirement | Alternative |\n|---|---|---|---|---|---|\n"
            "| [Old 2 \N{NORTH EAST ARROW}](/models/old) | 25.06 | old-2506 | 4/30/2026 | 7/31/2026 | [New](/x) |\n"
        ),
        [("old-2506", "2026-07-31", "fixed")],
    ),
    (
        "groq",
        (
            "| Deprecated Model | Shutdown Date | Recommended Replacement Model ID |\n|---|---|---|\n"
            "| maker/old-27b | 04/14/26 | maker/new |\n"
        ),
        [("maker/old-27b", "2026-04-14", "fixed")],
    ),
    (
        "vertex",
        (
            "| Model ID | Release date | Retirement date | Recommended upgrade |\n|---|---|---|---|\n"
            "| old@003\\* | December 12, 2023 | May 24, 2027 | new |\n| old-2 | May 2023 | May 7, 2027 or later | |\n"
        ),
        [("old-2", "2027-05-07", "not-before")],
    ),
]


@pytest.mark.parametrize(("channel", "text", "said"), PAGES)
def test_a_providers_page_is_read_by_the_names_of_its_columns(channel: str, text: str, said: list[Any]) -> None:
    statements = list(page(channel)(text, URL))
    assert [(s.id, s.day, s.kind) for s in statements] == said
    assert {(s.provider, s.source, s.first_party) for s in statements} == {(channel, URL, True)}


def test_every_channel_with_a_page_is_a_first_party_and_the_datasets_are_not() -> None:
    assert len({document.url for document in DOCUMENTS}) == len(DOCUMENTS) == 11
    assert all(document.url.startswith("https://") for document in DOCUMENTS)


def test_the_datasets_are_read_as_third_parties_whose_days_may_move() -> None:
    table = {
        "sample_spec": {"litellm_provider": "one of", "deprecation_date": "x"},
        "gemini/old-2": {"litellm_provider": "gemini", "deprecation_date": "2026-12-01"},
        "azure/us/old-2024-08-06": {"litellm_provider": "azure", "deprecation_date": "2026-12-02"},
        "vertex_ai/old@1": {"litellm_provider": "vertex_ai-anthropic_models", "deprecation_date": "2026-12-03"},
        "other/old": {"litellm_provider": "someone", "deprecation_date": "2026-12-01"},
        "broken": None,
    }
    feed = [
        {"provider": "OpenAI", "model_id": "old", "shutdown_date": "2027-01-14"},
        {"provider": "OpenAI", "model_id": "old", "shutdown_date": ""},
        {"provider": 7},
        "x",
    ]
    read = [*litellm(table, URL), *deprecations(feed, URL)]
    assert [(s.provider, s.id, s.day) for s in read] == [
        ("gemini", "old-2", "2026-12-01"),
        ("azure", "old (2024-08-06)", "2026-12-02"),
        ("vertex", "old@1", "2026-12-03"),
        ("openai", "old", "2027-01-14"),
    ]
    assert {(s.first_party, s.kind) for s in read} == {(False, "earliest")}


CELL = st.text("|`<>/ab-2027, Jan\n\\*[]()", max_size=30) | st.sampled_from(["2027-01-14", "`a`\n::error::", "`@all`"])


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=6), st.booleans())
def test_t32_a_hostile_page_gives_ids_and_days_or_nothing(rows: list[list[str]], html: bool) -> None:
    head = "| Shutdown date | Model |\n" if not html else "<table><tr><th>Shutdown date<th>Model</tr>"
    body = "\n".join(f"| {' | '.join(row)} |" if not html else f"<tr><td>{'<td>'.join(row)}</tr>" for row in rows)
    for statement in page("openai")(head + body, URL):
        assert is_id(statement.id)
        assert day_of(statement.day) == (statement.day, "fixed")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["openai", "2027-01-14"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["litellm_provider", "deprecation_date", "provider", "model_id", "shutdown_date", "a b"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_t32_a_hostile_dataset_gives_ids_and_days_or_nothing(document: Any) -> None:
    for statement in (*litellm(document, URL), *deprecations(document, URL)):
        assert is_id(statement.id)
        assert day_of(statement.day) == (statement.day, "fixed")
