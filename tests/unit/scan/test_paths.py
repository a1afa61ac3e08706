from __future__ import annotations

import pytest

from pinward.scan.paths import is_recorded, is_shown, is_skipped, is_test


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_app.py",
        "src/app_test.go",
        "web/src/chat.test.tsx",
        "spec/openai/client_spec.rb",
        "src/test/java/demo/ChatTest.java",
        "src/ChatClientIT.java",
        "app/__tests__/chat.ts",
        "spec/fixtures/cassettes/chat.yml",
        "go/core/testdata/config.json",
        "ui/Card.stories.tsx",
        "helm/app/tests/values_test.yaml",
        "benchmarks/src/test/options.ts",
        "tests/evals/test_runner.py",
        "cmd/test_files/hello.json",
    ],
)
def test_tests_and_their_data_are_told_by_their_place(path: str) -> None:
    assert is_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "src/contest.py",
        "test/evals/promptfooconfig.yaml",
        "latest/app.py",
        "src/attestation.go",
        "tests/evals/run.py",
        "a/test-agent.ipynb",
    ],
)
def test_live_evaluations_and_similar_words_are_no_tests(path: str) -> None:
    assert not is_test(path)


def test_results_and_logs_are_recorded_data() -> None:
    assert is_recorded("bench/benchmark_results/run1.json")
    assert is_recorded("data/analytics.jsonl")
    assert not is_recorded("src/results.py")
    assert is_recorded("structured-output/run.yml")
    assert not is_recorded("structured-output/src/main/resources/application.yml")
    assert not is_recorded("config/models.json")


def test_translations_are_shown() -> None:
    assert is_shown("web/locales/de/common.json")
    assert is_shown("app/src/main/res/values/strings.xml")
    assert not is_shown("helm/values/prod.yaml")


@pytest.mark.parametrize(
    "path",
    ["node_modules/x/index.js", "web/package-lock.json", "app.min.js", "logo.png", "plan.svg", "vendor/lib/a.go"],
)
def test_vendored_locked_and_binary_files_are_skipped(path: str) -> None:
    assert is_skipped(path)
