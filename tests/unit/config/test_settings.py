from __future__ import annotations

from pinward.config import settings


def test_inputs_are_read_as_the_runner_passes_them() -> None:
    loaded = settings.load({"INPUT_REPORT-DIR": " out ", "INPUT_MODE": "", "INPUT_FAIL_ON": "x"})
    assert loaded.inputs == {"report-dir": "out", "fail-on": "x"}


def test_nothing_shows_a_key_or_a_token() -> None:
    loaded = settings.load({"OPENAI_API_KEY": "sk-canary", "GITHUB_TOKEN": "ghs-canary"})
    assert "canary" not in repr(loaded)
    assert loaded.key("OPENAI_API_KEY") == "sk-canary"
    assert loaded.github.token == "ghs-canary"


def test_a_blank_key_is_no_key() -> None:
    assert settings.load({"K": "  "}).key("K") is None
    assert settings.load({}).key("K") is None


def test_numbers_that_are_none_are_zero() -> None:
    assert [settings.load({"GITHUB_RUN_ATTEMPT": text}).github.run_attempt for text in ("x", "²", "7")] == [0, 0, 7]
