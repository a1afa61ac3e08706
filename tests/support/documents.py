"""Documents as programs: a page's files and commands, run in order in one shell, and what the page says they print.

A fenced block right below a line that is nothing but a path in backquotes and a colon is a file. In a `console` block a
line that begins with `$ ` is a command, one with `> ` goes on with it, and the lines below are what it prints; `...`
stands for any lines.
A command has to succeed, unless the next one is `echo $?`.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = re.compile(r"(?:^`(?P<path>[^`\n]+)`:\n\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "@@ended@@"


@dataclass(frozen=True)
class File:
    path: str
    content: str


@dataclass
class Command:
    line: str
    prints: list[str] = field(default_factory=list)


def steps(markdown: str) -> Iterator[File | Command]:
    """Yield the files and commands of a page, in its order."""
    for block in _BLOCK.finditer(markdown):
        if block["path"]:
            yield File(block["path"], block["body"])
        elif block["kind"] == "console":
            yield from _commands(block["body"])


def _commands(body: str) -> Iterator[Command]:
    command: Command | None = None
    for line in body.splitlines():
        if line.startswith("$ "):
            if command:
                yield command
            command = Command(line.removeprefix("$ "))
        elif command and line.startswith("> ") and not command.prints:
            command.line += "\n" + line.removeprefix("> ")
        elif command:
            command.prints.append(line)
    if command:
        yield command


def play(
    page: list[File | Command], folder: Path, environment: Mapping[str, str], seconds: float = 120.0
) -> list[tuple[Command, str, int]]:
    """Run a page in `folder` and return each command with what it printed and its exit code."""
    script = ["last=0", "trap 'kill $(jobs -p) 2>/dev/null' EXIT"]
    for step in page:
        if isinstance(step, File):
            path = shlex.quote(step.path)
            script += [f'mkdir -p "$(dirname {path})"', f"printf %s {shlex.quote(step.content)} > {path}"]
        else:
            script += ["(exit $last)", step.line, "last=$?", f'echo "{_MARK}$last"']
    with subprocess.Popen(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            printed, _ = shell.communicate(timeout=seconds)
        finally:  # a page that runs out of time leaves no server behind
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
    said = re.split(rf"{_MARK}(\d+)\n", printed)
    commands = [step for step in page if isinstance(step, Command)]
    assert len(said) == 2 * len(commands) + 1, printed
    return [(command, said[2 * n], int(said[2 * n + 1])) for n, command in enumerate(commands)]


def complaints(played: list[tuple[Command, str, int]]) -> Iterator[str]:
    """Yield what does not go as the page says."""
    for number, (command, said, code) in enumerate(played):
        following = played[number + 1][0].line if number + 1 < len(played) else ""
        if code and following != "echo $?":
            yield f"`{command.line}` ended with {code}: {said}"
        missing = missing_line(command.prints, said)
        if missing is not None:
            yield f"`{command.line}` does not print {missing!r}, but: {said}"


def missing_line(expected: list[str], said: str) -> str | None:
    """Return the first expected line that is not where the page says, None where all are; blanks count once."""
    lines, at, anywhere = [" ".join(line.split()) for line in said.splitlines()], 0, False
    for line in (" ".join(line.split()) for line in expected):
        if line == "...":
            anywhere = True
            continue
        places = [n for n in range(at, len(lines)) if lines[n].startswith(line)]
        if not places or (places[0] != at and not anywhere):
            return line
        at, anywhere = places[0] + 1, False
    return None if anywhere or at == len(lines) or not expected else f"(nothing after line {at})"
