"""The page of all verbs and flags, docs/commands.md, from the command line itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from pinward.errors import ExitCode
from pinward.verbs.main import VERBS, pinward

HEAD = """\
# Commands

What `pinward VERB --help` prints, on one page. It is generated from the program (`make schema`).

Flags of every verb, after it or before it:

| option | meaning |
|---|---|
| `-q`, `--quiet` | no progress; a gate's verdict alone; of a scan one line a finding |
| `-v`, `--verbose` | all notable cases of a gate, not the first 20; all model names of a scan |
| `--debug` | where in the program an error arose |
| `-h`, `--help` | the verb's help; `pinward --version` prints the version |

Errors are printed either way, and the exit code is the same. `NO_COLOR` and `COLUMNS` are respected, and what is piped
is plain. [Completion for your shell](how-to/completion.md).

Exit codes are the same for all verbs: {codes}. [What each means](exit-codes.md).
"""


def render() -> str:
    """Return the page as Markdown."""
    codes = ", ".join(str(code.value) for code in ExitCode)
    context = click.Context(pinward, info_name="pinward")
    parts = [HEAD.format(codes=codes)]
    for verb in VERBS:
        parts += _command(_of(pinward, context, verb), context, 2)
    return "\n".join(parts)


def _of(group: click.Group, context: click.Context, name: str) -> click.Command:
    if (found := group.get_command(context, name)) is None:
        raise LookupError(name)
    return found


def _command(command: click.Command, parent: click.Context, level: int) -> Iterator[str]:
    """Yield the parts of a verb and of the verbs below it."""
    context = click.Context(command, info_name=command.name, parent=parent)
    yield f"{'#' * level} {context.command_path}\n"
    if not isinstance(command, click.Group):
        yield "```text\n" + context.get_usage().removeprefix("Usage: ") + "\n```\n"
    yield from _paragraphs(command.help or "")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _command(_of(command, context, name), context, level + 1)
        return
    options = [param for param in command.params if isinstance(param, click.Option) and param.expose_value]
    if options:
        yield "\n".join(["| option | default | meaning |", "|---|---|---|", *map(_row, options)]) + "\n"


def _paragraphs(written: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(written).split("\n\n"):
        if paragraph.startswith("\b\n"):
            yield f"```sh\n{paragraph.removeprefix(chr(8)).strip()}\n```\n"
        else:
            yield paragraph + "\n"


def _row(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('x')))}"
    names = ", ".join(f"`{name}{value}`" for name in option.opts).replace("|", "\\|")
    given = option.default
    default = f"`{given}`" if isinstance(given, str) or hasattr(given, "parts") else ""
    return f"| {names} | {'required' if option.required else default} | {option.help or ''} |"
