"""What providers themselves say of their models today, read from their own endpoints. One row a provider in `SOURCES`.

Listed is not alive: providers list models long after their date. Absent is not dead: lists are filtered by account,
region and tier. So a statement counts (a date, a stage), and silence changes nothing. An answer that is not what the
provider documents is an error, never an all-clear (docs/threats.md T32).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args
from urllib.parse import quote

from pinward.core.strict_json import parse_json
from pinward.net import HttpClient, NetError

State = Literal["listed", "deprecated", "retired"]
STATES: tuple[State, ...] = get_args(State)
TIMEOUT = 30.0
MAX_PAGES = 50
_ID = re.compile(r"[\w.:/@ ()+~-]{1,200}", re.ASCII)
_QUERY = re.compile(r"[\w%$&=.+~:-]{1,2000}", re.ASCII)
_EARLIEST, _LATEST = date(2020, 1, 1), date(2100, 1, 1)


class LiveError(Exception):
    """A provider could not be asked, or answered something else than it documents. The text is ours."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a provider says of one id. `alias_of` is what an alias or a deployment answers as."""

    id: str
    state: State = "listed"
    shutdown_on: date | None = None
    alias_of: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One provider's endpoint: paths below its API's address, how to read a page, the next one's query, who says so.

    `each` is a request for every model that is asked about, where the list itself says nothing.
    """

    paths: tuple[str, ...]
    read: Callable[[dict[str, Any]], Iterable[Seen]]
    documented: str
    following: Callable[[dict[str, Any]], str | None] = lambda _document: None
    headers: Mapping[str, str] = field(default_factory=dict)
    each: Callable[[str], tuple[str, bytes]] | None = None


@dataclass
class Answers:
    """What one provider said by lower-case id, what could not be asked (an error), and what it does not answer to."""

    seen: dict[str, Seen] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def add(self, said: Iterable[Seen]) -> None:
        """Take what was said. What is said of an id twice is taken together: a row without a date loses no date."""
        for seen in said:
            name = seen.id.lower()
            self.seen[name] = _together(self.seen[name], seen) if name in self.seen else seen


def _together(one: Seen, other: Seen) -> Seen:
    days = [day for day in (one.shutdown_on, other.shutdown_on) if day]
    state = max(one.state, other.state, key=STATES.index)
    return Seen(one.id, state, min(days, default=None), one.alias_of or other.alias_of)


async def look(client: HttpClient, source: Source, ids: Iterable[str]) -> Answers:
    """Ask one provider about all its models, or about `ids` alone where its list is silent.

    What was said before something failed stands.
    """
    found = Answers()
    for path in source.paths:
        try:
            await _list(client, source, path, found)
        except LiveError as error:
            found.failed.append(str(error))
    for name in ids if source.each else ():
        try:
            await _one(client, source, name, found)
        except LiveError as error:
            found.failed.append(f"{error}, asked about {name}; the models after it were not asked about")
            break
    return found


async def _list(client: HttpClient, source: Source, path: str, found: Answers) -> None:
    more: str | None = path
    for _ in range(MAX_PAGES):
        if more is None:
            return
        document = await _ask(client, "GET", more, source.headers)
        found.add(_read(source, document))
        rest = source.following(document)
        more = f"{path.partition('?')[0]}?{rest}" if rest else None
    raise LiveError(f"its list has more than {MAX_PAGES} pages")


async def _one(client: HttpClient, source: Source, name: str, found: Answers) -> None:
    assert source.each is not None  # noqa: S101 - asked by `look`
    path, content = source.each(name)
    document = await _ask(client, "POST", path, source.headers, content)
    found.add(_read(source, document | {"asked": name}))
    if not document:
        found.silent.append(name)


async def _ask(
    client: HttpClient, method: str, path: str, headers: Mapping[str, str], content: bytes | None = None
) -> dict[str, Any]:
    try:
        reply = await client.send(method, path, content=content, headers=dict(headers), timeout=TIMEOUT)
    except NetError as error:
        raise LiveError(error.detail) from None
    if content is not None and reply.status in (400, 404) and _is_about_the_model(reply.body):
        return {}  # not served to this account, or no model that takes text: absent is not dead
    if reply.status != 200:
        raise LiveError(f"it answered {reply.status}")
    try:
        document = parse_json(reply.body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise LiveError("its answer is not JSON") from None
    if not isinstance(document, dict):
        raise LiveError("its answer is not the document that it describes")
    return document


def _is_about_the_model(body: bytes) -> bool:
    """Tell whether a refused call speaks of the model: Gemini answers 400 to a key that is not valid, too
    (ai.google.dev/gemini-api/docs/troubleshooting), and a server that is none of Gemini's answers 404."""
    try:
        document: Any = parse_json(body.decode("utf-8"))
        error = document["error"]
        reasons = [str(detail.get("reason")) for detail in error.get("details", ())]
        return error["status"] in ("INVALID_ARGUMENT", "NOT_FOUND") and not any("API_KEY" in r for r in reasons)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return False


def _read(source: Source, document: dict[str, Any]) -> list[Seen]:
    try:
        said = [seen for seen in source.read(document) if _ID.fullmatch(seen.id)]
        return [seen if _ID.fullmatch(seen.alias_of or seen.id) else replace(seen, alias_of=None) for seen in said]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise LiveError("its answer is not the document that it describes") from None


def _day(value: Any) -> date | None:
    """Read a day: YYYY-MM-DD, RFC 3339, or seconds since 1970; nothing for null. Raises `ValueError` for all else."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = datetime.fromtimestamp(value, UTC).date()
    else:
        found = datetime.fromisoformat(value).date()
    if not _EARLIEST <= found <= _LATEST:
        raise ValueError("not a day of a model's life")
    return found


def _state(day: date | None, word: Any, words: Mapping[str, State]) -> State:
    said: State = words.get(str(word).casefold(), "listed")
    return "deprecated" if said == "listed" and day else said


def _openai(document: dict[str, Any]) -> Iterable[Seen]:
    for row in document["data"]:
        day = _day(row.get("shutdown_date"))
        yield Seen(row["id"], _state(day, "", {}), day)


def _anthropic(document: dict[str, Any]) -> Iterable[Seen]:
    for row in document["data"]:
        word = row.get("lifecycle")
        # Active models carry the date before which they are not retired, which is a promise and no announcement.
        day = _day(row.get("retires_at")) if word != "active" else None
        yield Seen(row["id"], _state(day, word, {"deprecated": "deprecated", "retired": "retired"}), day)


def _mistral(document: dict[str, Any]) -> Iterable[Seen]:
    for row in document["data"]:
        day = _day(row.get("deprecation"))
        seen = Seen(row["id"], _state(day, "", {}), day)
        yield seen
        aliases = [name for name in row.get("aliases") or () if name != row["id"]]
        yield from (Seen(name, seen.state, day, row["id"]) for name in aliases)


def _cohere(document: dict[str, Any]) -> Iterable[Seen]:
    for row in document["models"]:
        yield Seen(row["name"], "deprecated" if row.get("is_deprecated") is True else "listed")


_GEMINI: Mapping[str, State] = {"legacy": "listed", "deprecated": "deprecated", "retired": "retired"}


def _gemini(document: dict[str, Any]) -> Iterable[Seen]:
    status = document.get("modelStatus") or {}
    if status and "asked" in document:
        day = _day(status.get("retirementTime"))
        yield Seen(document["asked"], _state(day, status.get("modelStage"), _GEMINI), day)


def _openrouter(document: dict[str, Any]) -> Iterable[Seen]:
    for row in document["data"]:
        day = _day(row.get("expiration_date"))
        slug = row.get("canonical_slug")
        yield Seen(row["id"], _state(day, "", {}), day, alias_of=slug if slug != row["id"] else None)


def _bedrock(document: dict[str, Any]) -> Iterable[Seen]:
    for row in document["modelSummaries"]:
        life = row.get("modelLifecycle") or {}
        day = _day(life.get("endOfLifeTime"))
        yield Seen(row["modelId"], _state(day, life.get("status"), {"legacy": "deprecated"}), day)


# "Deprecated" means retired there (calls answer 410); "Deprecating" is what others call deprecated.
_AZURE: Mapping[str, State] = {"deprecating": "deprecated", "legacy": "deprecated", "deprecated": "retired"}


def _azure(document: dict[str, Any]) -> Iterable[Seen]:
    for row in document["value"]:
        model = row.get("model") or row.get("properties", {}).get("model") or row
        versioned = f"{model['name']} ({model['version']})"
        if "properties" in row:  # a deployment, whose name says nothing about what it answers with
            yield Seen(row["name"], alias_of=versioned)
            continue
        day = _day((model.get("deprecation") or {}).get("inference"))
        yield Seen(versioned, _state(day, model.get("lifecycleStatus"), _AZURE), day)


def _smallest_call(model: str) -> tuple[str, bytes]:
    body = {"contents": [{"role": "user", "parts": [{"text": "."}]}], "generationConfig": {"maxOutputTokens": 1}}
    return f"/models/{quote(model, safe='')}:generateContent", json.dumps(body).encode()


def _link(*fields: str) -> Callable[[dict[str, Any]], str | None]:
    """Return what reads the query of the next page from a link; whatever host it names, the key's own is asked."""

    def following(document: dict[str, Any]) -> str | None:
        found: Any = document
        for name in fields:
            found = found.get(name) if isinstance(found, dict) else None
        query = found.partition("?")[2] if isinstance(found, str) else ""
        return query if _QUERY.fullmatch(query) else None

    return following


def _token(field_name: str, parameter: str, always: str) -> Callable[[dict[str, Any]], str | None]:
    def following(document: dict[str, Any]) -> str | None:
        token = document.get(field_name) if document.get("has_more", True) else None
        return f"{always}&{parameter}={quote(token, safe='')}" if isinstance(token, str) and token else None

    return following


SOURCES: Mapping[str, Source] = {
    "openai": Source(("/models",), _openai, "https://developers.openai.com/api/docs/deprecations"),
    "anthropic": Source(
        ("/v1/models?limit=1000",), _anthropic, "https://platform.claude.com/docs/en/api/models-list",
        _token("last_id", "after_id", "limit=1000"), {"anthropic-version": "2023-06-01"},
    ),
    "mistral": Source(("/models",), _mistral, "https://docs.mistral.ai/api/endpoint/models"),
    "cohere": Source(
        ("/v1/models?page_size=1000",), _cohere, "https://docs.cohere.com/reference/list-models",
        _token("next_page_token", "page_token", "page_size=1000"),
    ),
    "gemini": Source(
        (), _gemini, "https://ai.google.dev/api/generate-content#ModelStatus",
        headers={"content-type": "application/json"}, each=_smallest_call,
    ),
    "openrouter": Source(
        ("/models",), _openrouter, "https://openrouter.ai/docs/api-reference/list-available-models",
        _link("links", "next"),
    ),
    "bedrock": Source(
        ("/foundation-models",), _bedrock,
        "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelLifecycle.html",
    ),
    "azure": Source(
        ("/models?api-version=2025-06-01", "/deployments?api-version=2025-06-01"), _azure,
        "https://learn.microsoft.com/rest/api/aifoundry/accountmanagement/models/list", _link("nextLink"),
    ),
}  # fmt: skip
