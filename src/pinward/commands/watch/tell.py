"""`pinward watch --issue`: one dashboard issue, news as a comment on it and to a webhook, each thing told once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from pinward.commands import publish
from pinward.commands.gate.cli import real_edges
from pinward.commands.gate.run import GateRequest
from pinward.commands.migrate.run import migrate
from pinward.commands.publish import Clock, connect
from pinward.commands.watch.drift import FolderNights, Nights, look
from pinward.commands.watch.propose import Proving, base_of, propose
from pinward.commands.watch.run import Outside, Watched, watch
from pinward.config.settings import Settings
from pinward.core.policy import Webhook
from pinward.core.report import GateReport
from pinward.errors import CredentialError, ExitCode, PinwardError, PublishError, UnavailableError, UsageError, worst
from pinward.gh.client import GitHub
from pinward.gh.issues import Issue, Issues, Wanted
from pinward.gh.nights import BranchNights
from pinward.gh.patience import Patience
from pinward.gh.proposals import Proposals
from pinward.gh.publish import MAX_COMMENT
from pinward.gh.texts import cut
from pinward.git.history import toplevel
from pinward.git.tree import WorkTree
from pinward.lifecycle.alerts import from_line, news, to_line
from pinward.net import HttpClient, NetError, origin_of
from pinward.render import dashboard
from pinward.render.dashboard import Change

WEBHOOK_TIMEOUT = 20.0


def _patience(clock: Clock) -> Patience:
    return replace(publish.patience(clock), later="The next night tries again.")


@dataclass
class Told:
    """A night, what was written of it, and what could not be."""

    watched: Watched
    issue_url: str = ""
    changes: tuple[Change, ...] = ()
    problems: list[PinwardError] = field(default_factory=list)

    @property
    def code(self) -> ExitCode:
        """The night's exit code, or worse where somebody was not told."""
        return worst([self.watched.code, *(problem.exit_code for problem in self.problems)])


@dataclass(frozen=True, slots=True)
class Asked:
    """What a night does beside looking at dates; the policy may ask for the same. `nights` is a folder that keeps
    earlier nights, None for the repository's data branch."""

    propose: bool = False
    drift: bool = False
    nights: Path | None = None


def run(path: Path, outside: Outside, settings: Settings, clock: Clock, asked: Asked = Asked()) -> Told:
    """Watch, propose the way out and evaluate the models in use where that is asked for, and tell.

    Raises `UsageError` without a repository on GitHub or a token.
    """
    if not settings.github.repository:
        raise UsageError("GITHUB_REPOSITORY does not name the repository", "Set it like acme/app.")
    client = connect(settings.github, clock)
    if client is None:
        raise UsageError("no token to keep the issue with", "Set GITHUB_TOKEN, or the action's input `token`.")
    root = toplevel(path) or path
    try:
        watched = watch(root, WorkTree(root), outside)
        problems: list[PinwardError] = []
        if asked.drift or watched.project.policy.watch.drift:
            nights = FolderNights(asked.nights) if asked.nights else BranchNights(client, _patience(clock))
            watched = _drift(watched, root, settings, nights, outside, problems)
        if asked.propose or watched.project.policy.watch.propose:
            try:
                watched = _propose(watched, root, client, settings, clock, outside)
            except PublishError as error:
                problems.append(error)
        told = tell(watched, client, settings, clock)
        told.problems += problems
        return told
    finally:
        client.close()


def _drift(
    watched: Watched, root: Path, settings: Settings, nights: Nights, outside: Outside, problems: list[PinwardError]
) -> Watched:
    """Evaluate the models in use; what goes wrong with it hides no date."""
    try:
        edges = replace(real_edges(settings), catalog=outside.catalog)
        watched, found = look(watched, root, edges, nights, outside.config)
    except PinwardError as error:
        found = [error]
    problems += found
    return watched


def drift(path: Path, outside: Outside, settings: Settings, clock: Clock, folder: Path | None) -> Told:
    """Watch and evaluate the models in use, and tell nobody.

    Raises `UsageError` where earlier nights are neither in a folder nor, with a token, on GitHub.
    """
    if folder is not None:
        return _drifted(path, outside, settings, FolderNights(folder))
    client = connect(settings.github, clock) if settings.github.repository else None
    if client is None:
        hint = "Name a folder with --nights, or set GITHUB_REPOSITORY and GITHUB_TOKEN for the data branch."
        raise UsageError("nothing says where earlier nights are kept", hint)
    try:
        return _drifted(path, outside, settings, BranchNights(client, _patience(clock)))
    finally:
        client.close()


def _drifted(path: Path, outside: Outside, settings: Settings, nights: Nights) -> Told:
    root = toplevel(path) or path
    told = Told(watch(root, WorkTree(root), outside))
    told.watched = _drift(told.watched, root, settings, nights, outside, told.problems)
    return told


def _propose(
    watched: Watched, root: Path, client: GitHub, settings: Settings, clock: Clock, outside: Outside
) -> Watched:
    patient = _patience(clock)
    issues = Issues(client, patient, watched.project.policy.watch.author)
    branch = settings.github.ref.removeprefix("refs/heads/")
    if not branch or branch.startswith("refs/"):
        branch = patient.ask("question about the default branch", lambda: client.ask(lambda repo: repo.default_branch))
    base = base_of(root, branch)

    def evaluate(task: str, target: str) -> GateReport:
        with TemporaryDirectory() as folder:
            request = GateRequest(root, base.sha, base.sha, Path(folder), outside.config)
            return migrate(request, task, (target,), real_edges(settings))

    return propose(
        watched, root, issues, Proposals(client, patient, issues.author), base, Proving(evaluate, outside.catalog)
    )


def tell(watched: Watched, client: GitHub, settings: Settings, clock: Clock) -> Told:
    """Bring the issue up to date; comment and call the webhook where something changed since the last night."""
    told = Told(watched)
    try:
        issue = _dashboard(told, Issues(client, _patience(clock), watched.project.policy.watch.author))
        told.issue_url = issue.url if issue else ""
    except PublishError as error:
        told.problems.append(error)
        return told  # without the issue nobody knows what was told before: a message now could be the second
    webhook = watched.project.policy.watch.webhook
    if webhook is not None and told.changes and not told.problems:
        try:
            asyncio.run(_send(webhook, settings, told))
        except PinwardError as error:
            told.problems.append(error)
    return told


def _dashboard(told: Told, issues: Issues) -> Issue | None:
    """Comment on the news first and keep the new standings last: what is interrupted is told again, never lost."""
    night = told.watched.night
    now = dashboard.standings(night)
    current = issues.find(dashboard.MARK)
    before = from_line(dashboard.told(current.body)) if current else {}
    told.changes = tuple(dashboard.change(night, n.mark, n.before) for n in news(before, now))
    heard = now
    if current is not None and told.changes:
        try:
            issues.comment(current, _fit(dashboard.comment(told.changes, night)))
        except PublishError as error:  # a locked issue, for one: the table is kept all the same
            told.problems.append(error)
            heard = before
    # Whoever closed it by hand has seen it: it stays closed until there is news.
    is_open = bool(now) and (current is None or current.is_open or bool(told.changes))
    return issues.put(Wanted(dashboard.MARK, dashboard.TITLE, _fit(dashboard.body(night, to_line(heard))), is_open))[0]


def _fit(text: str) -> str:
    return cut(text, MAX_COMMENT * 2, MAX_COMMENT)


async def _send(webhook: Webhook, settings: Settings, told: Told) -> None:
    """Post the news to the address that the variable holds, which must lie on the configured origin."""
    address = settings.key(webhook.url_env)
    if address is None:
        raise CredentialError(f"{webhook.url_env} is not set; it holds the webhook's address", "Pass it as a secret.")
    parts = urlsplit(address)
    if not address.startswith(f"{origin_of(webhook.origin)}/") or parts.username is not None:
        raise CredentialError(
            f"the address in {webhook.url_env} does not lie on {webhook.origin}, so nothing was sent",
            "Correct the secret, or policy.watch.webhook.origin.",
        )
    client = HttpClient(webhook.origin, {"content-type": "application/json"})
    written = dashboard.slack if webhook.format == "slack" else dashboard.plain
    try:
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        content = written(told.changes, told.watched.night, told.issue_url)
        reply = await client.send("POST", path, content=content, timeout=WEBHOOK_TIMEOUT)
    except NetError as error:
        raise UnavailableError(f"the webhook was not reached: {error.detail}", "The issue has the news.") from None
    finally:
        await client.aclose()
    if not 200 <= reply.status < 300:
        raise UnavailableError(f"the webhook answered {reply.status}", "The issue has the news.")
