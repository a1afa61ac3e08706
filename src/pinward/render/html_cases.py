"""The table of cases in the HTML report: every case of `results.jsonl`, joined with what the report says of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pinward.core.report import GateReport, NotableCase, SideOutput
from pinward.render import text, words

ARMS = ("baseline", "candidate")
MAX_CASES = 5_000
# Longest outputs first; an output loses characters before the file gets too large to open at once.
OUTPUT_LIMITS = (20_000, 8_000, 4_000, 2_000, 1_000, 500, 200, 50)
MAX_DATA = 4_700_000  # bytes
MAX_CATEGORY = 60  # characters
# Of a task that the report does not judge (the run ended early), the first pass says what there is to say.
UNJUDGED_STATUSES = {"fell": "fell in the first pass", "rose": "rose in the first pass"}
STATUSES = words.STATUSES | UNJUDGED_STATUSES | {"held": "held", "passes": "passes"}
_ORDER = (
    *("regressed", "failed", "unconfirmed", "fell", "flaky", "excluded"),
    *("recovered", "improved", "rose", "held", "passes"),
)
Json = dict[str, Any]
Key = tuple[str, str]  # task, case


@dataclass(slots=True)
class Side:
    """What is known of one side of one case from its first runs; the outcome is that of the very first one."""

    outcome: str = ""
    runs: int = 0
    passes: int = 0
    score: float = 0.0
    latency: float = 0.0
    category: str = ""

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one sample; infrastructure errors carry no grade and are no run."""
        completion, grade = row.get("completion") or {}, row.get("grade")
        self.outcome = self.outcome or sys.intern(completion.get("outcome", "ok"))
        self.category = self.category or sys.intern(str(row.get("category", ""))[:MAX_CATEGORY])
        if grade is None:
            return
        self.runs += 1
        self.passes += bool(grade["passed"])
        self.score += float(grade["score"])
        self.latency += float(completion.get("latency") or 0)

    def mean_score(self) -> float | None:
        """Return the mean score of all runs that were graded."""
        return self.score / self.runs if self.runs else None


Pair = tuple[Side, Side]  # as in `ARMS`
_NOBODY = (Side(), Side())


@dataclass(frozen=True)
class Table:
    """The records that are shown, worst first, out of `total` cases, and the score differences of all cases."""

    records: list[Json]
    total: int
    deltas: list[float]


def cases(report: GateReport, rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return one record a case, what broke first. Outputs of rows are shown under the policy `outputs: full` alone.

    `rows` are gone through twice there: only the outputs of cases that are shown are ever held.
    """
    sides: dict[Key, Pair] = {}
    for key, row in _first(rows):
        sides.setdefault(key, (Side(), Side()))[ARMS.index(row["arm"])].add(row)
    judged = _Judged.of(report)
    told = [(key, *judged.told(key, sides.get(key, _NOBODY))) for key in dict.fromkeys([*judged.statuses, *sides])]
    worst = sorted(told, key=lambda one: _ORDER.index(one[1]))[:MAX_CASES]
    chosen = {key: (status, delta) for key, status, delta in worst}
    texts = _texts(rows, chosen) if report.outputs == "full" else {}
    records = [
        _record(key, judged.notable.get(key), sides.get(key, _NOBODY), *said, texts) for key, said in chosen.items()
    ]
    return Table(records, len(told), [delta for _, _, delta in told if delta is not None])


@dataclass(frozen=True)
class _Judged:
    """What the report says of cases: the notable ones whole, of others the status, of the rest that their task held."""

    notable: Mapping[Key, NotableCase]
    statuses: Mapping[Key, str]
    rest: Mapping[str, str]  # by task

    @classmethod
    def of(cls, report: GateReport) -> _Judged:
        notable = {(task.task, case.id): case for task in report.tasks for case in task.notable_cases}
        statuses: dict[Key, str] = {key: case.status for key, case in notable.items()}
        for task in report.tasks:
            for status, cases in task.further_cases.items():
                statuses |= {(task.task, case): status for case in cases}
        rest = {task.task: "held" if task.no_baseline is None else "passes" for task in report.tasks}
        return cls(notable, statuses, rest)

    def told(self, key: Key, pair: Pair) -> tuple[str, float | None]:
        """Return a case's status and the difference of its scores, which has at most four places."""
        before, after = (side.mean_score() for side in pair)
        notable = self.notable.get(key)
        delta = notable.score_delta if notable else None
        if delta is None and before is not None and after is not None:
            delta = after - before
        status = self.statuses.get(key) or self.rest.get(key[0]) or _unjudged(pair, delta)
        return status, None if delta is None else round(delta, 4)


def _first(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """Yield the samples of the first pass with the case that each is of."""
    first = (row for row in rows if row["phase"] == "first" and row["arm"] in ARMS)
    return (((sys.intern(row["task"]), row["case"]), row) for row in first)


def _texts(rows: Iterable[Mapping[str, Any]], chosen: Container[Key]) -> dict[tuple[Key, str], Json]:
    """Return what the very first run of each side of the chosen cases said, and why it was graded so."""
    found: dict[tuple[Key, str], Json] = {}
    for key, row in _first(rows):
        if key in chosen and (key, row["arm"]) not in found:
            said = {"text": _answer(row.get("completion") or {}), "reason": (row.get("grade") or {}).get("reason", "")}
            found[key, row["arm"]] = said
    return found


def fit(records: list[Json]) -> str:
    """Return the records as JSON, outputs cut as far as a file that opens at once demands."""
    encoded = ""
    for limit in OUTPUT_LIMITS:
        for record in records:
            for side in (record[arm] for arm in ARMS):
                side |= {name: text.shorten(side[name], limit) for name in ("text", "reason") if side.get(name)}
        encoded = _encode(records)
        if len(encoded.encode()) <= MAX_DATA:
            break
    return encoded


def _encode(records: list[Json]) -> str:
    """Return JSON in which no character can end the script element that holds it."""
    encoded = json.dumps({"statuses": STATUSES, "cases": records}, ensure_ascii=False, separators=(",", ":"))
    return encoded.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _record(
    key: Key,
    notable: NotableCase | None,
    pair: Pair,
    status: str,
    delta: float | None,
    texts: Mapping[Any, Json],
) -> Json:
    sides = {
        arm: _side(getattr(notable, arm) if notable else None, counted, texts.get((key, arm), {}))
        for arm, counted in zip(ARMS, pair, strict=True)
    }
    return {
        "task": text.shorten(text.one_line(key[0]), 100),
        "id": text.shorten(text.one_line(key[1]), 200),
        "category": text.shorten(text.one_line(_category(notable, pair)), MAX_CATEGORY),
        "status": status,
        "delta": delta,
        "why": text.shorten(text.one_line(notable.why), 600) if notable else "",
        **sides,
    }


def _category(notable: NotableCase | None, pair: Pair) -> str:
    return notable.category if notable else pair[0].category or pair[1].category


def _unjudged(pair: Pair, delta: float | None) -> str:
    if delta is None:
        unanswered = any(side.outcome and not side.runs for side in pair)
        return "excluded" if unanswered else "held"
    return "fell" if delta < 0 else "rose" if delta > 0 else "held"


def _side(notable: SideOutput | None, counted: Side, said: Json) -> Json:
    if notable is None:
        outcome = {"outcome": counted.outcome} if counted.outcome else {}
        side: Json = {**outcome, **said, "runs": counted.runs, "passes": counted.passes}
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
