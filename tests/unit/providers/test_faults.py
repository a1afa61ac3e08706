from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.providers.faults import LONGEST_WAIT, fault_of, retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def kind(status: int, body: object, headers: dict[str, str] | None = None) -> str:
    completion = fault_of(status, headers or {}, json.dumps(body).encode(), NOW)
    return completion.fault.kind if completion.fault else completion.outcome


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, {"error": {"code": "rate_limit_exceeded"}}, "rate_limit"),
        (429, {"error": {"code": "insufficient_quota"}}, "quota"),
        (402, {"error": {"message": "Insufficient Balance"}}, "quota"),
        (400, {"error": {"type": "invalid_request_error", "message": "credit balance is too low"}}, "quota"),
        (403, {"error": "Your team has reached its monthly spending limit."}, "quota"),
        (404, {"error": {"code": "DeploymentNotFound"}}, "not_found"),
        (400, {"error": {"code": "model_decommissioned"}}, "not_found"),
        (400, {"object": "error", "message": "Invalid model: x", "type": "invalid_model"}, "not_found"),
        (403, {"error": {"code": "model_not_found"}}, "not_found"),
        (400, {"message": "The provided model identifier is invalid."}, "not_found"),
        (400, {"error": {"code": "unsupported_parameter", "param": "max_tokens"}}, "invalid_request"),
        (400, {"error": {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, "refused"),
        (400, {"error": {"status": "INVALID_ARGUMENT", "message": "API key not valid. Please pass one."}}, "auth"),
        (400, {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: x"}, "auth"),
        (503, {"error": {"message": "spending limit service is down"}}, "server"),
        (500, [{"error": {"status": "INTERNAL"}}], "server"),
        (400, {"error": {"type": "budget_exceeded", "code": "400", "message": "Budget has been exceeded!"}}, "quota"),
        (401, {"error": {"type": "key_model_access_denied", "code": "401"}}, "not_found"),
        (403, {"error": {"message": "Input tokens and `max_tokens` exceed the context length."}}, "invalid_request"),
        (403, {"error": {"message": "Your key may not use this model."}}, "auth"),
        (429, {"error": {"message": "Rate limit exceeded: free-models-per-day. Add credits", "code": 429}}, "quota"),
        (429, {"error": {"message": "Rate limit exceeded: free-models-per-min.", "code": 429}}, "rate_limit"),
        (429, {"error": {"message": "slow down", "type": "dynamic_request_limited"}}, "rate_limit"),
    ],
)  # fmt: skip
def test_the_class_of_a_fault(status: int, body: object, expected: str) -> None:
    assert kind(status, body) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": 429, "message": "Rate limited"}, "rate_limit"),
        ({"code": "503", "message": "overloaded"}, "server"),
        ({"code": 402, "message": "Insufficient credits"}, "quota"),
        ({"code": "rate_limit_exceeded"}, "rate_limit"),
        ({"code": "insufficient_quota"}, "quota"),
        ({"code": "invalid_prompt"}, "refused"),
        ({"code": "bio_policy"}, "refused"),
        ({"code": "image_content_policy_violation"}, "refused"),
        ({"code": "invalid_base64_image"}, "invalid_request"),
        ({"code": "server_error"}, "bad_response"),
        ({"code": 9**400}, "bad_response"),
        ("a text", "bad_response"),
    ],
)
def test_f17_an_error_inside_a_200_means_what_its_code_says(error: object, expected: str) -> None:
    assert kind(200, {"error": error}) == expected


def test_a_gemini_limit_per_minute_that_speaks_of_quota_and_billing_is_not_a_spent_quota() -> None:
    message = "You exceeded your current quota, please check your plan and billing details."
    assert kind(429, {"error": {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED"}}) == "rate_limit"


def test_a_bedrock_exception_is_read_from_its_header() -> None:
    headers = {"x-amzn-errortype": "ResourceNotFoundException:http://internal.amazon.com/"}
    assert kind(404, {"message": "x"}, headers) == "not_found"
    assert kind(400, {"message": "x"}, {"x-amzn-errortype": "ServiceQuotaExceededException"}) == "quota"


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("`temperature` is deprecated for this model.", ", parameter temperature"),
        ("generation_config.temperature: out of range", ""),
        ("temperatures are fine, <script> is not", ""),
        ("top_p and temperature exclude each other", ", parameter top_p"),
    ],
)
def test_a_parameter_that_only_the_message_names_is_found_among_our_own(message: str, named: str) -> None:
    body = json.dumps({"error": {"type": "invalid_request_error", "message": message}}).encode()
    fault = fault_of(400, {}, body, NOW, ["top_p", "temperature", "script."]).fault
    assert fault is not None
    assert fault.detail == "HTTP 400 invalid_request_error" + named


def test_the_detail_names_a_rejected_parameter_and_never_quotes_the_body() -> None:
    body = {"error": {"code": "unsupported_parameter", "param": "max_tokens", "message": "<b>sk-secret-1</b>"}}
    fault = fault_of(400, {}, json.dumps(body).encode(), NOW).fault
    assert fault is not None
    assert fault.detail == "HTTP 400 unsupported_parameter, parameter max_tokens"


@pytest.mark.parametrize("hostile", ["sk-secret-1", "<script>", "a b", "@everyone", "x" * 99])
def test_a_code_that_is_not_a_plain_word_is_left_out(hostile: str) -> None:
    body = {"error": {"code": hostile, "type": hostile, "param": hostile, "message": hostile}}
    fault = fault_of(422, {}, json.dumps(body).encode(), NOW).fault
    assert fault is not None
    assert fault.detail == "HTTP 422"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "type", "message", "details", "violations", "param", "innererror"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.integers(200, 599), json_values)
def test_no_error_body_can_break_the_reading(status: int, body: object) -> None:
    completion = fault_of(status, {}, json.dumps(body).encode(), NOW)
    assert completion.outcome in {"infra_error", "model_unavailable", "refused"}
    assert completion.text == ""


@given(st.binary(max_size=40), st.text(max_size=30))
def test_no_bytes_and_no_header_can_break_the_reading(body: bytes, wait: str) -> None:
    completion = fault_of(429, {"retry-after": wait, "retry-after-ms": wait}, body, NOW)
    assert completion.fault is not None
    asked = completion.fault.retry_after
    assert asked is None or 0 < asked <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2", 2.0),
        ("1.5", 1.5),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sunday, 22-Nov-26 12:00:30 GMT", 30.0),
        ("0", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        ("Sun, 22 Nov 2026 11:00:00 GMT", None),
        ("99999999999", LONGEST_WAIT),
    ],
)
def test_forms_of_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds
