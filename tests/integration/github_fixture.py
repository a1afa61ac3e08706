"""What tests of publishing share: a running server, a client, a clock that only counts, and reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pinward.core.report import GateReport
from pinward.gh.client import Access, Annotation, GitHub
from pinward.gh.patience import Patience
from pinward.gh.publish import Published, Run, Target, Texts, publish
from tests.integration.github_server.server import Server, running
from tests.integration.github_server.state import Pull, State

HEAD = "a" * 40
BASE = "b" * 40
NUMBER = 4
TOKEN = "token"
FIRST = Run(100, 1)


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    moment: float = 1_800_000_000.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.moment += seconds


@dataclass
class Scene:
    """One repository with one pull request, and everything that publishes to it."""

    state: State
    server: Server
    clock: Clock = field(default_factory=Clock)

    def access(self, token: str = TOKEN) -> Access:
        return Access(self.server.url, self.state.repository, token, pace=0)

    def publish(
        self, report: GateReport, run: Run = FIRST, head: str = HEAD, token: str = TOKEN, **texts: Any
    ) -> Published:
        github = GitHub(self.access(token), self.clock.now)
        target = Target(head, run, NUMBER, "https://github.test/run/100")
        written = Texts(**{"comment": "It broke.", "title": "2 of 48 broke", "summary": "**Broken**", **texts})
        patience = Patience(self.clock.now() + 240, self.clock.now, self.clock.sleep)
        try:
            return publish(github, target, report, written, patience)
        finally:
            github.close()

    @property
    def comment_bodies(self) -> list[str]:
        return [comment.body for comment in self.state.comments_of(NUMBER)]

    @property
    def check(self) -> dict[str, Any]:
        (run,) = self.state.check_runs
        return run.fields


def report(verdict: str = "fail", exit_code: int = 1, **changed: Any) -> GateReport:
    return GateReport.model_validate(
        {
            "schema": "pinward.report/1",
            "verdict": verdict,
            "exit_code": exit_code,
            "base": BASE,
            "head": HEAD,
            "policy_source": f"pinward.yml@{BASE}",
            "started": "2026-11-20T10:00:00Z",
            "seconds": 1.5,
            **changed,
        }
    )


def marks(count: int) -> tuple[Annotation, ...]:
    return tuple(Annotation(f"app/{n}.py", n + 1, "warning", f"`gpt-4o` floats ({n})") for n in range(count))


@contextmanager
def scene() -> Iterator[Scene]:
    """Run a server; at the end no answer may have left GitHub's schema."""
    state = State()
    state.pulls[NUMBER] = Pull(NUMBER, HEAD, BASE)
    with running(state) as server:
        yield Scene(state, server)
    assert state.violations == []
