"""The container level needs an image: tests/container/run.sh builds it and names it in PINWARD_IMAGE."""

from __future__ import annotations

import os

IMAGE = os.environ.get("PINWARD_IMAGE", "")
collect_ignore_glob = [] if IMAGE else ["test_*.py"]


def pytest_report_header() -> str:
    return f"container level: {IMAGE or 'left out here; `make test-container` builds the image and runs it'}"
