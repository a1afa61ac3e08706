"""The container's entry: a GitHub event becomes one verb, and its report becomes comment, check, summary and outputs.

Publishing that fails never changes the exit code: the report is on disk and the code tells the verdict.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from pinward.errors import CancelledError, ExitCode, PinwardError, UsageError, as_error

if TYPE_CHECKING:
    from pinward.commands.event.step import Step
    from pinward.commands.gate.run import GateRequest
    from pinward.commands.publish import Clock
    from pinward.config.settings import Settings
    from pinward.core.report import GateReport
    from pinward.gh.client import GitHub
    from pinward.gh.event import Event, Mode, Plan

# The inputs of action.yml, with its defaults.
INPUTS = {
    "mode": "auto",
    "config": "pinward.yml",
    "report-dir": "pinward-report",
    "publish": "true",
    "evidence": "",
    "token": "",
    "shard": "",
    "shards": "",
    "proxy": "",
    "ca-certificates": "",
}
_LOOKS = {ExitCode.OK: "pass", ExitCode.BLOCKED: "fail"}
_INTERRUPTED = (ExitCode.INTERRUPTED, ExitCode.TERMINATED)


@dataclass(frozen=True, slots=True)
class Action:
    """One run of the action: what the runner says, how to answer it, and the parts that do the work.

    `gate` runs what a request asks for, `join` judges the shards in a folder against it.
    """

    settings: Settings
    step: Step
    clock: Clock
    verb: Callable[[list[str]], int]
    gate: Callable[[GateRequest], GateReport]
    join: Callable[[Path, GateRequest], GateReport]

    def input(self, name: str) -> str:
        """Return an input of action.yml."""
        return self.settings.inputs.get(name, INPUTS[name])

    @property
    def workspace(self) -> Path:
        """Return the folder that the repository is checked out in."""
        return Path(self.settings.github.workspace or ".")


def main() -> None:
    """Run as the container's first process, which gets no default handling of SIGTERM."""
    signal.signal(signal.SIGTERM, _terminated)
    from pinward.commands.event.step import Step
    from pinward.commands.gate.cli import real_edges
    from pinward.commands.gate.progress import run_watched
    from pinward.commands.merge import merge
    from pinward.commands.publish import Clock
    from pinward.config.settings import load
    from pinward.net import Network
    from pinward.verbs.main import run

    settings = load()
    network = Network(settings.inputs.get("proxy"), settings.inputs.get("ca-certificates"))
    step = Step(settings.github, sys.stdout, lambda: secrets.token_hex(16))
    why = "the action's container holds neither your runtime nor your libraries"
    edges = replace(real_edges(settings, network), no_programs=why)
    action = Action(
        settings,
        step,
        Clock(),
        run,
        gate=lambda request: run_watched(request, edges, sys.stderr),
        join=lambda folder, request: merge([folder], request.report_dir, lambda _: request, edges),
    )
    sys.exit(act(action))


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(ExitCode.TERMINATED)


def act(action: Action) -> int:
    """Do what the event asks for and return the exit code. A crash never looks like a verdict."""
    try:
        return _act(action)
    except PinwardError as error:
        action.step.fail(error)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last stop
        said = as_error(error)
        action.step.fail(said)
        return said.exit_code


def _act(action: Action) -> int:
    from pinward.commands import publish
    from pinward.gh.event import plan

    mode = _mode(action.input("mode"))
    event = publish.current_event(action.settings.github)
    decided = plan(event, mode)
    if mode == "publish":
        return _publish(action)
    if decided.verb is None:
        action.step.print(f"Nothing to do: {decided.why}.")
        return ExitCode.OK
    if decided.verb == "watch" and action.input("publish") == "true" and action.settings.github.token:
        return _watch(action)
    if decided.verb != "gate":
        return _look(action, decided.verb)
    client = publish.connect(action.settings.github, action.clock)
    try:
        return _gate(action, event, decided, client)
    finally:
        if client is not None:
            client.close()


def _mode(text: str) -> Mode:
    from pinward.gh.event import MODES

    for mode in MODES:
        if mode == text:
            return mode
    raise UsageError(f"the input `mode` is {text!r}", f"Write one of {', '.join(MODES)}.")


def _publish(action: Action) -> int:
    from pinward.commands.publish import publish_folder

    code, problems = publish_folder(action.workspace / action.input("report-dir"), action.settings, action.clock)
    for problem in problems:
        action.step.fail(problem)
    return code


def _look(action: Action, verb: str) -> int:
    """Scan or watch: put what the verb prints into the job summary too, and a scan's findings beside their lines."""
    from pinward.render.text import fence

    arguments = [verb, str(action.workspace), "--config", action.input("config")]
    with action.step.printing() as printed:
        code = action.verb(arguments)
    if verb == "scan" and code in _LOOKS:
        with redirect_stdout(action.step.output):
            action.verb([*arguments, "--format", "github"])
    action.step.summarise(f"## pinward {verb}\n\n{fence(printed.getvalue())}\n")
    action.step.set_outputs({"verdict": _LOOKS.get(ExitCode(code), "error")})
    return code


def _watch(action: Action) -> int:
    """Watch, keep the dashboard issue, and put the night into the job summary."""
    from datetime import UTC, datetime

    from pinward.commands.catalog import current, fetched, standard
    from pinward.commands.watch import tell as watch_tell
    from pinward.commands.watch.run import FORMATS, Outside

    today = datetime.fromtimestamp(action.clock.now(), UTC).date()
    data = standard(None)
    catalog, notes = (fetched if data.keys else current)(data, today)
    outside = Outside(catalog, today, notes, action.settings.key, None, action.input("config"))
    asked = watch_tell.Asked(nights=_evidence(action, action.workspace))
    told = watch_tell.run(action.workspace, outside, action.settings, action.clock, asked)
    for problem in told.problems:
        action.step.warn(f"{problem.message}. {problem.hint}")
    action.step.print(FORMATS["console"](told.watched.night))
    action.step.summarise(FORMATS["markdown"](told.watched.night))
    action.step.set_outputs({"verdict": _LOOKS.get(told.code, "error")})
    return told.code


def _gate(action: Action, event: Event, decided: Plan, client: GitHub | None) -> int:
    from pinward.commands import publish

    event, report = _evaluate(action, event, decided, client)
    if report is None:
        action.step.print(f"Nothing to do: {event.idle}.")
        return ExitCode.OK
    _tell(action, report, decided)
    code = ExitCode(report.exit_code)
    if not decided.write or action.input("publish") != "true" or report.shard is not None:
        return code
    if client is None:
        action.step.warn("The action has no token, so that comment and check run are not written.")
        return code
    seconds = publish.SHORT_PATIENCE if code in _INTERRUPTED else publish.PATIENCE
    done = publish.put(client, event, report, action.settings.github, action.clock, seconds)
    for problem in done.problems:
        action.step.warn(f"{problem.message}. {problem.hint}")
    return code


def _evaluate(action: Action, event: Event, decided: Plan, client: GitHub | None) -> tuple[Event, GateReport | None]:
    """Return the completed event and the gate's report; where it could not even begin, one that says so.

    Either one is on disk, unless the disk is what is wrong. None where the event turns out to ask for nothing.
    """
    from pinward.commands.event.gate import EventGate

    gate = EventGate(action.settings.github, action.clock, client, event, decided)
    folder = None
    try:
        folder = report_folder(action.workspace, action.input("report-dir"))
        with action.step.printing():
            report = gate.run(action.workspace, folder, action.input("config"), _whole_or_part(action))
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001 - none is left to an older check
        said = as_error(error) if isinstance(error, Exception) else CancelledError(error)
        action.step.fail(said)
        report = gate.failed(said, folder)
    return gate.event, report


def _whole_or_part(action: Action) -> Callable[[GateRequest], GateReport]:
    """Return what the gate does: all of it, one shard of it, or the judging of all shards."""
    from pinward.commands.gate.shards import read_shard

    shard, shards = action.input("shard"), action.input("shards")
    if shard and shards:
        raise UsageError("the inputs `shard` and `shards` are both set", "Run a shard, or judge all of them.")
    if shards:
        return lambda request: action.join(action.workspace / shards, request)
    if shard:
        part = read_shard(shard)
        return lambda request: action.gate(replace(request, shard=part, stored=_evidence(action, request.root)))
    return lambda request: action.gate(replace(request, stored=_evidence(action, request.root)))


def _evidence(action: Action, root: Path) -> Path | None:
    """Return the folder of earlier reports and nights; the repository's own files are no evidence."""
    from pinward.commands.gate.cli import refuse_tracked

    if not action.input("evidence"):
        return None
    folder = action.workspace / action.input("evidence")
    refuse_tracked(root, folder)
    return folder


def _tell(action: Action, report: GateReport, decided: Plan) -> None:
    """Say the result in log, job summary and outputs; where no check run can, in log annotations too."""
    from pinward.commands.publish import annotated, run_link
    from pinward.gh.step_files import outputs
    from pinward.render import markdown, words

    action.step.print(f"Pinward: {words.title(report)}")
    action.step.summarise(markdown.step_summary(report, run_link(action.settings.github)))
    action.step.set_outputs(outputs(report, action.input("report-dir")))
    if not decided.write:
        action.step.annotate(annotated(report))


def report_folder(workspace: Path, name: str) -> Path:
    """Return the folder for the report, emptied, inside the workspace and free of links that the head placed there.

    Raises `UsageError` where it would lead elsewhere.
    """
    from pinward.commands.gate.files import FILES

    folder = workspace / name
    levels = [level for level in (folder, *folder.parents) if level.is_relative_to(workspace) and level != workspace]
    if not levels or ".." in folder.parts or ".git" in folder.parts or any(level.is_symlink() for level in levels):
        raise UsageError(f"the input `report-dir` leads out of the workspace: {name!r}", "Name a folder below it.")
    if folder.is_dir():
        for entry in folder.iterdir():
            if entry.is_symlink() or entry.is_file():
                entry.unlink()
            elif entry.name in FILES:  # in the way of the report; other folders are none of its business
                shutil.rmtree(entry)
    else:
        folder.unlink(missing_ok=True)
    return folder


if __name__ == "__main__":
    main()
