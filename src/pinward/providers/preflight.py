"""One cheap call per model before a run: a wrong key, a retired model or a rejected parameter is said at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pinward.core.evidence import Fault, Message, Request
from pinward.errors import ConfigError, CredentialError, PinwardError, UnavailableError
from pinward.providers.router import Target

OUTPUT_TOKENS = 16  # the least that every API takes (the Responses API refuses fewer)
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


async def preflight(targets: Sequence[tuple[Target, Request]], timeout: float = 30.0) -> dict[str, PinwardError | None]:
    """Ask each target once; return by its name the error that a run would meet, or None where it answers.

    The request lends its parameters; its messages are not sent. A cut or refused answer is an answer.
    """
    asked = await asyncio.gather(*(_ask(target, request, timeout) for target, request in targets))
    return dict(zip((target.name for target, _ in targets), asked, strict=True))


async def _ask(target: Target, request: Request, timeout: float) -> PinwardError | None:
    limited = {name: OUTPUT_TOKENS for name in LIMITS if name in request.params} or {"max_tokens": OUTPUT_TOKENS}
    params = {**request.params, **limited}
    short = Request(target.model, (Message("user", "Answer with the word ok."),), params)
    completion = await target.client.complete(short, timeout)
    return None if completion.fault is None else problem(target.name, completion.fault)


def problem(model: str, fault: Fault) -> PinwardError:
    """Turn a fault into the error that says what to do, with its exit code."""
    if fault.kind == "auth":
        return CredentialError(f"{model}: the provider refused the key ({fault.detail})", "Check the secret.")
    if fault.kind == "not_found":
        return UnavailableError(
            f"{model}: the provider does not serve this model ({fault.detail})", "Run: pinward explain " + model
        )
    if fault.kind == "invalid_request":
        return ConfigError(f"{model}: the provider rejects the request ({fault.detail})", "Change the task's params.")
    if fault.kind == "quota":
        return UnavailableError(f"{model}: the account's quota is spent ({fault.detail})", "Raise it, then run again.")
    return UnavailableError(f"{model}: no answer ({fault.detail})", "Run again later.")
