"""What a step tells its runner: log, annotations, job summary, outputs. Text from outside stays text in all of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from pinward.config.settings import GitHubSettings
from pinward.errors import PinwardError
from pinward.gh.client import Annotation
from pinward.gh.step_files import append_summary, write_outputs
from pinward.gh.workflow_commands import commands_stopped
from pinward.render.text import command_data, command_property, visible

LOG_ANNOTATIONS = 10  # what the runner shows of one kind


@dataclass(frozen=True, slots=True)
class Step:
    """The running step. `token` makes words that nobody can guess."""

    github: GitHubSettings
    output: TextIO
    token: Callable[[], str]

    @contextmanager
    def printing(self) -> Iterator[io.StringIO]:
        """Let everything that is printed inside through, as it comes and as plain text; it is kept as well."""
        kept = io.StringIO()
        with commands_stopped(self.output, self.token()), redirect_stdout(_Tee(self.output, kept)):
            yield kept

    def print(self, text: str) -> None:
        """Print one line of text."""
        with commands_stopped(self.output, self.token()):
            self.output.write(f"{visible(text)}\n")

    def warn(self, message: str) -> None:
        """Annotate the run with a warning."""
        self._command("warning", message)

    def fail(self, error: PinwardError) -> None:
        """Annotate the run with an error."""
        self._command("error", f"{error.message}\n{error.hint}".strip())

    def annotate(self, marks: Iterable[Annotation]) -> None:
        """Annotate lines of the code, where no check run can."""
        for mark in islice(marks, LOG_ANNOTATIONS):
            level = "error" if mark.level == "failure" else mark.level
            self._command(level, mark.message, f" file={command_property(mark.path)},line={mark.line}")

    def summarise(self, text: str) -> None:
        """Append Markdown to the job summary."""
        if self.github.summary_file:
            append_summary(Path(self.github.summary_file), text)

    def set_outputs(self, values: Mapping[str, str]) -> None:
        """Set the action's outputs."""
        if self.github.output_file:
            write_outputs(Path(self.github.output_file), values, self.token)

    def _command(self, level: str, message: str, properties: str = "") -> None:
        self.output.write(f"::{level}{properties}::{command_data(message)}\n")
        self.output.flush()


class _Tee(io.TextIOBase):
    """Writes to the log, hidden characters made visible, and keeps a copy."""

    def __init__(self, log: TextIO, copy: io.StringIO) -> None:
        self.log = log
        self.copy = copy

    def write(self, text: str) -> int:
        self.log.write(visible(text))
        self.copy.write(text)
        return len(text)

    def flush(self) -> None:
        self.log.flush()
