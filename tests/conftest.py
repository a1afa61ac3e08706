"""What every level shares: a skipped test is named, and in CI it is a failure."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from hypothesis import settings


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
settings.register_profile("pinward", deadline=None)
settings.load_profile("pinward")
