"""How many calls one provider gets at once, and when: shared by every client of that provider.

Additive increase, multiplicative decrease on 429 and overload; a `Retry-After` or an empty rate-limit window holds
every call back. A refused key or a spent quota ends the provider for the run (docs/threats.md F4, F10), so the first
call goes alone: until it is answered nobody else knocks with a key that may be wrong.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from pinward.core.evidence import Fault, FaultKind

FATAL: frozenset[FaultKind] = frozenset({"auth", "quota"})
OVERLOADED = frozenset({429, 503, 529})
PROBE_SECONDS = 5.0  # a refused key is answered at once; a slow first answer must not hold up the rest for longer
EPOCH = 1e9  # seconds since 1970, in 2001
LONGEST_HINT = 60.0  # a header may announce a window of a day; the next 429 then decides
UNTOLD = 5.0  # seconds until a window of a minute that does not say when it opens is looked at again
# (remaining, reset). OpenAI, Azure, Groq: platform.openai.com/docs/guides/rate-limits, durations such as `6m0s`;
# Anthropic: platform.claude.com/docs/en/api/rate-limits, RFC 3339 times; OpenRouter: openrouter.ai/docs/api/reference/
# limits, milliseconds since 1970; Together: docs.together.ai/docs/rate-limits, seconds; Mistral says what is left of a
# minute, and not when it ends (github.com/mistralai/client-ts/issues/169).
WINDOWS = (
    *(
        pair
        for unit in ("requests", "tokens")
        for pair in (
            (f"x-ratelimit-remaining-{unit}", f"x-ratelimit-reset-{unit}"),
            (f"anthropic-ratelimit-{unit}-remaining", f"anthropic-ratelimit-{unit}-reset"),
        )
    ),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("x-ratelimit-remaining-req-minute", ""),
    ("x-ratelimit-remaining-tokens-minute", ""),
)
DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
UNITS = (86_400.0, 3_600.0, 60.0, 1.0, 0.001)


class Limiter:
    """Slots for calls to one provider. One event loop at a time; `clock` and `sleep` are edges for tests."""

    def __init__(
        self,
        maximum: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limit = float(maximum)
        self.dead: Fault | None = None
        self.answered = False
        self._maximum = float(maximum)
        self._clock, self._sleep, self._now = clock, sleep, now
        self._in_flight = 0
        self._first_call: float | None = None
        self._shrunk_at = float("-inf")
        self._not_before = float("-inf")
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self, patience: float) -> Fault | None:
        """Take a slot. Returns the fault instead where the provider has ended, or will be held beyond `patience`."""
        while True:
            if self.dead is not None:
                return self.dead
            held = self._not_before - self._clock()
            if held > patience:
                detail = f"the provider asks to wait {held:.3g} s and the call may take {max(patience, 0):.3g} s more"
                return Fault("rate_limit", detail, 429, held)
            if held > 0:
                await self._sleep(held)
            elif self._in_flight < self._allowed():
                self._in_flight += 1
                if self._first_call is None:
                    self._first_call = self._clock()
                return None
            else:
                await self._wait_for_a_slot()

    def release(self) -> None:
        """Give the slot back."""
        self._in_flight -= 1
        self._wake(1)

    def learn(self, started: float, fault: Fault | None) -> None:
        """Adapt to the outcome of a call that began at `started` (on this limiter's clock)."""
        reached = fault is None or fault.status is not None
        if fault is not None and fault.kind in FATAL:
            self.end(fault)
        elif fault is not None and fault.status in OVERLOADED:
            if started >= self._shrunk_at:  # calls that were under way tell nothing new
                self.limit, self._shrunk_at = max(1.0, self.limit / 2), self._clock()
            if fault.retry_after is not None:
                self._hold(fault.retry_after)
        elif reached:
            self.limit = min(self._maximum, self.limit + 1 / self.limit)
        if reached and not self.answered:
            self.answered = True
            self._wake(len(self._waiting))

    def end(self, fault: Fault) -> None:
        """Refuse every further call with this fault."""
        self.dead = fault
        self._wake(len(self._waiting))

    def observe(self, headers: Mapping[str, str]) -> None:
        """Hold calls back while the headers of an answer say that the window is used up."""
        for remaining, reset in WINDOWS:
            if headers.get(remaining) in {"0", "0.0"}:
                wait = reset_seconds(headers.get(reset, ""), self._now()) if reset else UNTOLD
                if wait is not None:
                    self._hold(min(wait, LONGEST_HINT))

    def _hold(self, seconds: float) -> None:
        self._not_before = max(self._not_before, self._clock() + seconds)
        self._wake(len(self._waiting))  # whoever cannot wait for so long ends now, and not with the run

    def _allowed(self) -> int:
        alone = not self.answered and (self._first_call is None or self._clock() - self._first_call < PROBE_SECONDS)
        return 1 if alone else int(self.limit)

    async def _wait_for_a_slot(self) -> None:
        slot = asyncio.get_running_loop().create_future()
        self._waiting.append(slot)
        try:
            async with asyncio.timeout(None if self.answered else PROBE_SECONDS):
                await slot
        except TimeoutError:
            return
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled():
                self._wake(1)  # the slot was meant for us; hand it on
            raise
        finally:
            with suppress(ValueError):
                self._waiting.remove(slot)

    def _wake(self, many: int) -> None:
        while many > 0 and self._waiting:
            slot = self._waiting.popleft()
            if not slot.done():
                slot.set_result(None)
                many -= 1


def reset_seconds(value: str, now: datetime) -> float | None:
    """Read when a window opens again: `1s`, `6m0s`, `12ms`, plain seconds, an RFC 3339 time, or seconds or
    milliseconds since 1970; None if unusable."""
    hit = DURATION.fullmatch(value)
    if value and hit:
        return sum(float(part or 0) * unit for part, unit in zip(hit.groups(), UNITS, strict=True))
    try:
        return _of_number(float(value), now) if value.replace(".", "", 1).isdecimal() else _until(value, now)
    except (ValueError, OverflowError):
        return None


def _of_number(value: float, now: datetime) -> float:
    """Return the seconds that a number stands for: no window is 30 years long, so that a larger one is a time."""
    if value < EPOCH:
        return value
    return max((value / 1000 if value >= EPOCH * 1000 else value) - now.timestamp(), 0.0)


def _until(value: str, now: datetime) -> float | None:
    when = datetime.fromisoformat(value)
    if when.tzinfo is None:
        return None
    return max((when - now).total_seconds(), 0.0)
