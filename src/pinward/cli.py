"""The command line: verbs and flags. Each verb is imported only when it is called, so that start-up stays fast."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code that `docs/exit-codes.md` documents."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["--version"], ["-V"]):
        from pinward.version import __version__

        sys.stdout.write(f"pinward {__version__}\n")
        sys.exit(0)
    from pinward.verbs.main import run

    sys.exit(run(given))
