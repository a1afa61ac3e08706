"""Pull requests that a nightly run keeps: one a branch, rebuilt when its base moves, closed when it is obsolete.

Trust rule 10 of docs/threats.md: capped, each proposal once, and what a person changed or declined is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pinward.errors import PublishError
from pinward.gh.client import Fault, GitHub
from pinward.gh.issues import first_line
from pinward.gh.patience import Patience

NEED = "contents: write, pull-requests: write"
PREFIX = "pinward/replace-"
SETTING = (
    "Allow it at Settings, Actions, General, `Allow GitHub Actions to create and approve pull requests`, or give the "
    "action the token of an app of your own with `contents: write` and `pull-requests: write`."
)
_MARK = re.compile(r"<!-- pinward:proposal base=([0-9a-f]{40,64}) head=([0-9a-f]{40,64}) edit=([0-9a-f]{16}) -->")


@dataclass(frozen=True, slots=True)
class Base:
    """What proposals build on: a branch, its commit, and that commit's tree."""

    branch: str
    sha: str
    tree: str


@dataclass(frozen=True, slots=True)
class File:
    """A file as it shall be; `mode` is git's."""

    content: str
    mode: str = "100644"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One edit: `key` names its branch, `edit` (16 hex digits) what it does, whatever base it is made on."""

    key: str
    edit: str
    title: str
    body: str
    files: Mapping[str, File]

    @property
    def branch(self) -> str:
        """The branch that holds it."""
        return f"{PREFIX}{self.key}"


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request as it stands. `mark` is what line 1 says: base, head and edit, None where it says nothing."""

    number: int
    branch: str
    author: str
    head: str
    title: str
    body: str
    is_open: bool
    mark: tuple[str, str, str] | None

    @property
    def touched(self) -> bool:
        """Tell whether somebody else has pushed to it since."""
        return self.mark is None or self.mark[1] != self.head


class Proposals:
    """The proposals of one author in one repository. Raises `PublishError` where GitHub does not take something."""

    def __init__(self, github: GitHub, patience: Patience, author: str) -> None:
        self._github = github
        self._patience = patience
        self._author = author

    def ours(self) -> list[Pull]:
        """Return every proposal of ours, open or closed, newest first."""

        def look() -> list[Pull]:
            return self._github.ask(lambda repo: [_pull(p) for p in repo.get_pulls(state="all", sort="created",
                                                                                    direction="desc")])  # fmt: skip

        found = self._patience.ask("question about proposals", look, "pull-requests: read")
        return [p for p in found if p.author == self._author and p.branch.startswith(PREFIX) and p.mark is not None]

    def put(self, wanted: Proposal, base: Base, known: list[Pull]) -> Pull | None:
        """Open a proposal, or bring it up to date; None where a person declined this very edit."""
        before = [pull for pull in known if pull.branch == wanted.branch]
        current = next((pull for pull in before if pull.is_open), None)
        if current is None:
            declined = any(pull.mark and pull.mark[2] == wanted.edit for pull in before)
            return None if declined else self._open(wanted, base)
        if current.touched or current.mark is None:
            return current  # somebody works on it
        head = current.head
        if (current.mark[0], current.mark[2]) != (base.sha, wanted.edit):
            head = self._commit(wanted, base)
            self._point(wanted.branch, head)
        body = _marked(wanted, base, head)
        if (current.title, current.body) != (wanted.title, body):
            self._edit(current.number, title=wanted.title, body=body)
        return current

    def close(self, pull: Pull) -> None:
        """Close a proposal that is obsolete; what somebody else pushed to is left."""
        if not pull.touched:
            self._edit(pull.number, state="closed")

    def _open(self, wanted: Proposal, base: Base) -> Pull:
        head = self._commit(wanted, base)
        self._point(wanted.branch, head)
        body = _marked(wanted, base, head)

        def create() -> Pull:
            made = [p for p in self.ours() if p.branch == wanted.branch and p.is_open]  # by a try whose answer was lost
            return made[0] if made else self._github.ask(
                lambda repo: _pull(repo.create_pull(base.branch, wanted.branch, title=wanted.title, body=body))
            )  # fmt: skip

        try:
            return self._patience.ask("proposal", create, NEED)
        except PublishError as error:
            raise PublishError(error.message, SETTING) from None

    def _edit(self, number: int, **changed: Any) -> None:
        self._patience.ask(
            "proposal", lambda: self._github.ask(lambda repo: repo.get_pull(number).edit(**changed)), NEED
        )

    def _commit(self, wanted: Proposal, base: Base) -> str:
        """Make one commit on the base; nothing points to it yet."""
        entries = [{"path": path, "mode": file.mode, "type": "blob", "content": file.content}
                   for path, file in wanted.files.items()]  # fmt: skip
        tree = self._send("POST", "git/trees", {"base_tree": base.tree, "tree": entries})["sha"]
        commit = {"message": wanted.title, "tree": tree, "parents": [base.sha]}
        return str(self._send("POST", "git/commits", commit)["sha"])

    def _point(self, branch: str, sha: str) -> None:
        """Let the branch point to a commit, whether it exists or not; it is ours by its name."""

        def move() -> None:
            try:
                content = {"sha": sha, "force": True}
                self._github.send("PATCH", f"git/refs/heads/{branch}", content)
            except Fault as fault:
                if fault.status not in (404, 422):  # GitHub answers 422 where the reference does not exist
                    raise
                made = {"ref": f"refs/heads/{branch}", "sha": sha}
                self._github.send("POST", "git/refs", made)

        self._patience.ask("proposal's branch", move, NEED)

    def _send(self, verb: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
        return self._patience.ask("proposal's commit", lambda: self._github.send(verb, path, content), NEED)


def _marked(wanted: Proposal, base: Base, head: str) -> str:
    return f"<!-- pinward:proposal base={base.sha} head={head} edit={wanted.edit} -->\n{wanted.body}"


def _pull(pull: Any) -> Pull:
    body = pull.body or ""
    match = _MARK.fullmatch(first_line(body))
    mark = (match[1], match[2], match[3]) if match else None
    author = pull.user.login if pull.user else ""
    return Pull(pull.number, pull.head.ref, author, pull.head.sha, pull.title, body, pull.state == "open", mark)
