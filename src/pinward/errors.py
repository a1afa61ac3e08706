"""One exception tree. Every error says what is wrong, what to do next, and which exit code it ends with."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from enum import IntEnum
from os import PathLike, fspath

from pinward.version import doc


class ExitCode(IntEnum):
    """What the process tells its caller; a crash never looks like a verdict."""

    OK = 0
    BLOCKED = 1
    USAGE = 2
    INCONCLUSIVE = 3
    UNAVAILABLE = 4
    BUDGET = 5
    INTERNAL = 70
    INTERRUPTED = 130
    TERMINATED = 143


# Where several hold at once the earliest of these wins: our own fault must never hide behind a verdict.
PRECEDENCE = (
    ExitCode.TERMINATED,
    ExitCode.INTERRUPTED,
    ExitCode.INTERNAL,
    ExitCode.USAGE,
    ExitCode.UNAVAILABLE,
    ExitCode.BUDGET,
    ExitCode.BLOCKED,
    ExitCode.INCONCLUSIVE,
    ExitCode.OK,
)


def worst(codes: list[ExitCode]) -> ExitCode:
    """Return the exit code that wins where several hold; `OK` for none."""
    return min(codes, key=PRECEDENCE.index, default=ExitCode.OK)


REPAIR = (
    "Mend it in a pull request of its own. Once somebody else with write access has approved its head commit in a "
    f"review, a re-run only scans it, and the repair counts after the merge ({doc('how-to/github-actions.md')})."
)


class PinwardError(Exception):
    """Base of every error that Pinward raises on purpose.

    `message` names the file, the number or the model; `hint` names the next step.
    """

    exit_code = ExitCode.INTERNAL

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(PinwardError):
    """The command line asks for something that cannot be done."""

    exit_code = ExitCode.USAGE


class BusyError(UsageError):
    """Another process is writing where this one would: what is there is not this run's."""


class ConfigError(PinwardError):
    """A file that the user wrote (configuration, suite, prompt) is wrong."""

    exit_code = ExitCode.USAGE


class BrokenBaseError(ConfigError):
    """The base commit's own files are wrong, so that nothing there can be trusted to decide."""

    def __init__(self, error: ConfigError) -> None:
        super().__init__(f"the base commit cannot decide: {error.message}", f"{error.hint} {REPAIR}".strip())


class MissingFileError(ConfigError):
    """A file that is named is not there; another fault of the file is never taken for its absence."""


class GitError(PinwardError):
    """The repository cannot answer: no git, an unknown commit, a shallow clone."""

    exit_code = ExitCode.USAGE


class CredentialError(PinwardError):
    """A key is missing or refused. Names the variable, never its value."""

    exit_code = ExitCode.USAGE


class UnavailableError(PinwardError):
    """A provider or a model cannot be reached, or is gone."""

    exit_code = ExitCode.UNAVAILABLE


class ModelCallError(UnavailableError):
    """No model answered a call. `causes` names each `provider/model` that was asked, with what it met."""

    def __init__(self, message: str, hint: str = "", causes: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message, hint)
        self.causes = tuple(causes)


class AllProvidersFailedError(ModelCallError):
    """Every provider in a row failed: rate limits, outages, retired models, refused keys."""


class RequestRejectedError(ModelCallError):
    """A provider refused the request itself; another provider would only hide it."""


class BudgetError(PinwardError):
    """The run would cost more money, requests or time than the policy allows."""

    exit_code = ExitCode.BUDGET


class PublishError(PinwardError):
    """GitHub did not take what was to be published; the report is on disk and the verdict stands."""

    exit_code = ExitCode.UNAVAILABLE


class CancelledError(PinwardError):
    """A signal ended the run before it had a verdict."""

    def __init__(self, stop: BaseException) -> None:
        """Take the exception that the signal's handler raised: KeyboardInterrupt, or SystemExit for SIGTERM."""
        super().__init__("The run was interrupted; nothing is decided.", "Run it again.")
        self.exit_code = ExitCode.INTERRUPTED if isinstance(stop, KeyboardInterrupt) else ExitCode.TERMINATED


class InternalError(PinwardError):
    """Pinward itself is at fault."""

    exit_code = ExitCode.INTERNAL


def as_error(error: Exception) -> PinwardError:
    """Say any exception in our words: a file that cannot be used is the user's to mend, all else is our fault.

    The kind alone is named: an exception's text may hold data.
    """
    if isinstance(error, PinwardError):
        return error
    if isinstance(error, OSError) and isinstance(error.filename, str | PathLike):
        return UsageError(f"{fspath(error.filename)}: {error.strerror}", "Check the path and its permissions.")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return UsageError(
            error.strerror or "no space is left", "Make room for the report and for temporary files, then run it again."
        )
    hint = "This is a fault of Pinward. `--debug` shows where; please report it."
    return InternalError(f"internal error: {type(error).__name__}", hint)
