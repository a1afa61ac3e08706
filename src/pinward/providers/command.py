"""A program of the user's in the place of a bare model: the case on standard input, the answer on standard output.

Its exit code says what happened, in the words of sysexits.h: 0 answered, 65 (EX_DATAERR) the chain could not use what
the model said, 75 (EX_TEMPFAIL) try again; all else is a fault of the program and not the model's failure.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pinward.core.evidence import Completion, Fault, FaultKind, Request
from pinward.core.policy import Target
from pinward.program import Ended, Program, run
from pinward.providers.target_format import question

MODEL = "PINWARD_MODEL"
UNUSABLE, TRY_AGAIN = 65, 75
PATH = "/usr/local/bin:/usr/bin:/bin"


class CommandClient:
    """Asks a program once. `folder` gives what it runs in, when it is first asked."""

    def __init__(
        self,
        name: str,
        target: Target,
        environment: Mapping[str, str],
        folder: Callable[[], Path],
        contract: Contract,
    ) -> None:
        self.name = name
        self._target, self._environment, self._folder = target, environment, folder
        self._contract = contract

    async def complete(self, request: Request, timeout: float) -> Completion:
        """Ask once, within `timeout` seconds of wall clock."""
        environment = {**self._environment, **({MODEL: request.model} if request.model else {})}
        program = Program(self._target.command, environment, self._folder(), self._target.read)
        clock = asyncio.get_running_loop().time
        started = clock()
        ended = await run(program, self._contract.given(request), timeout)
        return self._contract.read(ended, clock() - started)

    async def aclose(self) -> None:
        """Nothing to close: each program has ended."""


def _case(request: Request) -> bytes:
    return json.dumps(question(request)).encode()


def read(ended: Ended, seconds: float) -> Completion:
    """Return what the end of a program that answers says."""
    if ended.code == UNUSABLE:  # the chain's failure on this case: an empty answer, which no check takes for a good one
        return Completion("ok", finish_reason="the program ended with 65: it could not use the model's answer")
    if ended.code == 0:
        said = ended.output.decode("utf-8", "replace")
        if said.strip():
            return Completion("ok", text=said.removesuffix("\n"), finish_reason="stop", latency=seconds)
        return _fault("bad_response", "the program wrote no answer")
    return _no_answer(ended)


def _text(request: Request) -> bytes:
    return "".join(message.content for message in request.messages).encode("utf-8", "replace")


def read_parser(ended: Ended, seconds: float) -> Completion:
    """Return what the end of a program that parses says: it could, or (`refused`) not, with its last line as text."""
    if ended.code == 0:
        return Completion("ok", latency=seconds)
    if ended.code == UNUSABLE:
        said = ended.said.decode("utf-8", "replace").strip()
        return Completion("refused", text=said.splitlines()[-1] if said else "", latency=seconds)
    return _no_answer(ended)


def _no_answer(ended: Ended) -> Completion:
    if ended.code == TRY_AGAIN:
        return _fault("server", "the program asks to try again (75)")
    if ended.code is None:
        return _fault("timeout" if ended.late else "invalid_request", f"the program: {ended.problem}")
    how = f"was ended by signal {-ended.code}" if ended.code < 0 else f"ended with {ended.code}"
    return _fault("invalid_request", f"the program {how}")


def _fault(kind: FaultKind, detail: str) -> Completion:
    return Completion("infra_error", fault=Fault(kind, detail))


@dataclass(frozen=True, slots=True)
class Contract:
    """What a program is given on standard input, and what its end says (after so many seconds)."""

    given: Callable[[Request], bytes]
    read: Callable[[Ended, float], Completion]


ANSWERING = Contract(_case, read)
PARSING = Contract(_text, read_parser)
