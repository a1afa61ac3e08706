"""The real outside of a rollout: GitHub, and the metrics endpoint that the base commit names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from pinward.commands.publish import Clock, connect, patience
from pinward.commands.rollout.evidence import Fetch
from pinward.config.settings import Settings
from pinward.errors import CredentialError, UnavailableError
from pinward.gh.client import Merged
from pinward.net import HttpClient, NetError

SECONDS = 20.0
MAX_BYTES = 5_000_000


def merges(settings: Settings) -> Callable[[str], Sequence[Merged]] | None:
    """Return a way to ask GitHub which merged pull requests a commit came with; None without token and repository."""
    if not settings.github.token or not settings.github.repository:
        return None

    def ask(sha: str) -> Sequence[Merged]:
        clock = Clock()
        client = connect(settings.github, clock)
        if client is None:
            return ()
        try:
            patient = patience(clock, 60)
            return patient.ask("question about the stage", lambda: client.merged_with(sha), "pull-requests: read")
        finally:
            client.close()

    return ask


def endpoint(settings: Settings) -> Fetch:
    """Return a way to read a metrics endpoint; its key goes to that origin alone."""

    def fetch(url: str, key_env: str | None) -> bytes:
        key = settings.key(key_env) if key_env else None
        if key_env and key is None:
            raise CredentialError(f"{key_env} is not set; it holds the key for the metrics endpoint")
        return asyncio.run(_get(url, {"authorization": f"Bearer {key}"} if key else {}))

    return fetch


async def _get(url: str, headers: dict[str, str]) -> bytes:
    parts = urlsplit(url)
    client = HttpClient(f"{parts.scheme}://{parts.netloc}", headers, max_bytes=MAX_BYTES)
    try:
        reply = await client.send("GET", parts.path or "/", timeout=SECONDS)
    except NetError as error:
        raise UnavailableError(f"the metrics endpoint did not answer: {error.detail}") from None
    finally:
        await client.aclose()
    if reply.status != 200:
        raise UnavailableError(f"the metrics endpoint answered {reply.status}")
    return reply.body
