"""The one HTTP client: a key bound to one origin, no redirects, nothing from the environment.

It stands against docs/threats.md T1-T3, F22 and F24.

`httpx2` is imported here alone and only when a client is built, so that the choice of library stays one line.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pinward.errors import ConfigError
from pinward.version import __version__

if TYPE_CHECKING:
    import httpcore2
    import httpx2

MAX_BYTES = 32 * 1024 * 1024
USER_AGENT = f"pinward/{__version__}"
NetFault = Literal["timeout", "connection", "too_large", "undecodable"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer. Header names are lower case; `elapsed` is in seconds, to the last byte of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: float


class NetError(Exception):
    """No usable HTTP answer. The text is ours: it holds no URL, header or body."""

    def __init__(self, kind: NetFault, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine, without asking DNS."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin_of(base_url: str) -> str:
    """Return `scheme://host[:port]` of an endpoint's address.

    Raises `ConfigError` where it cannot carry a key safely: not https outside loopback, or with credentials, a query
    or a fragment inside.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError("base_url is not a URL", "Write it like https://llm.example.com/v1") from None
    if parts.scheme not in {"http", "https"} or not host or any(c.isspace() for c in base_url):
        raise ConfigError(f"base_url {base_url!r} is not an http(s) URL", "Write it like https://llm.example.com/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            f"base_url for {host} carries credentials, a query or a fragment",
            "Put the key into the environment variable that api_key_env names, and leave the address bare.",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(f"base_url {base_url!r} is not https", "Only this machine may be spoken to without TLS.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


@dataclass(frozen=True, slots=True)
class Network:
    """How the outside is reached: through which proxy, and which certificates (PEM) are trusted beside the system's.

    Both come from the base's configuration or from the action's inputs, never from ambient variables.
    """

    proxy: str | None = field(default=None, repr=False)
    certificates: str | None = None


DIRECT = Network()


def checked_proxy(address: str) -> str:
    """Return the address of a proxy, which may hold its password. Raises `ConfigError`, which does not show it."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.path in {"", "/"}
        usable = usable and parts.port != 0 and not parts.query and not any(c.isspace() for c in address)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("proxy is not the http(s) address of a proxy", "Write it like http://proxy.example.com:3128")
    return address


def password_of(network: Network) -> str | None:
    """Return the password of the proxy, for the redactor; None where there is none."""
    try:
        return urlsplit(network.proxy or "").password
    except ValueError:
        return None


def tls_context(certificates: str | None = None) -> ssl.SSLContext:
    """Trust the system's certificate store, and `certificates` beside it. Raises `ConfigError` where they are none.

    The store's place is the one that OpenSSL was built with: SSL_CERT_FILE and SSL_CERT_DIR are ambient and not read.
    """
    context = _system_store()
    if certificates is not None:
        try:
            context.load_verify_locations(cadata=certificates)
        except (ssl.SSLError, ValueError):
            raise ConfigError("the certificates are not in PEM format", "Give whole blocks, BEGIN to END.") from None
    return context


def _system_store() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    paths = ssl.get_default_verify_paths()
    store = Path(paths.openssl_cafile), Path(paths.openssl_capath)
    if not store[0].is_file() and not store[1].is_dir():
        import httpx2

        return httpx2.create_ssl_context(trust_env=False)  # a system whose store is not files, such as macOS
    context.load_verify_locations(
        cafile=store[0] if store[0].is_file() else None, capath=store[1] if store[1].is_dir() else None
    )
    return context


class HttpClient:
    """Speaks to one origin. `headers` (the key among them) go to that origin and nowhere else."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        max_bytes: int = MAX_BYTES,
        network: Network = DIRECT,
    ) -> None:
        import httpx2

        self.origin = origin_of(base_url)
        self._max_bytes = max_bytes
        self._headers = httpx2.Headers({"user-agent": USER_AGENT, "accept-encoding": "gzip", **headers})
        self._url = functools.lru_cache(64)(lambda path: httpx2.URL(base_url.rstrip("/") + path))
        secure = self.origin.startswith("https")
        self._tls = tls_context(network.certificates) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._proxy = checked_proxy(network.proxy) if network.proxy else None
        self._lines: list[httpx2.AsyncHTTPTransport] = []
        self._idle: list[httpx2.AsyncHTTPTransport] = []

    async def send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> Reply:
        """Send once and read the whole answer within `timeout` seconds of wall clock. Raises `NetError`."""
        import httpx2

        if not path.startswith("/"):  # `base + path` stays on the origin because the host ends where the path begins
            raise ConfigError(f"the request path {path!r} does not begin with a slash")
        sent = {**self._headers, **(headers or {})}
        request = httpx2.Request(method, self._url(path), headers=sent, content=content)
        try:
            async with asyncio.timeout(timeout):
                return await self._exchange(request)
        except TimeoutError:
            raise NetError("timeout", f"no complete answer within {timeout:.3g} s") from None
        except httpx2.DecodingError:
            raise NetError("undecodable", "the body does not match its content-encoding") from None
        except (httpx2.TransportError, httpx2.StreamError) as error:
            raise NetError("connection", _connection_detail(error)) from None

    async def _exchange(self, request: httpx2.Request) -> Reply:
        """Send over the line that was used last: it is most likely open still."""
        if not self._idle:
            self._idle.append(self._open())
            self._lines.append(self._idle[-1])
        line = self._idle.pop()
        try:
            return await self._over(line, request)
        finally:
            self._idle.append(line)

    def _open(self) -> httpx2.AsyncHTTPTransport:
        """Return a line that keeps one connection.

        `httpx2.AsyncClient` would add cookies, redirects and a fifth of the CPU time; a pool that holds all connections
        looks at each of them for every request.
        """
        import httpx2

        keeping = httpx2.Limits(max_connections=None, max_keepalive_connections=1)
        line = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False, proxy=self._proxy, limits=keeping)
        pool = line._pool  # a transport takes no backend, its pool does
        pool._network_backend = _Joining(pool._network_backend)  # type: ignore[assignment]  # all that a pool calls
        return line

    async def _over(self, line: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> Reply:
        clock = asyncio.get_running_loop().time
        started = clock()
        response = await line.handle_async_request(request)
        try:
            parts, size = [], 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > self._max_bytes:
                    raise NetError("too_large", f"the answer is larger than {self._max_bytes} bytes")
                parts.append(chunk)
            return Reply(response.status_code, response.headers, b"".join(parts), clock() - started)
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        for line in self._lines:
            await line.aclose()


class _Joining:
    """Opens connections that send a request's head and body as one."""

    def __init__(self, backend: httpcore2.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(self, *address: Any, **options: Any) -> _Joined:
        return _Joined(await self._backend.connect_tcp(*address, **options))


class _Joined:
    """A connection that sends what was written when an answer is read: one packet, one TLS record, and one turn of the
    event loop less before each answer begins to be waited for. What is sent is in memory already."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._written: list[bytes] = []
        self.aclose, self.get_extra_info = stream.aclose, stream.get_extra_info

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  # the pool's interface
        self._written.append(buffer)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        import httpcore2

        if self._written:
            whole = b"".join(self._written)
            self._written.clear()
            with suppress(httpcore2.WriteError):  # as the pool does: whoever stops listening may have answered
                await self._stream.write(whole, timeout)
        return await self._stream.read(max_bytes, timeout)

    async def start_tls(self, *given: Any, **options: Any) -> _Joined:
        return _Joined(await self._stream.start_tls(*given, **options))


def _connection_detail(error: Exception) -> str:
    """Name what broke by the kind of error; its text may quote the peer."""
    import httpx2

    if isinstance(error, httpx2.ConnectError):
        return "could not connect"
    if isinstance(error, httpx2.ProtocolError):
        return "the connection ended before the answer did"
    return "the connection broke"
