"""What tokens cost, from genai-prices (its data ships inside the wheel; nothing is fetched).

The library is imported on the first question: it takes 0.2 s, and most commands never ask.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from pinward.core.evidence import Usage
from pinward.core.model_id import ModelId

# Our channels -> the provider ids of genai-prices (its `data.providers`), where the two differ.
PROVIDERS = {
    "gemini": "google",
    "vertex": "google",
    "bedrock": "aws",
    "xai": "x-ai",
    "github_copilot": "github-copilot",
    "voyage": "voyageai",
    "moonshot": "moonshotai",
}
# Names that say nothing about the model behind them: a deployment's on Azure, anybody's where no channel is known.
_FREE_TEXT = frozenset({"azure", "?"})
_AZURE_VERSION = re.compile(r" \([^)]*\)$")


class GenaiPrices:
    """Implements `core.evidence.PriceBook` with the prices that hold at one moment (`at`, with its time zone)."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        """Return US dollars, or None where the model has no known price (the data lists free models without rates).

        Input that was read from a cache or written to one is billed at its own rate; reasoning tokens are part of the
        output and billed as output.
        """
        if model.provider in _FREE_TEXT and model.pin == "unknown":
            return None
        names = (_AZURE_VERSION.sub("", model.id), model.resolves_to)
        prices = (self._price(model.provider, name, usage) for name in names if name)
        found = next((price for price in prices if price is not None), None)
        return None if found is None else float(found)

    def rates(self, model: ModelId) -> tuple[float, float] | None:
        """Return US dollars per million tokens of input and of output, at the rates of a short request."""
        costs = [self.cost(model, usage) for usage in (Usage(input=1000), Usage(output=1000))]
        return None if None in costs else (1000 * (costs[0] or 0.0), 1000 * (costs[1] or 0.0))

    def context_window(self, model: ModelId) -> int | None:
        """Return how many tokens fit into one request, None where the data does not say."""
        from genai_prices.data_snapshot import get_snapshot

        try:
            _, info = get_snapshot().find_provider_model(
                model.id, None, PROVIDERS.get(model.provider, model.provider), None
            )
        except LookupError:
            return None
        return info.context_window

    def _price(self, provider: str, name: str, usage: Usage) -> Decimal | None:
        import genai_prices

        # A provider may report more cached tokens than input; the library refuses that.
        counted = genai_prices.Usage(
            input_tokens=usage.input,
            output_tokens=usage.output,
            cache_read_tokens=min(usage.cached, usage.input),
            cache_write_tokens=min(usage.written, max(usage.input - usage.cached, 0)),
        )
        try:
            price = genai_prices.calc_price(
                counted, name, provider_id=PROVIDERS.get(provider, provider), genai_request_timestamp=self._at
            )
        except LookupError:
            return None
        rates = price.model_price
        if rates.input_mtok is None or (usage.output and rates.output_mtok is None):
            return None
        return price.total_price
