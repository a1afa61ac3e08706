from __future__ import annotations

from pinward.core.evidence import Request
from pinward.providers.azure import AzureChat, AzureDeployments


def test_the_v1_path_and_the_deployments_path() -> None:
    request = Request("my deployment", (), {"max_tokens": 5})
    assert AzureChat().encode(request).path == "/openai/v1/chat/completions"
    dated = AzureDeployments().encode(request)
    assert dated.path == "/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21"
    assert dated.body["max_tokens"] == 5


def test_an_entra_token_is_a_bearer_token_and_a_key_is_not() -> None:
    assert AzureChat().auth("eyJhbGciOi.eyJhdWQi.c2ln") == {"authorization": "Bearer eyJhbGciOi.eyJhdWQi.c2ln"}
    assert AzureChat().auth("0123456789abcdef") == {"api-key": "0123456789abcdef"}


def test_another_version_of_the_dated_api_is_asked_and_is_part_of_what_answers_are_known_by() -> None:
    wire = AzureDeployments("2025-04-01-preview")
    assert wire.encode(Request("m", ())).path.endswith("?api-version=2025-04-01-preview")
    assert wire.name != AzureDeployments().name
