"""What started the workflow, read from the event file and the runner's variables; no HTTP, no environment.

What to do is a pure function of these facts (`plan`). How far the head is trusted follows the repository's id, never
the presence of secrets; what is not known counts as a fork (docs/threats.md, trust rule 1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, Protocol

from pinward.core.policy import Json
from pinward.errors import GitError, UsageError

MAX_PAYLOAD = 25_000_000  # GitHub caps payloads at 25 MB (docs.github.com/webhooks/webhook-events-and-payloads)
DEPENDABOT = "dependabot[bot]"
FORK_SCAN_ONLY = (
    "this pull request comes from a fork or from Dependabot and gets no keys; "
    "a maintainer can evaluate it by starting the workflow with its number and commit"
)
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")

Kind = Literal["pull_request", "merge_group", "push", "schedule", "workflow_dispatch"]
Verb = Literal["scan", "gate", "watch"]
Mode = Literal["auto", "scan", "gate", "watch", "publish"]
MODES: tuple[Mode, ...] = ("auto", "scan", "gate", "watch", "publish")


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


class History(Protocol):
    """What a repository knows of its commits."""

    def parents(self, sha: str) -> tuple[str, ...]:
        """Return the ids of a commit's parents, in order, those outside a shallow clone too.

        Raises `GitError` where the commit is not there.
        """
        ...


def read_event(payload: bytes, workflow: Workflow) -> Event:
    """Read an event file.

    Raises `UsageError` for an event that Pinward does not serve or a file that GitHub did not write.
    """
    reader = _READERS.get(workflow.event_name)
    if reader is None:
        raise UsageError(f"the event `{printable(workflow.event_name)}` is not supported", _hint(workflow.event_name))
    if not _REPOSITORY.fullmatch(workflow.repository):
        raise UsageError("GITHUB_REPOSITORY is not `owner/name`", "Run inside a GitHub Actions job.")
    _sha(workflow.sha, "GITHUB_SHA")
    return reader(_load(payload), workflow)


def plan(event: Event, mode: Mode = "auto") -> Plan:
    """Decide what to run for an event.

    Raises `UsageError` where the mode needs a pull request and the event has none.
    """
    if event.idle:
        return Plan(None, why=event.idle)
    on_request = event.number is not None or event.kind == "merge_group"
    chosen = _automatic(event, on_request) if mode == "auto" else mode
    if chosen in ("gate", "publish") and not on_request:
        raise UsageError(
            f"mode `{chosen}` has nothing to compare on the event `{event.kind}`",
            "Run it on `pull_request` or `merge_group`, or start the workflow with the input `pr`.",
        )
    if chosen == "publish":
        return Plan(None, write=event.trust is not Trust.FORK)
    if chosen != "gate":
        return Plan(chosen)
    if event.trust is Trust.FORK:
        return Plan("gate", scan_only=FORK_SCAN_ONLY)
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
    base = _sha(now.base_sha, "the base of the pull request")
    merge = _sha(now.merge_sha, "the test merge of the pull request")
    return replace(event, sha=merge, base=base, base_ref=now.base_ref, author=now.author)


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


# Readers, one an event


def _pull_request(payload: Mapping[str, Json], workflow: Workflow) -> Event:
    pull = _object(payload, "pull_request")
    head, base = _object(pull, "head"), _object(pull, "base")
    closed = payload.get("action") == "closed"
    return Event(
        kind="pull_request",
        trust=_pull_trust(pull, payload, workflow),
        repository=workflow.repository,
        sha=workflow.sha,
        head=_sha(head.get("sha"), "pull_request.head.sha"),
        base=_sha(base.get("sha"), "pull_request.base.sha"),
        base_ref=_text(base.get("ref")),
        number=_positive(pull.get("number"), "pull_request.number"),
        author=_text(_maybe(pull, "user").get("login")),
        idle="the pull request is closed" if closed else "",
    )


def _pull_trust(pull: Mapping[str, Json], payload: Mapping[str, Json], workflow: Workflow) -> Trust:
    """Equal, known repository ids make it ours; Dependabot is treated like a fork, as GitHub does."""
    ids = [_repository_id(_maybe(pull, side, "repo")) for side in ("head", "base")]
    ids.append(_repository_id(_maybe(payload, "repository")))
    author = _maybe(pull, "user").get("login")
    actors = (author, _maybe(payload, "sender").get("login"), workflow.actor)
    if None in ids or len(set(ids)) != 1 or not isinstance(author, str) or DEPENDABOT in actors:
        return Trust.FORK
    full_name = _maybe(payload, "repository").get("full_name")
    return Trust.SAME if full_name == workflow.repository else Trust.FORK


def _repository_id(repository: Mapping[str, Json]) -> int | None:
    value = repository.get("id")
    return value if type(value) is int and value > 0 else None


def _merge_group(payload: Mapping[str, Json], workflow: Workflow) -> Event:
    group = _object(payload, "merge_group")
    return Event(
        kind="merge_group",
        trust=Trust.TRUSTED,
        repository=workflow.repository,
        sha=workflow.sha,
        head=_sha(group.get("head_sha"), "merge_group.head_sha"),
        base=_sha(group.get("base_sha"), "merge_group.base_sha"),
        base_ref=_text(group.get("base_ref")).removeprefix("refs/heads/"),
        idle="the merge group is gone" if payload.get("action") == "destroyed" else "",
    )


def _push(payload: Mapping[str, Json], workflow: Workflow) -> Event:
    before = payload.get("before")
    known = isinstance(before, str) and _SHA.fullmatch(before) and before.strip("0")
    default = _text(_maybe(payload, "repository").get("default_branch"))
    trusted = default and workflow.ref == f"refs/heads/{default}"
    return Event(
        kind="push",
        trust=Trust.TRUSTED if trusted else Trust.SAME,
        repository=workflow.repository,
        sha=workflow.sha,
        head=workflow.sha,
        base=str(before) if known else None,
        base_ref=default,
        idle="the branch was deleted" if payload.get("deleted") is True else "",
    )


def _schedule(_payload: Mapping[str, Json], workflow: Workflow) -> Event:
    return Event("schedule", Trust.TRUSTED, workflow.repository, workflow.sha, workflow.sha)


def _dispatch(payload: Mapping[str, Json], workflow: Workflow) -> Event:
    """A person with write access starts it; with `pr` it evaluates that pull request at exactly `head_sha`."""
    inputs = _maybe(payload, "inputs")
    pr, head = inputs.get("pr"), inputs.get("head_sha")
    if pr in (None, ""):
        return Event("workflow_dispatch", Trust.TRUSTED, workflow.repository, workflow.sha, workflow.sha)
    if not isinstance(pr, str) or not _NUMBER.fullmatch(pr):
        raise UsageError("the input `pr` is not a pull request's number", "Give the number, such as 42.")
    wanted = _sha(head, "the input `head_sha`")
    return Event("workflow_dispatch", Trust.TRUSTED, workflow.repository, workflow.sha, wanted, number=int(pr))


_READERS: dict[str, Callable[[Mapping[str, Json], Workflow], Event]] = {
    "pull_request": _pull_request,
    "pull_request_review": _pull_request,  # an approval of a weakened suite re-evaluates the same test merge
    "merge_group": _merge_group,
    "push": _push,
    "schedule": _schedule,
    "workflow_dispatch": _dispatch,
}


def _hint(name: str) -> str:
    if name == "pull_request_target":
        return "It would run with secrets beside a fork's code. Use `pull_request`; docs/how-to/forks.md has the rest."
    return f"Use one of {', '.join(_READERS)}."


# Fields of a payload, which is text from outside until it is checked


def _load(payload: bytes) -> Mapping[str, Json]:
    if len(payload) > MAX_PAYLOAD:
        raise UsageError("the event file is larger than GitHub sends", "Run inside a GitHub Actions job.")
    try:
        loaded = json.loads(payload)
    except (ValueError, RecursionError):
        raise UsageError("the event file is not JSON", "Run inside a GitHub Actions job.") from None
    if not isinstance(loaded, dict):
        raise UsageError("the event file holds no event", "Run inside a GitHub Actions job.")
    return loaded


def _object(parent: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = parent.get(name)
    if not isinstance(value, dict):
        raise UsageError(f"the event file has no `{name}`", "Check that the workflow's event is the one in the file.")
    return value


def _maybe(parent: Mapping[str, Json], *names: str) -> Mapping[str, Json]:
    value: Json | Mapping[str, Json] = parent
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _sha(value: Json, name: str) -> str:
    if not isinstance(value, str) or not _SHA.fullmatch(value):
        raise UsageError(f"{name} is not a full commit id", "Give all 40 hexadecimal digits.")
    return value


def _positive(value: Json, name: str) -> int:
    if type(value) is not int or not 0 < value < 2**53:
        raise UsageError(f"{name} is not a number", "Run inside a GitHub Actions job.")
    return value
