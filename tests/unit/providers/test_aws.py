from __future__ import annotations

import asyncio
import hashlib
import hmac
from urllib.parse import quote

import pytest

from pinward.core.evidence import Message, Request
from pinward.core.policy import Provider
from pinward.errors import ConfigError, CredentialError
from pinward.providers.aws import signer
from pinward.providers.connect import Connections
from tests.integration.fault_server import reply, serving

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret/example", "AWS_SESSION_TOKEN": "token=="}
BASE = "https://bedrock-runtime.eu-west-1.amazonaws.com"
PATH = "/model/eu.anthropic.claude-sonnet-4-6-v1%3A0/converse"


def expected(headers: dict[str, str], host: str, path: str, body: bytes, region: str) -> str:
    """Compute the signature as the documentation describes it, step by step."""
    signed = headers["authorization"].split("SignedHeaders=")[1].split(",")[0]
    given = {**headers, "host": host}
    lines = "".join(f"{name}:{given[name].strip()}\n" for name in signed.split(";"))
    canonical = "\n".join(["POST", quote(path, safe="/~"), "", lines, signed, hashlib.sha256(body).hexdigest()])
    day = headers["x-amz-date"][:8]
    scope = f"{day}/{region}/bedrock/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashed])
    key = b"AWS4" + KEYS["AWS_SECRET_ACCESS_KEY"].encode()
    for part in (day, region, "bedrock", "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def test_a_request_is_signed_as_the_documentation_says() -> None:
    headers = signer(BASE, KEYS.get)(PATH, b'{"a":1}')
    signature = headers["authorization"].split("Signature=")[1]
    assert signature == expected(headers, "bedrock-runtime.eu-west-1.amazonaws.com", PATH, b'{"a":1}', "eu-west-1")
    assert headers["x-amz-security-token"] == "token=="
    assert "/eu-west-1/bedrock/aws4_request" in headers["authorization"]
    assert "secret" not in repr(headers)


def test_what_is_missing_is_named() -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        with pytest.raises(CredentialError, match=name):
            signer(BASE, {**KEYS, name: ""}.get)
    with pytest.raises(ConfigError, match="region"):
        signer("https://proxy.example.com", KEYS.get)
    signer("https://proxy.example.com", {**KEYS, "AWS_REGION": "us-east-1"}.get)


def test_a_call_with_a_role_carries_its_signature_over_the_wire() -> None:
    answer = {"output": {"message": {"role": "assistant", "content": [{"text": "ok"}]}}, "stopReason": "end_turn"}

    async def scene() -> None:
        async with serving(reply(answer)) as server:
            row = Provider("aws", "bedrock", server.base)
            connections = Connections({"aws": row}, {**KEYS, "AWS_REGION": "us-east-1"}.get)
            completion = await connections.client("aws").complete(Request("m:0", (Message("user", "x"),)), 5)
            await connections.aclose()
            assert completion.text == "ok"
            (seen,) = server.seen
            assert seen.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/")

    asyncio.run(scene())
