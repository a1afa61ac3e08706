from __future__ import annotations

from datetime import date

import pytest

from pinward.commands.gate.quiet import MAX_LISTED, added, introduced
from pinward.core.findings import Finding, Location, ModelUse
from pinward.core.ignores import Ignore
from pinward.core.model_id import ModelId

TODAY = date(2026, 11, 22)
RULE = "unpinned-alias"


def finding(model: str, slot: str = "ask", line: int = 1, path: str = "a.py") -> Finding:
    use = ModelUse(ModelId("openai", model, model, "floating"), Location(path, line, 1, 9), "selection", slot)
    return Finding(RULE, "error", "high", "m", "h", "u", f"{path}-{slot}-{model}", use)


def ignore(line: int = 1, *, whole: bool = False, until: date | None = None, path: str = "a.py") -> Ignore:
    return Ignore(Location(path, line, 1, 9), None if whole else (line,), frozenset({RULE}), until)


OLD, NEW = finding("gpt-5.4"), finding("gpt-5.5")


def test_a_comment_of_the_base_speaks_for_its_place_also_after_the_model_changes() -> None:
    assert introduced([OLD], [NEW], [ignore()], [ignore()], TODAY) == []


def test_a_comment_that_only_the_head_has_hides_nothing() -> None:
    assert introduced([], [NEW], [], [ignore()], TODAY) == [NEW]
    assert introduced([], [NEW], [], [ignore(whole=True)], TODAY) == [NEW]


def test_a_comment_that_moves_to_another_place_hides_nothing() -> None:
    other = finding("gpt-5.5", slot="other")
    assert introduced([OLD], [other], [ignore()], [ignore()], TODAY) == [other]


def test_a_comment_of_the_base_that_the_head_removes_hides_nothing() -> None:
    assert introduced([OLD], [NEW], [ignore()], [], TODAY) == [NEW]


def test_a_comment_for_the_whole_file_hides_new_places_in_it() -> None:
    other = finding("gpt-5.5", slot="other", line=9)
    assert introduced([OLD], [other], [ignore(whole=True)], [ignore(whole=True)], TODAY) == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_day_that_the_head_puts_off_does_not_count_yet(whole: bool) -> None:
    past, later = ignore(whole=whole, until=date(2026, 11, 21)), ignore(whole=whole, until=date(2027, 11, 21))
    assert introduced([OLD], [NEW], [past], [later], TODAY) == [NEW]
    assert len(added([past], [later])) == 1


def test_what_stood_there_before_is_not_introduced() -> None:
    assert introduced([OLD], [OLD], [ignore()], [], TODAY) == []


def test_moved_comments_are_not_listed_and_many_new_ones_are_counted() -> None:
    assert added([ignore(1)], [ignore(7)]) == []
    said = added([], [ignore(line) for line in range(1, MAX_LISTED + 4)])
    assert said[0] == "a.py:1 adds an ignore comment (unpinned-alias); it takes effect after the merge."
    assert said[-1].startswith("3 more ignore comments are added")
