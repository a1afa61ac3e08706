"""The one place that starts programs of the user's: confined, with an environment of their own, and ended in time.

What a program may not do is `confine.py`'s, which it is started through. Where that cannot be had, nothing is started.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pinward.confine import NOT_STARTED, REFUSED, SAID
from pinward.errors import ConfigError

MAX_OUTPUT = 4_000_000
LAST_SECONDS = 5.0
LOOK_SECONDS = 0.05
CONFINE = Path(__file__).with_name("confine.py")
# What programs and their libraries are installed in, and what they ask of the machine. Nobody's home is among them, and
# no runner's files: of /opt, where self-hosted runners keep themselves, only what `setup-python` and the like install.
SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt/hostedtoolcache", "/nix/store", "/etc"),
    *("/run/systemd/resolve", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu"),
    *("/dev/zero", "/dev/random", "/dev/urandom"),
)
NOTHING = "/dev/null"


@dataclass(frozen=True, slots=True)
class Program:
    """A program with its arguments, all of its environment, the folder that it runs in, and what else it may read."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    readable: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code and what it wrote, or (`code` None) what went wrong in words of ours."""

    code: int | None
    output: bytes = b""
    said: bytes = b""
    problem: str = ""
    late: bool = False


async def run(program: Program, given: bytes, timeout: float) -> Ended:
    """Run a program once: `given` on standard input, at most `MAX_OUTPUT` bytes out, its whole group killed at the end.

    Each run gets a home of its own, which is the only place that it can write to.
    """
    home = tempfile.TemporaryDirectory(prefix="pinward-", ignore_cleanup_errors=True)
    try:
        return await _run(program, home.name, given, timeout)
    except ValueError:  # a NUL, or half of a surrogate pair: in a model's name they are the head's to write
        return Ended(None, problem="its arguments or variables hold characters that no program can be given")
    finally:
        await _delete(home)


@cache
def _system() -> tuple[str, ...]:
    """Return the machine's part of what a program reads. No permission holds root back, and /etc/shadow stands beside
    what every program needs: what an ordinary user could not read there is left out."""
    return tuple(part for name in SYSTEM for part in (public(name) if name == "/etc" else [name]))


def public(path: str) -> list[str]:
    """Return what everybody may read at a path: the path where that is all of it, else its parts; links need no leave,
    and give none to what they lead to."""
    parts = _public(path)
    return [path] if parts is None else parts


def _public(path: str) -> list[str] | None:
    """Return the parts of a path that everybody may read, None for all of it."""
    try:
        mode = os.lstat(path).st_mode
        if not stat.S_ISDIR(mode):
            return None if mode & stat.S_IROTH else []
        if not mode & stat.S_IROTH or not mode & stat.S_IXOTH:
            return []
        below = [(entry.path, _public(entry.path)) for entry in os.scandir(path) if not entry.is_symlink()]
    except OSError:
        return []
    if all(parts is None for _, parts in below):
        return None
    return [part for name, parts in below for part in ([name] if parts is None else parts)]


async def _delete(home: tempfile.TemporaryDirectory[str]) -> None:
    try:
        home.cleanup()
    except RecursionError:  # deeper than Python follows, up to 3.12 (github.com/python/cpython/issues/89727)
        await (await asyncio.create_subprocess_exec("/bin/rm", "-rf", "--", home.name)).wait()


async def _run(program: Program, home: str, given: bytes, timeout: float) -> Ended:
    pipe = asyncio.subprocess.PIPE
    readable = [*_system(), *program.readable, str(program.folder)]
    process = await asyncio.create_subprocess_exec(
        *_confined(readable, [home, NOTHING]),
        *program.command,
        cwd=program.folder,
        env={**program.environment, "HOME": home, "TMPDIR": home},
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
    )
    looking = asyncio.ensure_future(_end_left(process))
    try:
        async with asyncio.timeout(timeout):
            _, output, said = await asyncio.gather(
                _give(process, given), _take(process, process.stdout), _take(process, process.stderr)
            )
            code = await process.wait()
    except TimeoutError:
        return Ended(None, problem=f"no answer within {timeout:.3g} s", late=True)
    finally:
        looking.cancel()
        await _end(process)
    if max(len(output), len(said)) > MAX_OUTPUT:
        return Ended(None, problem=f"more than {MAX_OUTPUT:,} bytes of output")
    if code in (REFUSED, NOT_STARTED) and said.startswith(SAID.encode()):
        return Ended(None, problem=f"it could not be started: {_line(said)}")
    return Ended(code, output, said)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the group, and read its pipes to their end, without which none is closed."""
    _kill(process)
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_SECONDS):
            await asyncio.gather(_drain(process.stdout), _drain(process.stderr), process.wait())


async def _end_left(process: asyncio.subprocess.Process) -> None:
    """End what the program leaves behind once it has ended: a child that holds a pipe would keep it open.

    `process.wait()` waits for the pipes too, up to Python 3.12 (github.com/python/cpython/issues/119710).
    """
    while process.returncode is None:
        await asyncio.sleep(LOOK_SECONDS)
    _kill(process)


def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill the whole group, which no member can leave (`confine.py`)."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def _drain(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65_536):
        pass


async def _give(process: asyncio.subprocess.Process, given: bytes) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError, ConnectionResetError):  # a program need not read its input
            process.stdin.write(given)
            await process.stdin.drain()
        process.stdin.close()


async def _take(process: asyncio.subprocess.Process, stream: asyncio.StreamReader | None) -> bytes:
    """Read to the end; a program that writes more than anybody reads is killed, and the result is too long."""
    taken = bytearray()
    while stream is not None and (part := await stream.read(65_536)):
        if len(taken) <= MAX_OUTPUT:
            taken += part
        else:
            _kill(process)
    return bytes(taken)


def _confined(readable: Sequence[str], writable: Sequence[str]) -> list[str]:
    specification = json.dumps({"readable": list(readable), "writable": list(writable)})
    # -I and -S: nothing of the environment, the folder or site-packages decides what this file does.
    return [sys.executable, "-I", "-S", str(CONFINE), specification]


async def check() -> None:
    """Raise `ConfigError` where programs cannot be confined on this machine."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*_confined(["/usr"], []), env={}, stderr=pipe)
    _, said = await process.communicate()
    if process.returncode:
        raise ConfigError(
            f"a program cannot be confined here: {_line(said)}",
            "Run the gate on Linux 5.13 or later with Landlock, or put the application behind an `http` target.",
        )


def _line(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").removeprefix(SAID).split())[:300] or "no message"
