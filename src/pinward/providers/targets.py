"""The user's own application in the place of a bare model (docs/targets.md): what it is sent, and what it answers.

A case's input travels as the first message, as JSON, so that a target is asked through the same `Request` as a model; a
task with prompts sends its rendered messages after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from pinward.core.evidence import Client, Completion, Message, Outcome, Request, ToolCall, Usage
from pinward.core.policy import Json, Provider, Target
from pinward.net import HttpClient, origin_of
from pinward.providers.base import Outgoing, bad_response, count, digest, items, obj, text
from pinward.providers.client import HttpModelClient
from pinward.providers.connect import Connections, Keys, Wrap, key_headers
from pinward.providers.endpoints import Route
from pinward.providers.limits import Limiter
from pinward.providers.retry import DEFAULT_RETRY, RetryingClient

PREFIX = "target:"  # no provider of the user's can be called so: a name holds no colon
OUTCOMES: Mapping[str, Outcome] = {"length": "truncated", "refusal": "refused", "content_filter": "refused"}


def input_message(value: Json) -> Message:
    """Return the message that carries a case's input."""
    return Message("user", json.dumps(value, sort_keys=True))


def question(request: Request) -> dict[str, Json]:
    """Return what an application is asked."""
    first, *told = request.messages
    asked: dict[str, Json] = {
        "model": request.model,
        "input": json.loads(first.content),
        "params": dict(request.params),
    }
    if told:
        asked["messages"] = [{"role": message.role, "content": message.content} for message in told]
    if request.tools:
        asked["tools"] = list(request.tools)
    if request.response_schema is not None:
        asked["response_schema"] = request.response_schema
    return asked


def answer(data: Mapping[str, Json]) -> Completion:
    """Read an application's answer. Never raises for what it holds."""
    calls = tuple(_tool_call(obj(call)) for call in items(data.get("tool_calls")))
    output = data.get("output")
    if not isinstance(output, str) and not calls:
        return bad_response("the target's answer has no `output` (text) and no `tool_calls`")
    usage, cost = obj(data.get("usage")), data.get("cost_usd")
    stated = isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < float("inf")
    reason = text(data.get("finish_reason"))
    return Completion(
        outcome=OUTCOMES.get(reason, "ok"),
        text=text(output),
        tool_calls=calls,
        finish_reason=reason,
        usage=Usage(input=count(usage.get("input_tokens")), output=count(usage.get("output_tokens"))),
        served_model=text(data.get("model")) or None,
        cost_usd=float(str(cost)) if stated else None,
    )


def _tool_call(call: dict[str, Json]) -> ToolCall:
    given = call.get("arguments")
    written = given if isinstance(given, str) else json.dumps(given, separators=(",", ":"))
    return ToolCall(text(call.get("name")), written, text(call.get("id")))


class TargetFormat:
    """`POST` of a question, and its answer as JSON. A `WireFormat`; `path` is the address's own."""

    name = "target"

    def __init__(self, path: str = "") -> None:
        self._path = path or "/"

    def auth(self, key: str) -> dict[str, str]:
        """Return the bearer header."""
        return {"authorization": f"Bearer {key}"}

    def encode(self, request: Request) -> Outgoing:
        """Write a question."""
        return Outgoing(self._path, question(request))

    def decode(self, data: dict[str, Json], headers: Mapping[str, str]) -> Completion:  # noqa: ARG002  # Protocol
        """Read an answer."""
        return answer(data)


class Providers(Protocol):
    """Clients by provider name, to which targets are added."""

    def route(self, name: str) -> Route:
        """Return how a provider is reached."""
        ...

    def client(self, name: str, wrap: Wrap = ...) -> Client:
        """Return a client; `wrap` goes around each attempt."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


def target_digest(target: Target, *commits: str) -> str:
    """Return the identity (hex) of a target; part of the key of its samples.

    Nobody can see from here whether the application is still the one that answered before, so that an answer is only
    good for the commits that it was given for.
    """
    configured: dict[str, Json] = {"http": target.http, "command": list(target.command), "env": list(target.env)}
    return digest({**configured, "commits": list(commits)})


class TargetConnections:
    """Clients of providers, and of targets by `target:NAME`. Every target has one limiter and one key."""

    def __init__(self, providers: Providers, targets: Mapping[str, Target], keys: Keys) -> None:
        self._providers, self._targets, self._keys = providers, targets, keys
        self._open: dict[str, tuple[HttpModelClient, Limiter]] = {}

    def route(self, name: str) -> Route:
        """Return how a provider or a target is reached. Raises `ConfigError`."""
        if not name.startswith(PREFIX):
            return self._providers.route(name)
        target = self._targets[name.removeprefix(PREFIX)]
        address = target.http or ""
        wire = TargetFormat(urlsplit(address).path)
        origin = origin_of(address) if address else ""
        return Route(name, wire, origin, target.api_key_env, target.max_concurrency)

    def client(self, name: str, wrap: Wrap = lambda client: client) -> Client:
        """Return a client for one model. Raises `ConfigError` or `CredentialError`."""
        if not name.startswith(PREFIX):
            return self._providers.client(name, wrap)
        target = self._targets[name.removeprefix(PREFIX)]
        if name not in self._open:
            way = self.route(name)
            limiter = Limiter(way.max_concurrency)
            http = HttpClient(way.base_url, key_headers(way, self._keys))
            self._open[name] = HttpModelClient(way.name, http, way.wire, limiter.observe), limiter
        single, limiter = self._open[name]
        retry = replace(DEFAULT_RETRY, attempt_timeout=target.timeout_seconds)
        return RetryingClient(wrap(single), limiter, retry)

    async def aclose(self) -> None:
        """Close every connection of the run."""
        await self._providers.aclose()
        for single, _ in self._open.values():
            await single.aclose()


def unasked(providers: Mapping[str, Provider], targets: Mapping[str, Target]) -> TargetConnections:
    """Return connections that can be planned with, and need no key because nobody is called."""

    def key(_name: str) -> str:
        return "none"

    return TargetConnections(Connections(providers, key), targets, key)
