"""What the test server remembers of one repository, and how a test makes it misbehave."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

READ = frozenset({"contents:read", "metadata:read", "pull-requests:read", "checks:read", "issues:read"})
REPORT = READ | {"checks:write", "pull-requests:write"}
ALL = REPORT | {"issues:write", "contents:write"}


@dataclass(frozen=True)
class Actor:
    """Who a token speaks for. `app` is the slug of a GitHub App, None for a person's token."""

    login: str
    permissions: frozenset[str] = ALL
    app: str | None = "github-actions"


ACTIONS = Actor("github-actions[bot]")


@dataclass
class Fault:
    """Answers in place of the server: `status` 0 drops the connection.

    `after` carries the request out first, so that only its answer is lost.
    """

    status: int
    operation: str = ".*"
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "Server Error"
    after: bool = False

    def matches(self, operation: str) -> bool:
        return self.times > 0 and re.fullmatch(self.operation, operation) is not None


@dataclass
class Trigger:
    """Runs `action` just before the server answers the `nth` request of an operation."""

    operation: str
    action: Callable[[State], None]
    nth: int = 1


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they went over the wire."""

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int
    authorization: str
    connection: int


@dataclass
class Comment:
    id: int
    issue: int
    author: Actor
    body: str
    revisions: int = 1


@dataclass
class Pull:
    number: int
    head_sha: str
    base_sha: str
    base_ref: str = "main"
    head_ref: str = "feature"
    head_repository: int | None = 1
    head_owner: str = ""
    merge_commit_sha: str | None = None
    author: str = "developer"
    state: str = "open"
    title: str = "Change the model"
    merged_at: str | None = None
    commits: tuple[str, ...] = ()
    body: str = ""


@dataclass
class Issue:
    number: int
    title: str
    body: str
    author: Actor
    state: str = "open"
    labels: list[str] = field(default_factory=list)


@dataclass
class Review:
    id: int
    pull: int
    author: str
    state: str
    commit_id: str


@dataclass
class CheckRun:
    id: int
    app: str
    head_sha: str
    fields: dict[str, Any]
    annotations: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class State:
    """One repository on GitHub."""

    repository: str = "acme/invoices"
    repository_id: int = 1
    default_branch: str = "main"
    tokens: dict[str, Actor] = field(default_factory=lambda: {"token": ACTIONS})
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    contributions: list[tuple[int, str]] = field(default_factory=list)
    permissions: dict[str, str] = field(default_factory=dict)
    check_runs: list[CheckRun] = field(default_factory=list)
    refs: dict[str, str] = field(default_factory=dict)
    contents: dict[tuple[str, str], bytes] = field(default_factory=dict)
    trees: dict[str, dict[str, str]] = field(default_factory=dict)
    commits: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    comparisons: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    journal: list[Exchange] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1001))

    def add_comment(self, issue: int, author: Actor, body: str) -> Comment:
        comment = Comment(next(self.ids), issue, author, body)
        self.comments.append(comment)
        return comment

    def comments_of(self, issue: int) -> list[Comment]:
        return [comment for comment in self.comments if comment.issue == issue]

    def next_number(self) -> int:
        return max([0, *self.pulls, *self.issues]) + 1

    def requests(self, operation: str) -> list[Exchange]:
        return [exchange for exchange in self.journal if exchange.operation == operation]

    def writes(self) -> list[Exchange]:
        return [exchange for exchange in self.journal if exchange.method != "GET" and exchange.status < 300]
