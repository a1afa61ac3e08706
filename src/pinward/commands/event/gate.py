"""The gate of one GitHub event: from the event to the two commits, the approvals, and the report on disk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pinward.commands.event import pull_request
from pinward.commands.event.commits import Clone, commits
from pinward.commands.gate.files import read_report, write_report
from pinward.commands.gate.run import GateRequest
from pinward.commands.publish import Clock, failure, patience
from pinward.config.settings import GitHubSettings
from pinward.core.report import GateReport
from pinward.errors import BusyError, PinwardError, UsageError
from pinward.gh.client import GitHub
from pinward.gh.event import Event, Plan
from pinward.git.history import toplevel


@dataclass
class EventGate:
    """One run for one event. `event` is completed with what GitHub says of its pull request."""

    github: GitHubSettings
    clock: Clock
    client: GitHub | None
    event: Event
    decided: Plan

    def run(
        self, workspace: Path, folder: Path, config: str, gate: Callable[[GateRequest], GateReport]
    ) -> GateReport | None:
        """Gate the event's commits; None where there is nothing to gate any more. Raises `PinwardError`."""
        root = toplevel(workspace)
        if root is None:
            raise UsageError("the workspace holds no git repository", "Put actions/checkout before this step.")
        patient = patience(self.clock)
        self.event = event = pull_request.completed(self.event, self.client, patient)
        if event.idle:
            return None
        clone = Clone(root, self.github.server_url, self.github.token)
        found = commits(event, clone, pull_request.on_branch(self.client, patient))
        about = pull_request.subject(event, self.client, clone, patient)
        is_approved = pull_request.approved(self.client, about, patient)
        evidence = "" if self.decided.scan_only else pull_request.evidence(clone, found, config, is_approved)
        if about and pull_request.earlier_pass(event, about, evidence, self.client, patient):
            report = pull_request.reused(event, about, found, config, self._now())
            write_report(folder, report)
            return report
        return gate(
            GateRequest(
                root=root,
                base=found.base,
                head=found.head,
                report_dir=folder,
                config=config,
                shown_head=event.head,
                scan_only=self.decided.scan_only,
                approved=is_approved,
                evidence=evidence,
                pull_request=about.number if about else None,
            )
        )

    def failed(self, error: PinwardError, folder: Path | None) -> GateReport:
        """Return the report of a run that ended with an error: the gate's own where it left one, which knows more."""
        if folder is None or isinstance(error, BusyError):  # what stands in the folder is another run's
            return failure(self.event, error, self._now())
        try:
            return read_report(folder)
        except PinwardError:
            report = failure(self.event, error, self._now())
        with suppress(OSError):  # the error that is told is what matters; a full disk may be its reason
            write_report(folder, report)
        return report

    def _now(self) -> str:
        return datetime.fromtimestamp(self.clock.now(), UTC).isoformat(timespec="seconds")
