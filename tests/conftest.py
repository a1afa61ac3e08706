"""What every level shares: a skipped test is named, and in CI it is a failure."""

from __future__ import annotations

import uuid
from collections.abc import Generator

import pytest
from hypothesis import settings


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads what another one, or the user, left in the cache; the folder is made where a test writes to it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache" / uuid.uuid4().hex))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fail-on-skip", action="store_true", help="count a skipped test as failed (CI)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and item.config.getoption("--fail-on-skip"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


# A loaded machine makes an example slow without making it wrong: hypothesis' own clock is off, pytest's stays.
settings.register_profile("pinward", deadline=None, max_examples=60)
settings.load_profile("pinward")
