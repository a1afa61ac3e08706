"""Retries by class of fault, inside one deadline (docs/threats.md F1-F14, F22, F23)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from pinward.core.evidence import Client, Completion, Fault, FaultKind, Request
from pinward.providers.limits import Limiter

RETRYABLE: frozenset[FaultKind] = frozenset({"rate_limit", "server", "timeout", "connection", "bad_response"})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds of backoff (doubled each time, up to `longest`, with jitter) and attempts of one call.

    A call that is held back by rate limits alone is bounded by its deadline and by `rate_limit_attempts`.
    """

    base: float = 0.5
    longest: float = 30.0
    attempts: int = 5
    rate_limit_attempts: int = 20
    attempt_timeout: float = 180.0


DEFAULT_RETRY = RetryPolicy()


class RetryingClient:
    """Asks until there is an answer, the fault is one that no retry helps, or the deadline is near.

    The deadline begins when the call gets its slot: waiting for other calls is not the provider's slowness. A call that
    waits for its next attempt keeps the slot, so that a struggling provider gets fewer calls and not more.
    """

    def __init__(
        self,
        inner: Client,
        limiter: Limiter,
        policy: RetryPolicy = DEFAULT_RETRY,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: random.Random | None = None,
    ) -> None:
        self.name = inner.name
        self._inner = inner
        self._limiter = limiter
        self._policy = policy
        self._clock, self._sleep = clock, sleep
        self._jitter = jitter or random.Random()  # noqa: S311  # spreads retries; nothing secret
        self._gone: dict[str, Completion] = {}

    async def complete(self, request: Request, timeout: float) -> Completion:
        """Ask within `timeout` seconds of wall clock, retries and their waits included."""
        if request.model in self._gone:  # the provider has said that it does not serve this model (docs/threats.md F11)
            return self._gone[request.model]
        refused = await self._limiter.acquire(timeout)
        if refused is not None:
            return Completion("infra_error", attempts=0, fault=refused)
        try:
            return await self._until_settled(request, self._clock() + timeout)
        finally:
            self._limiter.release()

    async def _until_settled(self, request: Request, deadline: float) -> Completion:
        """Ask again and again, within a slot."""
        attempts = 0
        while True:
            started = self._clock()
            timeout = max(min(self._policy.attempt_timeout, deadline - started), 0.001)
            completion = await self._inner.complete(request, timeout)
            self._limiter.learn(started, completion.fault)
            attempts += 1
            wait = self._wait(completion.fault, attempts)
            if wait is None:
                return self._settled(request, completion, attempts)
            left = deadline - self._clock()
            if wait >= left:
                return replace(completion, attempts=attempts, fault=_out_of_time(completion.fault, wait, left))
            await self._sleep(wait)
            if self._limiter.dead is not None:
                return Completion("infra_error", attempts=attempts, fault=self._limiter.dead)

    def _wait(self, fault: Fault | None, attempts: int) -> float | None:
        """Return how long to wait before the next attempt, or None where there is to be none."""
        if fault is None or fault.kind not in RETRYABLE:
            return None
        limited = fault.kind == "rate_limit"
        if attempts >= (self._policy.rate_limit_attempts if limited else self._policy.attempts):
            return None
        backoff = min(self._policy.base * 2.0 ** (attempts - 1), self._policy.longest)
        spread = self._jitter.uniform(0.5, 1.0)
        if fault.retry_after is None:
            return backoff * spread
        return max(fault.retry_after * (1 + 0.1 * spread), self._policy.base * spread)

    def _settled(self, request: Request, completion: Completion, attempts: int) -> Completion:
        settled = replace(completion, attempts=attempts)
        if completion.outcome == "model_unavailable":
            self._gone[request.model] = replace(completion, attempts=0)
        elif completion.fault is not None and completion.fault.kind == "connection" and not self._limiter.answered:
            self._limiter.end(completion.fault)  # nobody is there: one call has tried for all
        return settled

    async def aclose(self) -> None:
        """Close connections."""
        await self._inner.aclose()


def _out_of_time(fault: Fault | None, wait: float, left: float) -> Fault | None:
    if fault is None:
        return None
    asked = "asks for" if fault.retry_after is not None else "needs"
    detail = f"{fault.detail}; the next attempt {asked} a wait of {wait:.3g} s and {max(left, 0):.3g} s are left"
    return replace(fault, detail=detail)
