"""Where a run stands: a line that moves on a terminal, one plain line every few seconds anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TextIO

from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.core.quantities import money
from pinward.core.report import GateReport
from pinward.core.screen import Detail
from pinward.evals.runner import Progress

EVERY = 5.0  # seconds between plain lines: enough to see that it lives, few enough for a log


@dataclass
class Meter:
    """Turns progress into words. Rate and time left are the round's own: a later round is not slowed by an earlier."""

    _round: str = ""
    _since: float = 0.0
    _seen: float = 0.0

    def said(self, now: Progress) -> str:
        """Return `first pass: 1,000 calls; 312 done, 48 a second, $0.12 so far, 14 s left`."""
        if now.why != self._round:
            self._round, self._since = now.why, self._seen
        self._seen = now.seconds
        cost = "cost unknown" if now.cost_usd is None else f"{money(now.cost_usd)} so far"
        return f"{now.why}; {now.done:,} done, {self._pace(now)}{cost}{self._left(now)}"

    def _rate(self, now: Progress) -> float:
        passed = now.seconds - self._since
        return now.done / passed if passed > 0 else 0.0

    def _pace(self, now: Progress) -> str:
        rate = self._rate(now)
        return f"{rate:.0f} a second, " if rate >= 1 else f"{60 * rate:.0f} a minute, " if rate else ""

    def _left(self, now: Progress) -> str:
        rate = self._rate(now)
        if not rate or now.done >= now.total:
            return ""
        seconds = (now.total - now.done) / rate
        return f", {seconds:.0f} s left" if seconds < 90 else f", {seconds / 60:.0f} min left"


def run_watched(request: GateRequest, edges: GateEdges, out: TextIO, detail: Detail = Detail.USUAL) -> GateReport:
    """Run the gate and show on `out` where it stands. Raises what `run_gate` raises."""
    with showing(out, out.isatty(), detail) as progress:
        return run_gate(request, replace(edges, progress=progress))


@contextmanager
def showing(out: TextIO, terminal: bool, detail: Detail = Detail.USUAL) -> Iterator[Callable[[Progress], None]]:
    """Yield what shows progress on `out` until the block ends; nothing is shown to who asked for quiet."""
    if detail is Detail.QUIET:
        yield lambda _: None
        return
    meter = Meter()
    if not terminal:
        yield _plain(meter, out)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    bars = Bars(TextColumn("{task.description}", markup=False), BarColumn(), console=Console(file=out), transient=True)
    with bars:
        bar = bars.add_task("asking each model once", total=None)
        yield lambda now: bars.update(bar, description=meter.said(now), completed=now.done, total=now.total)


def _plain(meter: Meter, out: TextIO) -> Callable[[Progress], None]:
    shown = 0.0

    def show(now: Progress) -> None:
        nonlocal shown
        said = meter.said(now)
        if now.seconds - shown >= EVERY:
            shown = now.seconds
            out.write(f"pinward: {said}\n")
            out.flush()

    return show
