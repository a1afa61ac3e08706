from __future__ import annotations

from datetime import date

import pytest

from pinward.core.findings import Finding, Location, ModelUse
from pinward.core.model_id import ModelId
from pinward.scan.suppression import apply, ignores_in

TODAY = date(2026, 11, 22)


def finding(line: int, rule: str = "unpinned-alias") -> Finding:
    use = ModelUse(ModelId("openai", "gpt-4o", "gpt-4o", "floating"), Location("a.py", line, 1, 7), "selection", "x")
    return Finding(rule, "error", "high", "m", "h", "u", "f", use)


@pytest.mark.parametrize("sign", ["#", "//", "--", ";", "/*", "<!--", "%"])
def test_a_comment_speaks_for_its_line_in_every_syntax(sign: str) -> None:
    text = f'ask("gpt-4o") {sign} pinward: ignore[unpinned-alias] until=2027-01-01 the provider offers no other'
    result = apply([finding(1), finding(2)], ignores_in("a.py", text), TODAY)
    assert [f.place and f.place.line for f in result.kept] == [2]
    assert [f.place and f.place.line for f in result.quiet] == [1]


def test_a_comment_on_a_line_of_its_own_speaks_for_the_next() -> None:
    result = apply([finding(2)], ignores_in("a.py", "  # pinward: ignore\nask()"), TODAY)
    assert result.kept == ()


def test_another_rule_is_not_kept_quiet_and_the_comment_is_unused() -> None:
    result = apply([finding(1)], ignores_in("a.py", "ask() # pinward: ignore[retired-model]"), TODAY)
    assert len(result.kept) == 1
    assert [ignore.line for ignore in result.unused] == [1]


@pytest.mark.parametrize(("until", "quiet"), [("2026-11-22", True), ("2026-11-21", False), ("2026-99-99", False)])
def test_a_day_that_passed_no_longer_holds(until: str, quiet: bool) -> None:
    result = apply([finding(1)], ignores_in("a.py", f"ask() # pinward: ignore until={until}"), TODAY)
    assert bool(result.quiet) is quiet
    assert bool(result.expired) is not quiet


def test_words_outside_a_comment_keep_nothing_quiet() -> None:
    assert not list(ignores_in("a.py", 'x = "pinward: ignore[unpinned-alias]"'))
