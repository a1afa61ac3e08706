"""The verbs and their flags. Builds the real edges (clock, environment, files) and hands them to one command."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from pinward.errors import ExitCode, PinwardError, as_error
from pinward.version import __version__

if TYPE_CHECKING:
    from pinward.config.settings import Settings
    from pinward.core.policy import Project
    from pinward.git.tree import WorkTree

DATE = click.DateTime(["%Y-%m-%d"])
SCAN_FORMATS = ("console", "json", "sarif", "markdown", "github", "gitlab", "baseline")
FOLDER = click.Path(path_type=Path)
EXISTING = click.Path(path_type=Path, exists=True, file_okay=False)


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


def _day(given: datetime | None) -> date:
    return given.date() if given else datetime.now(UTC).date()


def _settings() -> Settings:
    from pinward.config import settings

    return settings.load()


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


@pinward.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--client", help="Provider that the surrounding code tells, for example azure.")
@click.option("--format", "format_", type=click.Choice(["console", "json"]), default="console", show_default=True)
@click.option("--today", type=DATE, help="Judge as of this day (YYYY-MM-DD) instead of the clock's.")
def explain(names: tuple[str, ...], client: str | None, format_: str, today: datetime | None) -> int:
    """Tell what is known of model names (pin, target, dates, replacement, source), or print the page of a rule.

    \b
    pinward explain gpt-4o claude-opus-4-6
    pinward explain gemini-2.5-flash --client vertex --format json
    pinward explain unpinned-alias
    """
    from pinward.commands import explain as command
    from pinward.lifecycle.catalog import load

    chosen: Literal["console", "json"] = "json" if format_ == "json" else "console"
    return command.run(names, load(), _day(today), sys.stdout, client, chosen)


@pinward.command()
@click.argument("path", type=EXISTING, default=Path())
@click.option("--format", type=click.Choice(SCAN_FORMATS), default="console", show_default=True)
@click.option("--output", type=FOLDER, help="Write there instead of printing.")
@click.option("--persona", type=click.Choice(["user", "auditor"]), default="user", show_default=True)
@click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to PATH.")
@click.option("--baseline", type=FOLDER, help="Findings of this file stay quiet; `--format baseline` writes one.")
@click.option("--since", metavar="REF", help="Only findings on lines that are new since the merge base with REF.")
@click.option("--fix", type=click.Choice(["safe", "all"]), help="Pin aliases; `all` also moves retiring names.")
@click.option("--today", type=DATE, help="Judge as of this day (YYYY-MM-DD) instead of the clock's.")
def scan(path: Path, today: datetime | None, **flags: Any) -> int:
    """Find model names that are not pinned, or are retired, retiring or rerouted.

    \b
    pinward scan
    pinward scan services/chat --format sarif --output findings.sarif
    pinward scan --since origin/main
    pinward scan --fix safe
    """
    from pinward.commands import scan_cli as command

    return command.run(path, command.Flags(_day(today), **flags), sys.stdout, sys.stderr)


@pinward.command()
@click.option("--base", required=True, help="Branch, tag or commit to compare with; policy is read from it.")
@click.option("--head", default="HEAD", show_default=True, help="Branch, tag or commit that holds the change.")
@click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to the root.")
@click.option("--report-dir", type=FOLDER, default=Path("pinward-report"), show_default=True)
@click.option("--path", type=FOLDER, default=Path(), help="A folder of the repository; the current one by default.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and what it could cost; call nobody.")
@click.option("--publish", is_flag=True, help="Put the report on the pull request that the event names.")
@click.option("--event", type=FOLDER, help="Event file for --publish instead of GITHUB_EVENT_PATH.")
def gate(**given: Any) -> int:
    """Evaluate what a branch changes: model, prompt or parameters, against the base.

    \b
    pinward gate --base main --dry-run
    pinward gate --base origin/main --head feature --report-dir out
    """
    from pinward.commands import gate_cli as command

    return command.run(command.Options(**given), _settings(), sys.stdout)


@pinward.command()
@click.argument("path", type=EXISTING, default=Path())
@click.option("--today", type=DATE, help="Judge as of this day (YYYY-MM-DD) instead of the clock's.")
def watch(path: Path, today: datetime | None) -> int:
    """List the shutdown dates of every model that the repository uses.

    \b
    pinward watch
    """
    from pinward.commands import watch as command
    from pinward.lifecycle.catalog import load

    return command.run(path, load(), _day(today), sys.stdout)


@pinward.command()
@click.argument("report_dir", type=FOLDER)
def publish(report_dir: Path) -> int:
    """Publish a saved report: comment, check and summary on GitHub. Needs a token, no provider keys.

    \b
    pinward publish pinward-report
    """
    from pinward.commands import publish as command

    return command.run(report_dir, _settings(), sys.stdout)


@pinward.command()
@click.option("--report-dir", type=FOLDER, default=Path("demo-report"), show_default=True)
def demo(report_dir: Path) -> int:
    """Build a repository with two pull requests, gate both from recorded answers, and print both comments."""
    from pinward.commands import demo as command

    return command.run(report_dir, sys.stdout.write)


def _project(path: Path, config: str) -> tuple[Project, WorkTree]:
    from pinward.config.project import load_project
    from pinward.core.policy import Project
    from pinward.git.tree import WorkTree

    tree = WorkTree(path)
    return load_project(tree, config) or Project(source=config), tree


CONFIG = click.option("--config", default="pinward.yml", show_default=True, help="Configuration, relative to PATH.")
PATH = click.option("--path", type=FOLDER, default=Path(), help="The repository's folder; the current one by default.")


@pinward.command("import")
@click.argument("file")
@click.option("--format", "format_", help="promptfoo, openai-evals or github-prompt; recognised where it is left out.")
@PATH
def import_(file: str, format_: str | None, path: Path) -> int:
    """Write another tool's tests and prompts as a suite and a prompt file, and list what cannot be carried.

    \b
    pinward import promptfooconfig.yaml
    """
    from pinward.commands import import_ as command
    from pinward.git.tree import WorkTree

    return command.run(WorkTree(path), path, file, format_, sys.stdout)


@pinward.group()
def suite() -> None:
    """Check the suites of all tasks, and see what they cover."""


@suite.command()
@CONFIG
@PATH
def lint(config: str, path: Path) -> int:
    """Check every suite and prompt: what would stop a gate, and what no prompt reads.

    \b
    pinward suite lint
    """
    from pinward.commands import suite as command

    return command.lint(*_project(path, config), sys.stdout)


@suite.command()
@CONFIG
@PATH
def coverage(config: str, path: Path) -> int:
    """Count the cases of every task by category, and name what is thin.

    \b
    pinward suite coverage
    """
    from pinward.commands import suite as command

    return command.coverage(*_project(path, config), sys.stdout)


@pinward.group()
def prompts() -> None:
    """See which prompt each model gets, and how versions differ."""


@prompts.command("list")
@CONFIG
@PATH
def prompts_list(config: str, path: Path) -> int:
    """Print the version of the prompt that each model of each task gets.

    \b
    pinward prompts list
    """
    from pinward.commands import prompts as command

    return command.listing(*_project(path, config), sys.stdout)


@prompts.command("diff")
@click.argument("task")
@click.argument("one")
@click.argument("other")
@CONFIG
@PATH
def prompts_diff(task: str, one: str, other: str, config: str, path: Path) -> int:
    """Print how two versions of a task's prompt differ.

    \b
    pinward prompts diff extract_entities 1 2
    """
    from pinward.commands import prompts as command

    return command.diff(*_project(path, config), task, (one, other), sys.stdout)
