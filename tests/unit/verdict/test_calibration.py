"""A fast part of benchmarks/calibration.py: the error rates hold, and what must be found is found."""

from __future__ import annotations

import pytest

from benchmarks.calibration import Cell, early_cells, margin_cells, measure, null_cells, power_cells, savings, table

CELLS = {
    cell.name: cell for cell in (*null_cells(), *margin_cells(), *power_cells(), *early_cells(200), *early_cells())
}


@pytest.mark.parametrize(
    "name",
    [
        "same, mixed, N=50",
        "same, 50%, N=20",
        "same, thirds, N=20",
        "worse by 10%, sparse, N=50",
        "worse by 10%, sparse graded, N=50",
        "10% broken, N=30",
        "5% half broken, N=30",
        "early, worse by 5%, sparse, N=200",
    ],
)
def test_a_cell_keeps_its_bound(name: str) -> None:
    result = measure(CELLS[name], 60)
    assert result.holds, list(table([result]))[-1]


def test_a_bound_that_is_missed_is_seen() -> None:
    cell = CELLS["10% broken, N=30"]
    assert not measure(Cell(cell.name, cell.world, cell.cases, most=0.05), 20).holds


def test_looking_in_between_saves_more_than_half_of_the_calls_where_things_are_clear() -> None:
    clear = measure(CELLS["early, same, flips 1%, N=1000"], 3)
    assert [ratio < 0.5 for _, ratio in savings([clear], 3)] == [True]


def test_simpler_gates_block_most_harmless_changes_on_the_same_draws() -> None:
    result = measure(CELLS["nothing changed, N=30"], 60)
    assert result.others["any flip"] > 0.4 > result.share
