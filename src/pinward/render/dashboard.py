"""The one issue that shows every ending model, the comment that tells what changed, and the webhook's message.

Line 1 is the mark by which the issue is found again, line 2 what was told so far: stages by mark, no names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pinward.core.drift import Drift
from pinward.core.facts import Standing
from pinward.core.quantities import count
from pinward.core.visible import one_line
from pinward.render import drift as drifting
from pinward.render.text import code, prose, table_row
from pinward.render.watch import Ending, Night, distinct, heartbeat, row, successor, when, where

MARK = "<!-- pinward:dashboard -->"
TITLE = "Pinward: models that will be shut down"
MAX_SHOWN = 100
MAX_TEXT = 24_000
_STATE = re.compile(r"<!-- pinward:told ([0-9a-z: -]*) -->\r?")


@dataclass(frozen=True, slots=True)
class Change:
    """One piece of news: the ending as it is now, or None where a model ends no more; and where it stood before.

    `drift` in its place where a model's answers changed.
    """

    ending: Ending | None
    before: Standing | None
    drift: Drift | None = None


def told(body: str) -> str:
    """Return the line of standings that an issue's body carries; empty where it carries none."""
    lines = body.split("\n", 2)
    match = _STATE.fullmatch(lines[1]) if len(lines) > 1 else None
    return match[1] if match else ""


def body(night: Night, standings: str) -> str:
    """Return the issue's text. It changes with what the night found, the count of days included."""
    lines = [MARK, f"<!-- pinward:told {standings} -->", ""]
    lines += [line for drift in _alarms(night) for line in (*_drift_section(drift, night.today), "")]
    if not night.endings:
        lines += ["No model that this repository uses is about to end.", ""]
    for ending in night.endings[:MAX_SHOWN]:
        lines += [*_section(ending, night.today), ""]
    if len(night.endings) > MAX_SHOWN:
        lines += [f"And {count(len(night.endings) - MAX_SHOWN, 'more model')}: `pinward watch` lists them all.", ""]
    lines += [*(f"- {prose(note)}" for note in night.notes), ""] if night.notes else []
    return "\n".join([*lines, _FOOT, "", f"<sub>{prose(heartbeat(night))}</sub>"])


_FOOT = (
    "What tools and output formats the replacement handles differently is in no table: a suite shows it "
    "(`pinward gate`). This issue is kept by Pinward: it is updated in place, and closed when nothing ends any more."
)


def _section(ending: Ending, today: date) -> Iterator[str]:
    yield f"### {code(ending.name)}: {prose(when(ending, today))}"
    yield ""
    yield from (f"- {prose(finding.message)}" for finding in distinct(ending.findings))
    yield f"- Replacement: {successor(ending)}{_way(ending)}"
    yield from (f"- On the way: {prose(text)}" for text in ending.breaks)
    yield f"- Proof so far: {prose(ending.proof) if ending.proof else 'none; the replacement was not evaluated here'}"
    if ending.duties:
        yield f"- Used as: {prose(', '.join(ending.duties))}"
    yield f"- Where: {where(ending)}"
    if ending.owners:
        yield f"- Owners: {', '.join(code(owner) for owner in ending.owners)}"


def _alarms(night: Night) -> list[Drift]:
    return [drift for drift in night.drifts if drift.shown(night.today)]


def _drift_section(drift: Drift, today: date) -> Iterator[str]:
    found = drift.shown(today)
    if found:
        yield f"### {code(drift.model)}: not what it was"
        yield ""
        yield f"- Task {code(drift.task)}: {prose(drifting.alarm(found))}"
        yield f"- {prose(drifting.advice(drift))}"


def standings(night: Night) -> dict[str, Standing]:
    """Return what is told tonight, by mark: stages of endings, and alarms of drift."""
    told = {ending.mark: ending.standing for ending in night.endings}
    for drift in night.drifts:
        if found := drift.shown(night.today):
            told[drifting.drift_mark(drift)] = Standing("drifted", found.found_on)
    return told


def change(night: Night, mark: str, before: Standing | None) -> Change:
    """Return one piece of news by its mark."""
    ending = next((e for e in night.endings if e.mark == mark), None)
    return Change(ending, before, next((d for d in _alarms(night) if drifting.drift_mark(d) == mark), None))


def _way(ending: Ending) -> str:
    chain = ending.lifetime.chain
    return f" (by way of {' → '.join(code(name) for name in chain[:-1])})" if len(chain) > 1 else ""


def comment(changes: Sequence[Change], night: Night) -> str:
    """Return the news as a comment: what reached another stage, what moved, what is over."""
    rows = [
        table_row((code(c.ending.name), prose(when(c.ending, night.today)), successor(c.ending), _before(c)))
        for c in changes
        if c.ending
    ]
    over = sum(_is_over(change) for change in changes)
    lines = [f"**{headline(changes)}**", ""]
    lines += ["| model | now | replacement | before |", "|---|---|---|---|", *rows[:MAX_SHOWN], ""] if rows else []
    lines += [f"- {prose(text)}" for text in _drifted(changes, night)]
    lines += [f"{count(over, 'model')} told of earlier: not used any more, or not ending any more."] if over else []
    return "\n".join(lines).rstrip()


def _is_over(change: Change) -> bool:
    return change.ending is None and change.drift is None


def _drifted(changes: Sequence[Change], night: Night) -> Iterator[str]:
    for change in changes:
        found = change.drift.shown(night.today) if change.drift else None
        if change.drift and found:
            yield f"{drifting.subject(change.drift)}: {drifting.alarm(found)}"


def _before(change: Change) -> str:
    if change.before is None:
        return "not told"
    return f"{change.before.stage}{f' ({change.before.day})' if change.before.day else ''}"


def headline(changes: Sequence[Change]) -> str:
    """Say the news in one line: how many models at which stage."""
    stages = [change.ending.standing.stage for change in changes if change.ending]
    parts = [f"{stages.count(stage)} {words}" for stage, words in _WORDS.items() if stage in stages]
    drifted, over = sum(change.drift is not None for change in changes), sum(map(_is_over, changes))
    parts += [f"{drifted} not what it was"] if drifted else []
    return "Pinward: " + ", ".join(parts + ([f"{over} cleared"] if over else []))


_WORDS: Mapping[str, str] = {
    "retired": "retired",
    "rerouted": "answered by another model",
    "urgent": "urgent",
    "soon": "to plan for",
    "announced": "announced",
}


def slack(changes: Sequence[Change], night: Night, link: str) -> bytes:
    """Return Slack's message. Its three special characters are escaped, so that no name pings or links anything."""
    endings = [change.ending for change in changes[:MAX_SHOWN] if change.ending]
    lines = [headline(changes), *(f"• {one_line(e.name)}: {one_line(when(e, night.today))}" for e in endings)]
    lines += [f"• {text}" for text in _drifted(changes[:MAX_SHOWN], night)]
    text = "\n".join(lines)[:MAX_TEXT].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return json.dumps({"text": f"{text}\n{link}" if link else text}, ensure_ascii=True).encode()


def plain(changes: Sequence[Change], night: Night, link: str) -> bytes:
    """Return `pinward.news/1`: the news as data."""
    document = {
        "schema": "pinward.news/1",
        "today": night.today.isoformat(),
        "headline": headline(changes),
        "issue": link or None,
        "changes": [row(change.ending, night.today) for change in changes if change.ending],
        "drift": [drifting.row(change.drift, night.today) for change in changes if change.drift],
        "cleared": sum(map(_is_over, changes)),
    }
    return json.dumps(document, ensure_ascii=True).encode()
