"""Stages of an end, and what changed since an earlier night."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.facts import CATALOG_PROMISE, LifecycleFact, Lifetime, Standing, is_stale
from pinward.core.policy import LifecyclePolicy
from pinward.lifecycle.alerts import STAGES, News, from_line, news, standing, to_line

DAY = date(2027, 1, 14)
FACT = LifecycleFact("openai", "m", "snapshot", "active", "https://x", "2026-11", "first-party")


def life(**changed: object) -> Lifetime:
    return Lifetime(**{"fact": FACT, "status": "deprecated", "shutdown_on": DAY, "shutdown_kind": "fixed", **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days_before", "stage"),
    [(200, None), (90, None), (89, "soon"), (30, "soon"), (29, "urgent"), (1, "urgent")],
)
def test_a_stage_begins_on_the_day_that_the_policy_says(days_before: int, stage: str | None) -> None:
    found = standing(life(), DAY - timedelta(days=days_before), LifecyclePolicy())
    assert (found.stage if found else None) == stage


def test_a_promise_not_before_is_no_stage() -> None:
    assert standing(life(shutdown_kind="not-before", status="active"), DAY, LifecyclePolicy()) is None


def test_a_reroute_is_counted_down_like_a_shutdown() -> None:
    rerouting = life(shutdown_on=None, shutdown_kind=None, status="active", reroutes_on=DAY)
    stages = [standing(rerouting, DAY - timedelta(days=n), LifecyclePolicy()) for n in (100, 60, 10)]
    assert [s.stage if s else None for s in stages] == ["announced", "soon", "urgent"]
    assert standing(life(rerouted_to="other"), DAY, LifecyclePolicy()) == Standing("rerouted", None)
    assert standing(life(status="retired"), DAY, LifecyclePolicy()) == Standing("retired", DAY)


def test_only_what_changed_is_news() -> None:
    soon, moved, urgent = Standing("soon", DAY), Standing("soon", DAY + timedelta(days=9)), Standing("urgent", DAY)
    before = {"a": soon, "b": soon, "c": soon, "d": soon}
    told = news(before, {"a": soon, "b": urgent, "c": moved, "e": soon})
    assert told == (News("b", soon, urgent), News("c", soon, moved), News("e", None, soon), News("d", soon, None))
    assert news(before, before) == ()


STANDINGS = st.builds(Standing, st.sampled_from(STAGES), st.none() | st.dates())
MARKS = st.text("0123456789abcdef", min_size=16, max_size=16)


@given(st.dictionaries(MARKS, STANDINGS, max_size=30))
def test_standings_come_back_from_their_line(standings: dict[str, Standing]) -> None:
    assert from_line(to_line(standings)) == standings


@given(st.text(max_size=200))
def test_a_damaged_line_loses_only_what_is_damaged(text: str) -> None:
    good = to_line({"0" * 16: Standing("soon", DAY)})
    assert from_line(f"{text} {good}").get("0" * 16) == Standing("soon", DAY)


def test_data_is_stale_on_the_day_after_its_promise() -> None:
    assert not is_stale(DAY, DAY + CATALOG_PROMISE)
    assert is_stale(DAY, DAY + CATALOG_PROMISE + timedelta(days=1))
    assert from_line("0000000000000000:gone:2027-01-14 1111111111111111:soon:2027-99-99") == {}
