from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.outcomes import GROWTH, Histogram, Moments, Share, Window, bucket_of, parse_outcomes, write_outcomes
from pinward.errors import ConfigError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
shares = st.integers(0, 10**6).flatmap(lambda n: st.builds(Share, st.just(n), st.integers(0, n)))
numbers = st.lists(st.floats(0, 1), max_size=9)
moments = numbers.map(lambda values: Moments(len(values), sum(values), sum(v * v for v in values)))
buckets = st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(lambda pair: (min(pair), max(pair)))
histograms = st.dictionaries(buckets, st.integers(1, 10**6), max_size=9).map(Histogram)
windows = st.builds(
    Window,
    version=st.text(min_size=1).filter(str.strip),
    model=st.text(min_size=1).filter(str.strip),
    first=st.just(NOON),
    last=st.just(NOON),
    errors=shares,
    completed=shares,
    quality=moments,
    cost_usd=moments,
    latency=histograms,
)


@given(st.lists(windows, max_size=4), st.text())
def test_what_is_written_is_read_again(given_windows: list[Window], task: str) -> None:
    read = parse_outcomes(write_outcomes(task, tuple(given_windows)), "m.json", task)
    empty = Moments()
    for one, other in zip(given_windows, read, strict=True):
        assert (one.version, one.model, one.errors.n, one.latency) == (
            other.version, other.model, other.errors.n, other.latency,
        )  # fmt: skip
        assert other.quality == (one.quality if one.quality.n else empty)


@given(st.floats(1e-4, 1e5))
def test_a_bucket_is_at_most_five_percent_wide(seconds: float) -> None:
    low, high = bucket_of(seconds)
    assert low * 0.999 <= seconds <= high * 1.001
    assert high <= low * GROWTH * 1.001


WINDOW = {"version": "v", "model": "a/b", "from": "2026-11-20T10:00:00Z", "to": "2026-11-22T10:00:00+02:00"}


def document(**changed: Any) -> bytes:
    return json.dumps({"schema": "pinward.metrics/1", "task": "t", "windows": [{**WINDOW, **changed}]}).encode()


def test_clocks_of_different_zones_mean_one_time() -> None:
    (window,) = parse_outcomes(document(), "m.json", "t")
    assert window.last == datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"from": "2026-11-20T10:00:00"}, "has no time zone"),
        ({"from": "yesterday"}, "a time with its zone"),
        ({"to": "2026-11-19T10:00:00Z"}, "is before `from`"),
        ({"errors": {"n": 3, "count": 4}}, "from 0 to 3"),
        ({"errors": {"n": -1}}, "a whole number"),
        ({"quality": {"n": 2, "sum": 2.5, "squares": 3.2}}, "cannot be the sums"),
        ({"quality": {"n": 2, "sum": 1.0, "squares": 1.2}}, "cannot be the sums"),
        ({"from": "0001-01-01T00:00:00+23:59"}, "a time with its zone"),
        ({"cost_usd": {"n": 2, "sum": 2.0, "squares": 0.1}}, "cannot be the sums"),
        ({"latency": [[0.1, 2]]}, "two bounds"),
        ({"latency": [[True, 2, 3]]}, "a number"),
        ({"latency": [[3, 2, 3]]}, "from 3"),
        ({"version": ""}, "text"),
        ({"version": None}, "has no `version`"),
        ({"requests": 4}, "unknown key"),
    ],
)
def test_a_wrong_window_is_an_error_that_names_its_key(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_outcomes(document(**changed), "m.json", "t")
    assert "m.json" in caught.value.message
    assert said in caught.value.message


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"schema": "pinward.metrics/2", "task": "t"}', b"\xff", b"{"])
def test_what_is_no_metrics_document_is_an_error(data: bytes) -> None:
    with pytest.raises(ConfigError):
        parse_outcomes(data, "m.json", "t")


def test_metrics_of_another_task_are_not_taken() -> None:
    with pytest.raises(ConfigError, match="is not about the task `other`"):
        parse_outcomes(document(), "m.json", "other")
