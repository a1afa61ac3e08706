from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.figures import Interval
from pinward.core.quantities import count, duration, money, percent, points, relative, signed
from pinward.core.report import Difference


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (None, "–"),
        (1, "100%"),
        (0, "0%"),
        (0.958, "95.8%"),
        (0.9999, "over 99.9%"),
        (0.0001, "under 0.1%"),
        (0.75, "75%"),
    ],
)
def test_percent_never_rounds_to_perfect_or_hopeless(rate: float | None, shown: str) -> None:
    assert percent(rate) == shown


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (None, "–"),
        (0, "$0.00"),
        (0.00421, "$0.0042"),
        (0.41, "$0.41"),
        (1.844, "$1.84"),
        (-144.2, "-$144"),
        (12345, "$12,345"),
        (3e-6, "$0.000003"),
        (1e-9, "under $0.000001"),
    ],
)
def test_money_has_sensible_digits_and_no_false_zero(usd: float | None, shown: str) -> None:
    assert money(usd) == shown


def test_differences_are_points_and_relative_changes_percent() -> None:
    assert points(Difference(estimate=-0.0417, low=-0.14, high=0.033)) == "-4.2 points (-14.0 to +3.3)"
    assert points(Difference(estimate=-0.0001)) == "+0.0 points"
    assert relative(Difference(estimate=-0.39, low=-0.42, high=-0.36)) == "-39% (-42% to -36%)"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "under 1 s"), (38.2, "38 s"), (59.7, "1 min"), (243, "4 min"), (4320, "1 h 12 min")]
)
def test_durations_are_as_long_as_they_need_to_be(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@given(st.floats(-1, 1))
def test_the_verdicts_interval_and_the_reports_read_alike(value: float) -> None:
    interval, reported = Interval(value, value, 1.0), Difference(estimate=value, low=value, high=1.0)
    assert points(interval) == points(reported)
    assert relative(interval) == relative(reported)


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_no_number_is_shown_as_minus_nothing(value: float, digits: int) -> None:
    assert not signed(value, digits).startswith("-0") or float(signed(value, digits)) < 0


@pytest.mark.parametrize(("number", "shown"), [(0, "0 cases"), (1, "1 case"), (1204, "1,204 cases")])
def test_a_noun_agrees_with_its_number(number: int, shown: str) -> None:
    assert count(number, "case") == shown
