"""What a whole gate needs in memory grows little with the cases (docs/architecture.md, budgets)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FEW, MANY = 3_000, 9_000  # beyond 5,000 answers only figures are kept, so that both hold as many whole ones
BYTES_A_CASE = 1_400  # 1,100 were measured; what writes all cases out once more adds 600


def gate_of(cases: int) -> dict[str, Any]:
    command = [sys.executable, str(ROOT / "benchmarks" / "memory.py"), "--part", "--cases", str(cases)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_gate_of_thousands_of_cases_needs_little_more_memory_than_one_of_few() -> None:
    few, many = gate_of(FEW), gate_of(MANY)
    assert (few["verdict"], many["verdict"]) == ("fail", "fail")
    assert many["requests"] > 2 * MANY
    assert (many["peak_mb"] - few["peak_mb"]) * 2**20 / (MANY - FEW) < BYTES_A_CASE
