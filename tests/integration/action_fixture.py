"""One pull request as the action meets it: a repository with GitHub's test merge, the event file, the runner's files,
a GitHub server and a server for models."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pinward.action import Action, act
from pinward.commands.event.step import Step
from pinward.commands.gate.cli import real_edges
from pinward.commands.gate.run import GateRequest, run_gate
from pinward.commands.merge import merge
from pinward.commands.publish import Clock
from pinward.config import settings
from pinward.core.report import GateReport
from pinward.verbs.main import run as run_verb
from tests.integration.github_fixture import TOKEN
from tests.integration.github_fixture import Clock as CountingClock
from tests.integration.github_server.server import Server, running
from tests.integration.github_server.state import Pull, State
from tests.support.repository import Repository
from tests.unit.gh.runner import read_outputs

EVENTS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "events.json").read_text(encoding="utf-8"))
NUMBER = 2
Files = dict[str, str | bytes | None]
KEY = "sk-live-canary-0123456789"
SUITE = "cases:\n" + "".join(
    f"  - {{id: case-{n}, category: format, input: 'Invoice {n} of ACME', checks: [{{contains: 'Invoice {n}'}}]}}\n"
    for n in range(12)
)
ASKING = (
    "versions:\n  - version: 1\n    models: ['local/*']\n    messages: [{role: user, content: 'Read {{ input }}'}]\n"
)
# A version for the new model that forgot the document: every answer then lacks the number that the suite asks for.
FORGETFUL = ASKING + "  - version: 2\n    models: [local/model-b]\n    messages: [{role: user, content: 'Read it'}]\n"


def config(url: str, model: str = "local/model-a") -> str:
    return f"""\
version: 1
tasks:
  extract:
    model: {model}
    prompts: prompts/extract.yml
    suite: evals/extract.yml
providers:
  local: {{type: openai, base_url: "{url}", api_key_env: LOCAL_KEY}}
"""


@dataclass
class Workspace:
    """A checkout as actions/checkout leaves it: the test merge, and the base branch as a remote ref."""

    repository: Repository
    base: str
    head: str
    merge: str

    @property
    def root(self) -> Path:
        return self.repository.root


def checkout(root: Path, base: Files, head: Files, *history: Files) -> Workspace:
    """Return a checkout whose base branch has the commits of `history`, oldest first, and then the base."""
    repository = Repository(root)
    older = repository.commit({"README.md": "An application\n"})
    for files in history:
        older = repository.commit(files)
    repository.branch("feature", older)
    repository.branch("main", older)
    base_sha = repository.commit(base)
    repository.branch("feature", base_sha)
    head_sha = repository.commit(head)
    merge = repository.merge(base_sha, head_sha)
    repository.git("checkout", "--quiet", "--detach")
    repository.git("branch", "--quiet", "-D", "main", "feature")
    repository.git("update-ref", "refs/remotes/origin/main", base_sha)
    return Workspace(repository, base_sha, head_sha, merge)


def pull_request_payload(workspace: Workspace, state: State) -> dict[str, Any]:
    payload: dict[str, Any] = copy.deepcopy(EVENTS["pull_request"][0])
    pull = payload["pull_request"]
    for repository in (payload["repository"], pull["head"]["repo"], pull["base"]["repo"]):
        repository["full_name"] = state.repository
    pull["head"]["sha"], pull["base"]["sha"], pull["base"]["ref"] = workspace.head, workspace.base, "main"
    return payload


@dataclass
class Result:
    """What the runner and GitHub saw."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


@dataclass
class Job:
    """A job that runs the action once or several times."""

    folder: Path
    workspace: Workspace
    github: Server
    clock: CountingClock = field(default_factory=CountingClock)

    @property
    def state(self) -> State:
        return self.github.state

    def environ(self, event: str, payload: dict[str, Any], **changed: str) -> dict[str, str]:
        """Return the variables that the runner sets, and its files."""
        for name in ("event.json", "output", "summary"):
            (self.folder / name).write_text("", encoding="utf-8")
        (self.folder / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        return {
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_REPOSITORY": self.state.repository,
            "GITHUB_WORKSPACE": str(self.workspace.root),
            "GITHUB_SHA": self.workspace.merge,
            "GITHUB_REF": f"refs/pull/{NUMBER}/merge",
            "GITHUB_RUN_ID": "100",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.test",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "INPUT_TOKEN": TOKEN,
            "LOCAL_KEY": KEY,
        } | changed

    def run(
        self,
        event: str = "pull_request",
        payload: dict[str, Any] | None = None,
        inputs: Mapping[str, str] | None = None,
        gate: Callable[[GateRequest], GateReport] | None = None,
        **changed: str,
    ) -> Result:
        """Run the action's entry in this process, with the real gate, git and HTTP."""
        content = pull_request_payload(self.workspace, self.state) if payload is None else payload
        loaded = settings.load(self.environ(event, content, **changed, **(inputs or {})))
        log = io.StringIO()
        tokens = iter(f"{n:032x}" for n in range(1, 1000))
        action = Action(
            loaded,
            Step(loaded.github, log, lambda: next(tokens)),
            Clock(self.clock.now, self.clock.sleep),
            run_verb,
            gate or (lambda request: run_gate(request, real_edges(loaded))),
            lambda folder, request: merge([folder], request.report_dir, lambda _: request, real_edges(loaded)),
        )
        code = act(action)
        read = {name: (self.folder / name).read_text(encoding="utf-8") for name in ("output", "summary")}
        return Result(code, log.getvalue(), read_outputs(read["output"]), read["summary"])


@contextmanager
def job(folder: Path, workspace: Workspace) -> Iterator[Job]:
    """Run a GitHub server that knows the pull request of a workspace."""
    state = State()
    state.pulls[NUMBER] = Pull(NUMBER, workspace.head, workspace.base, merge_commit_sha=workspace.merge)
    with running(state) as github:
        yield Job(folder, workspace, github)
    assert state.violations == []
    expected = (" 404 ", "users/get-authenticated: 403")  # an app's token may not ask whose it is
    assert [no for no in state.rejected if not any(part in no for part in expected)] == []
