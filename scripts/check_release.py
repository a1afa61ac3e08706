"""Refuse a release whose version, changelog and branch do not agree. Usage: check_release.py VERSION GITHUB_REF"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


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


if __name__ == "__main__":
    found = problems(*sys.argv[1:3])
    for sentence in found:
        print(sentence, file=sys.stderr)
    sys.exit(bool(found))
