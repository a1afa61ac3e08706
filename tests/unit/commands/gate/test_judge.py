from __future__ import annotations

from datetime import date

import pytest

from pinward.commands.gate.judge import is_twin, judge_model
from pinward.errors import ConfigError
from pinward.lifecycle.catalog import load

CATALOG = load()
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("one", "other", "twin"),
    [
        ("anthropic/claude-opus-4-6", "bedrock/us.anthropic.claude-opus-4-6-v1:0", True),
        ("anthropic/claude-opus-4-6", "bedrock/anthropic.claude-opus-4-6-v1", True),
        ("anthropic/claude-opus-4-6", "openrouter/anthropic/claude-opus-4.6", True),
        ("anthropic/claude-opus-4-5-20251101", "vertex/claude-opus-4-5@20251101", True),
        ("anthropic/claude-opus-4-5-20251101", "anthropic/claude-opus-4-5", True),
        ("openai/gpt-5.1-2025-11-13", "azure/gpt-5.1", True),
        ("openai/gpt-5.1-2025-11-13", "staging/gpt-5.1-2025-11-13", True),
        ("anthropic/claude-opus-4-6", "openrouter/anthropic/claude-opus-4.6:thinking", True),
        ("anthropic/claude-opus-4-6", "vertex/claude-opus-4-6@default", True),
        ("anthropic/claude-opus-4-6", "mine/claude-opus-4-6[1m]", True),
        ("anthropic/claude-opus-4-6", "mine/anthropic--claude-opus-4-6", True),
        ("anthropic/claude-opus-4-6", "mine/claude_opus_4_6", True),
        ("anthropic/claude-opus-4-6", "mine/claude-opus-4-6-latest", True),
        ("openai/gpt-4.1-2025-04-14", "openai/ft:gpt-4.1-2025-04-14:org::id", False),
        ("openai/gpt-4o-2024-08-06", "openai/gpt-4o-2024-05-13", False),
        ("openai/gpt-5.1-2025-11-13", "openai/gpt-5.1-mini", False),
        ("anthropic/claude-opus-4-6", "anthropic/claude-sonnet-4-6", False),
        ("openai/gpt-4.1-2025-04-14", "openai/gpt-4.1-mini-2025-04-14", False),
    ],
)
def test_a_model_is_recognised_under_every_channels_spelling(one: str, other: str, twin: bool) -> None:
    assert is_twin(CATALOG.identify(one), CATALOG.identify(other)) is twin
    assert is_twin(CATALOG.identify(other), CATALOG.identify(one)) is twin


def test_a_judge_is_pinned_known_and_alive() -> None:
    assert judge_model("openai/gpt-4.1-2025-04-14", CATALOG, TODAY).pin == "pinned"
    for name in ("openai/gpt-4.1", "mine/model", "openrouter/anthropic/claude-opus-4.6", "openai/gpt-3.5-turbo-0301"):
        with pytest.raises(ConfigError, match=r"policy\.judge\.model"):
            judge_model(name, CATALOG, TODAY)
