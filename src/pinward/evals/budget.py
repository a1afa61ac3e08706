"""What a run may cost (docs/threats.md T23): estimated before the first call, reserved before each, and never exceeded.

Token counts before a call are estimates; after it they are the provider's. An attempt whose fate is unknown (it timed
out, or its answer was unreadable) keeps its whole reservation, because it may have been billed.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pinward.core.evidence import BASELINE, Call, Client, Completion, Fault, FaultKind, PriceBook, Request, Usage
from pinward.core.model_id import ModelId
from pinward.core.policy import BudgetPolicy
from pinward.core.quantities import money
from pinward.errors import BudgetError, ConfigError
from pinward.providers.base import ASSUMED_OUTPUT

Window = Callable[[ModelId], int | None]  # tokens that fit into one request; None where nobody knows
CHARACTERS_PER_TOKEN = 5  # more than any text needs: what does not fit at this rate does not fit
LEAST_CHARACTERS = 4_000  # no window is smaller; most prompts need no look at the table
BYTES_PER_TOKEN = 3  # English is near 4, code and other scripts are below; an estimate that is rather too high
MESSAGE_BYTES = 30  # what a message costs beside its text
IMAGE_TOKENS = 1_600  # a large image at Anthropic and OpenAI; platform.claude.com/docs/en/build-with-claude/vision
OUTPUT_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "maxTokens")
MAYBE_BILLED: frozenset[FaultKind] = frozenset({"timeout", "bad_response", "connection"})


def worst_usage(request: Request) -> Usage:
    """Return the most tokens that a call is expected to use."""
    images = sum(len(message.images) for message in request.messages)
    texts = [part for m in request.messages for part in (m.content, *(call.arguments for call in m.tool_calls))]
    shape = (
        ""
        if not request.tools and request.response_schema is None
        else json.dumps([request.tools, request.response_schema])
    )
    stated = [request.params.get(name) for name in OUTPUT_LIMITS]
    limits = [n for n in stated if isinstance(n, int) and not isinstance(n, bool) and n > 0]
    size = sum(len(part.encode("utf-8", "replace")) + MESSAGE_BYTES for part in (*texts, shape))
    return Usage(
        input=math.ceil(size / BYTES_PER_TOKEN) + images * IMAGE_TOKENS, output=max(limits, default=ASSUMED_OUTPUT)
    )


def require_fit(call: Call, model: ModelId, request: Request, window: Window) -> None:
    """Raise `ConfigError` where a prompt is surely larger than the candidate's context window.

    A prompt that only the model which is replaced cannot take is a reason for the change and no error.
    """
    size = sum(len(message.content) for message in request.messages)
    if call.arm == BASELINE or size < LEAST_CHARACTERS:
        return
    fits, tokens = window(model), math.ceil(size / CHARACTERS_PER_TOKEN)
    if fits is not None and tokens > fits:
        raise ConfigError(
            f"case {call.case} of task {call.task} is about {tokens:,} tokens; {model.written} takes {fits:,} at once",
            "Shorten the case, or name a model with a larger context window. Nothing was asked.",
        )


def is_silent(told: Completion) -> bool:
    """Tell whether an answer says neither what it cost nor what it took, although it holds something."""
    return told.cost_usd is None and told.usage == Usage() and bool(told.text or told.tool_calls)


def cost_of(told: Completion, model: ModelId, prices: PriceBook) -> float | None:
    """Return what an answer cost, None where nobody knows (never 0): the model has no price, or the answer is silent.

    Only a target of the user's own states the cost itself; no provider's answer does.
    """
    if told.cost_usd is not None:
        return told.cost_usd
    return None if is_silent(told) else prices.cost(model, told.usage)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a round can cost at worst. `unpriced` names the models whose price nobody knows."""

    requests: int
    usd: float
    unpriced: frozenset[str]


class Ledger:
    """The account of one run, shared by every metered client of it (the judge's too).

    `earlier_*` is the part of `requests` and `spent_usd` that the run had made before it was interrupted. `unpriced`
    names the models whose cost nobody knows, `silent` those among them that answered without saying their tokens.
    """

    def __init__(self, policy: BudgetPolicy, prices: PriceBook, limit: str = "policy.budget.max_usd") -> None:
        """`limit` names what sets `policy.max_usd`, for messages."""
        self.requests = self.earlier_requests = 0
        self.spent_usd = self.earlier_usd = 0.0
        self.doubtful_usd = 0.0
        self.unpriced: set[str] = set()
        self.silent: set[str] = set()
        self.max_usd, self.max_requests = policy.max_usd, policy.max_requests
        self._prices, self._limit = prices, limit
        self._held = 0.0
        self._settled = asyncio.Event()

    def estimate(self, calls: Iterable[tuple[ModelId, Request]]) -> Estimate:
        """Return the worst case of these calls."""
        requests, usd, unpriced = 0, 0.0, set()
        for model, request in calls:
            requests += 1
            price = self._prices.cost(model, worst_usage(request))
            if price is None:
                unpriced.add(model.written)
            usd += price or 0.0
        return Estimate(requests, usd, frozenset(unpriced))

    def check(self, calls: Iterable[tuple[ModelId, Request]]) -> Estimate:
        """Return the worst case of a run's first round. Raises `BudgetError` where the policy does not allow it."""
        worst = self.estimate(calls)
        before = f", beside {self.requests} before it was interrupted" if self.requests else ""
        if worst.requests and self.requests + worst.requests > self.max_requests:
            raise BudgetError(
                f"the run needs {worst.requests} requests{before}; "
                f"policy.budget.max_requests allows {self.max_requests}",
                "Raise it on the base branch, or shorten the suite.",
            )
        gone = self.spent_usd + self.doubtful_usd
        before = f", beside {money(gone)} before it was interrupted" if gone else ""
        if worst.usd and gone + worst.usd > self.max_usd:
            raise BudgetError(
                f"the run may cost ${worst.usd:.2f} at worst ({worst.requests} requests){before}; "
                f"{self._limit} allows ${self.max_usd:.2f}",
                "Raise it on the base branch, lower max_tokens, or shorten the suite.",
            )
        return worst

    def resume(self, model: ModelId, request: Request, told: Completion) -> None:
        """Count a call that this run made before it was interrupted: a ceiling is one for both parts of it."""
        self.requests += told.attempts
        self.earlier_requests += told.attempts
        self.spent_usd += told.cost_usd or 0.0
        self.earlier_usd += told.cost_usd or 0.0
        if is_silent(told) or (told.fault is not None and told.fault.kind in MAYBE_BILLED):
            self.doubtful_usd += told.attempts * (self._prices.cost(model, worst_usage(request)) or 0.0)
        if told.fault is None and told.cost_usd is None:
            self.unpriced.add(model.written)

    def meter(self, model: ModelId) -> Callable[[Client], Client]:
        """Return what makes a client of this model pay from this account."""
        return lambda client: MeteredClient(client, self, model)

    async def reserve(self, model: ModelId, request: Request) -> float | None:
        """Set the worst case aside; wait while calls under way may give some back. None where it is not allowed."""
        need = self._prices.cost(model, worst_usage(request)) or 0.0
        while self.requests < self.max_requests:
            gone = self.spent_usd + self.doubtful_usd
            if gone + self._held + need <= self.max_usd or need == 0.0:
                self.requests += 1
                self._held += need
                return need
            if gone + need > self.max_usd:
                return None
            self._settled.clear()
            await self._settled.wait()
        return None

    def settle(self, held: float, model: ModelId, completion: Completion | None) -> float | None:
        """Turn a reservation into what the call cost; `completion` is None where it was broken off."""
        self._held -= held
        cost = None
        if completion is None or (completion.fault is not None and completion.fault.kind in MAYBE_BILLED):
            self.doubtful_usd += held
        elif completion.fault is None:
            cost = cost_of(completion, model, self._prices)
            self.spent_usd += cost or 0.0
            if is_silent(completion):
                self.doubtful_usd += held
                self.silent.add(model.written)
                self.unpriced.add(model.written)
        if cost is None and self._prices.cost(model, completion.usage if completion else Usage()) is None:
            self.unpriced.add(model.written)
        self._settled.set()
        return cost


class MeteredClient:
    """Pays for every single attempt; asks nothing once the account is empty."""

    def __init__(self, inner: Client, ledger: Ledger, model: ModelId) -> None:
        self.name = inner.name
        self._inner, self._ledger, self._model = inner, ledger, model

    async def complete(self, request: Request, timeout: float) -> Completion:
        """Ask once if the budget allows it."""
        held = await self._ledger.reserve(self._model, request)
        if held is None:
            return Completion("infra_error", attempts=0, fault=Fault("budget", "the run's budget is spent"))
        completion = None
        try:
            completion = await self._inner.complete(request, timeout)
        finally:
            cost = self._ledger.settle(held, self._model, completion)
        return replace(completion, cost_usd=cost)

    async def aclose(self) -> None:
        """Close connections."""
        await self._inner.aclose()
