from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.config.project import load_project
from pinward.core.policy import Project
from pinward.errors import ConfigError
from tests.support.trees import MemoryTree

WHOLE = """\
version: 1
tasks:
  extract_entities:
    model: openai/gpt-5.1-2025-11-13
    candidate: [anthropic/claude-sonnet-4-6]
    fallbacks: [anthropic/claude-opus-4-6, gemini/gemini-3.8-flash]
    params: {temperature: 0, max_tokens: 4096}
    prompts: prompts/extract_entities.yml
    suite: evals/extract_entities.yml
    rollout: {percent: 0, stages: [1, 10, 50, 100], soak_hours: 48, metrics: {file: metrics/extract_entities.json}}
    traffic: {requests_per_month: 200000}
policy:
  scan:      {fail_on: [unpinned-alias, silent-reroute, retired-model, retiring-urgent], exclude: []}
  lifecycle: {urgent_days: 30, warn_days: 90}
  gate:      {require: no_regression, margin: null, alpha: 0.05, max_regressions: 0, min_pass_rate: null,
              min_score_drop: 0.0, repeats: 1, confirm: auto, strict_categories: [], inconclusive: fail,
              max_infra_errors: 0.02, max_cost_increase: null, max_latency_increase: null, uncovered_change: warn}
  judge:     {model: anthropic/claude-opus-4-6}
  targets:   {allow: [provider]}
  report:    {outputs: failed}
  budget:    {max_usd: 5.0, max_requests: 5000, deadline_minutes: 20}
providers:
  openai: {api_key_env: OPENAI_API_KEY}
  staging: {type: openai, base_url: "https://llm.internal.example/v1", api_key_env: STAGING_KEY, max_concurrency: 50}
"""


def read(text: str, **files: str) -> Project:
    project = load_project(MemoryTree({"pinward.yml": text, **files}))
    assert project is not None
    return project


def test_every_documented_field_is_read() -> None:
    project = read(WHOLE)
    task = project.tasks["extract_entities"]
    assert (task.model, task.candidates) == ("openai/gpt-5.1-2025-11-13", ("anthropic/claude-sonnet-4-6",))
    assert task.rollout.metrics_file == "metrics/extract_entities.json"
    assert task.requests_per_month == 200_000
    assert project.policy.judge.model == "anthropic/claude-opus-4-6"
    assert project.providers["staging"].type == "openai"
    assert project.providers["openai"].type == "openai"
    assert project.source == "pinward.yml@memory"


def test_what_is_written_out_above_are_the_defaults() -> None:
    written, bare = read(WHOLE).policy, read("version: 1").policy
    assert (written.scan, written.gate, written.budget) == (bare.scan, bare.gate, bare.budget)


def test_no_file_is_no_project() -> None:
    assert load_project(MemoryTree({})) is None


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("llm.toml", '[extract]\nmodel = "openai/gpt-4o"'),
        ("llm.json", '{"extract": {"model": "openai/gpt-4o"}}'),
        ("llm.yml", "extract: {model: openai/gpt-4o}"),
    ],
)
def test_the_model_may_stand_where_the_application_keeps_it(file: str, content: str) -> None:
    text = f"version: 1\ntasks: {{t: {{model: {{file: {file}, key: extract.model}}}}}}"
    project = load_project(MemoryTree({"pinward.yml": text, file: content}))
    assert project is not None
    assert project.tasks["t"].model == "openai/gpt-4o"
    assert project.tasks["t"].model_file == file


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("version: 1\ntask: {}", "pinward.yml:2: unknown key `task`", "Did you mean `tasks`?"),
        ("version: 1\npolicy:\n  gate:\n    alfa: 0.1", "pinward.yml:4: unknown key `policy.gate.alfa`", "`alpha`"),
        ("version: 1\ntasks:\n  t:\n    modl: a/b", "pinward.yml:4: unknown key `tasks.t.modl`", "`model`"),
        ("version: 1\ntasks:\n  t: {}", "pinward.yml:3: `tasks.t.model` is missing", "Add `model:`"),
        (
            "version: 1\ntasks:\n  t: {model: gpt-4o}",
            "pinward.yml:3: `tasks.t.model` is 'gpt-4o'",
            "Write provider/model",
        ),
        (
            'version: 1\ntasks:\n  t: {model: "openai/gpt-4o "}',
            "pinward.yml:3: `tasks.t.model` is 'openai/gpt-4o '",
            "Write provider/model",
        ),
        ("version: 2", "pinward.yml:1: `version` is 2", "must be 1"),
        ("policy: {}", "pinward.yml:1: `version` is missing", "Add `version:`"),
        ("[]", "pinward.yml: holds no settings", "version: 1"),
        ("", "pinward.yml: holds no settings", "version: 1"),
        ("version: 1\npolicy: {gate: {alpha: 0}}", "`policy.gate.alpha` is 0", "greater than"),
        ("version: 1\npolicy: {gate: {alpha: 1e-300}}", "`policy.gate.alpha` is 1e-300", "greater than"),
        ("version: 1\ntasks: {'a b': {model: a/b}}", "'a b'", "It must match"),
        ("version: 1\npolicy: {gate: {alpha: 1}}", "`policy.gate.alpha` is 1", "less than or equal to 0.5"),
        ("version: 1\npolicy: {gate: {margin: 0}}", "`policy.gate.margin` is 0", "greater than 0"),
        ("version: 1\npolicy: {gate: {require: non_inferior}}", "`policy.gate` is", "needs a margin"),
        ("version: 1\npolicy: {gate: {repeats: '3'}}", "`policy.gate.repeats` is '3'", "valid integer"),
        ("version: 1\npolicy: {lifecycle: {urgent_days: 91}}", "`policy.lifecycle` is", "urgent_days not above"),
        ("version: 1\ntasks: {t: {model: a/b, suite: ../x}}", "`tasks.t.suite` is '../x'", "inside the repository"),
        ("version: 1\ntasks: {t: {model: a/b, rollout: {percent: 101}}}", "`tasks.t.rollout.percent` is 101", "100"),
        (
            "version: 1\ntasks: {t: {model: a/b, rollout: {percent: '1,5'}}}",
            "`tasks.t.rollout.percent` is '1,5'",
            "number",
        ),
        ("version: 1\ntasks: {t: {model: a/b, rollout: {soak_hours: 1e9}}}", "soak_hours` is 1000000000.0", "8760"),
        (
            "version: 1\ntasks: {t: {model: a/b, rollout: {stages: [10, 1]}}}",
            "`tasks.t.rollout` is",
            "stages that rise",
        ),
        ("version: 1\nproviders: {p: {base_url: 'http://example.com'}}", "`providers.p.base_url` is", "https://"),
        (
            'version: 1\nproviders: {p: {base_url: "https://a.b/\\u0001"}}',
            "`providers.p.base_url` is",
            "an address such as",
        ),
        (
            "version: 1\nproviders: {p: {base_url: 'https://[::1/v1'}}",
            "`providers.p.base_url` is",
            "an address such as",
        ),
        (
            "version: 1\nproviders: {p: {base_url: 'https://a.b:99999'}}",
            "`providers.p.base_url` is",
            "an address such as",
        ),
        (
            "version: 1\nproviders: {p: {api_key_env: 'sk-123 x'}}",
            "`providers.p.api_key_env` is",
            "never the key itself",
        ),
        ("version: 1\ntasks: {t: {model: {file: gone.toml, key: a}}}", "gone.toml: there is no such file", ""),
    ],
)
def test_a_wrong_file_gets_one_message_with_line_key_and_what_to_write(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        "providers: {p: {base_url: 'https://me:canary@example.com/v1'}}",
        "providers: {p: {base_url: 'https://:canary@example.com/v1'}}",
        "providers: {p: {base_url: 'https://example.com/v1?key=canary'}}",
        "providers: {p: {proxy: 'http://:canary@example.com'}}",
        "providers: {p: {api_key_env: sk-canary}}",
        "targets: {t: {command: [x], env: [sk-canary]}}",
        "policy: {watch: {webhook: {url_env: 'https://hooks.example.com/canary', origin: 'https://hooks.example.com'}}}",
    ],
)
def test_t14_a_secret_pasted_into_the_configuration_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(f"version: 1\n{text}")
    assert "canary" not in caught.value.message + caught.value.hint


def test_loopback_may_be_plain_http() -> None:
    url = "http://127.0.0.1:8080/v1"
    assert (
        read(f"version: 1\nproviders: {{local: {{type: openai, base_url: '{url}'}}}}").providers["local"].base_url
        == url
    )


@pytest.mark.parametrize("file", ["llm.toml", "llm.json", "llm.yml", "llm.ini"])
def test_a_referenced_file_that_cannot_be_read_names_both_places(file: str) -> None:
    text = f"version: 1\ntasks: {{t: {{model: {{file: {file}, key: a}}}}}}"
    with pytest.raises(ConfigError) as caught:
        load_project(MemoryTree({"pinward.yml": text, file: "[[["}))
    assert file in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "tasks", "policy", "gate", "model", "t", "rollout"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_any_document_is_read_or_refused_with_a_line(value: object) -> None:
    import json

    refusal = None
    try:
        load_project(MemoryTree({"pinward.yml": json.dumps(value, ensure_ascii=False)}))
    except ConfigError as error:
        refusal = error
    assert refusal is None or (refusal.message.startswith("pinward.yml") and refusal.hint)
