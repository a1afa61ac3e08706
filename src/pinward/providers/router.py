"""Ordered fallbacks across providers, with a circuit breaker for each (the pattern of Nygard, "Release It!").

In an evaluation a fallback is never silent: the answer names who gave it, and the runner leaves it out of the
comparison.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pinward.core.evidence import Client, Completion, Fault, FaultKind, Request

# An invalid request is the request's own fault: another provider would only hide it.
FALL_BACK: frozenset[FaultKind] = frozenset(
    {"rate_limit", "quota", "auth", "not_found", "server", "timeout", "connection", "bad_response"}
)


@dataclass(frozen=True, slots=True)
class Target:
    """One model of one provider. `name` is `provider/model`, `model` the id as the endpoint expects it."""

    name: str
    client: Client
    model: str


class Breaker:
    """Keeps calls from a provider that has failed `failures` times in a row, for `cooldown` seconds.

    After that one call may try; its success closes the circuit, its failure opens it again.
    """

    def __init__(self, failures: int = 3, cooldown: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures, self._cooldown, self._clock = failures, cooldown, clock
        self._failed = 0
        self._open_until = float("-inf")

    def allows(self) -> bool:
        """Say whether a call may go out; where the cooldown has passed, this call is the one that tries."""
        if self._failed < self._failures:
            return True
        if self._clock() < self._open_until:
            return False
        self._open_until = self._clock() + self._cooldown
        return True

    def record(self, ok: bool) -> None:
        """Note how a call ended."""
        self._failed = 0 if ok else self._failed + 1
        if self._failed >= self._failures:
            self._open_until = self._clock() + self._cooldown


@dataclass(frozen=True, slots=True)
class Tried:
    """A target that did not answer, and why."""

    target: str
    fault: Fault


class Router:
    """A client that asks its targets in order until one answers. Breakers are by provider (the client's name)."""

    def __init__(
        self,
        targets: Sequence[Target],
        breakers: Mapping[str, Breaker] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = targets[0].client.name
        self._targets = tuple(targets)
        named = {target.client.name for target in targets}
        self._breakers = breakers or {name: Breaker(clock=clock) for name in named}
        self._clock = clock

    async def complete(self, request: Request, timeout: float) -> Completion:
        """Ask all targets the same within `timeout` seconds together; the last fault comes back where none answers."""
        return (await self.ask(lambda target: replace(request, model=target.model), timeout))[0]

    async def ask(
        self, request: Callable[[Target], Request], timeout: float
    ) -> tuple[Completion, Target | None, tuple[Tried, ...]]:
        """Ask each target its own request (another model may have another prompt), within `timeout` seconds together.

        Returns the answer, the target that gave it (None: none did, and the answer is the last fault), and every
        target that was tried or passed over before, with its fault.
        """
        deadline = self._clock() + timeout
        tried: list[Tried] = []
        last = Completion("infra_error", attempts=0, fault=Fault("server", "every provider's circuit is open"))
        for place, target in enumerate(self._targets):
            left = deadline - self._clock()
            breaker = self._breakers[target.client.name]
            if left <= 0:
                tried.append(Tried(target.name, Fault("timeout", "no time was left")))
                continue
            if not breaker.allows():
                tried.append(Tried(target.name, Fault("server", "not asked: it failed several times just now")))
                continue
            last = await target.client.complete(request(target), left / (len(self._targets) - place))
            if last.fault is None or last.fault.kind not in FALL_BACK:
                breaker.record(True)
                return replace(last, answered_by=target.name) if place else last, target, tuple(tried)
            breaker.record(last.outcome == "model_unavailable")
            tried.append(Tried(target.name, last.fault))
        return last, None, tuple(tried)

    async def aclose(self) -> None:
        """Close the targets' connections."""
        for target in self._targets:
            await target.client.aclose()
