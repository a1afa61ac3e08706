"""The files through which a step talks to the runner: outputs and job summary (docs/threats.md T13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pinward.core.report import GateReport
from pinward.errors import InternalError
from pinward.gh.texts import CUT_NOTE, cut

MAX_SUMMARY = 1_048_576  # bytes a step; the runner drops a larger file whole
_SAFE = {
    "verdict": re.compile(r"[a-z]{1,20}"),
    "pass-rate": re.compile(r"(?:[01]\.\d{4})?"),
    "non-regression-rate": re.compile(r"(?:[01]\.\d{4})?"),
    "regressions": re.compile(r"\d{1,9}"),
    "cost-usd": re.compile(r"(?:\d{1,9}\.\d{6})?"),
    "report": re.compile(r"[^\x00-\x1f\x7f\x85\u2028\u2029]{0,1000}"),
}


def outputs(report: GateReport, report_dir: str) -> dict[str, str]:
    """Return the action's outputs; where tasks differ, the worst one's. Unknown figures are empty, never 0."""
    pass_rates = [task.pass_rate.candidate for task in report.tasks]
    kept = [task.non_regression_rate for task in report.tasks]
    return {
        "verdict": report.verdict,
        "pass-rate": _rate(pass_rates),
        "non-regression-rate": _rate(kept),
        "regressions": str(max((task.regressed for task in report.tasks), default=0)),
        "cost-usd": "" if report.cost_usd is None else f"{report.cost_usd:.6f}",
        "report": report_dir,
    }


def write_outputs(path: Path, values: Mapping[str, str], token: Callable[[], str]) -> None:
    """Append outputs to the runner's file. `token` makes an unguessable delimiter.

    Raises `InternalError` for a name that is not ours or a value that could say more than itself.
    """
    lines = []
    for name, value in values.items():
        if name not in _SAFE or not _SAFE[name].fullmatch(value):
            raise InternalError(f"the output `{name}` has a value that cannot be written", "Report this as a bug.")
        delimiter = f"pinward_{token()}"
        lines += [f"{name}<<{delimiter}", value, delimiter]
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write("".join(f"{line}\n" for line in lines))


def append_summary(path: Path, text: str) -> None:
    """Append to the job summary, cut so that the whole file stays under the runner's limit."""
    taken = path.stat().st_size if path.exists() else 0
    room = MAX_SUMMARY - taken - 2
    if room <= len(CUT_NOTE):
        return
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(cut(text, max_bytes=room) + "\n")


def _rate(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{min(known):.4f}" if known else ""
