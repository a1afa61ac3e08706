"""GitHub as a few lists: what the trust decisions ask and write. `tests/integration` has the real wire."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from pinward.gh.client import Annotation, CheckRun, Comment, Fault, GitHub
from pinward.gh.event import PullRequest

ACTIONS = "github-actions"
HEAD, BASE, MERGE = "a" * 40, "b" * 40, "e" * 40


@dataclass
class MemoryGitHub(GitHub):
    """One repository. `faults` are raised, one a call, by the method that they are filed under."""

    pull: PullRequest = field(default_factory=lambda: PullRequest(HEAD, BASE, "main", MERGE, "alice", True, 4))
    posted: list[Comment] = field(default_factory=list)
    checks: list[CheckRun] = field(default_factory=list)
    checked: str = HEAD
    shown: dict[int, dict[str, Any]] = field(default_factory=dict)
    marks: dict[int, list[Annotation]] = field(default_factory=dict)
    app: str = ACTIONS
    user: str | None = None
    approving: tuple[str, ...] = ()
    committers: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        if self.faults.get(name):
            raise self.faults[name].pop(0)

    @property
    def writes(self) -> list[str]:
        return [name for name in self.asked if name.split("_")[0] in {"create", "edit", "delete"}]

    @property
    def bot(self) -> str:
        return self.user or f"{self.app}[bot]"

    def pull_request(self, number: int) -> PullRequest:
        self._ask("pull_request")
        if number != self.pull.number:
            raise Fault(404, "answered 404")
        return self.pull

    def open_pull_requests(self, branch: str) -> list[PullRequest]:
        self._ask("open_pull_requests")
        return [self.pull] if self.pull.open and branch else []

    def comments(self, number: int) -> list[Comment]:
        self._ask("comments")
        return list(self.posted)

    def create_comment(self, number: int, body: str) -> Comment:
        self._ask("create_comment")
        made = Comment(max([0, *(comment.id for comment in self.posted)]) + 1, self.bot, body)
        self.posted.append(replace(made, url=f"#{made.id}"))
        return self.posted[-1]

    def edit_comment(self, number: int, comment: int, body: str) -> None:
        self._ask("edit_comment")
        self.posted = [replace(one, body=body) if one.id == comment else one for one in self.posted]

    def delete_comment(self, number: int, comment: int) -> None:
        self._ask("delete_comment")
        self.posted = [one for one in self.posted if one.id != comment]

    def check_runs(self, sha: str, name: str) -> list[CheckRun]:
        self._ask("check_runs")
        return list(self.checks) if (sha, name) == (self.checked, "pinward") else []

    def passed(self, sha: str, evidence: str) -> None:
        """Let a commit have a check run that passed with this evidence."""
        self.checked = sha
        self.checks.append(CheckRun(1, f"pinward/1.1/{evidence}".rstrip("/"), self.app, 0, "", "success"))

    def create_check_run(self, name: str, sha: str, details: dict[str, Any]) -> CheckRun:
        self._ask("create_check_run")
        assert (sha, name) == (self.checked, "pinward")
        self.checks.append(CheckRun(len(self.checks) + 1, "", self.app, 0, f"/checks/{len(self.checks) + 1}"))
        return self._write(self.checks[-1].id, details)

    def edit_check_run(self, check_run: int, details: dict[str, Any]) -> CheckRun:
        self._ask("edit_check_run")
        return self._write(check_run, details)

    def _write(self, check_run: int, details: dict[str, Any]) -> CheckRun:
        self.shown[check_run] = details
        marks = self.marks.setdefault(check_run, [])
        sent = details["output"].get("annotations", [])
        assert len(sent) <= 50  # what GitHub takes in one request
        marks += [Annotation(a["path"], a["start_line"], a["annotation_level"], a["message"]) for a in sent]
        at = next(place for place, run in enumerate(self.checks) if run.id == check_run)
        self.checks[at] = replace(
            self.checks[at],
            external_id=details["external_id"],
            conclusion=details["conclusion"],
            annotations=len(marks),
        )
        return self.checks[at]

    def annotations(self, check_run: int) -> list[Annotation]:
        self._ask("annotations")
        return list(self.marks.get(check_run, []))

    def login(self) -> str | None:
        self._ask("login")
        return self.user

    def approvers(self, number: int, sha: str) -> list[str]:
        self._ask("approvers")
        return list(self.approving) if (number, sha) == (self.pull.number, self.pull.head_sha) else []

    def contributors(self, number: int) -> set[str]:
        self._ask("contributors")
        return set(self.committers)

    def can_write(self, login: str) -> bool:
        self._ask("can_write")
        return login in self.writers
