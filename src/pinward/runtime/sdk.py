"""The arguments of one call for somebody else's client: what the gate has sent, under the names that it takes."""

from __future__ import annotations

from typing import Any, Literal

from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.runtime.prompt import Prompt

Client = Literal["openai", "anthropic", "litellm"]


def sdk_arguments(prompt: Prompt, value: Json, client: Client) -> dict[str, Any]:
    """Return the keyword arguments of one call.

    `openai`: of `chat.completions.create`; `anthropic`: of `messages.create`; `litellm`: of `completion`, which takes
    the provider as a prefix of the model. Raises `ConfigError` where this API cannot be asked so.
    """
    request = prompt.request(value)
    if client == "anthropic":
        from pinward.providers.anthropic import AnthropicMessages

        return dict(AnthropicMessages().encode(request).body)
    if client not in {"openai", "litellm"}:
        raise ConfigError(f"there is no client {client!r}", "Write openai, anthropic or litellm.")
    from pinward.providers.openai import OpenAIChat

    body: dict[str, Any] = dict(OpenAIChat().encode(request).body)
    return {**body, "model": prompt.model} if client == "litellm" else body
