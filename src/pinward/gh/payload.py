"""Reads the event file that GitHub hands to a job. It is text from outside until each field is checked.

Payloads: docs.github.com/webhooks/webhook-events-and-payloads. How far a head is trusted follows the repository's id,
never the presence of secrets (docs/threats.md, trust rule 1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from pinward.core.policy import Json
from pinward.errors import UsageError
from pinward.gh.event import DEPENDABOT, SHA, Event, Trust, Workflow, full_sha, printable
from pinward.version import doc

MAX_PAYLOAD = 25_000_000  # GitHub caps payloads at 25 MB (docs.github.com/webhooks/webhook-events-and-payloads)
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
# With these actions the sender pushed the head; a reviewer or a labeller pushed nothing.
_PUSHES = {"opened", "synchronize", "reopened"}
_QUEUE_REF = re.compile(r"refs/heads/gh-readonly-queue/(?P<base>.+)/pr-(?P<number>[1-9][0-9]{0,9})-[0-9a-f]{40,64}")


def read_event(payload: bytes, workflow: Workflow) -> Event:
    """Read an event file.

    Raises `UsageError` for an event that Pinward does not serve or a file that GitHub did not write.
    """
    reader = _READERS.get(workflow.event_name)
    if reader is None:
        raise UsageError(f"the event `{printable(workflow.event_name)}` is not supported", _hint(workflow.event_name))
    if not _REPOSITORY.fullmatch(workflow.repository):
        raise UsageError("GITHUB_REPOSITORY is not `owner/name`", "Run inside a GitHub Actions job.")
    full_sha(workflow.sha, "GITHUB_SHA")
    return reader(_load(payload), workflow)


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
        head=full_sha(head.get("sha"), "pull_request.head.sha"),
        base=full_sha(base.get("sha"), "pull_request.base.sha"),
        base_ref=_text(base.get("ref")),
        number=_positive(pull.get("number"), "pull_request.number"),
        author=_text(_maybe(pull, "user").get("login")),
        idle="the pull request is closed" if closed else "",
        pusher=_text(_maybe(payload, "sender").get("login")) if _text(payload.get("action")) in _PUSHES else "",
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
    base_ref = _text(group.get("base_ref")).removeprefix("refs/heads/")
    queue = _QUEUE_REF.fullmatch(_text(group.get("head_ref")))
    return Event(
        kind="merge_group",
        trust=Trust.TRUSTED,
        repository=workflow.repository,
        sha=workflow.sha,
        head=full_sha(group.get("head_sha"), "merge_group.head_sha"),
        base=full_sha(group.get("base_sha"), "merge_group.base_sha"),
        base_ref=base_ref,
        queued=int(queue["number"]) if queue and queue["base"] == base_ref else None,
        idle="the merge group is gone" if payload.get("action") == "destroyed" else "",
    )


def _push(payload: Mapping[str, Json], workflow: Workflow) -> Event:
    before = payload.get("before")
    known = isinstance(before, str) and SHA.fullmatch(before) and before.strip("0")
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
    wanted = full_sha(head, "the input `head_sha`")
    return Event("workflow_dispatch", Trust.TRUSTED, workflow.repository, workflow.sha, wanted, number=int(pr))


def _workflow_run(payload: Mapping[str, Json], workflow: Workflow) -> Event:
    """A finished workflow. It runs with our own workflow file and token, whoever's pull request it was for."""
    run, ours = _object(payload, "workflow_run"), _maybe(payload, "repository")
    theirs = _maybe(run, "head_repository")
    owner, branch = _text(_maybe(theirs, "owner").get("login")), _text(run.get("head_branch"))
    for_request = _text(run.get("event")) in {"pull_request", "pull_request_review"}
    finished = payload.get("action") == "completed"
    idle = "" if for_request and finished else "it was not a pull request's workflow that finished"
    return Event(
        kind="workflow_run",
        trust=_run_trust(run, ours, theirs, workflow),
        repository=workflow.repository,
        sha=workflow.sha,
        head=full_sha(run.get("head_sha"), "workflow_run.head_sha"),
        base_ref=_text(ours.get("default_branch")),
        branch=f"{owner}:{branch}",
        idle=idle or ("" if owner and branch else "the branch is gone"),
    )


def _run_trust(
    run: Mapping[str, Json], ours: Mapping[str, Json], theirs: Mapping[str, Json], workflow: Workflow
) -> Trust:
    ids = {_repository_id(ours), _repository_id(theirs)}
    actors = (_maybe(run, "actor").get("login"), _maybe(run, "triggering_actor").get("login"), workflow.actor)
    known = None not in ids and len(ids) == 1 and ours.get("full_name") == workflow.repository
    return Trust.SAME if known and DEPENDABOT not in actors else Trust.FORK


_READERS: dict[str, Callable[[Mapping[str, Json], Workflow], Event]] = {
    "pull_request": _pull_request,
    "pull_request_review": _pull_request,  # an approval of a weakened suite re-evaluates the same test merge
    "merge_group": _merge_group,
    "push": _push,
    "schedule": _schedule,
    "workflow_dispatch": _dispatch,
    "workflow_run": _workflow_run,
}


def _hint(name: str) -> str:
    if name == "pull_request_target":
        return (
            f"It would run with secrets beside a fork's code. Use `pull_request` ({doc('how-to/github-actions.md')})."
        )
    return f"Use one of {', '.join(_READERS)}."


# Fields of a payload


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


def _positive(value: Json, name: str) -> int:
    if type(value) is not int or not 0 < value < 2**53:
        raise UsageError(f"{name} is not a number", "Run inside a GitHub Actions job.")
    return value
