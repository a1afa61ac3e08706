"""Connections to the user's own applications, beside those to providers: by an address, or as a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from pinward.core.evidence import Client
from pinward.core.policy import Json, Provider, Target
from pinward.errors import ConfigError, CredentialError
from pinward.net import DIRECT, HttpClient, origin_of
from pinward.providers.base import digest
from pinward.providers.client import HttpModelClient
from pinward.providers.command import ANSWERING, PARSING, PATH, CommandClient
from pinward.providers.connect import Connections, Keys, Wrap, key_headers
from pinward.providers.endpoints import Route
from pinward.providers.limits import Limiter
from pinward.providers.retry import DEFAULT_RETRY, RetryingClient, RetryPolicy
from pinward.providers.target_format import TargetFormat

# No provider of the user's can be called so: a name holds no colon.
PREFIX = "target:"
PARSER = "parser:"


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


@dataclass(frozen=True, slots=True)
class Programs:
    """What programs need: the folder with the files of a commit, why none is run here (empty where they are), and what
    to do when none is any more."""

    folder: Callable[[str], Path]
    refused: str = ""
    close: Callable[[], None] = lambda: None


class TargetConnections:
    """Clients of providers, and of targets by `target:NAME`, or `target:NAME@COMMIT` for a program of that commit.

    `parser:NAME@COMMIT` is a program that parses an answer instead of giving one. Every target has one limiter and one
    key.
    """

    def __init__(
        self,
        providers: Providers,
        targets: Mapping[str, Target],
        keys: Keys,
        programs: Programs,
        retry: RetryPolicy = DEFAULT_RETRY,
    ) -> None:
        self._providers, self._targets = providers, targets
        self._keys, self._programs, self._retry = keys, programs, retry
        self._limiters: dict[str, Limiter] = {}
        self._open: dict[str, HttpModelClient] = {}

    def route(self, name: str) -> Route:
        """Return how a provider or a target is reached. Raises `ConfigError`."""
        if not name.startswith(PREFIX):
            return self._providers.route(name)
        target, address = self._target(name), self._target(name).http or ""
        origin = origin_of(address) if address else ""
        return Route(name, TargetFormat(urlsplit(address).path), origin, target.api_key_env, target.max_concurrency)

    def client(self, name: str, wrap: Wrap = lambda client: client) -> Client:
        """Return a client for one model, or for a parser. Raises `ConfigError` or `CredentialError`."""
        if not name.startswith((PREFIX, PARSER)):
            return self._providers.client(name, wrap)
        target = self._target(name)
        limiter = self._limiters.setdefault(target.name, Limiter(target.max_concurrency))
        single = self._http(name, limiter) if target.http else self._program(name, target)
        return RetryingClient(wrap(single), limiter, replace(self._retry, attempt_timeout=target.timeout_seconds))

    def _target(self, name: str) -> Target:
        return self._targets[name.partition(":")[2].partition("@")[0]]

    def _http(self, name: str, limiter: Limiter) -> Client:
        if name not in self._open:
            way = self.route(name)
            network = self._providers.network if isinstance(self._providers, Connections) else DIRECT
            http = HttpClient(way.base_url, key_headers(way, self._keys), network=way.network(network))
            self._open[name] = HttpModelClient(way.name, http, way.wire, limiter.observe)
        return self._open[name]

    def _program(self, name: str, target: Target) -> Client:
        if self._programs.refused:
            instead = "" if name.startswith(PARSER) else ", or use an `http` target"
            hint = f"Run the gate from the command line in a job of your own{instead}."
            raise ConfigError(f"targets.{target.name}: no program is run here: {self._programs.refused}", hint)
        given = {variable: self._keys(variable) for variable in target.env}
        if unset := [variable for variable, value in given.items() if value is None]:
            raise CredentialError(f"{unset[0]} is not set; targets.{target.name}.env names it", "Pass it to the job.")
        environment = {"PATH": self._keys("PATH") or PATH, **{k: v for k, v in given.items() if v is not None}}
        commit = name.partition("@")[2]
        contract = PARSING if name.startswith(PARSER) else ANSWERING
        return CommandClient(name, target, environment, lambda: self._programs.folder(commit), contract)

    async def aclose(self) -> None:
        """Close every connection of the run."""
        await self._providers.aclose()
        for single in self._open.values():
            await single.aclose()
        self._programs.close()


def unasked(providers: Mapping[str, Provider], targets: Mapping[str, Target]) -> TargetConnections:
    """Return connections that can be planned with, and need no key because nobody is called."""

    def key(_name: str) -> str:
        return "none"

    return TargetConnections(Connections(providers, key), targets, key, Programs(Path))
