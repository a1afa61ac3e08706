"""What most gates of these tests need: an empty repository, and a server of models that answers as the module says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.llm_server import Recorded, llm_server
from tests.support.repository import Repository


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Recorded]:
    """Serve the module's own `answer`."""
    with llm_server(request.module.answer) as recorded:
        yield recorded


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")
