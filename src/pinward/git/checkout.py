"""The files of a commit in a folder of their own, without the repository: what a program of the commit's runs in."""

from __future__ import annotations

import tarfile
from pathlib import Path

from pinward.errors import GitError
from pinward.git.process import run


def checkout(root: Path, sha: str, folder: Path) -> None:
    """Write the files of a commit below `folder`. Links that lead out of it are left out. Raises `GitError`."""
    archive = folder.with_name(folder.name + ".tar")
    run(root, "archive", "--format=tar", f"--output={archive}", sha)
    try:
        with tarfile.open(archive) as files:
            files.extractall(folder, filter=_inside)  # noqa: S202  # git wrote it, and the filter keeps it inside
    except tarfile.TarError as error:
        raise GitError(
            f"the files of {sha[:9]} cannot be written ({type(error).__name__})", "Is the disk full?"
        ) from None
    finally:
        archive.unlink(missing_ok=True)


def _inside(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None
