"""The files of a commit in a folder of their own, without the repository: what a program of the commit's runs in."""

from __future__ import annotations

import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from pinward.errors import GitError
from pinward.git.process import run

# They are for releases of an archive, and would take files away or put other words into them. Source: gitattributes(5),
# which lets this place win over the commit's own `.gitattributes`.
_ATTRIBUTES = "* -export-ignore -export-subst\n"


def checkout(root: Path, sha: str, folder: Path) -> None:
    """Write all files of a commit as `folder`, which must not exist; it is there whole, or not at all.

    Links that lead out of it are left out. Raises `GitError`.
    """
    with TemporaryDirectory(prefix="pinward-", dir=folder.parent, ignore_cleanup_errors=True) as place:
        archive, files = Path(place) / "files.tar", Path(place) / "files"
        _archive(root, sha, Path(place) / "repository", archive)
        try:
            with tarfile.open(archive) as packed:
                packed.extractall(files, filter=_inside)  # noqa: S202  # git wrote it, and the filter keeps it inside
            files.rename(folder)
        except (tarfile.TarError, OSError) as error:
            raise GitError(
                f"the files of {sha[:9]} cannot be written ({type(error).__name__})", "Is the disk full?"
            ) from None


def _archive(root: Path, sha: str, bare: Path, archive: Path) -> None:
    """Write the commit as a tar file, by a repository that has the objects of `root` and none of its configuration:
    a filter that is configured there is a program, and the commit's `.gitattributes` would choose its input."""
    objects = run(root, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    if run(root, "config", "--get-regexp", r"^remote\..*\.promisor$", ok=(0, 1)):
        _fetch_missing(root, sha)
    bare.mkdir()
    run(bare, "init", "--quiet", "--bare", "--object-format", "sha256" if len(sha) == 64 else "sha1", ".")
    (bare / "objects/info/alternates").write_bytes(objects)
    (bare / "info").mkdir(exist_ok=True)
    (bare / "info/attributes").write_text(_ATTRIBUTES)
    run(bare, "archive", "--format=tar", f"--output={archive}", sha)


def _fetch_missing(root: Path, sha: str) -> None:
    """Have git get what a partial clone left out, which it does when it is asked for an object."""
    listed = run(root, "ls-tree", "-r", "--format=%(objecttype) %(objectname)", sha).decode("ascii").split("\n")
    wanted = [line.removeprefix("blob ") for line in listed if line.startswith("blob ")]
    run(root, "cat-file", "--batch-check", stdin="".join(f"{oid}\n" for oid in wanted).encode("ascii"))


def _inside(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None
