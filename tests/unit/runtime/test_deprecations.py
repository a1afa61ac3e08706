from __future__ import annotations

from datetime import date
from pathlib import Path

from pinward.runtime import check_deprecations, load_config
from tests.support.deployed import config, deploy


def test_every_model_of_the_configuration_is_looked_up(tmp_path: Path) -> None:
    text = config().replace("one/old", "openai/gpt-4o-2024-08-06").replace("three/other", "openai/gpt-4-0613")
    loaded = load_config(deploy(tmp_path, text), {})
    found = check_deprecations(date(2026, 12, 16), loaded)
    assert [(d.role, d.model, d.days_left) for d in found if d.role == "model"] == [
        ("model", "openai/gpt-4o-2024-08-06", 29)
    ]
    assert [(d.role, d.status) for d in found if d.role == "fallback"] == [("fallback", "retired")]
    assert not [d for d in found if d.role == "candidate"]  # unknown to the catalog: `watch` names it


def test_a_model_that_lives_on_is_not_in_the_list(tmp_path: Path) -> None:
    text = config().replace("one/old", "openai/gpt-4o-2024-08-06")
    assert check_deprecations(date(2024, 9, 1), load_config(deploy(tmp_path, text), {})) == []
