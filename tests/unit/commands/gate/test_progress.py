from __future__ import annotations

import io

from pinward.commands.gate.progress import Meter, showing
from pinward.core.screen import Detail
from pinward.evals.runner import Progress


def at(done: int, seconds: float, why: str = "first pass: 100 calls", cost: float | None = 0.5) -> Progress:
    return Progress(why, done, 100, cost, seconds)


def test_rate_cost_and_time_left_are_the_rounds_own() -> None:
    meter = Meter()
    meter.said(at(1, 10.0))
    meter.said(at(100, 20.0))
    assert meter.said(at(20, 30.0, "confirming")) == "confirming; 20 done, 2 a second, $0.50 so far, 40 s left"
    assert meter.said(at(100, 70.0, "confirming")) == "confirming; 100 done, 2 a second, $0.50 so far"


def test_a_slow_round_is_told_by_the_minute_and_an_unknown_cost_is_never_nothing() -> None:
    assert Meter().said(at(10, 60.0, cost=None)).endswith("; 10 done, 10 a minute, cost unknown, 9 min left")
    assert Meter().said(at(0, 3.0)).endswith("; 0 done, $0.50 so far")


def test_where_no_terminal_is_there_a_plain_line_comes_every_few_seconds() -> None:
    out = io.StringIO()
    with showing(out, terminal=False) as show:
        for tenth in range(126):
            show(at(tenth // 2, tenth / 10))
    lines = out.getvalue().splitlines()
    assert [line.split("; ")[0] for line in lines] == ["pinward: first pass: 100 calls"] * 2
    assert "\033" not in out.getvalue()


def test_who_asks_for_quiet_sees_no_progress() -> None:
    out = io.StringIO()
    for terminal in (True, False):
        with showing(out, terminal, Detail.QUIET) as show:
            show(at(60, 30.0))
    assert not out.getvalue()


def test_on_a_terminal_the_line_moves_and_leaves_nothing_behind() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    with showing(out, terminal=True) as show:
        show(at(10, 5.0))
        show(at(60, 30.0))
    assert "60 done, 2 a second" in out.getvalue()
