from __future__ import annotations

import pytest

from pinward.core.model_id import ModelId
from pinward.verdict.served import is_other


@pytest.mark.parametrize(
    ("provider", "asked", "served", "other"),
    [
        ("openai", "gpt-4o", "gpt-4o-2024-08-06", False),
        ("openai", "gpt-4", "gpt-4-0613", False),
        ("openai", "gpt-4", "gpt-4.1-2025-04-14", True),
        ("openai", "gpt-4o", "gpt-4o-mini-2024-07-18", True),
        ("openai", "gpt-4o-2024-05-13", "gpt-4o-2024-08-06", True),
        ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929", False),
        ("anthropic", "claude-opus-4", "claude-opus-4-6", True),
        ("gemini", "gemini-2.0-flash", "gemini-2.0-flash-001", False),
        ("gemini", "gemini-2.5-flash", "models/gemini-2.5-flash-preview-05-20", False),
        ("gemini", "gemini-2.5-flash", "gemini-3.8-flash", True),
        ("mistral", "mistral-large-latest", "mistral-large-2411", False),
        ("openrouter", "meta-llama/Llama-3-70b", "Meta-Llama/llama-3-70b", False),
        ("ollama", "llama3", "llama3:latest", False),
        ("azure", "my-deployment", "gpt-4o-2024-08-06", False),
        ("staging", "my-model", "gpt-4o-2024-08-06", True),
    ],
)
def test_f26_a_snapshot_is_the_model_that_was_asked_for_and_another_model_is_not(
    provider: str, asked: str, served: str, *, other: bool
) -> None:
    assert is_other(ModelId(provider, f"{provider}/{asked}", asked, "unknown"), served) is other


def test_a_name_that_is_known_to_be_answered_as_another_is_no_surprise() -> None:
    alias = ModelId("openai", "openai/chat-latest", "chat-latest", "floating", resolves_to="gpt-5.1-2025-11-13")
    assert not is_other(alias, "gpt-5.1-2025-11-13")
    assert is_other(alias, "gpt-4o-2024-08-06")
