"""The table of cases in the HTML report: every case of `results.jsonl`, joined with what the report says of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pinward.core.report import GateReport, NotableCase, SideOutput
from pinward.render import text, words

ARMS = ("baseline", "candidate")
MAX_CASES = 5_000
# Longest outputs first; an output loses characters before the file gets too large to open at once.
OUTPUT_LIMITS = (20_000, 8_000, 4_000, 2_000, 1_000, 500, 200, 50)
MAX_DATA = 4_700_000  # bytes
# The report names the 50 most notable cases of a task; the first pass alone says this of the others.
UNCONFIRMED_STATUSES = {"fell": "fell in the first pass", "rose": "rose in the first pass", "held": "held"}
STATUSES = words.STATUSES | UNCONFIRMED_STATUSES
_ORDER = ["regressed", "failed", "unconfirmed", "fell", "flaky", "excluded", "recovered", "improved", "rose", "held"]
Json = dict[str, Any]


@dataclass
class Side:
    """What is known of one side of one case from its first runs; text of the very first one."""

    runs: int = 0
    passes: int = 0
    score: float = 0.0
    latency: float = 0.0
    shown: Json = field(default_factory=dict)

    def add(self, row: Json, keep_text: bool) -> None:
        """Count one sample; infrastructure errors carry no grade and are no run."""
        completion, grade = row.get("completion") or {}, row.get("grade")
        if not self.shown:
            self.shown = {"outcome": completion.get("outcome", "ok")}
            if keep_text:
                self.shown |= {"text": _answer(completion), "reason": (grade or {}).get("reason", "")}
        if grade is None:
            return
        self.runs += 1
        self.passes += bool(grade["passed"])
        self.score += float(grade["score"])
        self.latency += float(completion.get("latency") or 0)

    def mean_score(self) -> float | None:
        """Return the mean score of all runs that were graded."""
        return self.score / self.runs if self.runs else None


def cases(report: GateReport, rows: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return one record a case, what broke first. Outputs of rows are shown under the policy `outputs: full` alone."""
    sides: dict[tuple[str, str], dict[str, Side]] = {}
    for row in rows:
        if row["phase"] == "first" and row["arm"] in ARMS:
            pair = sides.setdefault((row["task"], row["case"]), {arm: Side() for arm in ARMS})
            pair[row["arm"]].add(dict(row), keep_text=report.outputs == "full")
    notable = {(task.task, case.id): case for task in report.tasks for case in task.notable_cases}
    keys = dict.fromkeys([*notable, *sides])
    records = [_record(key, notable.get(key), sides.get(key)) for key in keys]
    return sorted(records, key=lambda record: _ORDER.index(record["status"]))


def fit(records: list[Json]) -> tuple[list[Json], str]:
    """Return the first 5,000 cases and their JSON, outputs cut as far as a file that opens at once demands."""
    kept, encoded = records[:MAX_CASES], ""
    for limit in OUTPUT_LIMITS:
        for record in kept:
            for side in (record[arm] for arm in ARMS):
                side |= {name: text.shorten(side[name], limit) for name in ("text", "reason") if side.get(name)}
        encoded = _encode(kept)
        if len(encoded.encode()) <= MAX_DATA:
            break
    return kept, encoded


def _encode(records: list[Json]) -> str:
    """Return JSON in which no character can end the script element that holds it."""
    encoded = json.dumps({"statuses": STATUSES, "cases": records}, ensure_ascii=False, separators=(",", ":"))
    return encoded.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _record(key: tuple[str, str], notable: NotableCase | None, pair: Mapping[str, Side] | None) -> Json:
    pair = pair or {arm: Side() for arm in ARMS}
    before, after = (pair[arm].mean_score() for arm in ARMS)
    delta = notable.score_delta if notable and notable.score_delta is not None else None
    if delta is None and before is not None and after is not None:
        delta = after - before
    sides = {arm: _side(getattr(notable, arm) if notable else None, pair[arm]) for arm in ARMS}
    return {
        "task": text.shorten(text.one_line(key[0]), 100),
        "id": text.shorten(text.one_line(key[1]), 200),
        "category": text.shorten(text.one_line(notable.category), 60) if notable else "",
        "status": notable.status if notable else _status(pair, delta),
        "delta": None if delta is None else round(delta, 4),
        "why": text.shorten(text.one_line(notable.why), 600) if notable else "",
        **sides,
    }


def _status(pair: Mapping[str, Side], delta: float | None) -> str:
    if delta is None:
        unanswered = any(side.shown and not side.runs for side in pair.values())
        return "excluded" if unanswered else "held"
    return "fell" if delta < 0 else "rose" if delta > 0 else "held"


def _side(notable: SideOutput | None, counted: Side) -> Json:
    if notable is None:
        side: Json = {**counted.shown, "runs": counted.runs, "passes": counted.passes}
    else:
        side = {
            "outcome": notable.outcome,
            "text": notable.text,
            "reason": notable.reason,
            "runs": notable.runs or counted.runs,
            "passes": notable.passes if notable.runs else counted.passes,
        }
    side["seconds"] = round(counted.latency / counted.runs, 3) if counted.runs else None
    return {name: text.visible(value) if isinstance(value, str) else value for name, value in side.items()}


def _answer(completion: Mapping[str, Any]) -> str:
    """Return the answer as the report's notable cases have it: text, then the tool calls as one JSON list."""
    calls = [{"name": call["name"], "arguments": call["arguments"]} for call in completion.get("tool_calls") or ()]
    parts = [completion.get("text"), json.dumps(calls, indent=1, ensure_ascii=False) if calls else None]
    return "\n".join(part for part in parts if part)
