"""`pinward publish`: put a saved report on its pull request. Needs a token that can write, and no provider keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pinward.commands.event.pull_request import completed
from pinward.commands.gate.files import read_report
from pinward.config.settings import GitHubSettings, Settings
from pinward.core.policy import Policy
from pinward.core.report import GateReport
from pinward.errors import ConfigError, ExitCode, PinwardError, PublishError, UsageError, worst
from pinward.gh.client import Access, Annotation, GitHub
from pinward.gh.event import FORKS_OWN_REPORT, Event, Workflow, plan
from pinward.gh.patience import Patience
from pinward.gh.payload import read_event
from pinward.gh.publish import Published, Run, Target, Texts, publish
from pinward.render import markdown, words
from pinward.render.text import visible
from pinward.verdict.report import RunFacts, error_report

PATIENCE = 240.0
SHORT_PATIENCE = 4.0  # what a cancelled job still has
MAX_EVENT = 25_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, in seconds since 1970, and waiting."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def run(report_dir: Path, settings: Settings, out: TextIO) -> int:
    """Publish the report in a folder and say what GitHub did not take."""
    code, problems = publish_folder(report_dir, settings, Clock())
    out.writelines(f"{problem}\n" for problem in problems)
    return code


def publish_folder(report_dir: Path, settings: Settings, clock: Clock) -> tuple[ExitCode, list[PublishError]]:
    """Publish the report in a folder; the exit code is the report's, or worse where GitHub did not take it.

    Where the report is missing or not this commit's, a failure is published in its place.
    """
    github = settings.github
    event = current_event(github)
    decided = plan(event, "publish")
    if event.idle:
        return ExitCode.OK, []
    if event.kind == "workflow_run" and not decided.write:
        raise UsageError(FORKS_OWN_REPORT, "Use `mode: auto`, which scans the fork's commit itself.")
    if not decided.write:  # a fork's own run has no right to write: the job ends as the evaluation did
        return ExitCode(_trusted_report(report_dir, event).exit_code), []
    client = connect(github, clock)
    if client is None:
        raise UsageError("no token", "Set GITHUB_TOKEN, or the action's input `token`.")
    try:
        event = completed(event, client, patience(clock))
        if event.idle:
            return ExitCode.OK, []
        report = _trusted_report(report_dir, event)
        done = put(client, event, report, github, clock)
    finally:
        client.close()
    return worst([ExitCode(report.exit_code), *(problem.exit_code for problem in done.problems)]), done.problems


def current_event(github: GitHubSettings) -> Event:
    """Read the event that the runner's variables name."""
    path = Path(github.event_path)
    if not github.event_path or not path.is_file() or path.stat().st_size > MAX_EVENT:
        raise UsageError("GITHUB_EVENT_PATH names no event file", "Run inside a GitHub Actions job.")
    workflow = Workflow(github.event_name, github.repository, github.sha, github.ref, github.actor)
    return read_event(path.read_bytes(), workflow)


def connect(github: GitHubSettings, clock: Clock) -> GitHub | None:
    """Return a client, or None without a token."""
    if not github.token:
        return None
    return GitHub(Access(github.api_url, github.repository, github.token), clock.now)


def patience(clock: Clock, seconds: float = PATIENCE) -> Patience:
    """Return the time that GitHub is given."""
    return Patience(clock.now() + seconds, clock.now, clock.sleep)


def put(
    client: GitHub, event: Event, report: GateReport, github: GitHubSettings, clock: Clock, seconds: float = PATIENCE
) -> Published:
    """Write check run and comment of a report."""
    run = Run(int(github.run_id) if github.run_id.isdecimal() else 0, max(1, github.run_attempt))
    link = run_link(github)
    target = Target(event.head, run, event.number, link)
    return publish(client, target, report, texts(report, link), patience(clock, seconds))


def texts(report: GateReport, link: str) -> Texts:
    """Return what GitHub shows of a report."""
    comment = markdown.comment(report, link)
    summary = markdown.check_summary(report, link)
    announce, more = comment is not None, markdown.check_text(report)
    return Texts(comment or summary, words.title(report), summary, annotated(report), announce, more)


def annotated(report: GateReport) -> tuple[Annotation, ...]:
    """Return one annotation for each finding that has a place, those that block first."""
    levels = {"error": "failure", "warning": "warning", "note": "notice"}
    placed = sorted((f for f in report.findings if f.path), key=lambda finding: not finding.blocking)
    return tuple(
        Annotation(f.path or "", max(1, f.line or 1), levels[f.severity], visible(f"{f.message}\n{f.help} ({f.rule})"))
        for f in placed
    )


def run_link(github: GitHubSettings) -> str:
    """Return the address of the workflow run, which holds summary and artifacts."""
    return f"{github.server_url}/{github.repository}/actions/runs/{github.run_id}"


def failure(event: Event, error: PinwardError, started: str) -> GateReport:
    """Return the report of a run that could not even begin, or that left none."""
    facts = RunFacts(event.base or "", event.head, policy_source="none", started=started, seconds=0.0)
    return error_report(error, facts, Policy())


def _trusted_report(report_dir: Path, event: Event) -> GateReport:
    """Read a report of this very commit, or say in its place that there is none (docs/threats.md, trust rule 6)."""
    try:
        report = read_report(report_dir)
    except (UsageError, ConfigError) as error:
        return failure(event, type(error)(f"The evaluation left no report: {error.message}", error.hint), "")
    if report.shard is not None:
        part = f"The report is only shard {report.shard.number} of {report.shard.of}"
        return failure(event, UsageError(part, "Publish what `pinward merge` leaves."), report.started)
    if report.head != event.head:
        wrong = UsageError(f"The report is about another commit ({report.head[:12]})", "Evaluate this one.")
        return failure(event, wrong, report.started)
    return report
