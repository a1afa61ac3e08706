"""A program of the user's in the place of a bare model: the case on standard input, the answer on standard output.

Its exit code says what happened, in the words of sysexits.h: 0 answered, 65 (EX_DATAERR) the chain could not use what
the model said, 75 (EX_TEMPFAIL) try again; all else is a fault of the program and not the model's failure.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
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

    def __init__(self, name: str, target: Target, environment: Mapping[str, str], folder: Callable[[], Path]) -> None:
        self.name = name
        self._target, self._environment, self._folder = target, environment, folder

    async def complete(self, request: Request, timeout: float) -> Completion:
        """Ask once, within `timeout` seconds of wall clock."""
        environment = {**self._environment, MODEL: request.model}
        program = Program(self._target.command, environment, self._folder(), self._target.read)
        clock = asyncio.get_running_loop().time
        started = clock()
        ended = await run(program, json.dumps(question(request)).encode(), timeout)
        return read(ended, clock() - started)

    async def aclose(self) -> None:
        """Nothing to close: each program has ended."""


def read(ended: Ended, seconds: float) -> Completion:
    """Return what a program's end says."""
    if ended.code == UNUSABLE:  # the chain's failure on this case: an empty answer, which no check takes for a good one
        return Completion("ok", finish_reason="the program ended with 65: it could not use the model's answer")
    if ended.code == 0:
        said = ended.output.decode("utf-8", "replace")
        if said.strip():
            return Completion("ok", text=said.removesuffix("\n"), finish_reason="stop", latency=seconds)
        return _fault("bad_response", "the program wrote no answer")
    if ended.code == TRY_AGAIN:
        return _fault("server", "the program asks to try again (75)")
    if ended.code is None:
        return _fault("timeout" if ended.late else "invalid_request", f"the program: {ended.problem}")
    return _fault("invalid_request", f"the program ended with {ended.code}")


def _fault(kind: FaultKind, detail: str) -> Completion:
    return Completion("infra_error", fault=Fault(kind, detail))
