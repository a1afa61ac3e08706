"""Refuse a release whose version, changelog and branch do not agree. Usage: check_release.py VERSION GITHUB_REF

`python -m scripts.check_release` alone looks at what a release of the version in the tree would find.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Where the version may stand: its one place, its history, and the pin that users copy (tests/drift).
VERSIONED = {"src/pinward/version.py", "CHANGELOG.md", "docs/scan.md"}


def problems(version: str, ref: str) -> list[str]:
    """Return what stands in the way, in sentences."""
    found = []
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        found.append(f"{version!r} is not a version such as 0.3.1")
    if f'"{version}"' not in (ROOT / "src/pinward/version.py").read_text(encoding="utf-8"):
        found.append("src/pinward/version.py says another version")
    if not re.search(
        rf"^## \[{re.escape(version)}\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    ):
        found.append("CHANGELOG.md has no section for this version")
    if ref != "refs/heads/main":
        found.append("releases are made from main")
    return found


def elsewhere(version: str, files: Mapping[str, str]) -> list[str]:
    """Return what is wrong with files (path -> text) that state the version and must not."""
    exact = re.compile(rf"(?<![\d.]){re.escape(version)}(?![\d.]*\d)")
    return [
        f"{path} states the version too" for path, text in files.items() if path not in VERSIONED and exact.search(text)
    ]


def tracked() -> dict[str, str]:
    """Return the project's own texts by path: neither recorded data nor what tests make up."""
    names = subprocess.run(
        ["git", "ls-files", "*.md", "*.py", "*.toml", "*.yml", "*.sh", "Dockerfile", ":!tests", ":!examples", ":!data"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in names}


def in_tree() -> str:
    """Return the version that the tree states."""
    (version,) = re.findall(r'__version__ = "([^"]+)"', (ROOT / "src/pinward/version.py").read_text(encoding="utf-8"))
    return str(version)


if __name__ == "__main__":
    version, ref = sys.argv[1:3] or (in_tree(), "refs/heads/main")
    found = problems(version, ref) + elsewhere(version, tracked())
    for sentence in found:
        print(sentence, file=sys.stderr)
    sys.exit(bool(found))
