"""The whole of model identity, on the embedded catalog."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.channels import AUTHORS, COLON_PREFIXES, PREFIXES
from pinward.core.facts import Catalog
from pinward.core.model_id import ModelId
from pinward.errors import InternalError
from pinward.lifecycle.catalog import EmbeddedCatalog, load

HERE = Path(__file__).parent
CATALOG = load()
ROWS = [(provider, model) for provider in CATALOG.providers for model in CATALOG.ids(provider)]


def cases(*names: str) -> list[Any]:
    rows = [row for name in names for row in yaml.safe_load((HERE / name).read_text(encoding="utf-8"))]
    return [pytest.param(row, id=f"{row['id']}|{row.get('client', '')}") for row in rows]


def verdict(model: ModelId) -> str:
    return model.pin + (" preview" if model.preview else "")


def decided(model: ModelId) -> tuple[str, str, str, bool, str | None]:
    return (model.provider, model.id, model.pin, model.preview, model.resolves_to)


def again(model: ModelId) -> ModelId:
    return CATALOG.identify(model.id, None if model.provider == "?" else model.provider)


@pytest.mark.parametrize("case", cases("pinning_cases.yaml", "rule_cases.yaml"))
def test_every_known_case_holds(case: dict[str, str]) -> None:
    model = CATALOG.identify(case["id"], case.get("client"))
    assert (model.provider, verdict(model)) == (case["provider"], case["verdict"])
    assert model.resolves_to == case.get("resolves_to")
    assert model.written == case["id"]
    assert model.why


@pytest.mark.parametrize("case", cases("pinning_cases.yaml", "rule_cases.yaml"))
def test_the_canonical_id_with_its_provider_is_identified_the_same_again(case: dict[str, str]) -> None:
    model = CATALOG.identify(case["id"], case.get("client"))
    assert decided(again(model)) == decided(model)


@pytest.mark.parametrize("provider", CATALOG.providers)
def test_every_row_is_found_under_its_provider_as_client_and_as_prefix(provider: str) -> None:
    for model in CATALOG.ids(provider):
        found = CATALOG.identify(model, provider)
        if CATALOG.fact(provider, model) and not found.why.startswith("on Azure"):
            assert (found.provider, found.id) == (provider, model)
        assert decided(CATALOG.identify(f"{provider}/{model}")) == decided(found)
        assert decided(CATALOG.identify(f"  {model} ", provider)) == decided(found)
        assert decided(CATALOG.identify(model.upper(), provider))[2:] == decided(found)[2:]


def test_a_channel_without_a_row_borrows_no_dates() -> None:
    gateway = CATALOG.identify("openrouter/openai/gpt-4o-2024-08-06")
    assert gateway.pin == "pinned"
    assert CATALOG.lifetime(gateway, date(2026, 11, 22)) is None
    vertex = CATALOG.lifetime(CATALOG.identify("gemini-2.5-flash", "vertex"), date(2026, 11, 22))
    api = CATALOG.lifetime(CATALOG.identify("gemini-2.5-flash"), date(2026, 11, 22))
    assert vertex is not None
    assert api is not None
    assert (vertex.shutdown_on, api.shutdown_on) == (date(2026, 10, 20), date(2026, 12, 1))


def test_a_deployment_name_on_azure_has_no_lifetime_although_it_reads_like_a_model() -> None:
    assert CATALOG.lifetime(CATALOG.identify("claude-opus-4-6", "azure"), date(2026, 11, 22)) is None


NAMES = st.sampled_from([model for _, model in ROWS])
CLIENTS = st.one_of(st.none(), st.sampled_from([*PREFIXES, *COLON_PREFIXES, *AUTHORS]), st.text(max_size=8))
PIECES = st.one_of(
    NAMES,
    st.sampled_from(
        ["/", ":", "@", ".", "-", "~", "ft:", "us.", "models/", "arn:aws:bedrock:::", " (", ")", ":online"]
    ),
    st.sampled_from([*PREFIXES]),
    st.text(max_size=6),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=6).map("".join), CLIENTS)
def test_identify_never_raises_and_always_says_why(written: str, client: str | None) -> None:
    model = CATALOG.identify(written, client)
    assert model.written == written
    assert model.pin in {"pinned", "undated", "floating", "unknown"}
    assert model.why
    assert not (model.pin == "unknown" and (model.preview or model.resolves_to))
    CATALOG.lifetime(model, date(2026, 11, 22))


@settings(max_examples=200, deadline=None)
@given(NAMES, st.sampled_from(["openai", "anthropic", "gemini", "vertex", "bedrock", "groq", "openrouter", "ollama"]))
def test_identify_is_idempotent_whatever_the_client(written: str, client: str) -> None:
    model = CATALOG.identify(written, client)
    assert decided(again(model)) == decided(model)


@settings(max_examples=100, deadline=None)
@given(NAMES)
def test_a_bare_name_and_the_same_with_its_provider_in_front_agree(written: str) -> None:
    model = CATALOG.identify(written)
    if model.provider != "?":
        assert decided(CATALOG.identify(f"{model.provider}/{model.id}")) == decided(model)


@pytest.mark.parametrize("filler", ["a", "-", "ft:", "models/", "openai/", "a.b-1", "{", "@", " "])
def test_a_text_of_a_million_characters_costs_nothing(filler: str) -> None:
    text = (filler * 1_000_000)[:1_000_000]
    started = time.process_time()
    assert CATALOG.identify(text).pin == "unknown"
    assert time.process_time() - started < 0.05


@pytest.mark.parametrize(
    "filler", ["a-", "1-", "ft:", "models/", "openai/", "a.b-1", "llama-1", "exp-", "preview-0", "/", ":"]
)
def test_the_longest_text_that_is_read_takes_no_backtracking(filler: str) -> None:
    text = ("gemini-" + filler * 512)[:512]
    started = time.process_time()
    for client in (None, "openai", "gemini", "vertex", "bedrock", "mistral", "xai", "groq", "ollama", "huggingface"):
        CATALOG.identify(text, client)
    assert time.process_time() - started < 0.25


def test_the_embedded_catalog_loads_within_20_milliseconds() -> None:
    spent = []
    for _ in range(5):
        started = time.process_time()
        load()
        spent.append(time.process_time() - started)
    assert min(spent) < 0.02


def test_a_catalog_of_another_schema_is_refused_and_not_misread() -> None:
    with pytest.raises(InternalError, match=r"pinward\.catalog/9"):
        EmbeddedCatalog({"schema": "pinward.catalog/9"})


def test_every_row_keeps_its_source_and_the_day_it_was_read() -> None:
    assert len(ROWS) > 900
    for provider, model in ROWS:
        fact = CATALOG.fact(provider, model)
        assert fact is not None
        assert fact.source
        assert fact.read_on <= CATALOG.compiled_on.isoformat()


def test_the_embedded_catalog_satisfies_the_protocol() -> None:
    catalog: Catalog = CATALOG
    assert catalog.compiled_on >= date(2026, 11, 30)


def test_the_cache_does_not_change_what_is_said() -> None:
    document = {"schema": "pinward.catalog/1", "compiled_on": "2026-01-01", "fields": ["kind"], "interned": []}
    empty = EmbeddedCatalog(json.loads(json.dumps(document | {"strings": [], "providers": {}})))
    assert empty.identify("gpt-4o") == empty.identify("gpt-4o")
    assert empty.identify("gpt-4o").pin == "unknown"
    assert empty.identify("gpt-4o-2024-08-06").pin == "pinned"
