"""The demo against the two real models. Exact answers are never asserted: they are the models' and the machine's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pinward.commands.demo import PULL_REQUESTS
from scripts import live_demo


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("reports")
    live_demo.main(folder)
    return {c.folder: json.loads((folder / c.folder / "report.json").read_bytes()) for c in PULL_REQUESTS}


def task(report: dict[str, Any]) -> dict[str, Any]:
    [found] = report["tasks"]
    assert isinstance(found, dict)
    return found


def test_every_case_was_answered_by_both_models(reports: dict[str, dict[str, Any]]) -> None:
    for report in reports.values():
        assert task(report)["valid"] == 28
        assert report["verdict"] in {"pass", "fail"}


def test_the_new_model_alone_is_blocked(reports: dict[str, dict[str, Any]]) -> None:
    assert reports["blocked"]["verdict"] == "fail"


def test_with_the_schema_the_new_model_does_the_work(
    reports: dict[str, dict[str, Any]],
) -> None:
    rates = {name: task(report)["pass_rate"]["candidate"] for name, report in reports.items()}
    assert rates["passed"] > rates["blocked"] + 0.5
