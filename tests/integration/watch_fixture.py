"""A repository on a GitHub server, watched night after night; and a server that takes webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from pinward.commands import publish
from pinward.commands.watch import tell as watch_tell
from pinward.commands.watch.run import Outside
from pinward.commands.watch.tell import Told
from pinward.config import settings
from pinward.lifecycle.catalog import load
from tests.integration.github_fixture import TOKEN, Clock
from tests.integration.github_server.server import Server, running
from tests.integration.github_server.state import Issue, State
from tests.support.repository import Repository

CATALOG = load()
CALL = "client.chat.completions.create(model={!r}, messages=[])\n"
HOOK = "/services/T0/secret-of-the-hook"


@dataclass
class Nights:
    """One repository, the server, and the clock of the nights."""

    repository: Repository
    github: Server
    clock: Clock = field(default_factory=Clock)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        return self.github.state

    @property
    def issue(self) -> Issue:
        (found,) = self.state.issues.values()
        return found

    def comments(self) -> list[str]:
        return [comment.body for comment in self.state.comments_of(self.issue.number)]

    def commit(self, files: dict[str, str | bytes | None]) -> None:
        """Commit to the default branch, here and on GitHub."""
        self.state.refs["heads/main"] = self.repository.commit(files)

    def environ(self) -> dict[str, str]:
        return {
            "GITHUB_REPOSITORY": self.state.repository,
            "GITHUB_API_URL": self.github.url,
            "GITHUB_TOKEN": TOKEN,
            **self.variables,
        }

    def watch(
        self, day: str, *, proposing: bool = False, nights: Path | None = None, config: str = "pinward.yml"
    ) -> Told:
        clock = publish.Clock(self.clock.now, self.clock.sleep)
        asked = watch_tell.Asked(propose=proposing, nights=nights)
        outside = Outside(CATALOG, date.fromisoformat(day), (), self.variables.get, None, config)
        return watch_tell.run(self.repository.root, outside, settings.load(self.environ()), clock, asked)


@contextmanager
def nights(folder: Path, files: dict[str, str | bytes | None]) -> Iterator[Nights]:
    """Run a GitHub server for a repository of these files; at the end no answer may have left GitHub's schema."""
    repository = Repository(folder / "repository")
    repository.commit(files)
    state = State()
    state.refs["heads/main"] = repository.git("rev-parse", "HEAD")
    with running(state) as github:
        yield Nights(repository, github)
    assert state.violations == []


@dataclass
class Hook:
    """What a webhook received: path and JSON body."""

    url: str
    received: list[tuple[str, Any]] = field(default_factory=list)
    status: int = 200


@contextmanager
def hook() -> Iterator[Hook]:
    """Serve a webhook on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.received.append((self.path, json.loads(body)))
            self.send_response(taken.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken = Hook(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
