"""Saved reports: those of every earlier version are read, a later one is refused by name (docs/stability.md)."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from pinward.commands.gate.cli import refuse_tracked
from pinward.commands.gate.files import FILES, RESULTS, hold_signals, leave_report, read_report, write_report
from pinward.core.report import GateReport
from pinward.errors import ConfigError

# Written by the first version of `pinward.report/1` (its own `core/report.py`), and never regenerated.
FIRST = Path(__file__).parents[3] / "data" / "report-1.json"


def altered(folder: Path, **fields: object) -> Path:
    (folder / "report.json").write_text(json.dumps({**json.loads(FIRST.read_bytes()), **fields}), encoding="utf-8")
    return folder


def test_a_report_of_the_first_version_is_rendered_by_todays_program(tmp_path: Path) -> None:
    report = read_report(FIRST)
    write_report(tmp_path, report)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES) - {RESULTS}
    for face in ("comment.md", "summary.md", "report.html", "junit.xml"):
        assert "read_order" in (tmp_path / face).read_text(encoding="utf-8")
    assert "plain-order" in (tmp_path / "comment.md").read_text(encoding="utf-8")
    assert read_report(tmp_path) == report


def test_no_commit_takes_a_new_folder_along_and_one_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for name in ("new/1", "old"):
        leave_report(tmp_path / name, lambda: read_report(FIRST), lambda _: read_report(FIRST))
    assert (tmp_path / "new" / "1" / ".gitignore").read_text() == "*\n"
    assert {path.name for path in (tmp_path / "old").iterdir()} == set(FILES) - {RESULTS}


def test_a_link_that_leads_to_itself_is_an_ordinary_error_and_no_crash(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.symlink_to("folder")
    refuse_tracked(tmp_path / "elsewhere", folder)
    with pytest.raises(FileExistsError):
        leave_report(folder, lambda: read_report(FIRST), lambda _: read_report(FIRST))


def test_a_signal_while_a_report_is_written_ends_the_program_after_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.html")  # whoever opens it waits until it is read
    read: list[str] = []

    def interrupt() -> None:
        while not (tmp_path / "junit.xml").exists():
            time.sleep(0.01)
        time.sleep(0.1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        read.append((tmp_path / "report.html").read_text(encoding="utf-8"))

    interrupting = threading.Thread(target=interrupt, daemon=True)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path, read_report(FIRST))
    interrupting.join(5)
    assert [text.rstrip().endswith("</html>") for text in read] == [True]


def test_a_signal_after_the_calls_waits_for_the_whole_report(tmp_path: Path) -> None:
    def make() -> GateReport:
        hold_signals()  # as the gate does after its last call
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        return read_report(FIRST)

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            leave_report(tmp_path, make, lambda _: pytest.fail("a report without tasks"))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert read_report(tmp_path) == read_report(FIRST)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.parametrize("name", [RESULTS, "report.json", "judgements.jsonl"])
@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_is_refused_before_anything_is_asked(tmp_path: Path, name: str, kind: str) -> None:
    place = tmp_path / name
    (os.mkfifo if kind == "pipe" else Path.mkdir if kind == "folder" else lambda p: p.symlink_to("/dev/null"))(place)
    with pytest.raises(ConfigError, match=rf"{name}: is not a regular file"):
        leave_report(tmp_path, lambda: pytest.fail("asked"), lambda _: pytest.fail("written"))


def test_where_the_file_system_lends_no_lock_the_report_says_so_and_what_to_do(tmp_path: Path) -> None:
    def no_locks(_: int) -> None:
        raise OSError(errno.ENOLCK, "")

    report = leave_report(tmp_path, lambda: read_report(FIRST), lambda _: read_report(FIRST), no_locks)
    assert report.notes[-1].startswith("The report's folder could not be locked (No locks available)")
    assert "a folder of its own" in (tmp_path / "report.json").read_text(encoding="utf-8")


def test_every_field_of_the_first_version_is_still_there_and_says_the_same() -> None:
    def kept(old: object, new: object) -> bool:
        if isinstance(old, dict) and isinstance(new, dict):
            return all(key in new and kept(value, new[key]) for key, value in old.items())
        if isinstance(old, list) and isinstance(new, list):
            return len(old) == len(new) and all(map(kept, old, new))
        return old == new

    assert kept(json.loads(FIRST.read_bytes()), json.loads(read_report(FIRST).model_dump_json(by_alias=True)))


def test_fields_that_came_later_have_a_default_so_that_old_reports_stay_readable() -> None:
    # What the first version required may be required; everything since has to do without.
    first = {"verdict", "exit_code", "base", "head", "policy_source", "started", "seconds"}
    assert {name for name, field in GateReport.model_fields.items() if field.is_required()} == first


@pytest.mark.parametrize("number", ["2", "17"])
def test_a_report_of_a_later_format_is_refused_by_its_number(tmp_path: Path, number: str) -> None:
    with pytest.raises(ConfigError, match=rf"is a report of the format {number}, and this version of Pinward reads 1"):
        read_report(altered(tmp_path, schema=f"pinward.report/{number}", tasks={"another": "shape"}))


def test_a_field_that_a_later_version_added_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has the field mood, which this version of Pinward does not know"):
        read_report(altered(tmp_path, mood="calm"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "pinward.report/1"}', '{"schema": "another/2"}', "{{"])
def test_what_is_no_report_is_told_as_none_and_not_as_a_later_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="is no report of this version"):
        read_report(tmp_path)
