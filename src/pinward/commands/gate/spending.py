"""What earlier runs cost, by their reports, and what that leaves to this one (docs/how-to/limit-spending.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pinward.commands.gate.evidence import report_folders
from pinward.commands.gate.files import read_report
from pinward.core.policy import BudgetPolicy
from pinward.core.quantities import count, money
from pinward.core.report import GateReport
from pinward.errors import GitError, PinwardError
from pinward.git.history import is_ancestor, is_sha

OWN = "policy.budget.max_usd"
OF_PULL = f"{OWN}_per_pull_request"
OF_MONTH = f"{OWN}_per_month"


@dataclass(frozen=True)
class Payer:
    """Which run asks: its commits, its pull request where GitHub told it, and the time."""

    root: Path
    base: str
    head: str
    shown_head: str
    pull_request: int | None
    now: datetime

    def is_of_pull(self, report: GateReport) -> bool:
        """Tell whether an earlier run belongs to the same pull request: by number, else by a commit of its branch."""
        if self.pull_request is not None and report.pull_request is not None:
            return report.pull_request == self.pull_request
        if report.head in {self.head, self.shown_head}:
            return True
        return self._is_below(report.head, self.head) and not self._is_below(report.head, self.base)

    def is_of_month(self, report: GateReport) -> bool:
        """Tell whether an earlier run began in this calendar month (UTC)."""
        began, now = _began(report), self.now.astimezone(UTC)
        return began is not None and (began.year, began.month) == (now.year, now.month)

    def _is_below(self, sha: str, tip: str) -> bool:
        try:
            return is_sha(sha) and is_ancestor(self.root, sha, tip)
        except GitError:  # a commit of a branch that was rebased away
            return False


@dataclass(frozen=True)
class Allowance:
    """The budget that is left to a run, the key that sets its ceiling in money, and what the report says of it."""

    budget: BudgetPolicy
    limit: str = OWN
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Ceiling:
    key: str
    usd: float
    whose: str
    is_counted: Callable[[GateReport], bool]


def allowance(budget: BudgetPolicy, stored: Path | None, payer: Payer) -> Allowance:
    """Return what the ceilings across runs leave to this one, by the reports in `stored`.

    Where no reports were handed over, or a cost in them is not known, the notes say so.
    """
    ceilings = [
        _Ceiling(key, usd, whose, is_counted)
        for key, usd, whose, is_counted in (
            (OF_PULL, budget.max_usd_per_pull_request, "this pull request", payer.is_of_pull),
            (OF_MONTH, budget.max_usd_per_month, f"{payer.now.astimezone(UTC):%B %Y}", payer.is_of_month),
        )
        if usd is not None
    ]
    if not ceilings:
        return Allowance(budget)
    reports, unread = _earlier(stored)
    left, limit, notes = budget.max_usd, OWN, []
    for ceiling in ceilings:
        mine = [report for report in reports if ceiling.is_counted(report)]
        spent = sum(max(report.cost_usd or 0.0, 0.0) for report in mine)
        notes.append(_said(ceiling, mine, spent, unread) if stored else _unchecked(ceiling))
        if ceiling.usd - spent < left:
            left = max(ceiling.usd - spent, 0.0)
            limit = f"{ceiling.key} ({money(ceiling.usd)}, less {money(spent)} of {count(len(mine), 'earlier run')})"
    return Allowance(replace(budget, max_usd=left), limit, tuple(notes))


def is_about_spending(note: str) -> bool:
    """Tell whether a note of a report is one of these."""
    return note.startswith((f"`{OF_PULL}`", f"`{OF_MONTH}`"))


def _said(ceiling: _Ceiling, mine: Sequence[GateReport], spent: float, unread: int) -> str:
    said = (
        f"`{ceiling.key}`: {money(spent)} of {money(ceiling.usd)} were spent by {count(len(mine), 'earlier run')} of "
        f"{ceiling.whose}, as far as their reports were handed over."
    )
    unknown = sum(report.cost_usd is None and report.requests > 0 for report in mine)
    if unknown:
        said += f" What {count(unknown, 'run')} of them cost is not known."
    if unread:
        said += f" {count(unread, 'report')} could not be read and {'is' if unread == 1 else 'are'} not counted."
    return said


def _unchecked(ceiling: _Ceiling) -> str:
    return (
        f"`{ceiling.key}` could not be checked across runs: no reports of earlier runs were handed over "
        f"(`gate --evidence`). {money(ceiling.usd)} bound this run alone."
    )


def _earlier(stored: Path | None) -> tuple[list[GateReport], int]:
    """Return the reports of earlier runs, each run once, and how many could not be read."""
    found: dict[tuple[str, str, int], GateReport] = {}
    unread = 0
    for place in report_folders(stored) if stored else []:
        try:
            report = read_report(place)
        except (PinwardError, OSError):
            report = None
        if report is None or _began(report) is None:
            unread += 1
        else:
            found[report.head, report.started, report.shard.number if report.shard else 0] = report
    return list(_whole(found.values())), unread


def _whole(reports: Iterable[GateReport]) -> Iterator[GateReport]:
    """Leave out shards whose joined report is there too: it began when the first of them did, and holds their sum."""
    reports = tuple(reports)
    joined = {(report.head, report.started) for report in reports if report.shard is None}
    runs = {_run(report) for report in reports if report.shard and (report.head, report.started) in joined}
    return (report for report in reports if report.shard is None or _run(report) not in runs)


def _run(part: GateReport) -> tuple[str, str]:
    return part.head, part.shard.plan if part.shard else ""


def _began(report: GateReport) -> datetime | None:
    try:
        return datetime.fromisoformat(report.started).astimezone(UTC)
    except ValueError:
        return None
