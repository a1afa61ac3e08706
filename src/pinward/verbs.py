"""The verbs and their flags. Builds the real edges (clock, environment, files) and hands them to one command."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from pinward.errors import ExitCode, PinwardError
from pinward.version import __version__

DATE = click.DateTime(["%Y-%m-%d"])
FOLDER = click.Path(path_type=Path)


def run(arguments: Sequence[str]) -> int:
    """Run one verb and return the exit code. A crash never looks like a verdict."""
    signal.signal(signal.SIGTERM, _terminated)
    debug = "--debug" in arguments
    try:
        result = pinward.main([a for a in arguments if a != "--debug"], prog_name="pinward", standalone_mode=False)
    except PinwardError as error:
        return _fail(error.exit_code, error.message, error.hint)
    except click.UsageError as error:
        hint = f"`{error.ctx.command_path} --help` shows what it takes." if error.ctx else ""
        return _fail(ExitCode.USAGE, error.format_message(), hint)
    except click.ClickException as error:
        return _fail(ExitCode.USAGE, error.format_message(), "")
    except (KeyboardInterrupt, click.Abort):
        return _fail(ExitCode.INTERRUPTED, "interrupted", "")
    except BrokenPipeError:
        # The reader of a pipe went away (`pinward scan | head`): no verdict was delivered, and none is claimed.
        sys.stderr.close()
        return ExitCode.INTERNAL
    except Exception as error:
        if debug:
            raise
        message = f"internal error: {type(error).__name__}"
        return _fail(ExitCode.INTERNAL, message, "This is a fault of Pinward. `--debug` shows where; please report it.")
    return int(result or 0)


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(ExitCode.TERMINATED)


def _fail(code: ExitCode, message: str, hint: str) -> ExitCode:
    from pinward.render.text import console

    click.echo(f"pinward: {console(message)}", err=True)
    if hint:
        click.echo(f"  {console(hint)}", err=True)
    return code


def _day(given: datetime | None) -> date:
    return given.date() if given else datetime.now(UTC).date()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="pinward %(version)s")
def pinward() -> None:
    """Keep the LLM models of a repository pinned, proven and alive.

    \b
    pinward scan                     which model names here can change or vanish?
    pinward gate --base main         does this branch's model do the work as well?
    pinward watch                    which of our models will be shut down, and when?
    pinward explain gpt-4o           what is known of one name
    pinward demo                     see a blocked and a passing pull request
    """
