"""The endpoints that Pinward knows by name, and the table of wire formats.

A provider of the user's own (`providers:` in `pinward.yml`) names a wire format as `type` and an address as `base_url`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pinward.core.policy import Provider
from pinward.errors import ConfigError
from pinward.net import DIRECT, Network, is_loopback
from pinward.providers.anthropic import AnthropicMessages
from pinward.providers.azure import AzureChat, AzureDeployments
from pinward.providers.base import WireFormat
from pinward.providers.bedrock import BedrockConverse
from pinward.providers.cohere import CohereChat
from pinward.providers.gemini import Gemini, Vertex
from pinward.providers.openai import OpenAIChat
from pinward.providers.openai_responses import OpenAIResponses

FORMATS: tuple[WireFormat, ...] = (
    OpenAIChat(),
    OpenAIResponses(),
    AnthropicMessages(),
    Gemini(),
    Vertex(),
    AzureChat(),
    AzureDeployments(),
    BedrockConverse(),
    CohereChat(),
)
WIRE_FORMATS: Mapping[str, WireFormat] = {wire.name: wire for wire in FORMATS}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider's API is, which variable commonly holds its key (None: it needs none), and who says so."""

    name: str
    wire: str
    base_url: str
    key_env: str | None
    source: str


KNOWN: Mapping[str, Endpoint] = {
    row.name: row
    for row in (
        Endpoint(
            "openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY",
            "https://platform.openai.com/docs/api-reference/introduction",
        ),
        Endpoint(
            "anthropic", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY",
            "https://platform.claude.com/docs/en/api/overview",
        ),
        Endpoint(
            "gemini", "gemini", "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY",
            "https://ai.google.dev/api",
        ),
        Endpoint("cohere", "cohere", "https://api.cohere.com", "COHERE_API_KEY", "https://docs.cohere.com/reference/chat"),
        Endpoint("mistral", "openai", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "https://docs.mistral.ai/api/"),
        Endpoint("xai", "openai", "https://api.x.ai/v1", "XAI_API_KEY", "https://docs.x.ai/docs/api-reference"),
        Endpoint(
            "groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "https://console.groq.com/docs/openai"
        ),
        Endpoint("deepseek", "openai", "https://api.deepseek.com", "DEEPSEEK_API_KEY", "https://api-docs.deepseek.com/"),
        Endpoint(
            "openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY",
            "https://openrouter.ai/docs/quickstart",
        ),
        Endpoint(
            "together", "openai", "https://api.together.xyz/v1", "TOGETHER_API_KEY",
            "https://docs.together.ai/docs/openai-api-compatibility",
        ),
        Endpoint("ollama", "openai", "http://127.0.0.1:11434/v1", None, "https://docs.ollama.com/api/openai-compatibility"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """How one provider of a run is reached: all from the base commit's configuration or from the table above."""

    name: str
    wire: WireFormat
    base_url: str
    key_env: str | None
    max_concurrency: int
    proxy: str | None = None
    certificates: str | None = None

    def network(self, default: Network = DIRECT) -> Network:
        """Return how this provider is reached where `default` serves the others."""
        if is_loopback(urlsplit(self.base_url).hostname or ""):
            default = DIRECT
        return Network(self.proxy or default.proxy, self.certificates or default.certificates)


def route(name: str, providers: Mapping[str, Provider]) -> Route:
    """Decide how the provider of a model's prefix is reached. Raises `ConfigError` where nothing says."""
    row, known = providers.get(name), KNOWN.get(name)
    if row is None and known is None:
        listed = ", ".join(sorted({*KNOWN, *providers}))
        raise ConfigError(
            f"no provider is named {name!r}", f"Add it under providers: in pinward.yml, or use one of {listed}."
        )
    wire_name = (row.type if row and row.type else None) or (known.wire if known else name)
    wire_name = KNOWN[wire_name].wire if wire_name in KNOWN else wire_name
    if wire_name not in WIRE_FORMATS:
        wrong = "is missing" if wire_name == name else f"is {wire_name!r}"  # where none is written it is the name
        raise ConfigError(f"providers.{name}.type {wrong}", f"Use one of {', '.join(sorted(WIRE_FORMATS))}.")
    base_url = (row.base_url if row else None) or (known.base_url if known else None)
    if not base_url:
        raise ConfigError(f"providers.{name} has no base_url", "Write where its API is, such as https://host/v1.")
    custom = row is not None and row.base_url is not None
    key_env = (row.api_key_env if row else None) or (known.key_env if known and not custom else None)
    wire = WIRE_FORMATS[wire_name]
    if row is None:
        return Route(name, wire, base_url, key_env, 16)
    if row.api_version:
        if not isinstance(wire, AzureDeployments):
            raise ConfigError(f"providers.{name}.api_version: {wire_name} has none", "Write type: azure-deployments.")
        wire = AzureDeployments(row.api_version)
    return Route(name, wire, base_url, key_env, row.max_concurrency, row.proxy, row.certificates)
