"""Signatures of requests to Amazon Bedrock (Signature Version 4) with the session credentials of a role.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html. `botocore` signs; it is the extra `bedrock`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from pinward.errors import ConfigError, CredentialError

SERVICE = "bedrock"
# What `aws-actions/configure-aws-credentials` sets; the last one is absent for a user's long-lived keys.
VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_HOST = re.compile(r"(?:^|\.)bedrock(?:-runtime)?(?:-fips)?\.([a-z0-9-]+)\.")
Sign = Callable[[str, bytes], dict[str, str]]


def signer(base_url: str, keys: Callable[[str], str | None], method: str = "POST") -> Sign:
    """Return what signs a body for a path below `base_url`, as the headers to add.

    Raises `CredentialError` for a variable that is not set, `ConfigError` without a region or without botocore.
    """
    try:
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]  # it ships no types
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # it ships no types
        from botocore.credentials import Credentials  # type: ignore[import-untyped]  # it ships no types
    except ImportError:
        hint = "Run `pip install 'pinward[bedrock]'`; for the action, make a short-term API key of the role."
        raise ConfigError("bedrock without api_key_env signs with botocore, which is not installed", hint) from None
    access, secret, token = (keys(name) for name in VARIABLES)
    if not access or not secret:
        missing = VARIABLES[0] if not access else VARIABLES[1]
        raise CredentialError(f"{missing} is not set; the role's credentials sign the calls", "Assume the role first.")
    auth = SigV4Auth(Credentials(access, secret, token), SERVICE, _region(base_url, keys))

    def sign(path: str, content: bytes) -> dict[str, str]:
        request = AWSRequest(method, base_url.rstrip("/") + path, {"content-type": "application/json"}, content)
        auth.add_auth(request)
        return {name.lower(): value for name, value in request.headers.items()}

    return sign


def _region(base_url: str, keys: Callable[[str], str | None]) -> str:
    named = _HOST.search(urlsplit(base_url).hostname or "")
    region = named[1] if named else keys("AWS_REGION")
    if not region:
        raise ConfigError(
            "the address of Bedrock names no region", "Write https://bedrock-runtime.REGION.amazonaws.com as base_url."
        )
    return region
