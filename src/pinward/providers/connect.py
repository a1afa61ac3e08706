"""Builds the clients of one run: per provider one transport, one key, one limiter."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pinward.core.evidence import Client
from pinward.core.policy import Provider
from pinward.errors import CredentialError
from pinward.net import DIRECT, HttpClient, Network
from pinward.providers.aws import Sign, signer
from pinward.providers.client import HttpModelClient
from pinward.providers.endpoints import Route, route
from pinward.providers.limits import Limiter
from pinward.providers.retry import DEFAULT_RETRY, RetryingClient, RetryPolicy

Wrap = Callable[[Client], Client]
Keys = Callable[[str], str | None]


class Connections:
    """Clients by provider name. `keys` looks a variable up; a missing key is named, never shown.

    `network` serves the providers that name no proxy or certificates of their own; this machine is reached directly.
    `wrap` in `client` goes around each single attempt, so that a meter sees every request that may cost money.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        keys: Keys,
        *,
        retry: RetryPolicy = DEFAULT_RETRY,
        network: Network = DIRECT,
    ) -> None:
        self._providers = providers
        self._keys = keys
        self._retry = retry
        self.network = network
        self._open: dict[str, tuple[HttpModelClient, Limiter]] = {}

    def route(self, name: str) -> Route:
        """Return how a provider is reached. Raises `ConfigError`."""
        return route(name, self._providers)

    def client(self, name: str, wrap: Wrap = lambda client: client) -> RetryingClient:
        """Return a client for one model of a provider. Raises `ConfigError` or `CredentialError`."""
        if name not in self._open:
            self._open[name] = self._connect(self.route(name))
        single, limiter = self._open[name]
        return RetryingClient(wrap(single), limiter, self._retry)

    def _connect(self, way: Route) -> tuple[HttpModelClient, Limiter]:
        limiter = Limiter(way.max_concurrency)
        http = HttpClient(way.base_url, key_headers(way, self._keys), network=way.network(self.network))
        return HttpModelClient(way.name, http, way.wire, limiter.observe, sign=signature(way, self._keys)), limiter

    async def aclose(self) -> None:
        """Close every connection of the run."""
        for single, _ in self._open.values():
            await single.aclose()


def key_headers(way: Route, keys: Keys) -> dict[str, str]:
    """Return the headers that carry the key of a provider. Raises `CredentialError`, which names the variable."""
    if way.key_env is None:
        return {}
    key = (keys(way.key_env) or "").strip()
    if not key:
        raise CredentialError(
            f"{way.key_env} is not set; it holds the key for {way.name}",
            "Export it, in CI from a secret; providers.*.api_key_env names another variable.",
        )
    if not key.isascii() or not key.isprintable():
        raise CredentialError(f"{way.key_env} holds characters that no key has", "Set it again.")
    return way.wire.auth(key)


def signature(way: Route, keys: Keys) -> Sign | None:
    """Return what signs the calls to Bedrock where no bearer key is named: the credentials of a role."""
    return signer(way.base_url, keys) if way.wire.name == "bedrock" and way.key_env is None else None


def single_client(way: Route, keys: Keys) -> HttpModelClient:
    """Return a client that asks once, without retries: for a caller that turns to another provider instead."""
    http = HttpClient(way.base_url, key_headers(way, keys), network=way.network())
    return HttpModelClient(way.name, http, way.wire, sign=signature(way, keys))
