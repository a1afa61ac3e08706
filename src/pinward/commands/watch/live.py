"""`pinward watch --live`: ask the providers in use, with the keys at hand, what they say of their models today."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pinward.core.facts import Catalog
from pinward.core.model_id import ModelId
from pinward.core.policy import Provider
from pinward.errors import ConfigError, PinwardError
from pinward.lifecycle.live import SOURCES, Answers, Seen, look
from pinward.lifecycle.live_catalog import LiveCatalog
from pinward.net import HttpClient
from pinward.providers.aws import signer
from pinward.providers.endpoints import route

# Bedrock answers calls on one host and questions about its models on another of the same region.
_BEDROCK = re.compile(r"https://bedrock-runtime\.([a-z0-9-]+)\.amazonaws\.com\Z")
# Azure tells about models at its management API alone; a provider of this type in pinward.yml says where.
MANAGEMENT = "azure-management"
Keys = Callable[[str], str | None]


@dataclass
class Asked:
    """What the providers said, remarks for the night, and who could not be asked: an error is never a pass."""

    catalog: Catalog
    notes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Way:
    """Where one provider is asked, and with which headers."""

    base_url: str
    headers: Mapping[str, str]


def ask(models: Iterable[ModelId], catalog: Catalog, providers: Mapping[str, Provider], keys: Keys) -> Asked:
    """Ask every provider of `models` that documents dates, and lay what it says over the catalog."""
    by_channel: dict[str, set[str]] = {}
    for model in models:
        by_channel.setdefault(model.provider, set()).add(model.id)
    asked = Asked(catalog)
    seen: dict[str, dict[str, Seen]] = {}
    for channel, ids in sorted(by_channel.items()):
        if channel not in SOURCES:
            continue
        try:
            said = asyncio.run(answers(channel, sorted(ids), providers, keys))
        except PinwardError as error:
            asked.notes.append(f"{channel} was not asked: {error.message}; what the catalog says stands")
            continue
        asked.failed += [f"{channel} could not be asked: {why}; what the catalog says stands" for why in said.failed]
        asked.notes += [f"{channel} does not answer to a text for `{n}`; the catalog stands" for n in said.silent]
        if said.seen or not said.failed:
            seen[channel] = said.seen
    asked.catalog = LiveCatalog(catalog, seen)
    for channel, found in seen.items():
        asked.notes += _remarks(channel, found, by_channel[channel])
    return asked


async def answers(channel: str, ids: Iterable[str], providers: Mapping[str, Provider], keys: Keys) -> Answers:
    """Ask one provider. Raises `PinwardError` where an address or a key is missing: then nobody was asked."""
    way = _way(channel, providers, keys)
    client = HttpClient(way.base_url, way.headers)
    try:
        return await look(client, SOURCES[channel], ids)
    finally:
        await client.aclose()


def _way(channel: str, providers: Mapping[str, Provider], keys: Keys) -> Way:
    """Return how a provider is asked. Raises `ConfigError` where an address or a key is missing."""
    if channel == "azure":
        return _azure(providers, keys)
    found = route(channel, providers)
    runtime = _BEDROCK.fullmatch(found.base_url)
    base_url = f"https://bedrock.{runtime[1]}.amazonaws.com" if runtime else found.base_url
    if channel == "openrouter":  # its list is public, and so no key goes there
        return Way(base_url, {})
    if channel == "bedrock" and found.key_env is None:
        (path,) = SOURCES[channel].paths
        return Way(base_url, signer(base_url, keys, "GET")(path, b""))
    return Way(base_url, found.wire.auth(_key(found.key_env, keys)) if found.key_env else {})


def _azure(providers: Mapping[str, Provider], keys: Keys) -> Way:
    row = next((p for p in providers.values() if p.type == MANAGEMENT), None)
    if row is None or row.base_url is None:
        raise ConfigError(f"no provider of type {MANAGEMENT} is in pinward.yml")
    return Way(row.base_url, {"authorization": f"Bearer {_key(row.api_key_env, keys)}"})


def _key(variable: str | None, keys: Keys) -> str:
    value = keys(variable) if variable else None
    if not value:
        raise ConfigError(f"{variable or 'its key variable'} is not set")
    return value


def _remarks(channel: str, found: Mapping[str, Seen], ids: set[str]) -> list[str]:
    dated = sum(seen.shutdown_on is not None for seen in found.values())
    absent = sorted(name for name in ids if name.lower() not in found and not name.startswith("ft:"))
    said = [f"{channel} was asked: it speaks of {len(found)} models, {dated} of them with a date"]
    undated = sorted(n for n in ids if (s := found.get(n.lower())) and s.state == "deprecated" and not s.shutdown_on)
    said += [f"{channel} calls `{name}` deprecated and names no day: look for what follows it" for name in undated]
    if absent and SOURCES[channel].paths:
        shown = ", ".join(f"`{name}`" for name in absent[:5]) + (" and more" if len(absent) > 5 else "")
        said.append(f"{channel} does not list {shown}: lists differ by account, so that this proves nothing")
    return said
