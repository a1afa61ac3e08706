"""`pinward demo`: a small repository with two pull requests, gated from recorded answers of two real models.

The example application, the two changes and the recording are files of the package; nothing here decides a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pinward.commands.gate.cli import edges_over
from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.commands.scan import run as scan
from pinward.errors import ExitCode, InternalError
from pinward.git.build import Branch, build_repository
from pinward.git.tree import WorkTree
from pinward.providers.endpoints import Route, route

if TYPE_CHECKING:
    from pinward.core.evidence import Client
    from pinward.core.policy import Provider
    from pinward.core.report import GateReport

APPLICATION = "support-tickets"
RECORDING = "demo/recording.jsonl"
Write = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One change of the demo: its title, its patch, where its report goes, and the verdict that is announced."""

    title: str
    patch: str
    folder: str
    verdict: str


PULL_REQUESTS = (
    PullRequest("Read tickets with Gemma 3 270M", "demo/1-new-model.patch", "blocked", "fail"),
    PullRequest(
        "Read tickets with Gemma 3 270M, and ask for the schema",
        "demo/2-new-model-and-schema.patch",
        "passed",
        "pass",
    ),
)


@dataclass(frozen=True, slots=True)
class Replay:
    """Connections that answer from a recording, whichever provider is asked. Implements `gate.work.Connections`."""

    providers: Mapping[str, Provider]
    recorded: Client

    def route(self, name: str) -> Route:
        """Return how the provider would be reached."""
        return route(name, self.providers)

    def client(self, name: str, wrap: Callable[[Client], Client] = lambda client: client) -> Client:  # noqa: ARG002  # Protocol
        """Return the recording behind `wrap`."""
        return wrap(self.recorded)

    async def aclose(self) -> None:
        """Nothing to close."""


def run(report_dir: Path, write: Write) -> int:
    """Play the demo from the recording; 0 where both pull requests end as announced."""
    return play(report_dir, edges_over(replay, deterministic=True), application(), write)


def replay(providers: Mapping[str, Provider]) -> Replay:
    """Open the recording that is part of the package."""
    from pinward.providers.replay import ReplayClient

    text = (examples() / RECORDING).read_text(encoding="utf-8")
    return Replay(providers, ReplayClient("replay", text, RECORDING))


def play(report_dir: Path, edges: GateEdges, files: Mapping[str, bytes], write: Write) -> int:
    """Build the repository, scan it, gate both pull requests and print their comments.

    `files` is the application, by path. Leaves one report folder a pull request in `report_dir`.
    """
    with TemporaryDirectory(prefix="pinward-demo-") as folder:
        root = Path(folder)
        commits = build_repository(root, files, [_branch(change) for change in PULL_REQUESTS])
        write(f"A repository of {len(files)} files.\n$ pinward scan\n\n")
        scan.scan(root, WorkTree(root), edges.catalog, scan.ScanOptions(today=edges.now().date()), write)
        for change in PULL_REQUESTS:
            report = _gate(root, commits, change, report_dir, edges, write)
            if report.verdict != change.verdict:
                write(f"\nThis should have ended as `{change.verdict}` and ended as `{report.verdict}`.\n")
                return ExitCode.INTERNAL if report.verdict in {"pass", "fail"} else report.exit_code
    write(f"\nThe reports are in {report_dir}: {' and '.join(change.folder for change in PULL_REQUESTS)}.\n")
    return ExitCode.OK


def _branch(change: PullRequest) -> Branch:
    return Branch(change.folder, change.title, (examples() / change.patch).read_bytes())


def _gate(
    root: Path,
    commits: Mapping[str, str],
    change: PullRequest,
    report_dir: Path,
    edges: GateEdges,
    write: Write,
) -> GateReport:
    folder = report_dir / change.folder
    write(f"\nPull request: {change.title}.\n$ pinward gate --base main --head {change.folder}\n\n")
    report = run_gate(GateRequest(root, commits["main"], commits[change.folder], folder), edges)
    write((folder / "comment.md").read_text(encoding="utf-8"))
    return report


def application() -> dict[str, bytes]:
    """Return the files of the example application, by path."""
    root = examples() / APPLICATION
    paths = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def examples() -> Path:
    """Return the folder of the examples: inside the installed package, or at the root of a source tree."""
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "data" / "examples", here.parents[3] / "examples"):
        if (folder / APPLICATION).is_dir():
            return folder
    raise InternalError("the demo's files are not part of this installation", "Install Pinward from its wheel.")
