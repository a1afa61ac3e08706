"""`watch --live` against servers that speak each provider's own list of models (fields: the pages in `SOURCES`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.watch.run import Outside, Watched, watch
from pinward.errors import ExitCode
from pinward.git.tree import WorkTree
from pinward.lifecycle.catalog import load
from tests.support.json_server import Asked, json_server
from tests.support.repository import Repository

CATALOG = load()
TODAY = date(2026, 11, 22)
KEY = "sk-live-canary"
ARM = {"value": [
    {"name": "gpt-5.1", "version": "2025-11-13", "lifecycleStatus": "Deprecating",
     "deprecation": {"inference": "2026-12-01T00:00:00Z"}},
]}  # fmt: skip
DEPLOYMENTS = {"value": [{"name": "our-chat", "properties": {"model": {"name": "gpt-5.1", "version": "2025-11-13"}}}]}
# provider, the model in use, what the server answers by path, the day that must come out (None: no alert)
SPOKEN: list[tuple[str, str, dict[str, Any], str | None]] = [
    ("openai", "gpt-6-luna", {"/models": {"data": [{"id": "gpt-6-luna", "shutdown_date": "2026-12-01"}]}},
     "2026-12-01"),
    ("openai", "gpt-6-luna", {"/models": {"data": [{"id": "gpt-6-luna", "shutdown_date": None}]}}, None),
    ("openai", "gpt-6-luna", {"/models": {"data": []}}, None),
    ("anthropic", "claude-sonnet-5-5",
     {"/v1/models?limit=1000": {"data": [], "has_more": True, "last_id": "a b"},
      "/v1/models?limit=1000&after_id=a%20b": {"has_more": False, "last_id": "z", "data": [
          {"id": "claude-sonnet-5-5", "lifecycle": "deprecated", "retires_at": "2026-12-05T00:00:00Z"}]}},
     "2026-12-05"),
    ("anthropic", "claude-sonnet-5-5", {"/v1/models": {"data": [
        {"id": "claude-sonnet-5-5", "lifecycle": "active", "retires_at": "2026-12-05T00:00:00Z"}]}}, None),
    ("mistral", "mistral-large-latest", {"/models": {"data": [
        {"id": "mistral-large-2512", "aliases": ["mistral-large-latest"], "deprecation": "2026-12-10T00:00:00Z",
         "deprecation_replacement_model": "mistral-large-2701"}]}}, "2026-12-10"),
    ("gemini", "gemini-3.8-flash", {"/models/gemini-3.8-flash:generateContent": {"candidates": [], "modelStatus": {
        "modelStage": "DEPRECATED", "retirementTime": "2026-12-15T00:00:00Z"}}}, "2026-12-15"),
    ("openrouter", "openai/gpt-6-luna", {"/models": {"data": [
        {"id": "openai/gpt-6-luna", "canonical_slug": "openai/gpt-6-luna", "expiration_date": "2026-12-20"}]}},
     "2026-12-20"),
    ("openrouter", "openai/gpt-6-luna",
     {"/models?offset=500&limit=500": {"links": {"next": None}, "data": [
         {"id": "openai/gpt-6-luna", "expiration_date": "2026-12-21"}]},
      "/models": {"data": [], "links": {"next": "/api/v1/models?offset=500&limit=500"}}}, "2026-12-21"),
    ("azure", "our-chat",
     {"/models?api-version=2025-06-01": {"value": [], "nextLink": "https://elsewhere.example/m?api-version=1&$skiptoken=a"},
      "/models?api-version=1&$skiptoken=a": ARM, "/deployments": DEPLOYMENTS}, "2026-12-01"),
    ("bedrock", "anthropic.claude-opus-4-6-v1", {"/foundation-models": {"modelSummaries": [
        {"modelId": "anthropic.claude-opus-4-6-v1",
         "modelLifecycle": {"status": "LEGACY", "endOfLifeTime": 1796083200}}]}},
     "2026-12-01"),
    ("azure", "our-chat", {"/models": ARM, "/deployments": DEPLOYMENTS}, "2026-12-01"),
]  # fmt: skip


def night(
    folder: Any, server: Asked, provider: str, model: str, keys: Mapping[str, str], key: str = ", api_key_env: LIVE_KEY"
) -> Watched:
    kind = {"azure": "azure-management"}.get(provider, provider)
    name = "management" if provider == "azure" else provider
    repository = Repository(folder / "r")
    repository.commit({
        "pinward.yml": f"version: 1\ntasks:\n  chat: {{model: '{provider}/{model}'}}\n"
        f"providers:\n  {name}: {{type: {kind}, base_url: '{server.url}'{key}}}\n"
    })  # fmt: skip
    return watch(repository.root, WorkTree(repository.root), Outside(CATALOG, TODAY, keys=keys.get, live=True))


@pytest.mark.parametrize(("provider", "model", "answers", "day"), SPOKEN)
def test_a_providers_own_date_is_heard(
    tmp_path: Any, provider: str, model: str, answers: dict[str, Any], day: str | None
) -> None:
    with json_server(answers) as server:
        found = night(tmp_path, server, provider, model, {"LIVE_KEY": KEY})
    assert server.requests
    assert [str(e.standing.day) for e in found.night.endings] == ([day] if day else [])
    assert found.code == (ExitCode.BLOCKED if day else ExitCode.OK)
    if provider != "openrouter":
        assert all(KEY in str(headers) for _, _, headers in server.requests)
    else:
        assert not [headers for _, _, headers in server.requests if KEY in str(headers)]


class Counting(WorkTree):
    """Counts how often each file is read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.times: Counter[str] = Counter()

    def read(self, path: str) -> bytes:
        self.times[path] += 1
        return super().read(path)


def test_what_the_providers_say_is_laid_over_names_that_are_read_once(tmp_path: Any) -> None:
    repository = Repository(tmp_path / "r")
    with json_server({"/models": {"data": [{"id": "gpt-6-luna"}]}}) as server:
        providers = f"{{openai: {{type: openai, base_url: '{server.url}', api_key_env: LIVE_KEY}}}}"
        files = {"a.py": "MODEL = 'gpt-6-luna'\n", "b.py": "if model == 'gpt-6-luna':\n    pass\n"}
        repository.commit({"pinward.yml": f"version: 1\nproviders: {providers}\n", **files})
        tree = Counting(repository.root)
        found = watch(repository.root, tree, Outside(CATALOG, TODAY, keys={"LIVE_KEY": KEY}.get, live=True))
    assert (len(server.requests), found.night.models) == (1, 1)
    assert tree.times["b.py"] == 1  # of a.py a finding shows a line


def test_what_one_endpoint_said_stands_where_the_next_one_fails(tmp_path: Any) -> None:
    with json_server({"/models": ARM, "/deployments": 403}) as server:
        found = night(tmp_path, server, "azure", "gpt-5.1 (2025-11-13)", {"LIVE_KEY": KEY})
    assert [str(e.standing.day) for e in found.night.endings] == ["2026-12-01"]
    assert found.code == ExitCode.UNAVAILABLE
    assert any(note.startswith("azure could not be asked: it answered 403") for note in found.night.notes)


def refusal(status: str, *reasons: str) -> dict[str, Any]:
    """Return an error as Gemini writes it (ai.google.dev/gemini-api/docs/troubleshooting)."""
    return {"error": {"message": "no", "status": status, "details": [{"reason": reason} for reason in reasons]}}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((400, refusal("INVALID_ARGUMENT")), ExitCode.OK),
        ((404, refusal("NOT_FOUND")), ExitCode.OK),
        ((400, refusal("INVALID_ARGUMENT", "API_KEY_INVALID")), ExitCode.UNAVAILABLE),
        ((400, refusal("FAILED_PRECONDITION")), ExitCode.UNAVAILABLE),
        ((404, {"detail": "no such page"}), ExitCode.UNAVAILABLE),
        ((400, []), ExitCode.UNAVAILABLE),
        (403, ExitCode.UNAVAILABLE),
    ],
)
def test_a_gemini_model_that_takes_no_text_is_named_and_any_other_refusal_is_an_error(
    tmp_path: Any, answer: Any, code: ExitCode
) -> None:
    with json_server({"/models/gemini-embedding-2:generateContent": answer}) as server:
        found = night(tmp_path, server, "gemini", "gemini-embedding-2", {"LIVE_KEY": KEY})
    assert found.code == code
    assert any("gemini-embedding-2" in note for note in found.night.notes)


def test_bedrock_is_asked_with_the_signature_of_a_role_where_no_key_is_named(tmp_path: Any) -> None:
    life = {"status": "LEGACY", "endOfLifeTime": "2026-12-01T00:00:00Z"}
    rows = {"modelSummaries": [{"modelId": "anthropic.claude-opus-4-6-v1", "modelLifecycle": life}]}
    role = {"AWS_ACCESS_KEY_ID": "AKIACANARY", "AWS_SECRET_ACCESS_KEY": "secret-canary", "AWS_REGION": "us-east-1"}
    with json_server({"/foundation-models": rows}) as server:
        found = night(tmp_path, server, "bedrock", "anthropic.claude-opus-4-6-v1", role, key="")
    ((method, _, headers),) = server.requests
    assert [str(e.standing.day) for e in found.night.endings] == ["2026-12-01"]
    assert method == "GET"
    assert "Credential=AKIACANARY/" in headers["authorization"]
    assert "secret-canary" not in str(headers)


def test_cohere_says_deprecated_without_a_day(tmp_path: Any) -> None:
    model = "command-a-03-2025"
    with json_server({"/v1/models": {"models": [{"name": model, "is_deprecated": True}]}}) as server:
        found = night(tmp_path, server, "cohere", model, {"LIVE_KEY": KEY})
    assert any("cohere was asked: it speaks of 1 models, 0 of them with a date" in note for note in found.night.notes)
    assert f"cohere calls `{model}` deprecated and names no day: look for what follows it" in found.night.notes


@pytest.mark.parametrize("swap", [False, True])
def test_a_model_that_a_list_names_twice_keeps_the_date_that_one_row_gives(tmp_path: Any, swap: bool) -> None:
    rows = [
        {"id": "mistral-large-2512", "aliases": ["mistral-large-latest"], "deprecation": "2026-12-10T00:00:00Z"},
        {"id": "mistral-large-latest", "aliases": ["mistral-large-2512"], "deprecation": None},
    ]
    with json_server({"/models": {"data": rows[::-1] if swap else rows}}) as server:
        found = night(tmp_path, server, "mistral", "mistral-large-2512", {"LIVE_KEY": KEY})
    assert [str(ending.standing.day) for ending in found.night.endings] == ["2026-12-10"]


def test_t32_what_a_name_stands_for_is_a_name_or_an_error(tmp_path: Any) -> None:
    for slug, code in (([], ExitCode.OK), (7, ExitCode.UNAVAILABLE), ("@all\n::error::", ExitCode.OK)):
        document: dict[str, Any] = {"data": [{"id": "acme/m-1", "canonical_slug": slug}]}
        with json_server({"/models": document}) as server:
            found = night(tmp_path / str(slug)[:1], server, "openrouter", "acme/m-1", {}, key="")
        assert (found.code, found.night.endings) == (code, [])


def test_listed_is_not_alive_and_a_past_date_wins(tmp_path: Any) -> None:
    listed = {
        "/models": {"data": [{"id": "gpt-4-0613", "shutdown_date": None}, {"id": "gpt-4", "shutdown_date": None}]}
    }
    with json_server(listed) as server:
        found = night(tmp_path, server, "openai", "gpt-4-0613", {"LIVE_KEY": KEY})
    assert [ending.standing.stage for ending in found.night.endings] == ["retired"]


def test_an_alias_gets_the_date_that_its_provider_gave_the_snapshot_alone(tmp_path: Any) -> None:
    rows = [
        {"id": "gpt-5.4-mini", "shutdown_date": None},
        {"id": "gpt-5.4-mini-2026-03-17", "shutdown_date": "2026-12-01"},
    ]
    with json_server({"/models": {"data": rows}}) as server:
        found = night(tmp_path, server, "openai", "gpt-5.4-mini", {"LIVE_KEY": KEY})
    (ending,) = found.night.endings
    assert [finding.rule for finding in ending.findings] == ["alias-of-retiring"]
    assert "gpt-5.4-mini-2026-03-17" in ending.findings[0].message


@pytest.mark.parametrize(
    "answer",
    [
        500, 401, 429, (500, {"data": []}), (302, {"data": []}),
        b"<html>", b"[]", {"data": None}, {"models": []}, {"data": [{"id": 7}]}, {"data": ["x"]},
        {"data": [{"id": "gpt-6-luna", "shutdown_date": "soon"}]},
        {"data": [{"id": "gpt-6-luna", "shutdown_date": "0001-01-01"}]},
        {"data": [{"id": "gpt-6-luna", "shutdown_date": ["2027-01-01"]}]},
    ],
)  # fmt: skip
def test_t32_an_error_or_a_broken_answer_is_never_a_pass(tmp_path: Any, answer: Any) -> None:
    with json_server({"/models": answer}) as server:
        found = night(tmp_path, server, "openai", "gpt-6-luna", {"LIVE_KEY": KEY})
    assert found.code == ExitCode.UNAVAILABLE
    assert any(note.startswith("openai could not be asked: ") for note in found.night.notes)


def test_t32_a_hostile_id_never_enters(tmp_path: Any) -> None:
    rows = [{"id": "gpt-6-luna\n::error::x", "shutdown_date": "2026-12-01"}, {"id": "@all `x`", "shutdown_date": None}]
    with json_server({"/models": {"data": rows}}) as server:
        found = night(tmp_path, server, "openai", "gpt-6-luna", {"LIVE_KEY": KEY})
    assert (found.code, found.night.endings) == (ExitCode.OK, [])
    assert not [note for note in found.night.notes if "::" in note or "@all" in note]


def test_a_provider_without_a_key_is_said_and_the_catalog_stands(tmp_path: Any) -> None:
    with json_server({}) as server:
        found = night(tmp_path, server, "openai", "gpt-4-0613", {})
    assert server.requests == []
    assert found.code == ExitCode.BLOCKED
    assert any("openai was not asked: LIVE_KEY is not set" in note for note in found.night.notes)


def test_a_server_that_is_away_is_an_error_and_what_the_catalog_says_stands(tmp_path: Any) -> None:
    with json_server({}) as server:
        pass
    found = night(tmp_path, server, "openai", "gpt-4-0613", {"LIVE_KEY": KEY})
    assert (found.code, len(found.night.endings)) == (ExitCode.UNAVAILABLE, 1)
