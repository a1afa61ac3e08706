from __future__ import annotations

import os
import sys
import threading

import pytest

from pinward.scan.workers import share, spare_processors

linux = pytest.mark.skipif(sys.platform != "linux", reason="copies are made on Linux alone")


@linux
@pytest.mark.parametrize("count", [0, 1, 7, 10_000])
def test_every_piece_is_done_once_and_the_results_keep_their_order(count: int) -> None:
    assert share(lambda number: number * number, count, copies=3) == [number * number for number in range(count)]


@linux
def test_copies_take_part_of_the_work() -> None:
    read, write = os.pipe()

    def work(number: int) -> int:
        # Whoever gets the first piece waits until another process has had the second.
        if number == 0:
            os.read(read, 1)
        elif number == 1:
            os.write(write, b"x")
        return os.getpid()

    first, second = share(work, 2, copies=1)
    assert first != second
    assert os.getpid() in (first, second)


@linux
def test_what_a_copy_cannot_deliver_is_done_by_this_process() -> None:
    own = os.getpid()
    waited: list[bytes] = []
    read, write = os.pipe()

    def work(number: int) -> int:
        if os.getpid() != own:
            os.write(write, b"x")
            os._exit(9)  # killed, out of memory, a fault in a parser
        if not waited:
            waited.append(os.read(read, 1))  # until the copy has taken a piece, with which it dies
        return number

    assert share(work, 50, copies=1) == list(range(50))


@linux
def test_an_error_of_the_work_is_raised_here_wherever_it_happened() -> None:
    def work(number: int) -> int:
        if number == 13:
            raise ValueError("thirteen")
        return number

    with pytest.raises(ValueError, match="thirteen"):
        share(work, 20, copies=1)


def test_a_process_with_threads_is_never_copied() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert spare_processors() == 0
    finally:
        done.set()
        other.join()
