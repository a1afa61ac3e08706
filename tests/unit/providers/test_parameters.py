from __future__ import annotations

import pytest

from pinward.core.policy import Json
from pinward.providers.parameters import demands, rejected


def test_a_move_names_what_the_new_model_alone_asks() -> None:
    said = demands("openai", "gpt-4o", "gpt-5-mini")
    assert any(line.startswith("write `max_completion_tokens` for `max_tokens` (https://") for line in said)
    assert any(line.startswith("`temperature` takes 1 alone") for line in said)
    assert any(line.startswith("leave out `top_p`") for line in said)


def test_a_move_between_models_of_one_kind_asks_nothing() -> None:
    assert demands("openai", "gpt-5-mini", "gpt-5-nano") == []
    assert demands("mistral", "mistral-small-2503", "mistral-small-2506") == []


@pytest.mark.parametrize("model", ["gpt-6-sol", "gpt-6.1-terra", "gpt-5.6", "gpt-5.6-luna"])
@pytest.mark.parametrize("wire", ["openai", "openai-responses"])
def test_a_model_that_thinks_by_default_takes_no_sampling_parameters_unless_it_is_told_not_to_think(
    model: str, wire: str
) -> None:
    sampling: dict[str, Json] = {"temperature": 0, "top_p": 0.5, "max_tokens": 9}
    assert rejected(wire, model, sampling).keys() == {"temperature", "top_p"}
    assert rejected(wire, model, {"temperature": 1}) == {}
    assert rejected(wire, model, {**sampling, "reasoning_effort": "none"}) == {}
    assert rejected(wire, model, {**sampling, "reasoning": {"effort": "none"}}) == {}
    assert rejected(wire, model, {**sampling, "reasoning_effort": "low"}).keys() == {"temperature", "top_p"}


@pytest.mark.parametrize("model", ["claude-sonnet-5", "claude-haiku-5-5", "claude-opus-5-5", "claude-mythos-5-2"])
def test_claude_from_the_fifth_generation_on_takes_no_sampling_parameters(model: str) -> None:
    assert rejected("anthropic", model, {"temperature": 0, "max_tokens": 5}).keys() == {"temperature"}
    assert rejected("bedrock", f"eu.anthropic.{model}-v1:0", {"top_p": 1}).keys() == {"top_p"}
    assert rejected("anthropic", "claude-sonnet-4-6", {"temperature": 0}) == {}
