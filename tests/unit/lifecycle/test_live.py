"""Whatever a provider's list answers with: plain ids and days of a model's life, or an error."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pinward.lifecycle.live import MAX_PAGES, SOURCES, Answers, look
from pinward.net import HttpClient, Reply

KEYS = ["data", "models",
        "modelSummaries", "value", "id", "name", "modelId", "shutdown_date", "retires_at", "lifecycle",
        "aliases", "deprecation", "is_deprecated", "modelStatus", "modelStage", "retirementTime", "expiration_date",
        "modelLifecycle", "endOfLifeTime", "status", "model", "version", "properties", "inference", "last_id",
        "next_page_token", "links", "next", "nextLink", "has_more"]  # fmt: skip
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["gpt-4o", "2027-01-14", "2027-01-14T00:00:00Z", "deprecated", "RETIRED", "a\n::error::b", "@all",
                     "9999-12-31", "0001-01-01", "?offset=1", "https://evil.example/?a=b#c"]),
)  # fmt: skip
DOCUMENTS = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


class Server:
    """Answers every request with the same document, and remembers the paths."""

    def __init__(self, document: Any) -> None:
        self.body = json.dumps(document).encode()
        self.paths: list[str] = []

    async def send(self, _method: str, path: str, **_more: Any) -> Reply:
        self.paths.append(path)
        return Reply(200, {}, self.body, 0.0)


def ask(channel: str, document: Any) -> tuple[Answers, Server]:
    server = Server(document)
    return asyncio.run(look(cast("HttpClient", server), SOURCES[channel], ["gpt-4o"])), server


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SOURCES)), DOCUMENTS)
def test_t32_any_answer_gives_plain_ids_and_days_or_an_error(channel: str, document: Any) -> None:
    answers, server = ask(channel, document)
    for name, seen in answers.seen.items():
        assert re.fullmatch(r"[\w.:/@ ()+~-]{1,200}", name, re.ASCII)
        assert seen.shutdown_on is None or date(2020, 1, 1) <= seen.shutdown_on <= date(2100, 1, 1)
    assert len(server.paths) <= MAX_PAGES * 2
    assert all(re.fullmatch(r"/[\w/%$&=.+~:?-]+", path, re.ASCII) for path in server.paths)


def test_a_list_without_an_end_is_an_error_and_what_it_said_stands() -> None:
    document = {"data": [{"id": "gpt-4o", "expiration_date": "2027-01-14"}], "links": {"next": "/m?offset=1"}}
    answers, server = ask("openrouter", document)
    assert answers.failed == [f"its list has more than {MAX_PAGES} pages"]
    assert list(answers.seen) == ["gpt-4o"]
    assert len(server.paths) == MAX_PAGES
