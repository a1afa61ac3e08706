"""The one place that starts git: an argument list, no shell, no prompts, no configuration that runs programs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from pinward.errors import GitError

TIMEOUT = 120.0

# A repository may belong to another user inside the action's container; reading objects from it runs nothing of its.
# Hooks, file-system monitors, external diffs and pagers of the repository's own configuration are switched off.
SAFE_CONFIG = (
    "safe.directory=*",
    "core.hooksPath=/nonexistent",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.pager=cat",
    "protocol.ext.allow=never",
    "diff.external=",
    "gc.auto=0",
)
# Nothing of ours is handed down: no key, no GIT_* that could point git elsewhere, no configuration of the user.
ENVIRONMENT = {
    "HOME": "/nonexistent",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    # A commit is what its id says: no replacement objects (git-replace) and no grafts of the clone.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/nonexistent",
    "LC_ALL": "C",  # patterns are matched against bytes
    "LANGUAGE": "C",
}


@dataclass(frozen=True, slots=True)
class Running:
    """A git that was started: `verb` is its first argument."""

    verb: str
    process: subprocess.Popen[bytes]

    def output(self, stdin: bytes = b"", ok: tuple[int, ...] = (0,), *, silent: bool = False) -> bytes:
        """Wait for the end and return what was written. Raises `GitError` as `run` does; `silent`: on a complaint."""
        try:
            written, said = self.process.communicate(stdin, TIMEOUT)
        except subprocess.TimeoutExpired:
            raise GitError(f"git {self.verb} did not end within {TIMEOUT:.0f} s", "Is the disk reachable?") from None
        finally:
            self.stop()
        if self.process.returncode not in ok or (silent and said):
            raise GitError(f"git {self.verb} failed: {_first_line(said)}", "Run the same command by hand.")
        return written or b""

    def stop(self) -> None:
        """End it, where it has not ended, and let go of its pipes."""
        with self.process:
            if self.process.poll() is None:
                self.process.kill()


def start(
    root: Path, *arguments: str, private: Mapping[str, str] | None = None, into: BinaryIO | None = None
) -> Running:
    """Start git in `root`. `private` is configuration that goes in by the environment alone; `into` takes the output.

    Raises `GitError` where git is missing or `root` is not a directory.
    """
    options = [part for setting in SAFE_CONFIG for part in ("-c", setting)]
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument list, built here
            [_git(), *options, *arguments],
            cwd=root,
            stdin=pipe,
            stdout=into or pipe,
            stderr=pipe,
            env=ENVIRONMENT | _as_environment(private or {}),
        )
    except (FileNotFoundError, NotADirectoryError):
        raise GitError(f"{root} is not a directory", "Name an existing directory.") from None
    return Running(arguments[0], process)


def run(
    root: Path,
    *arguments: str,
    stdin: bytes = b"",
    ok: tuple[int, ...] = (0,),
    private: Mapping[str, str] | None = None,
) -> bytes:
    """Run git in `root` and return its output; see `start`.

    Raises `GitError` where git is missing, hangs, or ends with a code that is not in `ok`.
    """
    return start(root, *arguments, private=private).output(stdin, ok)


def read_blob(root: Path, oid: str) -> bytes:
    """Return the bytes of an object, which may be many megabytes: through a file, since the pieces of a pipe would need
    as much memory again, in pieces that nothing else fits into afterwards. Raises `GitError`."""
    with TemporaryFile() as file:
        start(root, "cat-file", "blob", oid, into=file).output()
        file.seek(0)
        return file.read()


def _as_environment(config: Mapping[str, str]) -> dict[str, str]:
    """Say configuration in variables, which other users of the machine cannot read as they can an argument list."""
    said = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config.items()):
        said |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return said


@cache
def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise GitError("git is not installed", "Install git, or run Pinward's container image.")
    return found


def _first_line(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0][:300] if lines else "no message"
