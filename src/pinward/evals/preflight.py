"""One cheap call per model and parameters before a run: a wrong key, a retired model or a rejected parameter ends it
at once, before a case is paid for. The calls go through the run's own clients, so that they are metered, share its rate
limits and open its connections.

A fault that may pass (a rate limit, an overload, a slow answer) ends nothing: the run has more patience than this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pinward.core.evidence import BASELINE, Call, Client, Fault, Message, Request
from pinward.core.model_id import ModelId
from pinward.errors import PRECEDENCE, ConfigError, CredentialError, PinwardError, UnavailableError
from pinward.evals.budget import OUTPUT_LIMITS

SECONDS = 30.0
OUTPUT_TOKENS = 16  # the least that every API takes (the Responses API refuses fewer)
PER_MODEL = 4  # cases may have parameters of their own; a preflight stays cheap
PROMPT = (Message("user", "Answer with the word ok."),)
Similar = Callable[[ModelId], Sequence[str]]  # ids that look like one that nobody knows, best first


@dataclass(frozen=True, slots=True)
class Opening:
    """One way in which a run asks a model. `baseline`: only what is replaced is asked so; `advice` says where its
    parameters stand."""

    model: ModelId
    client: Client
    request: Request
    advice: str
    baseline: bool


class Openings:
    """Gathers the distinct openings of a round while its calls are looked at."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Opening] = {}
        self._seen: set[tuple[object, ...]] = set()

    def note(self, call: Call, model: ModelId, client: Client, request: Request) -> None:
        """Remember how this call asks, unless one like it has been seen."""
        seen = (call.task, call.arm, repr(request.params))
        if seen in self._seen:
            return
        self._seen.add(seen)
        place = f"take it out of tasks.{call.task}.params, or set it to null in the prompt version of this model"
        self._keep(Opening(model, client, replace(request, messages=PROMPT), place, call.arm == BASELINE))

    def judged(
        self, judge: Client | None, calls: Iterable[tuple[ModelId, Request]]
    ) -> Iterator[tuple[ModelId, Request]]:
        """Remember how the judge is asked while its calls pass: a run whose judge is gone would pay for answers that
        nobody judges."""
        for model, request in calls:
            if judge is not None and ("judge",) not in self._seen:
                self._seen.add(("judge",))
                short = replace(request, messages=PROMPT)
                self._keep(Opening(model, judge, short, "take it out of policy.judge.params", baseline=False))
            yield model, request

    def _keep(self, fresh: Opening) -> None:
        asked = fresh.request
        key = (fresh.model.written, repr((asked.params, asked.tools, asked.response_schema)))
        known = self._found.get(key)
        self._found[key] = fresh if known is None else replace(known, baseline=known.baseline and fresh.baseline)

    def all(self) -> tuple[Opening, ...]:
        """Return the first few of each model."""
        kept: dict[str, list[Opening]] = {}
        for opening in self._found.values():
            kept.setdefault(opening.model.written, []).append(opening)
        return tuple(opening for of_model in kept.values() for opening in of_model[:PER_MODEL])

    def calls(self) -> Iterator[tuple[ModelId, Request]]:
        """Yield the calls of the preflight, for the worst case of the run."""
        return ((opening.model, cheapest(opening.request)) for opening in self.all())


def cheapest(request: Request) -> Request:
    """Return the request with as few tokens of output as every API grants."""
    limited = {name: OUTPUT_TOKENS for name in OUTPUT_LIMITS if name in request.params} or {"max_tokens": OUTPUT_TOKENS}
    return replace(request, params={**request.params, **limited})


async def preflight(openings: Sequence[Opening], similar: Similar, timeout: float = SECONDS) -> None:
    """Ask each opening once. Raises the error that the run would meet; a cut or refused answer is an answer."""
    asked = await asyncio.gather(*(_ask(opening, similar, timeout) for opening in openings))
    found = [error for error in asked if error is not None]
    if not found:
        return
    first, *more = sorted(found, key=lambda error: PRECEDENCE.index(error.exit_code))
    said = " ".join(dict.fromkeys([first.message, *(error.message for error in more)]))
    first.message = f"{said} No case was run."
    raise first


async def _ask(opening: Opening, similar: Similar, timeout: float) -> PinwardError | None:
    completion = await opening.client.complete(cheapest(opening.request), timeout)
    if completion.fault is not None and completion.fault.kind == "invalid_request":
        # Few tokens may be what it refuses: a thinking budget has to be smaller than the limit of the answer.
        completion = await opening.client.complete(opening.request, timeout)
    return None if completion.fault is None else problem(opening, completion.fault, similar)


def problem(opening: Opening, fault: Fault, similar: Similar) -> PinwardError | None:
    """Return the error that says what to do, with its exit code; None where the run goes on."""
    provider, model, detail = opening.client.name, f"`{opening.model.written}`", fault.detail
    if fault.kind == "auth":
        return CredentialError(f"{model}: {provider} refused the key ({detail}).", "Check the secret.")
    if fault.kind == "not_found" and not opening.baseline:  # without its baseline a candidate is judged alone
        meant = "".join(f" Did you mean `{name}`?" for name in similar(opening.model)[:1])
        hint = f"Run `pinward explain {opening.model.written}`, and name a model that this account can call."
        return UnavailableError(f"{model}: {provider} does not serve this model ({detail}).{meant}", hint)
    if fault.kind == "quota":
        hint = "Raise it at the provider, then run again."
        return UnavailableError(f"{model}: the account's quota at {provider} is spent ({detail}).", hint)
    if fault.kind == "connection":
        return UnavailableError(f"{model}: {provider} cannot be reached ({detail}).", "Check its base_url.")
    if fault.kind == "invalid_request" and 300 <= (fault.status or 0) < 400:
        return ConfigError(
            f"{model}: {provider} sends calls elsewhere ({detail}).", "Write the final address as its base_url."
        )
    if fault.kind == "invalid_request":
        asked = ", ".join(sorted(opening.request.params)) or "none"
        hint = f"Drop a parameter that it rejects: {opening.advice}. Then run again."
        return ConfigError(f"{model}: {provider} rejects the request ({detail}); parameters: {asked}.", hint)
    return None
