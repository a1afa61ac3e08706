from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.evidence import Fault
from pinward.providers.limits import Limiter, reset_seconds

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a busy loop"
        self.now += seconds
        await asyncio.sleep(0)


def limiter(time: Time, maximum: int = 8) -> Limiter:
    return Limiter(maximum, time.clock, time.sleep, lambda: NOW)


def test_the_limit_halves_once_for_calls_that_were_under_way_together_and_grows_back() -> None:
    async def scene() -> None:
        time = Time()
        one = limiter(time)
        limited = Fault("rate_limit", "", 429)
        for _ in range(5):
            one.learn(time.now, limited)
        time.now += 1
        assert one.limit == 8 / 2 or one.limit < 8
        low = one.limit
        one.learn(time.now - 5, limited)
        assert one.limit == low
        for _ in range(200):
            one.learn(time.now, None)
        assert one.limit == 8

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795348830000"}, 30.0),  # OpenRouter
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2"}, 2.0),  # Together
        ({"x-ratelimit-remaining-req-minute": "0", "x-ratelimit-remaining-tokens-minute": "9"}, 5.0),  # Mistral
        ({"x-ratelimit-remaining-tokens-minute": "0"}, 5.0),
        ({"x-ratelimit-remaining-req-minute": "1"}, 0.0),
    ],
)
def test_the_windows_of_compatible_providers_hold_calls_back_too(headers: dict[str, str], seconds: float) -> None:
    async def scene() -> float:
        time = Time()
        one = limiter(time)
        one.observe(headers)
        assert await one.acquire(60) is None
        return time.now - 100.0

    assert asyncio.run(scene()) == pytest.approx(seconds)


def test_an_empty_window_holds_calls_back_until_it_opens() -> None:
    async def scene() -> float:
        time = Time()
        one = limiter(time)
        one.observe({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1.5s"})
        assert await one.acquire(60) is None
        return time.now

    assert asyncio.run(scene()) == 101.5


def test_a_window_longer_than_a_minute_is_a_hint_only() -> None:
    async def scene() -> float:
        time = Time()
        one = limiter(time)
        one.observe(
            {"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-11-23T12:00:00Z"}
        )
        assert await one.acquire(100) is None
        return time.now

    assert asyncio.run(scene()) == 160


def test_f2_a_hold_that_no_call_can_wait_for_ends_every_call_that_waits_for_a_slot() -> None:
    async def scene() -> list[Fault | None]:
        time = Time()
        one = limiter(time, 2)
        one.learn(time.now, None)
        for _ in range(2):
            assert await one.acquire(60) is None
        waiting = [asyncio.ensure_future(one.acquire(60)) for _ in range(5)]
        await asyncio.sleep(0)
        one.learn(time.now, Fault("rate_limit", "", 429, 36_000.0))
        one.release()
        async with asyncio.timeout(1):
            return await asyncio.gather(*waiting)

    assert [fault.kind for fault in asyncio.run(scene()) if fault] == ["rate_limit"] * 5


def test_a_call_that_is_cancelled_while_it_waits_loses_no_slot() -> None:
    async def scene() -> None:
        one = Limiter(1)
        one.answered = True
        assert await one.acquire(1) is None
        waiting = [asyncio.ensure_future(one.acquire(1)) for _ in range(3)]
        await asyncio.sleep(0.01)
        waiting[0].cancel()
        one.release()
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.sleep(0.01)
        assert waiting[2].done() or not waiting[1].cancelled()
        one.release()
        assert await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 1)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("12ms", 0.012),
        ("1h2m3.5s", 3723.5),
        ("2d", 172800.0),
        ("17", 17.0),
        (str(round(NOW.timestamp() + 30)), 30.0),
        (str(round(NOW.timestamp() + 30) * 1000), 30.0),
        (str(round(NOW.timestamp() - 30) * 1000), 0.0),
        ("0", 0.0),
        ("2026-11-22T12:00:30Z", 30.0),
        ("2026-11-22T11:00:00Z", 0.0),
        ("2026-11-22T11:00:00", None),
        ("", None),
        ("-3", None),
        ("nan", None),
        ("soon", None),
    ],
)
def test_when_a_window_opens_again(value: str, seconds: float | None) -> None:
    assert reset_seconds(value, NOW) == seconds


@given(st.text(max_size=30))
def test_no_header_can_break_the_reading(value: str) -> None:
    seconds = reset_seconds(value, NOW)
    assert seconds is None or seconds >= 0
