"""The command line's group of verbs: starts one of them and turns every end into an exit code.

A verb's module is imported when the verb is called; adding a verb adds a row to `VERBS`.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from itertools import takewhile
from types import FrameType
from typing import NoReturn

import click

from pinward.errors import ExitCode, PinwardError, UsageError, as_error
from pinward.verbs.common import DETAIL_FLAGS, with_detail
from pinward.version import __version__, doc

# Each verb, and the module of `pinward.verbs` that holds it, in the order of the help text.
VERBS = {
    "init": "starting",
    "scan": "finding",
    "explain": "finding",
    "gate": "judging",
    "merge": "judging",
    "migrate": "judging",
    "publish": "judging",
    "watch": "watching",
    "catalog": "watching",
    "rollout": "rolling",
    "import": "authoring",
    "suite": "authoring",
    "prompts": "authoring",
    "judge": "authoring",
    "demo": "judging",
}


class Verbs(click.Group):
    """A group whose verbs are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- the signature is click's
        """Return the names of all verbs."""
        return list(VERBS)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the flags that every verb has before the verb too."""
        early = list(takewhile(DETAIL_FLAGS.__contains__, args))
        return super().parse_args(ctx, [*args[len(early) :], *early])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; raises `UsageError` with the one that was meant where there is no such."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from pinward.core.fields import suggestion

            raise UsageError(
                f"there is no verb `{args[0]}`", f"{suggestion(args[0], VERBS)} `pinward --help` tells of each."
            )
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- likewise
        """Return one verb, None where there is no such."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f"pinward.verbs.{VERBS[cmd_name]}")
        found: click.Command = getattr(module, "import_" if cmd_name == "import" else cmd_name)
        return with_detail(found)


def run(arguments: Sequence[str]) -> int:
    """Run one verb and return the exit code. A crash never looks like a verdict."""
    signal.signal(signal.SIGTERM, _terminated)
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal of another encoding shows `\u2013`, and no verb dies of it
        sys.stdout.reconfigure(errors="backslashreplace")
    debug = "--debug" in arguments
    try:
        result = pinward.main([a for a in arguments if a != "--debug"], prog_name="pinward", standalone_mode=False)
    except PinwardError as error:
        return _fail(error.exit_code, error.message, error.hint)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return ExitCode.USAGE
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
        said = as_error(error)
        return _fail(said.exit_code, said.message, said.hint)
    return int(result or 0)


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(ExitCode.TERMINATED)


def _fail(code: ExitCode, message: str, hint: str) -> ExitCode:
    from pinward.render.text import console

    click.echo(f"pinward: {console(message)}", err=True)
    if hint:
        click.echo(f"  {console(hint)}", err=True)
    return code


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"All pages: {doc('README.md')}",
)
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
