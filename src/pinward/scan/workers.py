"""One list of work done by this process and forked copies of it: each takes the next piece until none is left.

Reading files is Python at work and not waiting, so that only processes help; a copy starts within milliseconds, because
everything is loaded already.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

R = TypeVar("R")
_PIECE = struct.Struct("II")  # from, to
# All pieces must fit into a pipe that nobody empties yet (64 KiB on Linux).
_MAX_PIECES = 4096
MAX_COPIES = 7


def spare_processors() -> int:
    """Return how many copies are of use: the processors beside this one, or none where a copy is not safe.

    A copy has only the thread that made it: what other threads hold stays held for ever. macOS forbids more than that.
    """
    if sys.platform != "linux" or threading.active_count() > 1:
        return 0
    return min(len(os.sched_getaffinity(0)) - 1, MAX_COPIES)


def share(work: Callable[[int], R], count: int, copies: int) -> list[R]:
    """Return `[work(0), ..., work(count - 1)]`. What a copy cannot deliver is done here, so nothing is lost."""
    if copies < 1:
        return [work(number) for number in range(count)]
    pieces = _queue(count)
    helpers = [_fork(work, pieces) for _ in range(copies)]
    done = dict(_drain(work, pieces))
    os.close(pieces)
    for helper in helpers:
        done |= helper.results()
    return [done[number] if number in done else work(number) for number in range(count)]


def _queue(count: int) -> int:
    """Return the read end of a pipe that holds all pieces; a read of one piece is never divided."""
    step = max(1, -(-count // _MAX_PIECES))
    read, write = os.pipe()
    for start in range(0, count, step):
        os.write(write, _PIECE.pack(start, min(start + step, count)))
    os.close(write)
    return read


def _drain(work: Callable[[int], R], pieces: int) -> Iterator[tuple[int, R]]:
    while piece := os.read(pieces, _PIECE.size):
        start, end = _PIECE.unpack(piece)
        yield from ((number, work(number)) for number in range(start, end))


@dataclass(frozen=True, slots=True)
class _Helper:
    """A copy of this process, and the pipe through which it hands its results back."""

    pid: int
    pipe: int

    def results(self) -> dict[int, R]:
        """Wait for the copy; nothing where it ended without a result."""
        with os.fdopen(self.pipe, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(self.pid, 0)
        found: dict[int, R] = pickle.loads(data) if status == 0 else {}  # noqa: S301 - our own copy wrote it
        return found


def _fork(work: Callable[[int], R], pieces: int) -> _Helper:
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return _Helper(pid, read)
    status = 1
    try:
        os.close(read)
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(dict(_drain(work, pieces)), pipe, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)  # nothing of this process is cleaned up or flushed twice; an error is met again by the parent
