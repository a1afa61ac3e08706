"""Edits that findings propose, applied to the bytes of a file: nothing else of it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pinward.core.findings import Finding

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Edited:
    """A file after its edits, and the findings whose edits were made, in the order of the file."""

    data: bytes
    made: tuple[Finding, ...] = ()


def apply(data: bytes, findings: Iterable[Finding], *, unsafe: bool = False) -> Edited:
    """Return a file's bytes with the fixes of its findings made, the safe ones alone unless `unsafe`.

    Encoding, byte order mark and line ends stay. An edit whose place does not hold the name any more is left out, and
    of two edits of one place the safe one wins.
    """
    mark, encoding = _encoding(data)
    lines = data[len(mark) :].decode(encoding).split("\n")
    made: dict[tuple[int, int], Finding] = {}
    chosen = [f for f in findings if f.fix and f.use and f.use.role == "selection" and (unsafe or f.fix.safe)]
    for finding in sorted(chosen, key=_from_the_end):
        fix, use = finding.fix, finding.use
        if fix is None or use is None or (fix.line, fix.column) in made or fix.line > len(lines):
            continue
        line = lines[fix.line - 1]
        if line[fix.column - 1 : fix.end - 1] != use.model.written:
            continue
        lines[fix.line - 1] = line[: fix.column - 1] + fix.text + line[fix.end - 1 :]
        made[fix.line, fix.column] = finding
    if not made:
        return Edited(data)
    return Edited(mark + "\n".join(lines).encode(encoding), tuple(reversed(made.values())))


def _from_the_end(finding: Finding) -> tuple[int, int, bool]:
    fix = finding.fix
    return (-fix.line, -fix.column, not fix.safe) if fix else (0, 0, False)


def _encoding(data: bytes) -> tuple[bytes, str]:
    """Return a byte order mark that columns do not count, and a codec that gives the very same bytes back."""
    mark = data[:2]
    if mark in _UTF16:
        return mark, _UTF16[mark]
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "latin-1"
    return b"", "utf-8"
