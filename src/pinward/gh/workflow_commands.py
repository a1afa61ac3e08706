"""Switches the runner's workflow commands off around output that may hold text from outside (docs/threats.md T12).

`stop-commands` as in actions/runner, src/Runner.Worker/ActionCommandManager.cs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def commands_stopped(output: TextIO, token: str) -> Iterator[None]:
    """Make the runner print everything inside verbatim. `token` must be random, so that no text can end it."""
    output.write(f"\n::stop-commands::{token}\n")
    output.flush()
    try:
        yield
    finally:
        output.write(f"\n::{token}::\n")
        output.flush()
