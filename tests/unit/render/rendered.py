"""What a CommonMark renderer makes of our Markdown, and whether any of it came from data."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

ALLOWED = {
    "p",
    "code",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "details",
    "summary",
    "b",
    "strong",
    "ul",
    "li",
}


class Reader(HTMLParser):
    """Collects the tags of rendered HTML, the text outside code, and the text of code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.plain: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_comment(self, data: str) -> None:
        self.tags.append("!--")

    def handle_data(self, data: str) -> None:
        if not {"code", "pre"} & set(self.open):
            self.plain.append(data)


def read(markdown: str) -> Reader:
    """Render as GitHub does, as far as a CommonMark library goes: tables, strikethrough, HTML let through."""
    reader = Reader()
    reader.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))
    reader.close()
    assert not reader.open, f"left open: {reader.open}"
    return reader


def assert_harmless(markdown: str, *headings: str) -> None:
    """Fail on any link, image, foreign element, mention, address or reference outside code."""
    reader = read(markdown)
    assert set(reader.tags) <= ALLOWED | set(headings), set(reader.tags) - ALLOWED
    plain = "\n".join(reader.plain)
    linked = re.search(r"@|://|www\.|#\d|\bGH-\d|\b[0-9a-f]{7,}\b|:[a-z]+:", plain, re.IGNORECASE)
    assert not linked, linked
