"""The command line: verbs and flags. Each verb is imported only when it is called, so that start-up stays fast."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    from pinward.version import __version__

    sys.stdout.write(f"pinward {__version__}\n")
