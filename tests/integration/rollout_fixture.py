"""A default branch on which a rollout goes on: real git, a model server, GitHub's words and metrics as they come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pinward.commands.gate.cli import edges_over
from pinward.commands.gate.run import GateRequest, run_gate
from pinward.commands.rollout.evidence import version_of
from pinward.config.project import load_project
from pinward.core.outcomes import Histogram, Moments, Share, Window, bucket_of, write_outcomes
from pinward.core.report import GateReport
from pinward.gh.client import Merged
from pinward.git.tree import CommitTree
from pinward.providers.connect import Connections
from tests.support.llm_server import Recorded
from tests.support.repository import Repository

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
METRICS = "metrics/extract.json"
SUITE = "cases:\n" + "".join(
    f"  - {{id: c{n}, input: 'Number {n}', checks: [{{contains: '{n}'}}]}}\n" for n in range(3)
)


def config(url: str, percent: float, model: str = "local/old", extra: str = "", task: str = "") -> str:
    return f"""\
version: 1
tasks:
  extract:
    model: {model}
    candidate: [local/new]
    suite: evals/extract.yml
{task}    rollout: {{percent: {percent:g}, metrics: {{file: {METRICS}}}{extra}}}
providers:
  local: {{type: openai, base_url: "{url}/v1"}}
"""


@dataclass
class Scene:
    """A default branch on which each stage came with a pull request, and what GitHub knows of it."""

    repository: Repository
    server: Recorded
    merges: dict[str, list[Merged]]
    sha: str = ""

    def merge(self, hours_ago: float, files: dict[str, str | bytes | None], number: int = 1) -> str:
        """Commit to the default branch as a pull request that was merged so many hours ago."""
        self.sha = self.repository.commit(files)
        at = NOW - timedelta(hours=hours_ago)
        self.merges[self.sha] = [Merged(number, at, f"https://github.test/pull/{number}")]
        return self.sha

    def at_stage(self, percent: float, hours_ago: float = 50, **changed: Any) -> None:
        """Bring the default branch to a stage, with sound metrics of it."""
        files = {"pinward.yml": config(self.server.url, 0), "evals/extract.yml": SUITE}
        self.merge(900, {**files, "README.md": "x"})
        self.merge(hours_ago, {"pinward.yml": config(self.server.url, percent, **changed)}, 7)
        self.metrics()

    def metrics(self, current: dict[str, Any] | None = None, candidate: dict[str, Any] | None = None) -> None:
        sides = {"local/old": current, "local/new": candidate}
        windows = tuple(replace(window(model, self.version), **side or {}) for model, side in sides.items())
        self.sha = self.repository.commit({METRICS: write_outcomes("extract", windows)})

    @property
    def version(self) -> str:
        tree = CommitTree(self.repository.root, self.sha)
        project = load_project(tree)
        assert project is not None
        return version_of(project.tasks["extract"], tree)

    def gate(self, head: dict[str, str | bytes | None], merged: bool = True, now: datetime = NOW) -> GateReport:
        """Gate a pull request on top of the default branch."""
        sha = self.repository.commit(head)
        self.repository.git("checkout", "--quiet", "--detach", self.sha)
        edges = edges_over(lambda providers: Connections(providers, lambda _: None))
        ask = (lambda commit: self.merges.get(commit, [])) if merged else None
        request = GateRequest(self.repository.root, self.sha, sha, self.repository.root.parent / "report")
        return run_gate(request, replace(edges, now=lambda: now, merged=ask))

    def step(self, percent: float, merged: bool = True, **changed: Any) -> GateReport:
        return self.gate({"pinward.yml": config(self.server.url, percent, **changed)}, merged)


def window(model: str, version: str) -> Window:
    n = 5000
    return Window(
        version, model, NOW - timedelta(hours=49), NOW - timedelta(hours=1),
        errors=Share(n, 25), completed=Share(n, 4700), quality=Moments(n, 4500.0, 4500.0),
        cost_usd=Moments(n, 5.0, 0.006), latency=Histogram({bucket_of(0.5): 3000, bucket_of(0.9): 2000}),
    )  # fmt: skip


def rules(report: GateReport) -> dict[str, str]:
    return {finding.rule: finding.message for finding in report.findings if finding.blocking}
