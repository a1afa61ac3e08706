"""The same calls by other tools, against the same server: wall clock of whole processes.

    python benchmarks/other_tools.py [--promptfoo PATH] [--inspect PYTHON] [--calls 1000] [--concurrency 50]

Neither tool is part of this project. `npm install promptfoo` and `pip install inspect_ai openai` put them somewhere of
your own; the flags say where: the `promptfoo` program, and the Python that has `inspect_ai`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from runner import Server

INSPECT = """
import sys
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import includes
base, calls, concurrency, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
samples = MemoryDataset([Sample(input=str(n) + "x" * 70, target="true") for n in range(calls)])
config = GenerateConfig(max_tokens=50, max_connections=concurrency)
model = get_model("openai/m", base_url=base, api_key="x", config=config, responses_api=False)
task = Task(dataset=samples, scorer=includes())
logs = eval(task, model=model, log_dir=folder, display="none", max_samples=concurrency)
assert logs[0].status == "success", logs[0].error
"""


def timed(command: list[str], folder: Path, result: str = "") -> float:
    """Run a tool to its end and return its seconds. A tool that fails is shown and ends the measurement.

    One that leaves `result` has done its work, whatever its exit code: promptfoo may stumble over its log at the end.
    """
    quiet = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1", "PROMPTFOO_CONFIG_DIR": str(folder)}
    started = time.monotonic()
    done = subprocess.run(command, cwd=folder, env={**os.environ, **quiet}, capture_output=True, text=True, check=False)
    if done.returncode and not (result and (folder / result).exists()):
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return time.monotonic() - started


def promptfoo(program: str, base: str, calls: int, concurrency: int, folder: Path) -> float:
    provider = {"id": "openai:chat:m", "config": {"apiBaseUrl": base, "apiKey": "x", "max_tokens": 50}}
    tests = [{"vars": {"q": f"{n}{'x' * 70}"}, "assert": [{"type": "is-json"}]} for n in range(calls)]
    config = folder / "promptfooconfig.json"
    config.write_text(json.dumps({"prompts": ["{{q}}"], "providers": [provider], "tests": tests}))
    flags = ["-j", str(concurrency), "--no-cache", "--no-table", "--no-progress-bar", "-o", str(folder / "out.json")]
    return timed([program, "eval", "-c", str(config), *flags], folder, "out.json")


def inspect(python: str, base: str, calls: int, concurrency: int, folder: Path) -> float:
    return timed([python, "-c", INSPECT, base, str(calls), str(concurrency), str(folder)], folder)


def ours(base: str, calls: int, concurrency: int, folder: Path) -> float:
    """Run the runner of this project as a process, as `runner.py` measures it."""
    part = [sys.executable, str(Path(__file__).with_name("runner.py")), "--part", base]
    return timed([*part, "--calls", str(calls), "--concurrency", str(concurrency)], folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promptfoo", help="the program")
    parser.add_argument("--inspect", help="a Python that has inspect_ai")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=50)
    given = parser.parse_args()
    for delay in (0.0, 0.1):
        print(f"{given.calls} calls, concurrency {given.concurrency}, {1000 * delay:.0f} ms server: whole process")
        tools = [("pinward's runner", ours, ())]
        tools += [("promptfoo", promptfoo, (given.promptfoo,))] if given.promptfoo else []
        tools += [("inspect_ai", inspect, (given.inspect,))] if given.inspect else []
        for name, run, where in tools:
            server = Server(delay)
            with tempfile.TemporaryDirectory() as folder:
                took = run(*where, server.base, given.calls, given.concurrency, Path(folder))
            server.stop()
            print(f"{name:<58}{took:8.3f} s")


if __name__ == "__main__":
    main()
