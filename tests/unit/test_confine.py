"""What is asked of kernels that this machine does not have, and what the filter of calls decides, step by step."""

from __future__ import annotations

import ctypes
import platform
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pinward import confine
from pinward.confine import MACHINES, RefusedError, restrict_calls, restrict_files

RULESET = 7
DENIED, ALLOWED, KILLED = 0x00050001, 0x7FFF0000, 0x80000000


@dataclass
class Kernel:
    """Stands in for the C library: notes what it is asked, and refuses what it is told to."""

    abi: int = 7
    refuses: int | None = None
    attributes: bytes = b""
    rules: list[tuple[int, int]] = field(default_factory=list)
    entered: bool = False
    filter: tuple[tuple[int, int, int, int], ...] = ()

    def syscall(self, number: int, *given: Any) -> int:
        if number == confine.CREATE_RULESET and given[2] == 1:
            return self.abi
        if number == self.refuses:
            return -1
        if number == confine.CREATE_RULESET:
            assert given[1].value == len(given[0])
            self.attributes = given[0]
            return RULESET
        assert given[0] == RULESET
        if number == confine.ADD_RULE:
            self.rules.append(struct.unpack("=Qi", given[2]))
            return 0
        self.entered = number == confine.RESTRICT_SELF
        return 0

    def prctl(self, option: int, *given: Any) -> int:
        if option == self.refuses:
            return -1
        if option == confine.SET_SECCOMP:
            length, address = struct.unpack("HxxxxxxP", given[1])
            self.filter = tuple(struct.iter_unpack("HBBI", ctypes.string_at(address, 8 * length)))
        return 0

    def decides(self, architecture: int, number: int, first: int = 0) -> int:
        """Run the filter on one call, as the kernel does (struct seccomp_data)."""
        data = struct.pack("=iIQQ", number, architecture, 0, first)
        place = value = 0
        while True:
            code, if_so, if_not, operand = self.filter[place]
            if code == confine.LOAD:
                (value,) = struct.unpack_from("=I", data, operand)
                place += 1
            elif code == confine.RETURN:
                return operand
            else:
                hit = value >= operand if code == confine.AT_LEAST else value == operand
                place += 1 + (if_so if hit else if_not)


# The rights and the size of the attributes that each version of the interface knows (include/uapi/linux/landlock.h).
@pytest.mark.parametrize(
    ("abi", "rights", "size"), [(1, 13, 8), (2, 14, 8), (3, 15, 8), (4, 15, 16), (5, 16, 16), (6, 16, 24), (9, 16, 24)]
)
def test_t5_every_kernel_is_asked_for_all_that_it_can_withhold(abi: int, rights: int, size: int) -> None:
    kernel = Kernel(abi)
    restrict_files(kernel, [], [])  # type: ignore[arg-type]  # a fake
    assert (int.from_bytes(kernel.attributes[:8], "little"), len(kernel.attributes)) == ((1 << rights) - 1, size)
    scopes = int.from_bytes(kernel.attributes[16:24], "little")
    assert scopes == (0b11 if abi >= 6 else 0)
    assert kernel.entered


def test_t5_what_is_readable_is_not_writable_and_what_is_missing_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kernel = Kernel()
    readable = [str(tmp_path), str(tmp_path / "file"), str(tmp_path / "missing")]
    restrict_files(kernel, readable, [str(tmp_path), str(tmp_path / "file")])  # type: ignore[arg-type]
    execute, write, read, list_folder = 1, 2, 4, 8
    everything = (1 << 16) - 1
    truncate, ioctl = 1 << 14, 1 << 15
    assert [rights for rights, _ in kernel.rules] == [
        execute | read | list_folder,
        execute | read,
        everything,
        execute | write | read | truncate | ioctl,
    ]


@pytest.mark.parametrize(
    ("kernel", "why"),
    [
        (Kernel(abi=-1), "no Landlock"),
        (Kernel(refuses=confine.CREATE_RULESET), "takes no rules"),
        (Kernel(refuses=confine.ADD_RULE), "takes no rule for /usr"),
        (Kernel(refuses=confine.RESTRICT_SELF), "cannot be entered"),
        (Kernel(refuses=confine.SET_NO_NEW_PRIVS), "cannot be entered"),
    ],
)
def test_t5_a_kernel_that_refuses_a_step_is_a_refusal(kernel: Kernel, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        restrict_files(kernel, ["/usr"], [])  # type: ignore[arg-type]
    assert not kernel.entered


def filtering(kind: str) -> Kernel:
    kernel = Kernel()
    restrict_calls(kernel, kind)  # type: ignore[arg-type]
    return kernel


@pytest.mark.parametrize("kind", MACHINES)
def test_t6_the_filter_refuses_sockets_of_files_and_ways_out_of_the_group_alone(kind: str) -> None:
    kernel, (architecture, socket, *way_out) = filtering(kind), MACHINES[kind]
    assert kernel.decides(architecture, socket, confine.AF_UNIX) == DENIED
    assert kernel.decides(architecture, socket, confine.AF_UNIX | 1 << 32) == DENIED  # the kernel reads an int
    assert kernel.decides(architecture, socket, 2) == ALLOWED
    assert [kernel.decides(architecture, call) for call in way_out] == [DENIED] * len(way_out)
    others = set(range(500)) - {socket, *way_out}
    assert {kernel.decides(architecture, call, confine.AF_UNIX) for call in others} == {ALLOWED}


@pytest.mark.parametrize("kind", MACHINES)
def test_t6_calls_numbered_in_another_way_do_not_get_around_the_filter(kind: str) -> None:
    kernel, (architecture, socket, *_) = filtering(kind), MACHINES[kind]
    assert kernel.decides(architecture ^ 1, socket) == KILLED
    assert kernel.decides(architecture, confine.X32 | socket) == DENIED


def test_t6_without_a_filter_nothing_is_started() -> None:
    with pytest.raises(RefusedError, match="no filter is known for riscv64"):
        restrict_calls(Kernel(), "riscv64")  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="seccomp takes no filter"):
        restrict_calls(Kernel(refuses=confine.SET_SECCOMP), platform.machine())  # type: ignore[arg-type]
