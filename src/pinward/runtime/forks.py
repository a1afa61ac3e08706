"""What a forked process starts anew: a child has the memory of its parent, and none of its threads.

A server that loads the application and then forks (gunicorn's `--preload`, Celery) would otherwise wait for a thread
that is not there, and write its parent's sums a second time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

_known: WeakKeyDictionary[object, Callable[[Any], None]] = WeakKeyDictionary()


def after_fork(owner: object, start_anew: Callable[[Any], None]) -> None:
    """Have `start_anew(owner)` called in each forked child, as long as the owner lives."""
    _known[owner] = start_anew


def _in_child() -> None:
    for owner, start_anew in list(_known.items()):
        start_anew(owner)


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_in_child)
