"""Time `pinward scan` beside `git grep` for the same names on the same trees: python benchmarks/scan.py TREE...

Budget: the larger of `git grep -nIE` and 0.6 s, roles and pins included (docs/architecture.md). Wall clock and CPU of
the best of five runs, so that a busy machine shows in the first and not in the second. `--synthetic N` adds a tree of N
small files, one in fifty with a model name.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = (
    r"gpt-[0-9][a-z0-9.-]*|claude-[a-z0-9.-]+|gemini-[0-9a-z.-]+|o[134]-mini|text-embedding-[0-9a-z-]+"
    r"|deepseek-[a-z0-9-]+|mistral-[a-z0-9-]+|llama[0-9.-]+"
)
RUNS = 5
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}


def measure(command: list[str], root: Path) -> tuple[float, float, bytes]:
    """Return (wall seconds, CPU seconds, output) of the best run."""
    best = (float("inf"), float("inf"), b"")
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, check=False)
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = (min(best[0], wall), min(best[1], cpu), done.stdout)
    return best


def synthetic(root: Path, count: int) -> Path:
    for number in range(count):
        folder = root / f"d{number // 500}"
        folder.mkdir(exist_ok=True)
        model = 'ask(model="gpt-4o")\n' if number % 50 == 0 else ""
        (folder / f"f{number}.py").write_text(f"x = {number}\n" * 40 + model)
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    return root


def row(root: Path) -> str:
    scan_wall, scan_cpu, out = measure([sys.executable, "-m", "pinward", "scan", ".", "--format", "json"], root)
    grep_wall, grep_cpu, _ = measure(["git", "grep", "-nIE", "--untracked", NAMES], root)
    document = json.loads(out)
    counts = f"{len(document['findings'])} findings, {document['files_scanned']} files"
    budget = max(grep_wall, 0.6)
    return (
        f"{root.name:28} scan {scan_wall:5.2f} s ({scan_cpu:5.2f} CPU)"
        f"  git grep {grep_wall:5.2f} s ({grep_cpu:5.2f} CPU)"
        f"  {scan_wall / budget:4.2f} of budget  {counts}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="*", type=Path)
    parser.add_argument("--synthetic", type=int, default=0, metavar="N")
    given = parser.parse_args()
    for tree in given.trees:
        print(row(tree.resolve()))
    if given.synthetic:
        with tempfile.TemporaryDirectory() as folder:
            print(row(synthetic(Path(folder), given.synthetic)))


if __name__ == "__main__":
    main()
