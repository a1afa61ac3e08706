"""What differs between two outputs, short enough to read in a comment."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator

MAX_COMPARED_LINES = 400  # difflib is quadratic: longer outputs are compared by their beginnings


_JSON_PARTS = re.compile(r'"(?:\\.|[^"\\])*"|[{[]\s*[}\]]|[{}\[\],:]|[^\s{}\[\],:"]+')


def short_diff(before: str, after: str, lines: int = 14, width: int = 200) -> str:
    """Return at most `lines` lines, each `- old`, `+ new` or `  same`; a line is cut to about `width` characters.

    JSON is compared laid out, so that one changed value is one changed line. Equal texts give an empty string.
    """
    left, right = _comparable(before, after)
    if left == right:
        left, right = before, after
    shown = list(_changes(left.splitlines()[:MAX_COMPARED_LINES], right.splitlines()[:MAX_COMPARED_LINES], width))
    if not shown and before != after:
        return _beyond_or_invisible(left, right)
    left_out = len(shown) - lines
    return "\n".join(shown if left_out <= 0 else [*shown[:lines], f"  … {left_out} more lines"])


def _beyond_or_invisible(left: str, right: str) -> str:
    if left.splitlines() == right.splitlines():
        return "  (the outputs differ in line ends alone)"
    return f"  (the first {MAX_COMPARED_LINES} lines are the same)"


def _comparable(before: str, after: str) -> tuple[str, str]:
    if max(len(before), len(after)) <= 120 and "\n" not in before + after:
        return before, after
    laid_out = laid_out_json(before), laid_out_json(after)
    return (laid_out[0], laid_out[1]) if laid_out[0] and laid_out[1] else (before, after)


def laid_out_json(text: str) -> str:
    """Return JSON with one value a line and every value as written (1204.50 stays 1204.50); empty for other text."""
    try:
        if not isinstance(json.loads(text), dict | list):
            return ""
    except (ValueError, RecursionError):
        return ""
    lines, depth = [""], 0
    for part in _JSON_PARTS.findall(text):
        if part in "}]":
            depth -= 1
            lines.append(" " * depth)
        lines[-1] += ": " if part == ":" else part
        if part in "{[,":
            depth += part != ","
            lines.append(" " * depth)
    return "\n".join(lines)


def _changes(before: list[str], after: list[str], width: int) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes(1):
        if group[0][1] > 0:
            yield "  …"
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from ("  " + _cut(line, 0, width) for line in before[i1:i2])
            else:
                yield from _replaced(before[i1:i2], after[j1:j2], width)


def _replaced(before: list[str], after: list[str], width: int) -> Iterator[str]:
    """Yield the two sides of one change; long lines are cut around their first difference."""
    start = 0
    if before and after:
        start = next((n for n, (a, b) in enumerate(zip(before[0], after[0], strict=False)) if a != b), 0)
    for sign, side in (("- ", before), ("+ ", after)):
        yield from (sign + _cut(line, start if n == 0 else 0, width) for n, line in enumerate(side))


def _cut(line: str, focus: int, width: int) -> str:
    if len(line) <= width:
        return line
    start = max(0, min(focus - width // 4, len(line) - width))
    return ("…" if start else "") + line[start : start + width] + ("…" if start + width < len(line) else "")
