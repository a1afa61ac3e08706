"""`make demo-live`: the demo against two real models that run on this machine.

python -m scripts.live_demo
"""

from __future__ import annotations

import sys
from pathlib import Path

from pinward.commands import demo
from pinward.commands.gate.cli import edges_over
from pinward.providers.connect import Connections
from scripts import local_models


def main(report_dir: Path = Path("demo-report/live")) -> int:
    """Serve both models, gate both pull requests over HTTP, and end the servers."""
    if not local_models.installed():
        raise SystemExit("the models are not installed; run `make demo-live`")
    with local_models.serving() as addresses:
        for name, address in addresses.items():
            print(f"{name}: {local_models.MODELS[name].id} at {address}", flush=True)
        files = local_models.at_addresses(demo.application(), addresses)
        edges = edges_over(lambda providers: Connections(providers, lambda _: None))
        return demo.play(report_dir, edges, files, _write)


def _write(text: str) -> None:
    print(text, end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
