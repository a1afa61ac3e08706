"""What went wrong, from status, headers and error body: the class of fault decides whether a retry can help.

Sources of the codes: OpenAI error guide and SDK 3.57 (`insufficient_quota`, `model_not_found`), Groq
(`model_decommissioned`), Azure OpenAI (`DeploymentNotFound`, content filter as status 400), Anthropic error types,
Amazon Bedrock exceptions, Mistral (`invalid_model`), Together (docs.together.ai/docs/error-codes: 402 and 503 as
elsewhere, 403 for a prompt that does not fit), OpenRouter (openrouter.ai/docs/api/reference/limits: free models end for
the day), LiteLLM's proxy (`budget_exceeded`), google.rpc.Status with QuotaFailure and RetryInfo
(github.com/googleapis/googleapis, google/rpc/error_details.proto). Bodies are never quoted:
a detail names the status, the provider's code where it is a plain word, and the one of our own parameters that the
message speaks of.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pinward.core.evidence import Completion, Fault, FaultKind
from pinward.core.policy import Json
from pinward.providers.base import bad_response, items, obj, text

QUOTA_CODES = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "billing_error",
        "access_terminated",
        "insufficient_balance",
        "insufficient_credits",
        "servicequotaexceededexception",
        "budget_exceeded",
    }
)
GONE_CODES = frozenset(
    {
        "model_not_found",
        "model_decommissioned",
        "model_terms_required",
        "model_deprecated",
        "model_retired",
        "invalid_model",
        "deploymentnotfound",
        "resourcenotfoundexception",
        "not_found_error",
        "modeldeprecated",
        "key_model_access_denied",
        "team_model_access_denied",
    }
)
BLOCKED_CODES = frozenset(
    {
        "content_filter",
        "content_policy_violation",
        "image_content_policy_violation",
        "misalignment_policy_violation",
        "bio_policy",
        "invalid_prompt",
        "safety_blocked",
    }
)
# What the Responses API says of an image that it cannot use, inside a 200.
UNUSABLE_IMAGE = re.compile(r"image|base64")
# Some providers say it in the message alone: Anthropic 400 "credit balance is too low", DeepSeek 402, xAI 403.
# "exceeded your current quota" is not here: Gemini says it of a limit per minute too.
QUOTA_WORDS = re.compile(
    r"credit balance is too low|insufficient (?:balance|credits?|funds)|spend(?:ing)? limit|free-models-per-day",
    re.IGNORECASE,
)
GONE_WORDS = re.compile(
    r"invalid model|provided model identifier|model.{0,80}(?:does not exist|end of its life)", re.IGNORECASE
)
# A wrong key as status 400: Gemini ("API key not valid"), xAI ("Incorrect API key provided").
KEY_WORDS = re.compile(r"(?:incorrect|invalid) api key|api key (?:not valid|expired)", re.IGNORECASE)
# A prompt that does not fit as status 403: Together. Elsewhere that is a key's fault, which ends the provider.
LENGTH_WORDS = re.compile(r"context (?:length|window)|max_(?:new_)?tokens", re.IGNORECASE)
PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z_.]{1,59}")
LONGEST_WAIT = 7 * 24 * 3600.0

KIND_BY_STATUS: Mapping[int, FaultKind] = {
    401: "auth",
    402: "quota",
    403: "auth",
    404: "not_found",
    408: "server",
    409: "server",
    424: "server",  # Bedrock ModelErrorException: the model failed while it worked
    410: "not_found",
    425: "server",
    429: "rate_limit",
}


def fault_of(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime, sent: Iterable[str] = ()
) -> Completion:
    """Classify an answer that is not 2xx, or a 2xx with an error inside (docs/threats.md F17).

    `now` (aware) serves `Retry-After` dates; `sent`: names of our parameters.
    """
    error = _error_object(body)
    words = _words(error, headers)
    inside = status < 300
    status = _meant(error, words) if inside else status
    if inside and not status:
        return bad_response("HTTP 200 with an error inside")
    message = text(error.get("message"))[:2000]
    if BLOCKED_CODES & words:
        return Completion("refused", finish_reason="content_filter")
    kind = _kind(status, error, words, message)
    if kind == "not_found" and not error:
        detail = f"HTTP {status} without a provider's error: is base_url right?"
        return Completion("infra_error", fault=Fault("invalid_request", detail, status))
    wait = retry_after(headers, now) if kind in {"rate_limit", "server"} else None
    if wait is None and kind == "rate_limit":
        wait = _retry_info(error)
    fault = Fault(kind, _detail(status, error, sent if kind == "invalid_request" else ()), status, wait)
    return Completion("model_unavailable" if kind == "not_found" else "infra_error", fault=fault)


def _meant(error: dict[str, Json], words: frozenset[str]) -> int:
    """Return the status that an error inside a 200 stands for, 0 where it does not say.

    OpenRouter writes the status as the code (openrouter.ai/docs/api-reference/errors), Responses a word.
    """
    code = str(error.get("code"))
    if len(code) == 3 and code.isdecimal() and 400 <= int(code) < 600:
        return int(code)
    if "rate_limit_exceeded" in words:
        return 429
    known = words & (QUOTA_CODES | GONE_CODES | BLOCKED_CODES)
    return 400 if known or any(UNUSABLE_IMAGE.search(word) for word in words) else 0


def _kind(status: int, error: dict[str, Json], words: frozenset[str], message: str) -> FaultKind:
    if QUOTA_CODES & words or _per_day(error) or (status < 500 and QUOTA_WORDS.search(message)):
        return "quota"
    if 400 <= status < 500 and (GONE_CODES & words or (status == 400 and GONE_WORDS.search(message))):
        return "not_found"
    if status == 400 and KEY_WORDS.search(message):
        return "auth"
    if status == 403 and LENGTH_WORDS.search(message):
        return "invalid_request"
    if status >= 500:
        return "server"
    return KIND_BY_STATUS.get(status, "invalid_request")


def _error_object(body: bytes) -> dict[str, Json]:
    """Find the error in `{"error": {...}}`, `[{"error": {...}}]`, `{"error": "text"}` or `{"message": ...}`."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    outer = obj(data[0] if isinstance(data, list) and data else data)
    inner = outer.get("error")
    if isinstance(inner, str):
        return {"message": inner, **outer}
    return obj(inner) or outer


def _words(error: dict[str, Json], headers: Mapping[str, str]) -> frozenset[str]:
    """Return the provider's codes in lower case, wherever it writes them."""
    nested = obj(error.get("innererror"))
    found = [error.get("code"), error.get("type"), error.get("status"), nested.get("code")]
    found.append(headers.get("x-amzn-errortype", "").split(":")[0])
    return frozenset(word.lower() for word in found if isinstance(word, str))


def _detail(status: int, error: dict[str, Json], sent: Iterable[str]) -> str:
    named = [text(error.get(name)) for name in ("code", "type", "status")]
    word = next((w for w in named if PLAIN_WORD.fullmatch(w)), "")
    param = text(error.get("param"))
    if not PLAIN_WORD.fullmatch(param):
        message = text(error.get("message"))[:2000]
        param = next((name for name in sent if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", message)), "")
    about = f", parameter {param}" if param else ""
    where = " (a redirect; name the final address instead)" if 300 <= status < 400 else ""
    return f"HTTP {status}" + (f" {word}" if word else "") + about + where


def _per_day(error: dict[str, Json]) -> bool:
    """Gemini names the limit that was hit; one per day does not come back within a run (docs/threats.md F5)."""
    violations = (v for d in items(error.get("details")) for v in items(obj(d).get("violations")))
    return any("perday" in text(obj(v).get("quotaId")).lower() for v in violations)


def _retry_info(error: dict[str, Json]) -> float | None:
    """Read google.rpc.RetryInfo: a protobuf Duration in JSON, such as `34.074824224s`."""
    delays = (text(obj(d).get("retryDelay")) for d in items(error.get("details")))
    return next((wait for d in delays if (wait := _seconds(d.removesuffix("s"))) is not None), None)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long the server asks to wait, in seconds, or None where it says nothing usable (docs/threats.md F3).

    Reads `retry-after-ms` (OpenAI, Azure) and `retry-after` as seconds or as an HTTP date (RFC 9110, section 10.2.3).
    """
    in_ms = _seconds(headers.get("retry-after-ms", ""))
    if in_ms is not None:
        return in_ms / 1000
    value = headers.get("retry-after", "")
    wait = _seconds(value)
    if wait is not None:
        return wait
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    left = (aware - now).total_seconds()
    return min(left, LONGEST_WAIT) if left > 0 else None


def _seconds(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return min(number, LONGEST_WAIT) if math.isfinite(number) and number > 0 else None
