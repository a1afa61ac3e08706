"""One attempt at one endpoint: a wire format over the HTTP client. Faults come back as outcomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pinward.core.evidence import Completion, Fault, FaultKind, Request
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.net import HttpClient, NetError, NetFault, Reply
from pinward.providers.aws import Sign
from pinward.providers.base import WireFormat, bad_response, obj
from pinward.providers.faults import fault_of

CONTENT = frozenset({"model", "messages", "contents", "input", "system", "systemInstruction"})
NET_KINDS: Mapping[NetFault, FaultKind] = {
    "timeout": "timeout",
    "connection": "connection",
    "too_large": "bad_response",
    "undecodable": "bad_response",
}


def wall_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


class HttpModelClient:
    """Asks one endpoint once. `observe` is shown the headers of every answer (rate limits); `sign` adds a signature."""

    def __init__(
        self,
        name: str,
        http: HttpClient,
        wire: WireFormat,
        observe: Callable[[Mapping[str, str]], None] | None = None,
        now: Callable[[], datetime] = wall_clock,
        sign: Sign | None = None,
    ) -> None:
        self.name = name
        self._http = http
        self._wire = wire
        self._observe = observe
        self._now = now
        self._sign = sign

    async def complete(self, request: Request, timeout: float) -> Completion:
        """Ask once, within `timeout` seconds of wall clock."""
        try:
            outgoing = self._wire.encode(request)
            content = json.dumps(outgoing.body, separators=(",", ":"), allow_nan=False).encode()
        except (ConfigError, ValueError) as error:
            return Completion("infra_error", fault=Fault("invalid_request", str(error)))
        headers = {"content-type": "application/json", **outgoing.headers}
        if self._sign is not None:
            headers |= self._sign(outgoing.path, content)
        try:
            reply = await self._http.send("POST", outgoing.path, content=content, headers=headers, timeout=timeout)
        except NetError as error:
            return Completion("infra_error", latency=0.0, fault=Fault(NET_KINDS[error.kind], error.detail))
        if self._observe is not None:
            self._observe(reply.headers)
        return replace(self._read(reply, outgoing.body), latency=reply.elapsed)

    def _read(self, reply: Reply, sent: Mapping[str, Json]) -> Completion:
        if not 200 <= reply.status < 300:
            return fault_of(reply.status, reply.headers, reply.body, self._now(), _names(sent))
        if not reply.body.strip():
            return bad_response(f"HTTP {reply.status} with an empty body")
        try:
            data = json.loads(reply.body)
        except (ValueError, RecursionError):
            return bad_response(f"HTTP {reply.status} with a body that is not JSON")
        if not isinstance(data, dict):
            return bad_response(f"HTTP {reply.status} with JSON that is not an object")
        if data.get("error"):
            return fault_of(reply.status, reply.headers, reply.body, self._now(), _names(sent))
        return self._wire.decode(data, reply.headers)

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()


def _names(body: Mapping[str, Json]) -> Iterator[str]:
    """Yield the names of the parameters in a body, which some APIs keep one level down."""
    for name, value in body.items():
        if name.endswith("onfig") or name == "additionalModelRequestFields":
            yield from obj(value)
        elif name not in CONTENT:
            yield name
