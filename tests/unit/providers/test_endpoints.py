from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.evidence import Message, Request
from pinward.core.policy import Json, Provider
from pinward.errors import ConfigError, CredentialError
from pinward.net import origin_of
from pinward.providers.connect import Connections
from pinward.providers.endpoints import KNOWN, WIRE_FORMATS, route


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_endpoint_has_a_safe_address_a_format_and_a_source(name: str) -> None:
    row = KNOWN[name]
    assert origin_of(row.base_url)
    assert row.wire in WIRE_FORMATS
    assert row.source.startswith("https://")
    assert route(name, {}).key_env == row.key_env


def test_a_known_name_needs_no_entry_and_an_entry_overrides_what_it_says() -> None:
    assert route("openai", {}).base_url == "https://api.openai.com/v1"
    narrow = route("openai", {"openai": Provider("openai", "openai", api_key_env="MINE", max_concurrency=2)})
    assert (narrow.base_url, narrow.key_env, narrow.max_concurrency) == ("https://api.openai.com/v1", "MINE", 2)


def test_t1_a_known_providers_key_is_not_sent_to_another_address_unless_it_is_named_for_it() -> None:
    moved = Provider("openai", "openai", "https://llm.internal.example/v1")
    assert route("openai", {"openai": moved}).key_env is None


def test_a_known_providers_name_serves_as_the_type_of_an_own_one() -> None:
    assert route("staging", {"staging": Provider("staging", "mistral", "https://h/v1")}).wire.name == "openai"


def test_an_unknown_provider_an_unknown_type_and_a_missing_address_are_named() -> None:
    with pytest.raises(ConfigError, match="'acme'"):
        route("acme", {})
    with pytest.raises(ConfigError, match=r"providers\.acme\.type"):
        route("acme", {"acme": Provider("acme", "telepathy", "https://h")})
    with pytest.raises(ConfigError, match="base_url"):
        route("acme", {"acme": Provider("acme", "openai")})


def test_an_unset_key_names_the_variable_and_a_broken_one_is_never_shown() -> None:
    with pytest.raises(CredentialError, match="OPENAI_API_KEY is not set"):
        Connections({}, lambda _: None).client("openai")
    with pytest.raises(CredentialError) as broken:
        Connections({}, lambda _: "sk-1\r\nx-evil: 2").client("openai")
    assert "sk-1" not in str(broken.value)


def test_a_format_serves_as_a_name_and_needs_an_address() -> None:
    assert route("azure", {"azure": Provider("azure", "", "https://r.openai.azure.com", "K")}).wire.name == "azure"
    with pytest.raises(ConfigError, match="base_url"):
        route("bedrock", {"bedrock": Provider("bedrock", "bedrock")})


FIELDS = """candidates content parts text finishReason usageMetadata message stop_reason type output
stopReason usage status finish_reason choices incomplete_details tokens functionCall name"""
NAMES = st.sampled_from(FIELDS.split())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["text", "completed", "STOP", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("name", WIRE_FORMATS)
@settings(max_examples=60)
@given(data=st.dictionaries(NAMES, ANYTHING))
def test_no_answer_can_break_any_format(name: str, data: dict[str, Json]) -> None:
    completion = WIRE_FORMATS[name].decode(data, {})
    assert isinstance(completion.text, str)
    assert (completion.fault is not None) == (completion.outcome == "infra_error")


@pytest.mark.parametrize("name", WIRE_FORMATS)
def test_every_format_names_itself_and_carries_the_key_in_a_header_alone(name: str) -> None:
    wire = WIRE_FORMATS[name]
    assert wire.name == name
    assert any("sk-canary" in value for value in wire.auth("sk-canary").values())
    sent = wire.encode(Request("m", (Message("user", "hi"),)))
    assert "sk-canary" not in repr(sent)


def test_a_version_of_the_api_is_azures_dated_one_alone() -> None:
    azure = Provider("az", "azure-deployments", "https://n.openai.azure.com", "K", api_version="2025-04-01-preview")
    assert "2025-04-01-preview" in route("az", {"az": azure}).wire.encode(Request("m", ())).path
    with pytest.raises(ConfigError, match="api_version"):
        route("az", {"az": replace(azure, type="openai")})


def test_a_provider_without_a_type_is_told_that_it_is_missing_and_not_that_it_is_wrong() -> None:
    with pytest.raises(ConfigError, match=r"providers\.mine\.type is missing"):
        route("mine", {"mine": Provider("mine", "mine", "https://example.com/v1")})
    with pytest.raises(ConfigError, match=r"providers\.mine\.type is 'nope'"):
        route("mine", {"mine": Provider("mine", "nope", "https://example.com/v1")})
