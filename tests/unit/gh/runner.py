"""What the Actions runner reads from a step, ported for tests; where .NET is lenient, this port is more so.

Commands: actions/runner, src/Runner.Common/ActionCommand.cs and src/Runner.Worker/ActionCommandManager.cs.
Files: src/Runner.Worker/FileCommandManager.cs. Lines end at CR, LF or CRLF; .NET compares the beginning of a line by
culture, which ignores zero-width and control characters.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

REGISTERED = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice",
    "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
}  # fmt: skip


@dataclass
class Command:
    name: str
    data: str
    properties: dict[str, str] = field(default_factory=dict)


def _ignorable(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"}


def _unescape(text: str, pairs: str) -> str:
    for character in [*pairs, "%"]:
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def _command(info: str, data: str, separator: str, pairs: str, registered: set[str]) -> Command | None:
    name, _, properties = info.partition(" ")
    if name.lower() not in registered:
        return None
    split = (part.partition("=") for part in properties.strip().split(separator) if part)
    return Command(name.lower(), data, {key: _unescape(value, pairs) for key, _, value in split if value})


def parse(line: str, registered: set[str]) -> Command | None:
    start = next((i for i, character in enumerate(line) if not _ignorable(character)), len(line))
    if line.startswith("::", start) and (end := line.find("::", start + 2)) >= 0:
        data = _unescape(line[end + 2 :], "\r\n")
        found = _command(line[start + 2 : end], data, ",", "\r\n:,", registered)
        if found:
            return found
    if (start := line.find("##[")) >= 0 and (end := line.find("]", start)) >= 0:
        return _command(line[start + 3 : end], _unescape(line[end + 1 :], ";\r\n]"), ";", ";\r\n]", registered)
    return None


def commands(output: str) -> list[Command]:
    """Return the commands that the runner would carry out, stop-commands and its end left out."""
    registered, stop, found = set(REGISTERED), "", []
    for line in re.split(r"\r\n|\r|\n", output):
        command = parse(line, registered)
        if command is None:
            continue
        if stop:
            if command.name == stop:
                registered.discard(stop)
                stop = ""
        elif command.name == "stop-commands":
            stop = command.data.lower()
            registered.add(stop)
        else:
            found.append(command)
    return found


def read_outputs(text: str) -> dict[str, str]:
    """Read a GITHUB_OUTPUT file; ValueError where the runner would refuse it."""
    lines, values = iter(text.split("\n")), {}
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            values[line[:equals]] = line[equals + 1 :]
        elif heredoc >= 0:
            name, delimiter = line[:heredoc], line[heredoc + 2 :]
            block = []
            while (inner := next(lines, None)) != delimiter:
                if inner is None:
                    raise ValueError(f"no end of {name}")
                block.append(inner)
            values[name] = "\n".join(block)
        else:
            raise ValueError(line)
    return values
