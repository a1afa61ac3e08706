"""Real models take minutes: these tests run only where their folder is named and the models are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.local_models import installed


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    named = any("live" in Path(argument.partition("::")[0]).parts for argument in config.args)
    return None if named and installed() else True
