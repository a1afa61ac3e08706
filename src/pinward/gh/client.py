"""GitHub's REST API as this project needs it. The only place that imports PyGithub, and only when it is called.

The environment has no say: no proxies, no netrc, no redirects to other hosts. What goes wrong comes out as `Fault`,
which carries no response body and no header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pinward.gh.event import PullRequest
from pinward.version import __version__

if TYPE_CHECKING:
    from github import Github
    from github.CheckRun import CheckRun as PyCheckRun
    from github.GithubException import GithubException
    from github.IssueComment import IssueComment
    from github.PullRequest import PullRequest as PyPullRequest
    from github.Repository import Repository

T = TypeVar("T")

REQUEST_TIMEOUT = 20
SECONDARY_LIMIT_WAIT = 60.0  # docs.github.com, "Rate limits for the REST API": at least a minute without Retry-After
_RATE_LIMIT = re.compile(r"rate limit|abuse detection|retry your request again later|wait a few minutes", re.IGNORECASE)


class Fault(Exception):  # noqa: N818 - one request's outcome; PublishError is the error
    """One request failed. `status` is None where no answer came; `wait` the pause in seconds that GitHub asks for."""

    def __init__(self, status: int | None, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.wait = wait

    @property
    def passing(self) -> bool:
        """Tell whether the same request may succeed later."""
        return self.status is None or self.wait is not None or self.status >= 500 or self.status == 429


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request; `author` is a login."""

    id: int
    author: str
    body: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """A check run; `app` is the slug of the GitHub App that made it."""

    id: int
    external_id: str
    app: str
    annotations: int
    url: str = ""
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """A pull request that was merged into the default branch, and when (an aware time)."""

    number: int
    at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark at a place in the code; lines count from 1."""

    path: str
    line: int
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Output:
    """What a check run shows."""

    title: str
    summary: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Where and as whom to ask. `pace` is the pause in seconds between writes that GitHub recommends."""

    api_url: str
    repository: str
    token: str = field(repr=False)
    pace: float = 1.0


class GitHub:
    """One repository on GitHub. Every method raises `Fault` where a request fails."""

    def __init__(self, access: Access, now: Callable[[], float]) -> None:
        self._now = now
        self._github = _connect(access)
        self._repository = self._github.get_repo(access.repository)

    def close(self) -> None:
        """Close the connections."""
        self._github.close()

    @contextmanager
    def _request(self) -> Iterator[None]:
        import requests
        from github import GithubException

        try:
            yield
        except GithubException as error:
            raise _fault(error, self._now()) from None
        except requests.Timeout:
            raise Fault(None, "did not answer in time") from None
        except (requests.RequestException, OSError):
            raise Fault(None, "cannot be reached") from None
        except (ValueError, AssertionError, TypeError, RuntimeError):
            raise Fault(502, "gave an answer that is not its API's") from None

    def ask(self, work: Callable[[Repository], T]) -> T:
        """Do one thing with the repository, for the modules of this package that have nouns of their own."""
        with self._request():
            return work(self._repository)

    def send(self, verb: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Send one request below the repository's address that PyGithub has no word for."""

        def work(repo: Repository) -> dict[str, Any]:
            return dict(repo.requester.requestJsonAndCheck(verb, f"{repo.url}/{path}", input=content)[1])

        return self.ask(work)

    def pull_request(self, number: int) -> PullRequest:
        """Return the pull request as it is now."""
        with self._request():
            return _pull_request(self._repository.get_pull(number))

    def open_pull_requests(self, branch: str) -> list[PullRequest]:
        """Return the open pull requests of one branch, given as `owner:branch`."""
        with self._request():
            return [_pull_request(pull) for pull in self._repository.get_pulls(state="open", head=branch)]

    def merged_with(self, sha: str) -> list[Merged]:
        """Return the pull requests that brought a commit to the default branch, in GitHub's words: dates of commits can
        be forged, and a merge into another branch puts nothing live.

        A commit that GitHub does not know (a rewritten history) came with none.
        """
        try:
            with self._request():
                pulls = list(self._repository.get_commit(sha).get_pulls())
                default = self._repository.default_branch if pulls else ""
        except Fault as fault:
            if fault.status in {404, 422}:
                return []
            raise
        return [Merged(p.number, p.merged_at, p.html_url) for p in pulls if p.merged_at and p.base.ref == default]

    def contributors(self, number: int) -> set[str]:
        """Return the logins of all who made a commit of a pull request, as far as GitHub knows them."""
        with self._request():
            commits = self._repository.get_pull(number).get_commits()
            people = [person for commit in commits for person in (commit.author, commit.committer)]
            return {person.login for person in people if person is not None and person.login}

    def comments(self, number: int) -> list[Comment]:
        """Return all comments of a pull request, oldest first."""
        with self._request():
            return [_comment(comment) for comment in self._repository.get_issue(number).get_comments()]

    def create_comment(self, number: int, body: str) -> Comment:
        """Add a comment."""
        with self._request():
            return _comment(self._repository.get_issue(number).create_comment(body))

    def edit_comment(self, number: int, comment: int, body: str) -> None:
        """Replace a comment's text."""
        with self._request():
            self._repository.get_issue(number).get_comment(comment).edit(body)

    def delete_comment(self, number: int, comment: int) -> None:
        """Delete a comment."""
        with self._request():
            self._repository.get_issue(number).get_comment(comment).delete()

    def check_runs(self, sha: str, name: str) -> list[CheckRun]:
        """Return all check runs of one name on a commit, oldest first."""
        with self._request():
            runs = self._repository.get_commit(sha).get_check_runs(check_name=name, filter="all")
            return sorted((_check_run(run) for run in runs), key=lambda run: run.id)

    def create_check_run(self, name: str, sha: str, details: dict[str, Any]) -> CheckRun:
        """Create a check run on a commit; `details` are the fields of `check_fields`."""
        with self._request():
            return _check_run(self._repository.create_check_run(name, sha, **details))

    def edit_check_run(self, check_run: int, details: dict[str, Any]) -> CheckRun:
        """Replace a check run's fields; annotations append."""
        with self._request():
            run = self._repository.get_check_run(check_run)
            run.edit(**details)
            return _check_run(run)

    def annotations(self, check_run: int) -> list[Annotation]:
        """Return the annotations that a check run has."""
        with self._request():
            found = self._repository.get_check_run(check_run).get_annotations()
            return [Annotation(a.path, a.start_line, a.annotation_level, a.message) for a in found]

    def login(self) -> str | None:
        """Return whose token this is, or None where it is an app's, which may not ask."""
        try:
            with self._request():
                return self._github.get_user().login
        except Fault as fault:
            if fault.passing:
                raise
            return None

    def is_on_branch(self, branch: str, sha: str) -> bool:
        """Tell whether a commit is an ancestor of a branch's tip, or the tip itself."""
        with self._request():
            return self._repository.compare(branch, sha).status in {"behind", "identical"}

    def approvers(self, number: int, sha: str) -> list[str]:
        """Return the people whose latest decisive review approves exactly this commit; an app is nobody's second pair
        of eyes, and a workflow of the pull request itself may approve as one."""
        with self._request():
            latest: dict[str, tuple[str, str]] = {}
            for review in self._repository.get_pull(number).get_reviews():
                if review.user and review.state in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}:
                    latest[review.user.login] = (review.state, review.commit_id)
            approved = [login for login, decision in latest.items() if decision == ("APPROVED", sha)]
            return [login for login in approved if not login.endswith("[bot]")]

    def can_write(self, login: str) -> bool:
        """Tell whether somebody may push to the repository; nobody may whom GitHub does not know any more."""
        try:
            with self._request():
                return self._repository.get_collaborator_permission(login) in {"write", "admin"}
        except Fault as fault:
            if fault.status == 404:
                return False
            raise


def check_fields(conclusion: str, external_id: str, url: str, output: Output) -> dict[str, Any]:
    """Return the fields of a completed check run."""
    return {
        "status": "completed",
        "conclusion": conclusion,
        "external_id": external_id,
        "details_url": url,
        # An empty text clears that of an earlier run.
        "output": {"title": output.title, "summary": output.summary, "text": output.text},
    }


def with_annotations(details: dict[str, Any], annotations: list[Annotation]) -> dict[str, Any]:
    """Return the fields with annotations, at most 50 of which one request takes."""
    written = [
        {
            "path": a.path,
            "start_line": a.line,
            "end_line": a.line,
            "annotation_level": a.level,
            "message": a.message,
        }
        for a in annotations
    ]
    return {**details, "output": {**details["output"], "annotations": written}} if written else details


def _connect(access: Access) -> Github:
    """Return a client whose sessions ignore the environment: no proxy, no netrc, no CA bundle from a variable."""
    from github import Auth, Github
    from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

    class Plain(HTTPRequestsConnectionClass):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.session.trust_env = False

    class Secure(HTTPSRequestsConnectionClass):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.session.trust_env = False

    # PyGithub takes connection classes for the whole process alone; a client keeps those of its birth.
    Requester.injectConnectionClasses(Plain, Secure)
    try:
        return Github(
            auth=Auth.Token(access.token),
            base_url=access.api_url,
            timeout=REQUEST_TIMEOUT,
            user_agent=f"pinward/{__version__}",
            per_page=100,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=access.pace,
            lazy=True,
        )
    finally:
        Requester.resetConnectionClasses()


def _fault(error: GithubException, now: float) -> Fault:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    message = error.data.get("message", "") if isinstance(error.data, dict) else ""
    limited = error.status == 429 or (error.status == 403 and bool(_RATE_LIMIT.search(str(message))))
    if "retry-after" in headers or limited:
        return Fault(error.status, f"limits the rate ({error.status})", _wait(headers, now))
    return Fault(error.status, f"answered {error.status}")


def _wait(headers: dict[str, str], now: float) -> float:
    """Return the pause that the headers ask for: Retry-After first, then the reset of a spent limit."""
    asked = headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - now) + 1
    return SECONDARY_LIMIT_WAIT


def _comment(comment: IssueComment) -> Comment:
    return Comment(comment.id, comment.user.login if comment.user else "", comment.body or "", comment.html_url)


def _check_run(run: PyCheckRun) -> CheckRun:
    app = run.app.slug if run.app else ""
    count = run.output.annotations_count
    return CheckRun(run.id, run.external_id or "", app, count, run.html_url, run.conclusion or "")


def _pull_request(pull: PyPullRequest) -> PullRequest:
    return PullRequest(
        pull.head.sha,
        pull.base.sha,
        pull.base.ref,
        pull.merge_commit_sha,
        pull.user.login if pull.user else "",
        pull.state == "open",
        pull.number,
    )
