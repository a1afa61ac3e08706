"""A whole migration on a real git repository: from the first red night to all of the traffic, and one rollback.

    python examples/migration/migrate.py [FOLDER]

Real here: git, the gate, the watch, the suite, the statistics, the application's own choice of a model and its outcome
metrics. Played: the models (a server on this machine), the users, the days that pass, and GitHub's word on when a pull
request was merged. Needs no key and no network.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from pinward.commands.gate.cli import edges_over
from pinward.commands.gate.run import GateRequest, run_gate
from pinward.commands.watch import run as watch
from pinward.core.report import GateReport
from pinward.gh.client import Merged
from pinward.git.process import run
from pinward.lifecycle.catalog import load
from pinward.providers.connect import Connections
from pinward.render import words
from pinward.runtime import Outcome, OutcomeRecorder, TaskConfig, load_config, select_model

TASK = "read_order"
OLD, CHATTY, NEW = "openai/gpt-4o-2024-08-06", "openai/gpt-4.1-2025-04-14", "openai/gpt-5.5-2026-04-23"
PLAYED_PORT = "8111"
USERS, DAYS = 2_000, 3
IDENTITY = ("-c", "user.name=Example", "-c", "user.email=example@example.invalid")


@contextmanager
def models() -> Iterator[str]:
    """Serve the three models; one of them says more than it is asked for. Yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            order = re.search(r"[A-Z]-[0-9]+", body["messages"][-1]["content"])
            text = json.dumps({"order": order[0] if order else ""})
            text = f"Sure! Here it is: {text}" if CHATTY.endswith(body["model"]) else text
            message = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 60, "completion_tokens": 10}
            data = json.dumps({"model": body["model"], "choices": [message], "usage": usage}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield str(server.server_port)
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Story:
    """The repository, the day, and what GitHub would say of its pull requests."""

    root: Path
    reports: Path
    now: datetime = datetime(2026, 12, 16, 8, tzinfo=UTC)
    merged: dict[str, Merged] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    store: Path | None = None
    task: str = TASK
    old: str = OLD
    new: str = NEW

    @property
    def config(self) -> Path:
        """The configuration in the work tree."""
        return self.root / "pinward.yml"

    def git(self, *arguments: str) -> str:
        """Run git and return what it prints."""
        return run(self.root, *IDENTITY, *arguments).decode().strip()

    def commit(self, message: str) -> str:
        """Commit everything and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def github(self, sha: str) -> list[Merged]:
        """Return what GitHub would know of a commit."""
        return [self.merged[sha]] if sha in self.merged else []

    def pull_request(self, title: str, **edits: str) -> GateReport:
        """Change `pinward.yml` on a branch, gate it against main, and merge it where the gate is green."""
        number = len(self.verdicts) + 1
        base = self.git("rev-parse", "main")
        self.git("checkout", "--quiet", "-b", f"pr-{number}", base)
        text = self.config.read_text(encoding="utf-8")
        for key, value in edits.items():
            line = rf"\g<1>{key}: {value}\n" if value else ""
            text = re.sub(rf"^( +){key}:.*\n", line, text, count=1, flags=re.MULTILINE)
        self.config.write_text(text, encoding="utf-8")
        head = self.commit(title)
        edges = edges_over(lambda providers: Connections(providers, lambda _: None))
        known = replace(edges, now=lambda: self.now, merged=self.github, store=self.store)
        report = run_gate(GateRequest(self.root, base, head, self.reports / f"pr-{number}"), known)
        print(f"\n{self.now:%a %d %b, %H:%M}  #{number} {title}\n    {words.title(report)}")
        for finding in (f for f in report.findings if f.blocking):
            print(f"    {finding.rule}: {finding.message}")
        self.verdicts.append(report.verdict)
        self.git("checkout", "--quiet", "main")
        if report.exit_code == 0:
            self.git("merge", "--quiet", "--no-ff", "--message", f"Merge #{number}", head)
            self.merged[self.git("rev-parse", "HEAD")] = Merged(number, self.now)
        return report

    def live(self, days: int = DAYS, errors: float = 0.004) -> None:
        """Let users come for some days; a nightly job commits what the application has recorded."""
        dice = random.Random(7)
        task = load_config(self.config, {}).task(self.task)
        with OutcomeRecorder.of(task) as recorder:
            recorder.now, recorder.interval = lambda: self.now, 1e9
            for _ in range(days):
                for user in range(USERS):
                    recorder.record(task, self.outcome(task, f"user-{user}", dice, errors))
                self.now += timedelta(days=1)
            recorder.record(task, Outcome(self.old, error=False))
            recorder.record(task, Outcome(self.new, error=False))
        self.commit("Outcomes of the last days")

    def outcome(self, task: TaskConfig, user: str, dice: random.Random, errors: float) -> Outcome:
        """Play one request: the application chooses the model, the dice the rest."""
        model = select_model(task, key=user)
        failed = dice.random() < (errors if model == self.new else 0.004)
        cost = 0.0002 if model == self.old else 0.00019
        return Outcome(model, failed, dice.uniform(0.4, 0.6), cost, completed=not failed and dice.random() < 0.97)


def play(folder: Path, port: str) -> list[str]:
    """Play everything in an empty folder and return the verdicts of the pull requests."""
    shutil.copytree(Path(__file__).parent / "app", folder / "repository")
    story = Story(folder / "repository", folder / "reports")
    story.config.write_text(story.config.read_text(encoding="utf-8").replace(PLAYED_PORT, port), encoding="utf-8")
    (story.root / ".gitignore").write_text("*.lock\n", encoding="utf-8")
    story.git("init", "--quiet", "--initial-branch=main")
    story.commit("An application that reads order numbers")

    print(f"{story.now:%a %d %b, 04:00}  the first red night: $ pinward watch\n")
    watch.run(story.root, watch.Outside(load(), story.now.date()), sys.stdout.write)

    story.pull_request("Move to GPT-4.1", model=CHATTY)
    story.pull_request("Give GPT-5.5 all of the traffic at once", model=f"{OLD}\n    candidate: [{NEW}]", percent="100")
    story.pull_request("Try GPT-5.5 with 5% of the traffic", model=f"{OLD}\n    candidate: [{NEW}]", percent="5")
    story.live(days=1)
    story.pull_request("Go to 25% after a day", percent="25")
    story.live(days=2)
    story.pull_request("Go to 25%", percent="25")
    story.live(errors=0.2)
    story.pull_request("Go to 100%", percent="100")
    story.pull_request("Back to the proven model: the new one fails", percent="0")
    story.live()
    story.pull_request("Begin again with 5%", percent="5")
    story.live()
    story.pull_request("Go to 25%", percent="25")
    story.live()
    story.pull_request("Go to 100%", percent="100")
    story.live()
    report = story.pull_request(
        "GPT-5.5 reads our tickets", model=f"{NEW}\n    fallbacks: [{OLD}]", candidate="", percent="0"
    )
    done = sum(item.state == "done" for item in report.checklist)
    print(f"\nChecklist: {done} of {len(report.checklist)} done")
    for item in report.checklist:
        print(f"    {words.CHECK_STATES[item.state]}: {item.text}: {item.evidence}")
    print(f"\nThe repository and all reports are in {folder}.")
    return story.verdicts


def main() -> None:
    """Play in the folder that is named, or in one that goes away."""
    with TemporaryDirectory(prefix="pinward-migration-") as temporary, models() as port:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        play(folder, port)


if __name__ == "__main__":
    main()
