"""Issues that a nightly run keeps: found by a mark on line 1 and our own author, written only where something changed.

Trust rule 10 of docs/threats.md: a bounded number of writes a night, each thing once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pinward.errors import PublishError
from pinward.gh.client import GitHub
from pinward.gh.patience import Patience

NEED = "issues: write"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stands; `author` is a login."""

    number: int
    author: str
    title: str
    body: str
    is_open: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an issue has to say; its first line is `mark`. An issue that is not `is_open` is closed, and never made."""

    mark: str
    title: str
    body: str
    is_open: bool = True


class Issues:
    """The issues of one author in one repository. Raises `PublishError` where GitHub does not take something."""

    def __init__(self, github: GitHub, patience: Patience, author: str) -> None:
        self._github = github
        self._patience = patience
        self.author = patience.ask("question whose token this is", github.login) or author

    def find(self, mark: str) -> Issue | None:
        """Return the oldest issue of ours with this mark, open or closed."""
        return next(iter(self._all(mark)), None)

    def _all(self, mark: str) -> list[Issue]:
        creator: Any = self.author  # PyGithub takes a login, its types do not say so

        def look() -> list[Issue]:
            return self._github.ask(
                lambda repo: [
                    _issue(found)
                    for found in repo.get_issues(state="all", creator=creator, sort="created", direction="asc")
                    if found.pull_request is None
                ]
            )

        found = self._patience.ask("question about issues", look, NEED)
        return [i for i in found if i.author == self.author and first_line(i.body) == mark]

    def put(self, wanted: Wanted) -> tuple[Issue | None, bool]:
        """Make, update, close or reopen an issue so that it says what is wanted; tell whether anything was written.

        A second one with the same mark is closed: what it says gets old.
        """
        found = self._all(wanted.mark)
        for other in found[1:]:
            if other.is_open:
                self._edit(other.number, state="closed")
        current = next(iter(found), None)
        if current is None:
            return (self._create(wanted), True) if wanted.is_open else (None, False)
        if (current.title, current.body, current.is_open) == (wanted.title, wanted.body, wanted.is_open):
            return current, False
        state = "open" if wanted.is_open else "closed"
        self._edit(current.number, title=wanted.title, body=wanted.body, state=state)
        return replace(current, title=wanted.title, body=wanted.body, is_open=wanted.is_open), True

    def comment(self, issue: Issue, body: str) -> None:
        """Add a comment, once: a lost answer is looked for before the request is repeated."""

        def add() -> None:
            last = self._github.comments(issue.number)[-1:]
            if not [c for c in last if c.author == self.author and c.body.strip() == body.strip()]:
                self._github.create_comment(issue.number, body)

        self._patience.ask("comment on the issue", add, NEED)

    def _edit(self, number: int, **changed: Any) -> None:
        self._patience.ask("issue", lambda: self._github.ask(lambda repo: repo.get_issue(number).edit(**changed)), NEED)

    def _create(self, wanted: Wanted) -> Issue:
        def create() -> Issue:
            made = self.find(wanted.mark)  # an earlier try may have been carried out, and only its answer lost
            return made or self._github.ask(lambda repo: _issue(repo.create_issue(wanted.title, wanted.body)))

        issue = self._patience.ask("issue", create, NEED)
        if issue.author != self.author:
            # It would not be found tomorrow: a second one would follow. It goes at once.
            self._edit(issue.number, state="closed")
            raise PublishError(
                f"the token writes as {issue.author}, not as {self.author}",
                f"Set policy.watch.author: {issue.author}",
            )
        return issue


def first_line(body: str) -> str:
    """Return the line that a mark stands on."""
    return body.partition("\n")[0].rstrip("\r")


def _issue(issue: Any) -> Issue:
    author = issue.user.login if issue.user else ""
    return Issue(issue.number, author, issue.title, issue.body or "", issue.state == "open", issue.html_url)
