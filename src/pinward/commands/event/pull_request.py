"""What GitHub says of the pull request that an event is about: which one, who approved it, what was found before.

Nothing of it is taken from the event or an artifact alone (docs/threats.md T24, T28).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from pinward.commands.event.commits import Clone, Commits
from pinward.core.report import GateReport
from pinward.errors import PublishError, UsageError
from pinward.gh.client import CheckRun, GitHub
from pinward.gh.event import Event, PullRequest, after_workflow, at_pull_request
from pinward.gh.patience import Patience
from pinward.gh.publish import ACTIONS_APP, CHECK_NAME, evidence_of
from pinward.git import history
from pinward.version import __version__

MERGE_TRIES = 5  # GitHub makes the test merge in the background, after the first question for it
MERGE_PAUSE = 3.0


@dataclass(frozen=True, slots=True)
class Subject:
    """The pull request whose reviews and earlier results count: its number, its head, and who made it."""

    number: int
    head: str
    makers: frozenset[str]


def completed(event: Event, client: GitHub | None, patient: Patience) -> Event:
    """Complete an event that names its pull request by number or branch alone; idle where there is none any more."""
    if event.kind not in {"workflow_dispatch", "workflow_run"} or (event.number is None and not event.branch):
        return event
    if client is None:
        raise UsageError("no token to read the pull request with", "Give the action its `token`.")
    if event.kind == "workflow_run":
        what = "question about the branch's pull request"
        event = after_workflow(
            event, patient.ask(what, lambda: client.open_pull_requests(event.branch), "pull-requests: read")
        )
    return event if event.idle or event.number is None else _at_test_merge(event, event.number, client, patient)


def _at_test_merge(event: Event, number: int, client: GitHub, patient: Patience) -> Event:
    for left in reversed(range(MERGE_TRIES)):
        now = _pull(client, number, patient)
        if now.merge_sha is not None or not now.open or not left:
            break
        patient.sleep(MERGE_PAUSE)
    return at_pull_request(event, now)


def _pull(client: GitHub, number: int, patient: Patience) -> PullRequest:
    return patient.ask("question about the pull request", lambda: client.pull_request(number), "pull-requests: read")


def on_branch(client: GitHub | None, patient: Patience) -> Callable[[str, str], bool]:
    """Return a way to ask GitHub whether a commit is on a branch; without a token the answer is no."""

    def ask(branch: str, sha: str) -> bool:
        if client is None:
            return False
        return patient.ask("question about the base branch", lambda: client.is_on_branch(branch, sha), "contents: read")

    return ask


def subject(event: Event, client: GitHub | None, clone: Clone, patient: Patience) -> Subject | None:
    """Return the pull request of an event. A merge group's is the one that its ref names, if GitHub and the commit
    itself agree: open, into this branch, and merged with the group's base it gives exactly the group's files.
    """
    if event.number is not None:
        return Subject(event.number, event.head, frozenset({event.author, event.pusher} - {""}))
    if event.queued is None or client is None:
        return None
    try:
        pull = _pull(client, event.queued, patient)
    except PublishError:
        return None
    into_this = pull.open and pull.base_ref == event.base_ref
    if not into_this or not clone.merges(event.sha, event.base or "", pull.head_sha):
        return None
    return Subject(event.queued, pull.head_sha, frozenset({pull.author} - {""}))


def approved(client: GitHub | None, about: Subject | None, patient: Patience) -> bool:
    """Tell whether somebody else with write access has approved exactly this head (docs/threats.md, trust rule 4).

    Whoever opened the request, pushed its head or made one of its commits is nobody else.
    """
    if client is None or about is None:
        return False

    def ask() -> bool:
        named = set(client.approvers(about.number, about.head)) - about.makers
        others = named - client.contributors(about.number) if named else named
        return any(client.can_write(login) for login in sorted(others))

    try:
        return patient.ask("question about reviews", ask)
    except PublishError:
        return False  # not known to be approved


def evidence(clone: Clone, found: Commits, config: str, is_approved: bool) -> str:
    """Return what identifies a result: equal policy commits, files and approvals give the same one (hex)."""
    parts = [__version__, found.base, history.tree_of(clone.root, found.head), config, is_approved]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def earlier_pass(
    event: Event, about: Subject | None, digest: str, client: GitHub | None, patient: Patience
) -> CheckRun | None:
    """Return the check run with which the queued pull request passed on the same base and files, None where the last
    one says anything else. It is what let the pull request into the queue, written by GitHub Actions on its head.
    """
    if event.kind != "merge_group" or about is None or client is None:
        return None
    try:
        what = "question about earlier results"
        runs = patient.ask(what, lambda: client.check_runs(about.head, CHECK_NAME), "checks: read")
    except PublishError:
        return None
    last = next(iter(reversed([run for run in runs if run.app == ACTIONS_APP])), None)
    same = last is not None and last.conclusion == "success" and evidence_of(last) == digest
    return last if same else None


def reused(event: Event, about: Subject, found: Commits, config: str, started: str) -> GateReport:
    """Return the report of a merge group that needs no second evaluation."""
    said = f"Pull request {about.number} passed at {about.head[:12]} on this base with these files."
    return GateReport(
        verdict="pass",
        exit_code=0,
        reasons=[f"{said} Nothing was asked again."],
        base=found.base,
        head=event.head,
        policy_source=f"{config}@{found.base}",
        started=started,
        seconds=0.0,
    )
