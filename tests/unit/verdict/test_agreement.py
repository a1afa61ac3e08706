from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.verdict.agreement import agreement


def table(both: int, first: int, second: int, neither: int) -> list[tuple[bool, bool]]:
    return [(True, True)] * both + [(True, False)] * first + [(False, True)] * second + [(False, False)] * neither


@pytest.mark.parametrize(
    ("cells", "kappa"),
    [
        ((20, 5, 10, 15), 0.4),  # the worked example of en.wikipedia.org/wiki/Cohen%27s_kappa
        ((45, 15, 25, 15), 0.1304),  # ibid., equal agreement ...
        ((25, 35, 5, 35), 0.2593),  # ... other marginals
    ],
)
def test_kappa_is_that_of_published_tables(cells: tuple[int, int, int, int], kappa: float) -> None:
    found = agreement(table(*cells)).kappa
    assert found is not None
    assert found.estimate == pytest.approx(kappa, abs=5e-5)


def test_the_interval_is_near_cohens_own_for_many_items_and_honest_for_full_agreement() -> None:
    found = agreement(table(2000, 500, 1000, 1500)).kappa
    assert found is not None
    error = 1.96 * math.sqrt(0.7 * 0.3 / 5000) / 0.5  # Cohen 1960, equation 7
    assert found.low == pytest.approx(0.4 - error, abs=0.002)
    assert found.high == pytest.approx(0.4 + error, abs=0.002)
    full = agreement(table(5, 0, 0, 5)).kappa
    assert full is not None
    assert full.estimate == full.high == 1.0
    assert full.low is not None
    assert full.low < 0.5


def test_one_label_throughout_has_no_kappa() -> None:
    found = agreement(table(7, 0, 0, 0))
    assert (found.share.estimate, found.kappa) == (1.0, None)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_kappa_stays_in_its_range_and_inside_its_interval(pairs: list[tuple[bool, bool]]) -> None:
    kappa = agreement(pairs).kappa
    if kappa is not None:
        assert kappa.low is not None
        assert kappa.high is not None
        assert -1 <= kappa.low <= kappa.estimate <= kappa.high <= 1
