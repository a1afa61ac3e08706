"""Spellings taken apart, without any catalog."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.channels import COLON_PREFIXES, GATEWAYS, HOSTS, MAKERS, PREFIXES, home
from pinward.core.spelling import MAX_LENGTH, base_of, channel_of, parse


@pytest.mark.parametrize(
    "prefix", [p for p, channel in PREFIXES.items() if channel not in {"azure", "litellm"} | GATEWAYS | HOSTS]
)
def test_every_prefix_of_the_table_names_its_channel_with_slash_and_colon(prefix: str) -> None:
    name = "some-model-1"
    for written in (
        f"{prefix}/{name}",
        f"{prefix}:{name}",
        f"{prefix.replace('_', '-')}/{name}",
        f"{prefix.upper()}/{name}",
    ):
        assert (parse(written).channel, parse(written).ids[0]) == (PREFIXES[prefix], name)


@pytest.mark.parametrize("name", [*PREFIXES, *COLON_PREFIXES])
def test_a_client_may_be_called_by_any_name_of_its_channel(name: str) -> None:
    assert channel_of(name.upper()) == (PREFIXES.get(name) or COLON_PREFIXES[name])


def test_a_client_that_nobody_knows_keeps_its_name() -> None:
    assert channel_of("Staging") == "staging"
    assert channel_of(None) == channel_of("") == "?"


def test_tables_name_no_channel_twice() -> None:
    assert not MAKERS & HOSTS
    assert not (MAKERS | HOSTS) & GATEWAYS
    assert not set(PREFIXES) & set(COLON_PREFIXES)


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("ft:gpt-4o-2024-08-06:acme::a1", "gpt-4o-2024-08-06"),
        ("ft:gpt-4o-mini-2024-07-18:acme:name:a1:ckpt-step-9", "gpt-4o-mini-2024-07-18"),
        ("davinci:ft-acme-2023-01-01", "davinci"),
        ("ft:gpt-4o", None),
        ("gpt-4o", None),
    ],
)
def test_the_base_of_a_fine_tuned_model_is_its_second_field(written: str, base: str | None) -> None:
    assert base_of(written) == base


@pytest.mark.parametrize("written", ["${X}", "{{x}}", "{x}", "%s", "%(x)s", "<model>", "gpt-$V", "`x`", "", "   "])
def test_a_template_or_nothing_is_opaque(written: str) -> None:
    assert parse(written).opaque


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("gpt-4o", "openai"), ("gpt-35-turbo", None), ("o3-mini", "openai"), ("ollama", None),
        ("claude-x", "anthropic"),
        ("gemini-9", "gemini"), ("command", "cohere"), ("commander", None), ("grok-5", "xai"), ("gpt-oss:20b", None),
    ],
)  # fmt: skip
def test_home_knows_families_and_does_not_guess(name: str, channel: str | None) -> None:
    assert home(name) == channel


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("agopen/:.@-~ft120()\x00\ud800${}"), max_size=40), st.none() | st.text(max_size=10)
)
def test_parse_never_raises_and_gives_an_id(written: str, client: str | None) -> None:
    spelling = parse(written, client)
    assert spelling.ids
    assert all(len(i) <= max(len(written) + len("openrouter/"), 1) for i in spelling.ids)
    assert spelling.channel


def test_a_text_longer_than_any_name_is_not_read() -> None:
    assert parse("a" * (MAX_LENGTH + 1)).opaque
    assert not parse("a" * MAX_LENGTH).opaque
