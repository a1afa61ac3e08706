"""Time `pinward scan` beside `git grep` and other scanners on the same trees: python benchmarks/scan.py TREE...

Budget: the larger of `git grep -nIE` and 0.6 s, roles and pins included (docs/architecture.md). Wall clock and CPU of
the best run, so that a busy machine shows in the first and not in the second. `--peers FOLDER` adds the scanners that
are installed there (a virtual environment's `bin`), each with the findings that it counts itself. `--synthetic N` adds
a tree of N small files, one in fifty with a model name.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = (
    r"gpt-[0-9][a-z0-9.-]*|claude-[a-z0-9.-]+|gemini-[0-9a-z.-]+|o[134]-mini|text-embedding-[0-9a-z-]+"
    r"|deepseek-[a-z0-9-]+|mistral-[a-z0-9-]+|llama[0-9.-]+"
)
GREP = ["git", "grep", "-nIE", "--untracked", NAMES]
# What is installed has its bytecode; the first of the runs writes it.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPATH": str(Path(__file__).parents[1] / "src"),
}
Count = Callable[[bytes], str]


def listed(key: str, *more: str) -> Count:
    """Count the findings of a report in JSON by following keys to a number or a list."""

    def count(out: bytes) -> str:
        found: Any = json.loads(out)
        for name in (key, *more):
            found = found[name]
        return str(found if isinstance(found, int) else len(found))

    return count


def said(pattern: str) -> Count:
    """Count what the text of a report matches; the last number in it, where there is a group."""

    def count(out: bytes) -> str:
        found = re.findall(pattern, out.decode("utf-8", "replace"), re.MULTILINE)
        return str(found[-1] if "(" in pattern and found else len(found))

    return count


# Executable, arguments, how its findings are counted. `{out}` is a file that it may write.
PEERS: tuple[tuple[str, list[str], Count], ...] = (
    ("modelbump", ["scan", "."], said(r"Found (\d+) model IDs")),
    ("llm-sunset", ["scan", "--format", "json", "--offline"], listed("findings")),
    ("model-retire", ["--format", "json"], listed("findings")),
    ("llm-deprecation", ["scan", "-q"], said(r"^⚠")),
    ("depdesk", ["check", "--json", "--no-github"], listed("findings")),
    ("lastorders", ["scan", "--format", "json", "--offline", "--out", "{out}"], listed("total_findings")),
)


LIMIT = 300  # seconds for one run of another tool


def measure(command: list[str], root: Path, runs: int, limit: int | None = None) -> tuple[float, float, bytes]:
    """Return (wall seconds, CPU seconds, output) of the best run; subprocess.TimeoutExpired beyond the limit."""
    best = (float("inf"), float("inf"), b"")
    for _ in range(runs):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, check=False, timeout=limit)
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


def rows(root: Path, peers: Path | None, runs: int) -> None:
    """Print one line a tool."""
    wall, cpu, out = measure([sys.executable, "-m", "pinward", "scan", ".", "--format", "json"], root, runs)
    grep = measure(GREP, root, runs)
    document = json.loads(out)
    uses = document["uses"]
    print(f"{root.name}: {document['files_scanned']} files")
    budget = max(grep[0], 0.6)
    found = f"{len(document['findings'])} findings, {len(uses)} names; {wall / budget:.2f} of the budget"
    print(f"  {'pinward':16} {wall:6.2f} s ({cpu:6.2f} CPU)  {found}")
    print(f"  {'git grep':16} {grep[0]:6.2f} s ({grep[1]:6.2f} CPU)  {len(grep[2].splitlines())} lines")
    for name, arguments, count in PEERS if peers else ():
        assert peers is not None
        if not (peers / name).exists():
            print(f"  {name:16} not installed")
            continue
        with tempfile.TemporaryDirectory() as folder:
            filled = [part.replace("{out}", f"{folder}/out") for part in arguments]
            try:
                took = measure([str(peers / name), *filled], root, max(1, runs // 2), LIMIT)
            except subprocess.TimeoutExpired:
                print(f"  {name:16} stopped after {LIMIT} s")
                continue
        print(f"  {name:16} {took[0]:6.2f} s ({took[1]:6.2f} CPU)  {count(took[2])} findings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="*", type=Path)
    parser.add_argument("--synthetic", type=int, default=0, metavar="N")
    parser.add_argument("--peers", type=Path, metavar="FOLDER")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    for tree in given.trees:
        rows(tree.resolve(), given.peers, given.runs)
    if given.synthetic:
        with tempfile.TemporaryDirectory() as folder:
            rows(synthetic(Path(folder), given.synthetic), given.peers, given.runs)


if __name__ == "__main__":
    main()
