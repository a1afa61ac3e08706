"""Azure OpenAI: Chat Completions under another door. `model` is a deployment's name, which says nothing of the model.

Source: learn.microsoft.com/azure/ai-foundry/openai/reference and .../openai/api-version-lifecycle.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from pinward.core.evidence import Request
from pinward.providers.base import Outgoing
from pinward.providers.openai import OpenAIChat

API_VERSION = "2024-10-21"  # the last dated version that is generally available; the v1 API has none


class AzureChat(OpenAIChat):
    """The v1 API: `base_url` is the resource, such as `https://NAME.openai.azure.com`."""

    name = "azure"

    def auth(self, key: str) -> dict[str, str]:
        """Return the key header, or the bearer header for an Entra token (a JWT)."""
        if key.startswith("eyJ") and key.count(".") == 2:  # header.claims.signature
            return {"authorization": f"Bearer {key}"}
        return {"api-key": key}

    def encode(self, request: Request) -> Outgoing:
        """Write the body of Chat Completions to the v1 path."""
        return replace(super().encode(request), path="/openai/v1/chat/completions")


class AzureDeployments(AzureChat):
    """The dated API, for resources and gateways that offer no v1 path."""

    name = "azure-deployments"

    def __init__(self, api_version: str = API_VERSION) -> None:
        """Speak this version of the API; another one than the default is part of the format's name, and so of keys."""
        self.api_version = api_version
        if api_version != API_VERSION:
            self.name = f"azure-deployments@{api_version}"

    def encode(self, request: Request) -> Outgoing:
        """Write the body of Chat Completions to the deployment's path."""
        path = f"/openai/deployments/{quote(request.model, safe='')}/chat/completions?api-version={self.api_version}"
        return replace(super().encode(request), path=path)
