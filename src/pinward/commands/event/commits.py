"""Which commits an event compares: found in the clone, or fetched by exact id where the clone is shallow."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pinward.errors import GitError
from pinward.gh.event import Event, policy_base
from pinward.git import history

FETCH_DEPTH = "Set `fetch-depth: 0` at actions/checkout."


@dataclass(frozen=True, slots=True)
class Clone:
    """The workspace's repository. The token goes to `server_url` alone, and never into an argument list."""

    root: Path
    server_url: str = ""
    token: str = field(default="", repr=False)

    def parents(self, sha: str) -> tuple[str, ...]:
        """Return a commit's parents, fetching the commit where it is missing."""
        self.ensure(sha)
        return tuple(history.parents(self.root, sha))

    def ensure(self, sha: str) -> None:
        """Fetch a commit that the clone lacks. Raises `GitError` with what to set at the checkout."""
        try:
            history.resolve(self.root, sha)
        except GitError:
            try:
                history.fetch(self.root, sha, private=self._credentials())
            except GitError:
                raise GitError(f"commit {sha[:12]} is not in this clone and cannot be fetched", FETCH_DEPTH) from None

    def merges(self, sha: str, base: str, head: str) -> bool:
        """Tell whether a commit is what merging `head` into `base` gives: as a merge, squashed or rebased."""
        try:
            if self.parents(sha) == (base, head):
                return True
            self.ensure(head)
            return history.merged_tree(self.root, base, head) == history.tree_of(self.root, sha)
        except GitError:
            return False

    def has_on_branch(self, branch: str, sha: str) -> bool:
        """Tell whether the clone shows that a commit is on a branch of `origin`; a shallow one may not."""
        try:
            tip = history.resolve(self.root, f"refs/remotes/origin/{branch}")
            return history.is_ancestor(self.root, history.resolve(self.root, sha), tip)
        except GitError:
            return False

    def _credentials(self) -> dict[str, str]:
        if not self.token or not self.server_url:
            return {}
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return {f"http.{self.server_url}/.extraheader": f"AUTHORIZATION: basic {basic}"}


@dataclass(frozen=True, slots=True)
class Commits:
    """What to compare: the commit whose policy decides, and the one whose files are the change."""

    base: str
    head: str


def commits(event: Event, clone: Clone, on_branch: Callable[[str, str], bool]) -> Commits:
    """Return an event's commits, both present in the clone.

    `on_branch` asks GitHub where the clone cannot tell whether a commit is on the base branch.
    """
    base = policy_base(
        event,
        clone,
        lambda sha: clone.has_on_branch(event.base_ref, sha) or on_branch(event.base_ref, sha),
    )
    for sha in (base, event.sha):
        clone.ensure(sha)
    return Commits(base, event.sha)
