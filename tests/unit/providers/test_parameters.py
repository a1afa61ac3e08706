from __future__ import annotations

from pinward.providers.parameters import demands


def test_a_move_names_what_the_new_model_alone_asks() -> None:
    said = demands("openai", "gpt-4o", "gpt-5-mini")
    assert any(line.startswith("write `max_completion_tokens` for `max_tokens` (https://") for line in said)
    assert any(line.startswith("`temperature` takes 1 alone") for line in said)
    assert any(line.startswith("leave out `top_p`") for line in said)


def test_a_move_between_models_of_one_kind_asks_nothing() -> None:
    assert demands("openai", "gpt-5-mini", "gpt-5-nano") == []
    assert demands("mistral", "mistral-small-2503", "mistral-small-2506") == []
