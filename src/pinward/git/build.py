"""Builds a small repository: a first commit on `main`, and one branch for each patch on top of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pinward.git.process import run

# The user's own identity and signing key are never read (`process.ENVIRONMENT`).
_IDENTITY = ("-c", "user.name=Pinward demo", "-c", "user.email=demo@example.invalid")


@dataclass(frozen=True, slots=True)
class Branch:
    """A pull request to be: the branch's name, its commit message, and its change as a unified diff."""

    name: str
    message: str
    patch: bytes


def build_repository(root: Path, files: Mapping[str, bytes], branches: Iterable[Branch]) -> dict[str, str]:
    """Create a repository in the empty folder `root` and return the full commit id of each branch, `main` among them.

    Raises `GitError` where git is missing or a patch does not apply.
    """
    run(root, "init", "--quiet", "--initial-branch=main")
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    run(root, "add", "--all", "--force")
    commits = {"main": _commit(root, "Read support tickets with a pinned model")}
    for branch in branches:
        run(root, "checkout", "--quiet", "-b", branch.name, commits["main"])
        run(root, "apply", "--index", "-", stdin=branch.patch)
        commits[branch.name] = _commit(root, branch.message)
    run(root, "checkout", "--quiet", "main")
    return commits


def _commit(root: Path, message: str) -> str:
    run(root, *_IDENTITY, "commit", "--quiet", "--message", message)
    return run(root, "rev-parse", "HEAD").decode("ascii").strip()
