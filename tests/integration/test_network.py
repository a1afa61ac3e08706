"""Proxies and certificates: from the configuration, over real sockets and real TLS."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pinward.core.evidence import Message, Request
from pinward.core.policy import Provider
from pinward.errors import ConfigError
from pinward.net import HttpClient, NetError, Network
from pinward.providers.connect import Connections
from pinward.providers.retry import RetryPolicy
from tests.integration.wires import openai_answer

BODY = json.dumps(openai_answer("ok", "stop")).encode()
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


def certificate(folder: Path) -> tuple[str, ssl.SSLContext]:
    """Return a certificate that no system trusts, as PEM, and what a server serves it with."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return pem.decode(), context


@asynccontextmanager
async def answering(context: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[str]]]:
    """Answer every request, and keep the first line of each: an origin, or a proxy that answers for it."""
    seen: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.split(b"\r\n")[0].decode())
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


@asynccontextmanager
async def tunnelling() -> AsyncIterator[tuple[int, list[str]]]:
    """A proxy that opens tunnels (CONNECT)."""
    seen: list[str] = []
    serving: list[asyncio.Task[None] | None] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.current_task())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        seen.append(head)
        host, _, port = head.split(" ")[1].rpartition(":")
        try:
            onward = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pump(reader, onward[1]), pump(onward[0], writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen
        await asyncio.gather(*filter(None, serving))


async def ask(row: Provider, network: Network) -> str:
    connections = Connections({"p": row}, {"KEY": "sk-canary-1"}.get, retry=RetryPolicy(attempts=1), network=network)
    try:
        completion = await connections.client("p").complete(Request("m", (Message("user", "x"),)), 5)
        return completion.text or (completion.fault.detail if completion.fault else "")
    finally:
        await connections.aclose()


def test_a_certificate_is_trusted_only_where_the_configuration_names_it(tmp_path: Path) -> None:
    async def scene() -> None:
        pem, context = certificate(tmp_path)
        async with answering(context) as (port, _):
            base = f"https://127.0.0.1:{port}/v1"
            assert await ask(Provider("p", "openai", base, "KEY"), Network()) == "could not connect"
            assert await ask(Provider("p", "openai", base, "KEY", certificates=pem), Network()) == "ok"

    asyncio.run(scene())


def test_a_call_goes_through_the_proxy_that_its_provider_names_and_the_proxy_never_sees_the_key(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        pem, context = certificate(tmp_path)
        async with answering(context) as (port, origin), tunnelling() as (through, proxied):
            row = Provider("p", "openai", f"https://127.0.0.1:{port}/v1", "KEY", 16, f"http://127.0.0.1:{through}", pem)
            assert await ask(row, Network()) == "ok"
        assert origin == ["POST /v1/chat/completions HTTP/1.1"]
        assert [head.split("\r\n")[0] for head in proxied] == [f"CONNECT 127.0.0.1:{port} HTTP/1.1"]
        assert "sk-canary" not in "".join(proxied)

    asyncio.run(scene())


def test_a_proxy_for_all_serves_other_machines_and_never_this_one() -> None:
    async def scene() -> None:
        async with answering() as (port, origin), tunnelling() as (through, proxied):
            everywhere = Network(f"http://127.0.0.1:{through}")
            assert await ask(Provider("p", "openai", f"http://127.0.0.1:{port}/v1", "KEY"), everywhere) == "ok"
            assert (len(origin), proxied) == (1, [])
            client = HttpClient("https://llm.invalid/v1", {}, network=everywhere)
            with pytest.raises(NetError):
                await client.send("POST", "/x", timeout=3)
            await client.aclose()
            assert proxied[0].startswith("CONNECT llm.invalid:443 ")

    asyncio.run(scene())


@pytest.mark.parametrize("address", ["socks5://h:1", "proxy:3128", "http://", "http://h/path", "http://h:99999", "x"])
def test_what_is_no_proxy_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(ConfigError) as raised:
        HttpClient("https://llm.example.com/v1", {}, network=Network(address))
    assert address == "x" or address not in raised.value.message


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(ConfigError, match="PEM"):
        HttpClient("https://llm.example.com/v1", {}, network=Network(certificates="not a certificate"))
