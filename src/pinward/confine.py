"""Gives up, for good, what a program of the user's must not have, and becomes that program (docs/targets.md).

Run as a file of its own (`python -I -S confine.py SPECIFICATION PROGRAM ARGUMENT...`), so that nothing of Pinward is in
the process that the program gets. It stands against docs/threats.md T5 and T6:

- Landlock: files below the named folders alone. No other process can be looked into, through /proc or otherwise, and,
  where the kernel can (6.12), none be signalled. Source: docs.kernel.org/userspace-api/landlock.html.
- no_new_privs: sudo and setuid programs raise nothing.
- seccomp: no sockets in the file system (the docker socket) and no way out of the process group, which is killed at
  the end. Source: docs.kernel.org/userspace-api/seccomp_filter.html and the kernel's tables of system calls.

Without any of these it ends with `REFUSED` and says why, after `SAID`: a program may end with that number too.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import struct
import sys
import warnings  # noqa: F401  # os.execvp imports it, which nothing can be once files are given up

REFUSED = 125
NOT_STARTED = 126
SAID = "confine: "
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
ALL_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15  # truncate, ioctl
SCOPES = 0b11  # abstract sockets and signals, from ABI 6 on
SET_NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2
ALLOW, DENY, KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # DENY: EPERM
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
AF_UNIX = 1
X32 = 0x40000000
# The architecture's number in seccomp; then the calls socket, setpgid, setsid, io_uring_setup.
MACHINES = {"x86_64": (0xC000003E, 41, 109, 112, 425), "aarch64": (0xC00000B7, 198, 154, 157, 425)}


class RefusedError(Exception):
    """The promised isolation cannot be had here."""


def libc() -> ctypes.CDLL:
    """Return the C library, with `errno` kept."""
    return ctypes.CDLL(None, use_errno=True)


def restrict_files(c: ctypes.CDLL, readable: list[str], writable: list[str]) -> None:
    """Leave these files and folders, and nothing else. Those that do not exist are passed over."""
    abi = c.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        raise RefusedError("this kernel has no Landlock (Linux 5.13 and later, switched on)")
    rights = ALL_RIGHTS[min(abi, 5)]
    attributes = struct.pack("QQQ", rights, 0, SCOPES)[: 24 if abi >= 6 else 16 if abi >= 4 else 8]
    ruleset = c.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        raise RefusedError("Landlock takes no rules here")
    for path in readable:
        _allow(c, ruleset, path, (EXECUTE | READ_FILE | READ_DIR) & rights)
    for path in writable:
        _allow(c, ruleset, path, rights)
    if c.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or c.syscall(RESTRICT_SELF, ruleset, 0) != 0:
        raise RefusedError("Landlock cannot be entered here")


def _allow(c: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    allowed = rights if os.path.isdir(path) else rights & OF_FILES  # noqa: PTH112  # pathlib costs 10 ms to import
    rule = struct.pack("=Qi", allowed, place)
    if c.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0) != 0:
        raise RefusedError(f"Landlock takes no rule for {path}")
    os.close(place)


def restrict_calls(c: ctypes.CDLL, kind: str) -> None:
    """Refuse sockets in the file system, leaving the process group, and the ring that goes around this filter.

    `kind` is the machine's (`uname -m`).
    """
    if kind not in MACHINES:
        raise RefusedError(f"no filter is known for {kind}")
    machine, socket, setpgid, setsid, ring = MACHINES[kind]
    steps = [
        (LOAD, 0, 0, 4),  # the architecture: another one numbers its calls differently
        (EQUAL, 1, 0, machine),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the call
        (AT_LEAST, 6, 0, X32),
        (EQUAL, 5, 0, setpgid),
        (EQUAL, 4, 0, setsid),
        (EQUAL, 3, 0, ring),
        (EQUAL, 0, 3, socket),
        (LOAD, 0, 0, 16),  # the first argument's lower half
        (EQUAL, 0, 1, AF_UNIX),
        (RETURN, 0, 0, DENY),
        (RETURN, 0, 0, ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    if c.prctl(SET_SECCOMP, FILTER, program, 0, 0) != 0:
        raise RefusedError("seccomp takes no filter here")


def main() -> None:  # pragma: no cover - whoever runs it is confined; tests/integration/test_targets.py starts it
    """Confine this process and become the program; without one, only tell whether it can be confined."""
    specification, program = json.loads(sys.argv[1]), sys.argv[2:]
    try:
        c = libc()
        restrict_files(c, specification["readable"], specification["writable"])
        restrict_calls(c, platform.machine())
    except (RefusedError, OSError, AttributeError) as error:
        sys.stderr.write(f"{SAID}{error}\n")
        sys.exit(REFUSED)
    if program:
        try:
            os.execvp(program[0], program)  # noqa: S606  # the base commit's command, confined above
        except OSError as error:
            sys.stderr.write(f"{SAID}{program[0]}: {error.strerror}\n")
            sys.exit(NOT_STARTED)


if __name__ == "__main__":
    main()
