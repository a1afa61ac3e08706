"""The files of one gate run. Written before anything is published, so that nothing is lost when GitHub is down."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from pydantic import ValidationError

from pinward.core.policy import Json
from pinward.core.report import GateReport
from pinward.errors import BusyError, CancelledError, ConfigError, PinwardError, UsageError
from pinward.render import html, markdown
from pinward.render.junit import junit

REPORT = "report.json"
RESULTS = "results.jsonl"
JUDGEMENTS = "judgements.jsonl"  # what a judge answered, where a suite asks one: a run that goes on pays for none twice
FILES = (REPORT, RESULTS, "comment.md", "summary.md", "junit.xml", "report.html")
MAX_REPORT = 50_000_000
Lock = Callable[[int], None]
_LATER = re.compile(rb'\A\s*\{\s*"schema"\s*:\s*"pinward\.report/([0-9]{1,6})"')


def leave_report(
    folder: Path,
    make: Callable[[], GateReport],
    failed: Callable[[PinwardError], GateReport],
    lock: Lock | None = None,
) -> GateReport:
    """Make a report and leave it in the folder; where it cannot be made, what `failed` says of the error.

    Raises that error, `BusyError` where another run has the folder, which is then left as it is, and `ConfigError`
    where what stands there is no file.
    """
    _make(folder)
    with alone(folder, lock or flock) as unlocked, signals_as_before():
        _require_files(folder)
        try:
            report = make()
            report = report.model_copy(update={"notes": [*report.notes, *unlocked]})
        except (PinwardError, KeyboardInterrupt, SystemExit) as stop:
            error = stop if isinstance(stop, PinwardError) else CancelledError(stop)
            with _uninterrupted():
                write_report(folder, failed(error))
            raise error from None
        write_report(folder, report)
        return report


def _make(folder: Path) -> None:
    """Make a folder that no commit takes along and no scan reads, as pytest and ruff do; one that exists stays."""
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _require_files(folder: Path) -> None:
    """Refuse what would be written through or waited for: a link, a named pipe. Raises `ConfigError`."""
    for path in (folder / name for name in (*FILES, JUDGEMENTS)):
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise ConfigError(f"{path}: is not a regular file", "Delete it, or name another folder.")


def flock(held: int) -> None:
    """Lock an open folder for this process. Raises `BlockingIOError` where another has it, `OSError` without locks."""
    import fcntl

    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone(folder: Path, lock: Lock = flock) -> Iterator[list[str]]:
    """Make a folder and keep other runs out of it: two would mix their answers, and leave one's report over the
    other's. Yields what to say where the file system lends no lock. Raises `BusyError`."""
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        yield _locked(folder, held, lock)
    finally:
        os.close(held)


def _locked(folder: Path, held: int, lock: Lock) -> list[str]:
    try:
        lock(held)
    except BlockingIOError:
        raise BusyError(f"another run is writing to {folder}", "Wait for it, or name another folder.") from None
    except OSError as error:  # a network's file system, such as NFS without its lock daemon
        why = os.strerror(error.errno or 0)
        advice = "give each run a folder of its own, or one on a local disk."
        return [f"The report's folder could not be locked ({why}), so that nothing keeps a second run out: {advice}"]
    return []


def hold_signals() -> None:
    """Let signals wait from here on: whoever presses Ctrl-C a second time is left with a whole report too."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})


@contextmanager
def signals_as_before() -> Iterator[None]:
    """Let signals come again at the end, whoever has held them in between."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    with signals_as_before():
        hold_signals()
        yield


@_uninterrupted()
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

    Reports of every earlier version of the format are read (docs/stability.md). Raises `UsageError` where it is missing
    and `ConfigError` where it is no report, or one of a later version.
    """
    path = folder / REPORT if folder.is_dir() else folder
    if not path.is_file():
        raise UsageError(f"{path}: there is no report", "Did `pinward gate` run, and was its report handed over?")
    with open_plain(path, MAX_REPORT) as file:
        written = file.read(MAX_REPORT)
    try:
        return GateReport.model_validate_json(written)
    except ValidationError as error:
        raise _unreadable(path, written, error) from None


def _unreadable(path: Path, written: bytes, error: ValidationError) -> ConfigError:
    """Say why a report cannot be read: a later version wrote it, or it is none."""
    if (later := _LATER.search(written)) and later[1] != b"1":
        told = f"{path}: is a report of the format {later[1].decode()}, and this version of Pinward reads 1"
        return ConfigError(told, "Read it with the version that wrote it, or a later one.")
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        told = f"{path}: has the field {where}, which this version of Pinward does not know"
        return ConfigError(told, "Read it with the version that wrote it, or a later one.")
    return ConfigError(f"{path}: is no report of this version: {where}: {first['msg']}", "Run it again.")


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
