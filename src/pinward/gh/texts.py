"""Makes text fit GitHub's limits."""

from __future__ import annotations

CUT_NOTE = "\n\n(Cut here: the full text is in the report's files.)"


def cut(text: str, max_bytes: int, max_characters: int | None = None) -> str:
    """Return the text whole, or its first lines with a note, within both limits.

    Only whole lines are kept: half a line could lose the mark that ends its code span.
    """
    limit = max_bytes if max_characters is None else max_characters
    if len(text) <= limit and len(text.encode()) <= max_bytes:
        return text
    room = max(0, max_bytes - len(CUT_NOTE.encode()))
    kept = text[: max(0, limit - len(CUT_NOTE))].encode()[:room].decode(errors="ignore")
    return kept[: max(0, kept.rfind("\n"))] + CUT_NOTE
