"""What others say of models' ends: providers' pages and two open datasets, each read into `Statement`s.

The text is hostile: a statement is an id of a known shape and a day of a model's life, and everything else is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any

from pinward.core.facts import ShutdownKind
from pinward.core.strict_json import parse_json

_ID = re.compile(r"[\w.:/@ ()+~-]{1,200}", re.ASCII)
_DAYS = re.compile(
    r"(20\d\d-\d{1,2}-\d{1,2})|([A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?, 20\d\d)|(\d{1,2}/\d{1,2}/(?:20)?\d\d)"
)
_PROMISE = re.compile(r"(?:not?|never) (?:sooner|earlier|before)|or later", re.IGNORECASE)
_EARLIEST = re.compile(r"earliest|as early as", re.IGNORECASE)
# Whole headers: Azure's "Training retirement date" of fine-tuned models is another day than the model's.
_DATE_COLUMN = re.compile(
    r"(?:(?:tentative|earliest(?: possible)?) )?(?:shutdown|retirement|eol|end-of-life)(?: date)?"
)
_MODEL_COLUMNS = (
    re.compile(r"model id|api"),
    re.compile(r"(?:api |deprecated |affected )?models?(?: name)?|model .*/.*"),
)
_MARKUP = re.compile(r"<[^>]*>|\*\*|\\(?=\W)|\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Statement:
    """Somebody gives an id a day (YYYY-MM-DD) on which it ends, or before which it does not (`kind`)."""

    provider: str
    id: str
    day: str
    source: str
    first_party: bool
    kind: ShutdownKind = "fixed"


@dataclass(frozen=True, slots=True)
class Document:
    """One document at a fixed address: `read` turns its text into statements."""

    origin: str
    path: str
    read: Callable[[str, str], Iterable[Statement]]

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.origin}{self.path}"


def is_id(text: str) -> bool:
    """Tell whether a text can be a model's id."""
    return bool(_ID.fullmatch(text)) and text == text.strip()


def day_of(text: str) -> tuple[str, ShutdownKind] | None:
    """Return the one day that a cell names, and what kind of day it is; None for no day, several, or no day of ours.

    Providers write 2027-01-14, Jan 14, 2027, January 14th, 2027, 1/14/2027 and 01/14/27.
    """
    found = {day for match in _DAYS.finditer(text.replace("\N{NON-BREAKING HYPHEN}", "-")) if (day := _parsed(match))}
    if len(found) != 1:
        return None
    kind: ShutdownKind = "not-before" if _PROMISE.search(text) else "earliest" if _EARLIEST.search(text) else "fixed"
    return found.pop(), kind


def _parsed(match: re.Match[str]) -> str | None:
    text = re.sub(r"(?<=\d)(?:st|nd|rd|th)", "", match[0]).replace(".", "")
    for form in ("%Y-%m-%d", "%B %d, %Y", "%b %d, %Y", "%m/%d/%Y", "%m/%d/%y"):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return found.isoformat() if date(2018, 1, 1) <= found < date(2100, 1, 1) else None
    return None


class _HtmlTables(HTMLParser):
    """The rows of all tables of a page, as lists of texts; an empty row between two tables."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag in {"table", "tr"}:
            self.rows.append([])
        elif tag in {"td", "th"} and self.rows:
            self.rows[-1].append("")
            self._open = True
        elif tag == "br" and self._open:
            self.rows[-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag not in {"td", "th", "tr", "table"}

    def handle_data(self, data: str) -> None:
        if self._open and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def tables(text: str) -> Iterator[dict[str, str]]:
    """Yield the rows of all tables of a page, Markdown or HTML, by the names of their columns (lower case, plain)."""
    header: list[str] = []
    for row in _rows(text):
        plain = [_plain(cell).lower() for cell in row]
        if not row:
            header = []
        elif any(_DATE_COLUMN.fullmatch(cell) for cell in plain):
            header = plain
        elif header and len(row) == len(header):
            yield dict(zip(header, row, strict=True))


def _rows(text: str) -> Iterator[list[str]]:
    if "<table" in text.lower():
        parser = _HtmlTables()
        parser.feed(text)
        yield from parser.rows
        yield []
    for line in text.splitlines():
        stripped = line.strip()
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", stripped.strip("|"))] if stripped.startswith("|") else []


def _plain(cell: str) -> str:
    return " ".join(_MARKUP.sub(lambda match: match[1] or "", cell).replace("`", "").split())


def page(channel: str) -> Callable[[str, str], Iterator[Statement]]:
    """Return what reads a provider's page: tables with a column of models and one of days, found by their names."""

    def read(text: str, url: str) -> Iterator[Statement]:
        for row in tables(text):
            column = next(name for name in row if _DATE_COLUMN.fullmatch(name))
            ends = day_of(f"{row[column]} {'earliest' if 'earliest' in column else ''}")
            if ends:
                yield from (Statement(channel, name, ends[0], url, True, ends[1]) for name in _names(row))

    return read


def _names(row: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids of a row: those in backticks, or the whole cell. Azure's have a version in a column beside."""
    column = next((name for form in _MODEL_COLUMNS for name in row if form.fullmatch(name)), None)
    cell = row[column] if column else ""
    version = _plain(row.get("version", "")).strip("-\N{EM DASH}") if column == "model" else ""
    for name in re.findall(r"`([^`]+)`", cell) or [_plain(cell)]:
        full = f"{name} ({version})" if version else name
        if is_id(full) and not (" " in name and version == ""):
            yield full


# litellm's and deprecations.info's names of channels -> ours.
CHANNELS = {
    "openai": "openai", "text-completion-openai": "openai", "anthropic": "anthropic", "gemini": "gemini",
    "google": "gemini", "google vertex": "vertex", "mistral": "mistral", "cohere": "cohere", "cohere_chat": "cohere",
    "xai": "xai", "groq": "groq", "deepseek": "deepseek", "bedrock": "bedrock", "bedrock_converse": "bedrock",
    "aws bedrock": "bedrock", "azure": "azure", "azure_ai": "azure",
}  # fmt: skip
_AZURE = re.compile(r"(?:(?:us|eu|global|global-standard)/)?(.+?)-(20\d\d-\d\d-\d\d)")


def litellm(document: Any, url: str) -> Iterator[Statement]:
    """Read litellm's table. One field stands for shutdowns, promises and announcements there: it only ever warns."""
    for name, entry in document.items() if isinstance(document, dict) else ():
        named = str(entry.get("litellm_provider")).lower() if isinstance(entry, dict) else ""
        channel = "vertex" if named.startswith("vertex_ai") else CHANNELS.get(named)
        ends = day_of(str(entry.get("deprecation_date"))) if channel else None
        if channel and ends and isinstance(name, str):
            prefix, _, rest = name.partition("/")
            model = rest if prefix in {*CHANNELS, "vertex_ai"} else name
            dated = _AZURE.fullmatch(model) if channel == "azure" else None
            model = f"{dated[1]} ({dated[2]})" if dated else model
            yield Statement(channel, model, ends[0], url, first_party=False, kind="earliest")


def deprecations(document: Any, url: str) -> Iterator[Statement]:
    """Read deprecations.info: a list of rows with `provider`, `model_id`, `shutdown_date` (or nothing)."""
    for row in document if isinstance(document, list) else ():
        channel = CHANNELS.get(str(row.get("provider")).lower()) if isinstance(row, dict) else None
        ends = day_of(str(row.get("shutdown_date"))) if channel else None
        if channel and ends and isinstance(row.get("model_id"), str):
            yield Statement(channel, row["model_id"], ends[0], url, first_party=False, kind="earliest")


def _json(read: Callable[[Any, str], Iterable[Statement]]) -> Callable[[str, str], Iterable[Statement]]:
    def parse(text: str, url: str) -> Iterable[Statement]:
        try:
            return read(parse_json(text), url)
        except (ValueError, RecursionError):
            return ()

    return parse


# Where each provider says it without a key; the Azure page is built from this file of Microsoft's own repository.
DOCUMENTS = (
    Document("https://developers.openai.com", "/api/docs/deprecations.md", page("openai")),
    Document("https://platform.claude.com", "/docs/en/about-claude/model-deprecations.md", page("anthropic")),
    Document("https://ai.google.dev", "/gemini-api/docs/deprecations.md.txt", page("gemini")),
    Document(
        "https://docs.cloud.google.com", "/gemini-enterprise-agent-platform/models/model-versions", page("vertex")
    ),
    Document("https://docs.aws.amazon.com", "/bedrock/latest/userguide/model-lifecycle.html", page("bedrock")),
    Document(
        "https://raw.githubusercontent.com",
        "/MicrosoftDocs/azure-ai-docs/main/articles/foundry/openai/includes/concepts-model-retirement-schedule-content.md",
        page("azure"),
    ),
    Document("https://docs.mistral.ai", "/models", page("mistral")),
    Document("https://docs.cohere.com", "/docs/deprecations.md", page("cohere")),
    Document("https://console.groq.com", "/docs/deprecations.md", page("groq")),
    Document(
        "https://raw.githubusercontent.com",
        "/BerriAI/litellm/main/model_prices_and_context_window.json",
        _json(litellm),
    ),
    Document(
        "https://raw.githubusercontent.com",
        "/deprecations/deprecations-rss/main/docs/v1/deprecations.json",
        _json(deprecations),
    ),
)
