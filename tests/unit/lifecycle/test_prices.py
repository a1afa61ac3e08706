"""Costs, checked against the published prices of the models that the tests name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pinward.core.evidence import PriceBook, Usage
from pinward.core.model_id import ModelId
from pinward.lifecycle.catalog import load
from pinward.lifecycle.prices import GenaiPrices

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOOK = GenaiPrices(AT)
CATALOG = load()


def model(written: str, client: str | None = None) -> ModelId:
    return CATALOG.identify(written, client)


def test_input_and_output_are_billed_at_their_own_rates() -> None:
    # gpt-4o-2024-08-06: 2.50 USD a million input tokens, 10 USD output, 1.25 USD cached input
    book: PriceBook = BOOK
    assert book.cost(model("gpt-4o-2024-08-06"), Usage(input=1000, output=500)) == pytest.approx(0.0075)


def test_cached_input_is_cheaper_and_reasoning_is_already_output() -> None:
    usage = Usage(input=1000, output=500, cached=400, reasoning=300)
    assert BOOK.cost(model("gpt-4o-2024-08-06"), usage) == pytest.approx(0.0075 - 400 * 1.25e-6)


def test_input_that_was_written_to_a_cache_is_billed_at_its_own_rate_where_there_is_one() -> None:
    # claude-opus-4-6: 5 USD a million input tokens, 6.25 USD written to the cache for five minutes
    usage = Usage(input=1000, output=0, written=400)
    assert BOOK.cost(model("claude-opus-4-6"), usage) == pytest.approx(600 * 5e-6 + 400 * 6.25e-6)
    assert BOOK.cost(model("gpt-4o-2024-08-06"), usage) == pytest.approx(1000 * 2.5e-6)
    assert BOOK.cost(model("claude-opus-4-6"), Usage(input=10, cached=8, written=99)) == pytest.approx(
        8 * 0.5e-6 + 2 * 6.25e-6
    )


def test_more_cached_tokens_than_input_never_cost_less_than_nothing() -> None:
    cost = BOOK.cost(model("gpt-4o-2024-08-06"), Usage(input=10, output=0, cached=99))
    assert cost == pytest.approx(10 * 1.25e-6)


@pytest.mark.parametrize(
    ("written", "client"),
    [("gpt-9-nonsense", None), ("llama3", "ollama"), ("gpt-4o", "azure"), ("gpt-4o", "staging"), ("${MODEL}", None)],
)
def test_a_model_without_a_known_price_costs_none_and_never_zero(written: str, client: str | None) -> None:
    assert BOOK.cost(model(written, client), Usage(input=1000, output=500)) is None


@pytest.mark.parametrize(
    ("written", "client"),
    [
        ("claude-opus-4-6", None),
        ("gemini-3.8-flash", None),
        ("gemini-3.8-flash", "vertex"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", None),
        ("gpt-4o (2024-11-20)", "azure"),
        ("mistral-large-latest", None),
        ("cohere/command-r-08-2024", None),
        ("xai/grok-4.5", None),
        ("deepseek/deepseek-flash", None),
        ("groq/openai/gpt-oss-120b", None),
        ("anthropic/claude-opus-4.6", None),
    ],
)
def test_every_channel_that_has_prices_is_found(written: str, client: str | None) -> None:
    cost = BOOK.cost(model(written, client), Usage(input=1000, output=500))
    assert cost is not None
    assert cost > 0


def test_a_model_that_is_listed_without_rates_costs_none() -> None:
    listed = model("openrouter/meta-llama/llama-3.3-70b-instruct:free")
    assert BOOK.cost(listed, Usage(input=1000, output=500)) is None


def test_a_call_without_tokens_costs_nothing_where_the_price_is_known() -> None:
    assert BOOK.cost(model("gpt-4o-2024-08-06"), Usage()) == 0.0
