"""How long GitHub is asked again: bounded attempts, rate limits honoured, one deadline over everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pinward.errors import PublishError
from pinward.gh.client import Fault

ATTEMPTS = 5
FIRST_PAUSE = 1.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """`ends` is the moment, on the clock of `now`, after which nothing is asked again; `later` is what to do then."""

    ends: float
    now: Callable[[], float]
    sleep: Callable[[float], None]
    later: str = "The report is on disk and the exit code stands. Run `pinward publish` on it later."

    def ask(self, what: str, work: Callable[[], T], need: str = "") -> T:
        """Run `work` until it succeeds; it must find by itself what an earlier try already did.

        `what` names the thing for messages, `need` the permission without which GitHub refuses it.
        Raises `PublishError` where GitHub refuses, stays away, or asks for more time than there is.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return work()
            except Fault as fault:
                pause = fault.wait if fault.wait is not None else FIRST_PAUSE * 2 ** (attempt - 1)
                self._check(what, need, fault, pause, attempt)
            self.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _check(self, what: str, need: str, fault: Fault, pause: float, attempt: int) -> None:
        """Raise where another try is pointless."""
        if not fault.passing:
            raise PublishError(f"GitHub refused the {what}: it {fault.reason}", self._hint(fault.status, need))
        if attempt == ATTEMPTS:
            raise PublishError(f"GitHub did not take the {what}: it {fault.reason} {attempt} times", self.later)
        left = self.ends - self.now()
        if pause > left:
            asked = f"and asks to wait {pause:.0f} s; {max(0.0, left):.0f} s are left"
            raise PublishError(f"GitHub did not take the {what}: it {fault.reason} {asked}", self.later)

    def _hint(self, status: int | None, need: str) -> str:
        if status in (401, 403, 404) and need:
            return f"Give the job `permissions: {need}`, and the action its `token`."
        return self.later
