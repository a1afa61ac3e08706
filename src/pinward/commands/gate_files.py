"""The files of one gate run. Written before anything is published, so that nothing is lost when GitHub is down."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from pydantic import ValidationError

from pinward.core.policy import Json
from pinward.core.report import GateReport
from pinward.errors import ConfigError, UsageError
from pinward.render import html, markdown
from pinward.render.junit import junit

REPORT = "report.json"
RESULTS = "results.jsonl"
JUDGEMENTS = "judgements.jsonl"  # what a judge answered, where a suite asks one: a run that goes on pays for none twice
FILES = (REPORT, RESULTS, "comment.md", "summary.md", "junit.xml", "report.html")
MAX_REPORT = 50_000_000


def write_report(folder: Path, report: GateReport) -> None:
    """Write `report.json` and every face of it. `results.jsonl` is the runner's and is already there."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = Results(folder / RESULTS) if report.results_sha256 else ()
    case_ids: dict[str, dict[str, None]] = {}
    for row in rows:
        case_ids.setdefault(str(row["task"]), {})[str(row["case"])] = None
    faces = {
        REPORT: report.model_dump_json(by_alias=True, indent=2) + "\n",
        "comment.md": markdown.comment(report) or "",
        "summary.md": markdown.step_summary(report),
        "junit.xml": junit(report, case_ids),
        "report.html": html.render(report, rows),
    }
    for name, text in faces.items():
        (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")


@dataclass(frozen=True)
class Results:
    """The samples of `results.jsonl`, read anew each time: none where it is missing, a torn last line left out."""

    path: Path

    def __iter__(self) -> Iterator[dict[str, Json]]:
        if self.path.exists():
            with self.path.open(encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines if line.endswith("\n"))


def read_report(folder: Path) -> GateReport:
    """Read a saved report and check it against its schema, because whoever wrote it is not trusted.

    Raises `UsageError` where it is missing and `ConfigError` where it is no report.
    """
    path = folder / REPORT if folder.is_dir() else folder
    if not path.is_file():
        raise UsageError(f"{path}: there is no report", "Did `pinward gate` run, and was its report handed over?")
    with open_plain(path, MAX_REPORT) as file:
        written = file.read(MAX_REPORT)
    try:
        return GateReport.model_validate_json(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: is no report of this version: {where}: {first['msg']}", "Run it again.") from None


def open_plain(path: Path, max_bytes: int) -> BufferedReader:
    """Open a file that somebody else left: no link is followed, nothing but a regular file of at most so many bytes
    is read (docs/threats.md T27). Raises `ConfigError`."""
    again = "Run `pinward gate` again."
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); a link is not followed", again) from None
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_size <= max_bytes:
        return file
    file.close()
    why = f"is larger than {max_bytes:,} bytes" if stat.S_ISREG(status.st_mode) else "is not a regular file"
    raise ConfigError(f"{path}: {why}", again)
