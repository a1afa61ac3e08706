"""Fetches the signed data release: two files at one fixed address, no key, no redirect, little patience."""

from __future__ import annotations

from pinward.lifecycle.release import MAX_DATA, Refused
from pinward.net import HttpClient, NetError

# A branch of this project that holds the newest release alone; its files need no redirect, as release assets do.
ADDRESS = "https://raw.githubusercontent.com/pinward/pinward/catalog-data"
DATA, SIGNATURE = "catalog.json", "catalog.json.sig"
TIMEOUT = 15.0


async def fetch(address: str = ADDRESS) -> tuple[bytes, bytes]:
    """Return data and signature. Raises `Refused` where they cannot be had."""
    client = HttpClient(address, {}, max_bytes=MAX_DATA)
    try:
        return await _get(client, f"/{DATA}"), await _get(client, f"/{SIGNATURE}")
    finally:
        await client.aclose()


async def _get(client: HttpClient, path: str) -> bytes:
    try:
        reply = await client.send("GET", path, timeout=TIMEOUT)
    except NetError as error:
        raise Refused(f"it could not be fetched: {error.detail}") from None
    if reply.status != 200:
        raise Refused(f"it could not be fetched: the server answered {reply.status}")
    return reply.body
