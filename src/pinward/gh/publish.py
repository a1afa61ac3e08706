"""Puts a report on a pull request: one check run on the head commit, one comment that is updated.

Each write is one unit that first finds what is already there, so that it can be repeated after a lost answer, and
that asks for the head right before it writes: a result never turns a commit green that it did not evaluate
(docs/threats.md T25, T26).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pinward.core.report import GateReport
from pinward.errors import PublishError
from pinward.gh.client import (
    Annotation,
    CheckRun,
    Comment,
    Fault,
    GitHub,
    Output,
    check_fields,
    with_annotations,
)
from pinward.gh.patience import Patience
from pinward.gh.texts import cut

CHECK_NAME = "pinward"
ACTIONS_APP = "github-actions"
ACTIONS_LOGIN = f"{ACTIONS_APP}[bot]"
MAX_COMMENT = 65_536
MAX_CHECK_SUMMARY = 65_535
MAX_TITLE = 255
ANNOTATIONS_A_REQUEST = 50
MAX_ANNOTATIONS = 500  # ten requests; the report has them all
_MARKER = re.compile(r"<!-- pinward:report head=([0-9a-f]{40,64}) run=([0-9]{1,20})\.([0-9]{1,9}) -->\r?")
_EXTERNAL_ID = re.compile(r"pinward/([0-9]{1,20})\.([0-9]{1,9})(?:/([0-9a-f]{64}))?")


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt of one workflow run; run ids grow, and a re-run keeps its id and counts its attempts."""

    id: int
    attempt: int

    def yields_to(self, other: Run) -> bool:
        """Tell whether the other's result for the same commit is newer.

        A re-run is somebody's explicit wish, later than anything that it could have seen.
        """
        if self.id == other.id:
            return other.attempt > self.attempt
        return other.id > self.id and self.attempt == 1


@dataclass(frozen=True, slots=True)
class Target:
    """What results hang on: the head commit that was evaluated, and the pull request where there is one."""

    head: str
    run: Run
    number: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """What the faces made of the report, redacted; annotations that matter most come first.

    `announce` is false where nothing that concerns models changed: then no comment is made, but one that an earlier
    commit earned is brought up to date.
    """

    comment: str
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    announce: bool = True
    text: str = ""


@dataclass
class Published:
    """Where things ended up, and what GitHub did not take."""

    check_url: str = ""
    comment_url: str = ""
    stale: bool = False
    problems: list[PublishError] = field(default_factory=list)


def publish(github: GitHub, target: Target, report: GateReport, texts: Texts, patience: Patience) -> Published:
    """Write check run and comment; what one of them fails with does not stop the other."""
    done = Published()
    own = ""
    try:
        check = patience.ask("check run", lambda: _upsert_check(github, target, report, texts), "checks: write")
        done.check_url, own = check.url, f"{check.app}[bot]" if check.app else ""
    except PublishError as error:
        done.problems.append(error)
    if target.number is None:
        return done
    try:
        post = _Post(github, target, target.number, texts)
        author = own or patience.ask("question whose token this is", github.login) or ACTIONS_LOGIN
        done.comment_url = patience.ask("comment", lambda: post.upsert(author), "pull-requests: write")
        done.stale = post.stale
    except PublishError as error:
        done.problems.append(error)
    return done


def evidence_of(check: CheckRun) -> str:
    """Return what identifies the result that a check run of ours shows; empty where it says nothing."""
    match = _EXTERNAL_ID.fullmatch(check.external_id)
    return (match[3] or "") if match else ""


def conclusion(report: GateReport) -> str:
    """Return a check run's conclusion. What was not evaluated never passes: `neutral` and `skipped` would."""
    if report.verdict in {"stale", "cancelled"}:
        return "cancelled"
    settled = report.verdict in {"pass", "unchanged", "inconclusive"}  # inconclusive with exit 0: the policy only warns
    return "success" if settled and report.exit_code == 0 else "failure"


# Check run


def _upsert_check(github: GitHub, target: Target, report: GateReport, texts: Texts) -> CheckRun:
    ours = [run for run in github.check_runs(target.head, CHECK_NAME) if _EXTERNAL_ID.fullmatch(run.external_id)]
    existing = ours[-1] if ours else None
    if existing is not None and target.run.yields_to(_run(_EXTERNAL_ID, existing.external_id, 1)):
        return existing
    moved = _moved_to(github, target)
    output = _stale_output(moved) if moved else _output(texts)
    wanted = () if moved else texts.annotations[:MAX_ANNOTATIONS]
    external_id = f"{CHECK_NAME}/{target.run.id}.{target.run.attempt}"
    external_id += f"/{report.evidence}" if report.evidence and not moved else ""
    details = check_fields("cancelled" if moved else conclusion(report), external_id, target.url, output)
    return _write_check(github, target, existing, details, wanted)


def _write_check(
    github: GitHub,
    target: Target,
    existing: CheckRun | None,
    details: dict[str, object],
    wanted: tuple[Annotation, ...],
) -> CheckRun:
    """Write the first page with the conclusion, then append pages; only what is missing is sent (PATCH appends)."""
    known = set(github.annotations(existing.id)) if existing is not None and existing.annotations else set()
    missing = [annotation for annotation in dict.fromkeys(wanted) if annotation not in known]
    pages = [missing[i : i + ANNOTATIONS_A_REQUEST] for i in range(0, len(missing), ANNOTATIONS_A_REQUEST)]
    first = with_annotations(details, pages[0] if pages else [])
    check = _edit_or_create(github, target, existing, first)
    for page in pages[1:]:
        check = github.edit_check_run(check.id, with_annotations(details, page))
    return check


def _edit_or_create(github: GitHub, target: Target, existing: CheckRun | None, details: dict[str, object]) -> CheckRun:
    if existing is not None:
        try:
            return github.edit_check_run(existing.id, details)
        except Fault as fault:
            if fault.passing or fault.status not in (403, 404):
                raise  # another app's check run of our name is left alone, and ours is created
    return github.create_check_run(CHECK_NAME, target.head, details)


def _output(texts: Texts) -> Output:
    summary = cut(texts.summary, MAX_CHECK_SUMMARY, MAX_CHECK_SUMMARY)
    # GitHub cuts a longer text silently, in the middle of a line.
    return Output(texts.title[:MAX_TITLE], summary, cut(texts.text, MAX_CHECK_SUMMARY, MAX_CHECK_SUMMARY))


def _stale_output(moved: str) -> Output:
    return Output(f"Stale: the branch moved to {moved[:7]}", _stale_text(moved))


def _stale_text(moved: str) -> str:
    return f"**Pinward: stale.** The branch moved to `{moved[:7]}` while this ran; its own run follows."


def _moved_to(github: GitHub, target: Target) -> str:
    """Return where the head is now, if that is no longer the commit that was evaluated."""
    if target.number is None:
        return ""
    now = github.pull_request(target.number).head_sha
    return "" if now == target.head else now


def _run(pattern: re.Pattern[str], text: str, first_group: int) -> Run:
    match = pattern.fullmatch(text)
    return Run(int(match[first_group]), int(match[first_group + 1])) if match else Run(0, 0)


# Comment


class _Post:
    """The one comment on a pull request: ours, marked on its first line."""

    def __init__(self, github: GitHub, target: Target, number: int, texts: Texts) -> None:
        self.github = github
        self.target = target
        self.number = number
        self.text = texts.comment
        self.announce = texts.announce
        self.stale = False

    def upsert(self, author: str) -> str:
        """Create or update, and return the comment's address; empty where none is there."""
        ours = self._ours(author)
        moved = _moved_to(self.github, self.target)
        self.stale = bool(moved)
        if ours:
            return self._update(ours[0], moved)
        if moved or not self.announce:
            return ""
        created = self.github.create_comment(self.number, self._body(self.text))
        first = next(iter(self._ours(author)), created)
        if first.id != created.id:  # another run created one at the same time: the older stays
            self.github.delete_comment(self.number, created.id)
            return self._update(first, moved)
        return created.url

    def _ours(self, author: str) -> list[Comment]:
        found = [c for c in self.github.comments(self.number) if c.author == author and _MARKER.fullmatch(_line(c))]
        return sorted(found, key=lambda comment: comment.id)

    def _update(self, comment: Comment, moved: str) -> str:
        match = _MARKER.fullmatch(_line(comment))
        theirs = match[1] if match else ""
        newer = self.target.run.yields_to(_run(_MARKER, _line(comment), 2))
        body = self._body(_stale_text(moved) if moved else self.text)
        kept = theirs == moved if moved else theirs == self.target.head and newer
        if not kept and comment.body != body:
            self.github.edit_comment(self.number, comment.id, body)
        return comment.url

    def _body(self, text: str) -> str:
        run = self.target.run
        marker = f"<!-- pinward:report head={self.target.head} run={run.id}.{run.attempt} -->"
        room = MAX_COMMENT - len(marker) - 1
        return f"{marker}\n{cut(text, 4 * MAX_COMMENT, room)}"


def _line(comment: Comment) -> str:
    return comment.body.partition("\n")[0]
