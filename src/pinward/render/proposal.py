"""The text of a proposal: what ends, what was edited, what changes on the way, what is proven, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pinward.core.facts import Standing
from pinward.core.findings import Edit
from pinward.core.quantities import count
from pinward.core.report import ChecklistItem
from pinward.core.visible import one_line, shorten
from pinward.render.markdown import checklist_text
from pinward.render.text import code, fence, prose
from pinward.render.watch import Ending, when

PATCH_MARK = "<!-- pinward:workflows -->"
PATCH_TITLE = "Pinward: models in workflows that will be shut down"
MAX_LISTED = 40


@dataclass(frozen=True, slots=True)
class Proven:
    """What was evaluated and the points of the checklist, as lines of Markdown."""

    lines: Sequence[str] = ()
    checks: Sequence[str] = ()


def title(endings: Sequence[Ending], target: str) -> str:
    """Return one line: from what to what."""
    first, *rest = (one_line(ending.model.written) for ending in endings)
    more = f" and {count(len(rest), 'more name')}" if rest else ""
    return shorten(f"Replace {first}{more} by {one_line(target)}", 200)


def body(endings: Sequence[Ending], edits: Sequence[Edit], proven: Proven, today: date, bot: bool) -> str:
    """Return the pull request's text. What a person ticked in `proven` stays ticked.

    `bot`: the token is GITHUB_TOKEN, whose pull requests start no checks.
    """
    ways = dict.fromkeys(text for ending in endings for text in ending.breaks)
    asked = dict.fromkeys(text for edit in edits for text in edit.demands)
    lines = ["## Why", "", *(f"- {code(e.model.written)}: {prose(_end(e, today))}" for e in endings), ""]
    lines += ["## What", "", *(f"- {code(f'{e.path}:{e.line}')}: {code(e.before)} → {code(e.after)}"
                               for e in edits[:MAX_LISTED])]  # fmt: skip
    lines += [f"- and {count(len(edits) - MAX_LISTED, 'more place')}"] if len(edits) > MAX_LISTED else []
    lines += ["", "## Proof", "", *proven.lines, ""]
    wanted = [prose(text) for text in {**ways, **asked}]
    wanted += [line for check in proven.checks if (line := check[len(_OPEN) :]) not in wanted] or [_UNCOVERED]
    lines += ["## Before the merge", "", *(_tick(line, proven.checks) for line in wanted)]
    lines += [
        "",
        "## The way back",
        "",
        *(f"- {way_back(e.model.written, e.standing, e.lifetime.rerouted_to)}" for e in endings),
        "",
    ]
    return "\n".join([*lines, *([_BOT, ""] if bot else []), _KEPT])


def _end(ending: Ending, today: date) -> str:
    """Say the end without the days left, so that the text does not change every night."""
    return when(ending, today).partition(", in ")[0]


def _tick(line: str, checks: Sequence[str]) -> str:
    return f"{_TICKED if f'{_TICKED}{line}' in checks else _OPEN}{line}"


def way_back(model: str, stands: Standing | None, answers: str | None) -> str:
    """Say what a revert is worth once a model is replaced; `answers` is the one that answers under its name today."""
    name = code(model)
    if stands is None:
        return f"Revert this commit: no end of {name} is near."
    if stands.stage == "retired":
        return f"There is none to {name}: it does not answer any more. A fallback of another model is one."
    if stands.stage == "rerouted":
        return f"Reverting this commit brings back {name}, which {code(answers or '')} answers."
    return f"Revert this commit: {name} answers until {stands.day or 'the day above'}."


def check(item: ChecklistItem) -> str:
    """Return one point of the checklist, ticked where it is done."""
    return f"{_TICKED if item.state == 'done' else _OPEN}{checklist_text(item)}"


def proven_in(body: str) -> Proven:
    """Return what a proposal's text holds as proof and as checklist."""
    proof, _, rest = body.partition("## Proof\n")[2].partition("## Before the merge\n")
    checks = rest.partition("## The way back")[0]
    return Proven(
        [line for line in proof.splitlines() if line.startswith("- ")],
        [line for line in checks.splitlines() if line.startswith((_OPEN, _TICKED))],
    )


_OPEN, _TICKED = "- [ ] ", "- [x] "
_UNCOVERED = (
    "No suite decides here: try the new model where it is used, or give it a task with a suite (`pinward init`)"
)
_BOT = (
    "GitHub starts no checks on a pull request that `GITHUB_TOKEN` opened: close and reopen it, or give the action the "
    "token of an app of your own (`contents: write`, `pull-requests: write`)."
)
_KEPT = (
    "Pinward keeps this pull request: it is rebuilt when the base moves, and closed when it is obsolete. After a "
    "commit of yours it is left alone; closed by you, the same edit is not proposed again."
)


def patches(diffs: Sequence[str]) -> str:
    """Return the text of the issue for files that a workflow's token cannot change."""
    head = (
        "A token of GitHub Actions cannot change files under `.github/workflows/`. "
        "Apply this with `git apply`, and gate the change."
    )
    return "\n".join([PATCH_MARK, head, "", *(f"{fence(diff, 'diff')}\n" for diff in diffs)])
