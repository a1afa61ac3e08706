from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pinward.core.outcomes import Window, parse_outcomes
from pinward.errors import ConfigError
from pinward.runtime import Outcome, OutcomeRecorder, TaskConfig, load_config
from pinward.runtime.metrics import KEPT
from tests.support.deployed import config, deploy

SRC = Path(__file__).parents[3] / "src"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def task(root: Path, percent: float = 10) -> TaskConfig:
    return load_config(deploy(root, config(percent)), {}).task("extract")


def recorder(of: TaskConfig, now: Callable[[], datetime] = lambda: NOON) -> OutcomeRecorder:
    assert of.metrics_file is not None
    return OutcomeRecorder(of.metrics_file, of.name, now=now)


def windows(of: TaskConfig) -> tuple[Window, ...]:
    assert of.metrics_file is not None
    return parse_outcomes(of.metrics_file.read_bytes(), "metrics.json", of.name)


def test_outcomes_add_up_by_model_under_the_deployed_version(tmp_path: Path) -> None:
    deployed = task(tmp_path)
    times = iter([NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)])
    with recorder(deployed, lambda: next(times)) as outcomes:
        outcomes.record(deployed, Outcome("one/old", error=False, latency=0.2, cost_usd=0.01, completed=True))
        outcomes.record(deployed, Outcome("one/old", error=True, latency=2.0))
        outcomes.record(deployed, Outcome("two/new", quality=0.5))
    old, new = windows(deployed)
    assert (old.version, old.model) == (deployed.version, "one/old")
    assert (old.errors.n, old.errors.count, old.completed.n, old.cost_usd.sum) == (2, 1, 1, 0.01)
    assert (old.first, old.last) == (NOON, NOON + timedelta(hours=1))
    low, high = old.latency.order_statistic(2)
    assert low <= 2.0 <= high <= low * 1.06
    assert (new.quality.n, new.quality.mean, new.errors.n) == (1, 0.5, 0)


def test_a_later_process_adds_to_what_is_there(tmp_path: Path) -> None:
    deployed = task(tmp_path)
    for _ in range(2):
        with recorder(deployed) as outcomes:
            outcomes.record(deployed, Outcome("one/old", error=False))
    assert [window.errors.n for window in windows(deployed)] == [2]


def write_many(root: Path) -> None:
    deployed = load_config(root / "pinward.yml", {}).task("extract")
    with recorder(deployed) as outcomes:
        outcomes.interval = 0  # every record goes to the file
        for _ in range(50):
            outcomes.record(deployed, Outcome("one/old", error=False, latency=0.1))


def test_no_outcome_is_lost_between_processes_and_threads(tmp_path: Path) -> None:
    task(tmp_path)
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write_many, args=(tmp_path,)) for _ in range(3)]
    threads = [threading.Thread(target=write_many, args=(tmp_path,)) for _ in range(2)]
    for process in processes:
        process.start()
    for thread in threads:
        thread.start()
    for process in processes:
        process.join()
    for thread in threads:
        thread.join()
    assert [(window.errors.n, window.latency.n) for window in windows(task(tmp_path))] == [(250, 250)]


def test_a_forked_process_does_not_write_its_parents_outcomes_again(tmp_path: Path) -> None:
    deployed = task(tmp_path)
    outcomes = recorder(deployed)
    for _ in range(3):
        outcomes.record(deployed, Outcome("one/old", error=False))

    def work() -> None:
        outcomes.record(deployed, Outcome("one/old", error=False))
        outcomes.close()

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    outcomes.close()
    assert [window.errors.n for window in windows(deployed)] == [4]


def test_a_system_without_posix_locks_says_what_to_do_before_anything_is_recorded() -> None:
    script = """\
import sys
from pathlib import Path
sys.modules["fcntl"] = None  # what importing it meets on Windows
from pinward.runtime import ConfigError, OutcomeRecorder
try:
    OutcomeRecorder(Path("metrics.json"), "extract")
except ConfigError as error:
    print(error.message, error.hint)
"""
    found = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True
    )
    assert "no POSIX file locks" in found.stdout
    assert "rollout.metrics.url" in found.stdout


def test_each_day_has_a_window_and_old_ones_make_room(tmp_path: Path) -> None:
    deployed = task(tmp_path)
    days = iter(NOON + timedelta(days=n) for n in range(KEPT + 3))
    with recorder(deployed, lambda: next(days)) as outcomes:
        for _ in range(KEPT + 3):
            outcomes.record(deployed, Outcome("one/old", error=False))
    kept = windows(deployed)
    assert len(kept) == KEPT
    assert kept[0].first == NOON + timedelta(days=3)


def test_a_file_that_is_no_metrics_file_is_never_overwritten(tmp_path: Path) -> None:
    deployed = task(tmp_path)
    assert deployed.metrics_file is not None
    deployed.metrics_file.parent.mkdir()
    deployed.metrics_file.write_text("{}")
    outcomes = recorder(deployed)
    outcomes.record(deployed, Outcome("one/old", error=False))
    with pytest.raises(ConfigError, match=r"is not a `pinward.metrics/1` document"):
        outcomes.flush()
    assert deployed.metrics_file.read_text() == "{}"
    deployed.metrics_file.unlink()
    outcomes.flush()  # what was noted is still there
    assert windows(deployed)[0].errors.n == 1


@pytest.mark.parametrize(
    "wrong", [{"quality": 1.1}, {"quality": float("nan")}, {"latency": -1.0}, {"cost_usd": float("inf")}]
)
def test_impossible_figures_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="from 0"):
        Outcome("one/old", **wrong)  # type: ignore[arg-type] # figures alone


def test_a_task_without_a_metrics_file_says_what_to_add(tmp_path: Path) -> None:
    text = config().replace(", metrics: {file: metrics/extract.json}", "")
    with pytest.raises(ConfigError) as caught:
        OutcomeRecorder.of(load_config(deploy(tmp_path, text), {}).task("extract"))
    assert "metrics" in caught.value.hint
