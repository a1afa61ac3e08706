"""What started the workflow, read from the event file and the runner's variables; no HTTP, no environment.

What to do is a pure function of these facts (`plan`). How far the head is trusted follows the repository's id, never
the presence of secrets; what is not known counts as a fork (docs/threats.md, trust rule 1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, Protocol, get_args

from pinward.errors import GitError, UsageError

DEPENDABOT = "dependabot[bot]"
FORK_SCAN_ONLY = (
    "this pull request comes from a fork or from Dependabot and gets no keys; "
    "a maintainer can evaluate it by starting the workflow with its number and commit"
)
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
FORKS_OWN_REPORT = (
    "the report of a fork's own run is not believed: its workflow file is the fork's and can write anything into it"
)

Kind = Literal["pull_request", "merge_group", "push", "schedule", "workflow_dispatch", "workflow_run"]
Verb = Literal["scan", "gate", "watch"]
Mode = Literal["auto", "scan", "gate", "watch", "publish"]
MODES: tuple[Mode, ...] = get_args(Mode)


class Trust(StrEnum):
    """Whose code the head is: anybody's, a writer's of this repository, or already ours."""

    FORK = "fork"
    SAME = "same"
    TRUSTED = "trusted"


@dataclass(frozen=True, slots=True)
class Workflow:
    """What the runner states in its `GITHUB_*` variables about the run."""

    event_name: str
    repository: str
    sha: str
    ref: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `sha` is the commit that the runner checked out, `head` the commit that results hang on.

    On a pull request `sha` is the test merge and `head` the branch's own commit; `base` is what the payload calls the
    base, which may be older than the merge's first parent. `number` is set where a pull request is meant.

    What GitHub has to confirm before it counts: `queued`, the number that a merge group's ref names, and `branch`, the
    `owner:branch` that a finished workflow ran for. `pusher` pushed the head, where the event tells.
    """

    kind: Kind
    trust: Trust
    repository: str
    sha: str
    head: str
    base: str | None = None
    base_ref: str = ""
    number: int | None = None
    author: str = ""
    idle: str = ""
    queued: int | None = None
    branch: str = ""
    pusher: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: one verb (a gate scans too), or none. `write` allows comment and check run.

    `scan_only` says why a gate may not call models; `why` says why there is nothing to do.
    """

    verb: Verb | None
    scan_only: str = ""
    write: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The state of a pull request right now. `merge_sha` is GitHub's test merge, None while there is none."""

    head_sha: str
    base_sha: str
    base_ref: str
    merge_sha: str | None
    author: str
    open: bool
    number: int = 0


class History(Protocol):
    """What a repository knows of its commits."""

    def parents(self, sha: str) -> tuple[str, ...]:
        """Return the ids of a commit's parents, in order, those outside a shallow clone too.

        Raises `GitError` where the commit is not there.
        """
        ...


def plan(event: Event, mode: Mode = "auto") -> Plan:
    """Decide what to run for an event.

    Raises `UsageError` where the mode needs a pull request and the event has none.
    """
    if event.idle:
        return Plan(None, why=event.idle)
    on_request = event.number is not None or event.kind in {"merge_group", "workflow_run"}
    chosen = _automatic(event, on_request) if mode == "auto" else mode
    # The default branch gates what was merged, so that its report can stand as evidence later.
    merged = chosen == "gate" and event.kind == "push" and event.trust is Trust.TRUSTED and event.base is not None
    if merged:
        return Plan("gate")
    if chosen in ("gate", "publish") and not on_request:
        raise UsageError(
            f"mode `{chosen}` has nothing to compare on the event `{event.kind}`",
            "Run it on `pull_request` or `merge_group`, or start the workflow with the input `pr`.",
        )
    if chosen == "publish":
        return Plan(None, write=event.trust is not Trust.FORK)
    if chosen != "gate":
        return Plan(chosen)
    if event.kind == "workflow_run" and event.trust is not Trust.FORK and mode == "auto":
        return Plan(None, why="the pull request's own run can write, and has published its result")
    if event.trust is Trust.FORK:
        # After a fork's own run, this one has our token: what it scans itself it may write.
        return Plan("gate", scan_only=FORK_SCAN_ONLY, write=event.kind == "workflow_run")
    return Plan("gate", write=True)


def _automatic(event: Event, on_request: bool) -> Verb:
    if on_request:
        return "gate"
    return "scan" if event.kind == "push" else "watch"


def at_pull_request(event: Event, now: PullRequest) -> Event:
    """Complete a dispatched event with its pull request as it is now.

    Raises `UsageError` where the head is no longer the commit that was reviewed (docs/threats.md, trust rule 7).
    """
    if now.head_sha != event.head:
        raise UsageError(
            f"the head of pull request {event.number} is {now.head_sha[:12]}, not {event.head[:12]}",
            "Read the new commit, and start the workflow with it.",
        )
    if not now.open or now.merge_sha is None:
        raise UsageError(f"pull request {event.number} has no test merge", "Is it open, and free of conflicts?")
    base = full_sha(now.base_sha, "the base of the pull request")
    merge = full_sha(now.merge_sha, "the test merge of the pull request")
    return replace(event, sha=merge, base=base, base_ref=now.base_ref, author=now.author)


def after_workflow(event: Event, candidates: Sequence[PullRequest]) -> Event:
    """Complete a finished workflow's event with the open pull request of its branch, as GitHub lists them.

    The number is never the payload's or an artifact's (docs/threats.md T28). Of several requests of one head the one
    into the default branch counts. Idle where the head has moved on: its own run follows.
    """
    meant = [pull for pull in candidates if pull.open and pull.head_sha == event.head]
    if not meant:
        return replace(event, idle=f"no open pull request has the head {event.head[:12]}")
    found = min(meant, key=lambda pull: (pull.base_ref != event.base_ref, pull.number))
    return replace(event, number=found.number)


def full_sha(value: object, name: str) -> str:
    """Return a full commit id. Raises `UsageError` for anything else."""
    if not isinstance(value, str) or not SHA.fullmatch(value):
        raise UsageError(f"{name} is not a full commit id", "Give all 40 hexadecimal digits.")
    return value


def policy_base(event: Event, history: History, on_base_branch: Callable[[str], bool]) -> str:
    """Return the commit whose policy decides: on a pull request the test merge's first parent.

    `on_base_branch` tells whether a commit is an ancestor of the base branch's tip. Raises `GitError` where the merge
    is not what GitHub makes, so that nobody chooses the policy by choosing a commit.
    """
    if event.number is None:
        if event.base is None:
            raise GitError(f"the event `{event.kind}` names no base commit", "Give the base with `--base`.")
        return event.base
    parents = history.parents(event.sha)
    if len(parents) != 2 or parents[1] != event.head:
        raise GitError(
            f"{event.sha[:12]} is not the test merge of {event.head[:12]} into `{printable(event.base_ref)}`",
            "Let actions/checkout take its default ref, with `fetch-depth: 2`.",
        )
    if parents[0] != event.base and not on_base_branch(parents[0]):
        raise GitError(
            f"the base {parents[0][:12]} of the test merge is not on `{printable(event.base_ref)}`",
            "Check out with `fetch-depth: 0`, or re-run once the branch is up to date.",
        )
    return parents[0]


def printable(text: str, limit: int = 100) -> str:
    """Show hostile text inside a message: only letters, digits and plain punctuation, cut short."""
    shown = "".join(c if c.isascii() and (c.isalnum() or c in "._-/ ") else "?" for c in text[:limit])
    return shown + ("..." if len(text) > limit else "")
