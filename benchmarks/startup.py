"""What a user waits for before anything happens, and what has to be downloaded (docs/architecture.md, budgets).

    python -m benchmarks.startup [--runs 15] [--wheel FILE] [--image OCI_FOLDER]

Whole processes, in turn with what they are compared with, so that a machine whose speed drifts slows both down. CPU
seconds (user and system), the least of all runs: other people's load adds to a run and never takes from it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
BARE = ("-c", "pass")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "bare interpreter": BARE,
    "pinward --version": ("-m", "pinward", "--version"),
    "import of the scan path": ("-c", "import pinward.commands.scan.cli, pinward.scan.scanner"),
    "import pydantic": ("-c", "import pydantic; pydantic.BaseModel"),
    "import pinward.runtime": ("-c", "import pinward.runtime"),
    "load_config of pinward.runtime": ("-c", "from pinward.runtime import load_config; load_config('{config}', {{}})"),
}
CONFIG = ROOT / "examples" / "support-tickets" / "pinward.yml"
MB = 1e6


def cpu(arguments: Sequence[str]) -> float:
    """Return the CPU seconds of one interpreter with these arguments; the libraries' files are already compiled."""
    pid = os.fork()
    if not pid:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.execve(sys.executable, [sys.executable, *arguments], {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src")})  # noqa: S606
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{arguments} ended with {status}")
    return used.ru_utime + used.ru_stime


def measured(runs: int) -> dict[str, float]:
    """Return the least CPU seconds of each command."""
    commands = {name: [part.format(config=CONFIG) for part in parts] for name, parts in COMMANDS.items()}
    least = {name: cpu(arguments) for name, arguments in commands.items()}  # compiles what is not compiled yet
    for _ in range(runs):
        for name, arguments in commands.items():
            least[name] = min(least[name], cpu(arguments))
    return least


def row(name: str, value: float, budget: float | None, unit: str) -> bool:
    """Print one figure; return whether it is within its budget."""
    kept = budget is None or value <= budget
    told = "" if budget is None else f"   at most {budget:.4g} {unit}   {'ok' if kept else 'OVER'}"
    print(f"{name:<58}{value:8.2f} {unit}{told}")
    return kept


def layers_mb(layout: Path) -> list[float]:
    """Return the compressed sizes of an image's layers, from its OCI layout (github.com/opencontainers/image-spec)."""
    index = json.loads((layout / "index.json").read_bytes())
    digest = index["manifests"][-1]["digest"].removeprefix("sha256:")
    manifest = json.loads((layout / "blobs" / "sha256" / digest).read_bytes())
    return [layer["size"] / MB for layer in manifest["layers"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--wheel", type=Path, help="a wheel, for its size")
    parser.add_argument("--image", type=Path, help="the image as an OCI layout (build/container/oci), for its size")
    given = parser.parse_args()
    least = measured(given.runs)
    bare = least["bare interpreter"]
    ms = {name: 1000 * (seconds - bare) for name, seconds in least.items()}
    kept = [
        row("bare interpreter", 1000 * bare, None, "ms"),
        row("pinward --version, ratio to the bare interpreter", least["pinward --version"] / bare, 3, "x"),
        row("import of the scan path, beyond the interpreter", ms["import of the scan path"], 250, "ms"),
        row("import pydantic, beyond the interpreter", ms["import pydantic"], None, "ms"),
        row("import pinward.runtime", ms["import pinward.runtime"], ms["import pydantic"] + 40, "ms"),
        row("load_config, the import included", ms["load_config of pinward.runtime"], None, "ms"),
    ]
    if given.wheel:
        kept.append(row("wheel", given.wheel.stat().st_size / MB, None, "MB"))
    if given.image:
        layers = layers_mb(given.image)
        kept.append(row("image, compressed", sum(layers), 110, "MB"))
        kept.append(row("of that ours: git, and the environment", sum(layers[-2:]), None, "MB"))
    return not all(kept)


if __name__ == "__main__":
    sys.exit(main())
