"""`examples/migration` as anybody runs it: every step ends as its page says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from pinward.commands.gate.files import read_report

SCRIPT = Path(__file__).parents[2] / "examples" / "migration" / "migrate.py"


def test_a_migration_goes_from_the_first_red_night_to_all_of_the_traffic_with_one_rollback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("migrate", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["migrate"] = script  # dataclasses look their module up
    try:
        spec.loader.exec_module(script)
        with script.models() as port:
            verdicts = script.play(tmp_path, port)
    finally:
        del sys.modules["migrate"]
    told = capsys.readouterr().out
    assert "shut down on 2027-01-14, in 29 days" in told
    assert verdicts == [
        *("fail", "fail", "pass", "fail", "pass", "fail", "unchanged"),
        *("pass", "pass", "pass", "pass"),
    ]
    reports = {n: read_report(tmp_path / "reports" / f"pr-{n}") for n in (2, 4, 6, 7, 11)}
    blocked = {n: {f.rule for f in reports[n].findings if f.blocking} for n in (2, 4, 6)}
    assert blocked == {2: {"rollout-stage-skipped"}, 4: {"rollout-soak", "rollout-metrics"}, 6: {"rollout-metrics"}}
    assert (reports[7].requests, reports[7].findings) == (0, [])
    assert {item.state for item in reports[11].checklist} <= {"done", "unknown"}
    final = (tmp_path / "repository" / "pinward.yml").read_text(encoding="utf-8")
    assert "model: openai/gpt-5.5-2026-04-23\n    fallbacks: [openai/gpt-4o-2024-08-06]" in final
