"""Write all golden files anew: `python -m tests.golden.write`. Read what changed before it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pinward.render import markdown
from tests.golden.reports import STATES

HERE = Path(__file__).parent
LINK = "https://github.com/acme/shop/actions/runs/1042"


def faces() -> Iterator[tuple[str, str]]:
    """Yield (file, text) of every golden file, named by state."""
    for state, report in STATES.items():
        yield f"comments/{state}.md", markdown.comment(report, LINK) or "(no comment)\n"


def main() -> None:
    """Write the golden files."""
    for name, face in faces():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(face, encoding="utf-8")


if __name__ == "__main__":
    main()
