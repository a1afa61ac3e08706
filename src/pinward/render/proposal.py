"""The text of a proposal: what ends, what was edited, what changes on the way, what is proven, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pinward.core.quantities import count
from pinward.core.visible import one_line, shorten
from pinward.render.text import code, fence, prose
from pinward.render.watch import Ending, when

PATCH_MARK = "<!-- pinward:workflows -->"
PATCH_TITLE = "Pinward: models in workflows that will be shut down"
MAX_LISTED = 40


@dataclass(frozen=True, slots=True)
class Edit:
    """One edited place, and what the new model asks of its callers."""

    path: str
    line: int
    before: str
    after: str
    demands: tuple[str, ...] = ()


def title(endings: Sequence[Ending], target: str) -> str:
    """Return one line: from what to what."""
    first, *rest = (one_line(ending.model.written) for ending in endings)
    more = f" and {count(len(rest), 'more name')}" if rest else ""
    return shorten(f"Replace {first}{more} by {one_line(target)}", 200)


def body(endings: Sequence[Ending], edits: Sequence[Edit], proof: Sequence[str], today: date, bot: bool) -> str:
    """Return the pull request's text; `proof` are lines of Markdown.

    `bot`: the token is GITHUB_TOKEN, whose pull requests start no checks.
    """
    ways = dict.fromkeys(text for ending in endings for text in ending.breaks)
    asked = dict.fromkeys(text for edit in edits for text in edit.demands)
    lines = ["## Why", "", *(f"- {code(e.model.written)}: {prose(_end(e, today))}" for e in endings), ""]
    lines += ["## What", "", *(f"- {code(f'{e.path}:{e.line}')}: {code(e.before)} → {code(e.after)}"
                               for e in edits[:MAX_LISTED])]  # fmt: skip
    lines += [f"- and {count(len(edits) - MAX_LISTED, 'more place')}"] if len(edits) > MAX_LISTED else []
    lines += ["", "## Proof", "", *proof, ""]
    lines += ["## Before the merge", "", *(f"- [ ] {prose(text)}" for text in {**ways, **asked})]
    lines += [f"- [ ] {text}" for text in _CHECKLIST]
    lines += ["", "## The way back", "", "Revert this commit: the names before it answer until the day above.", ""]
    return "\n".join([*lines, *([_BOT, ""] if bot else []), _KEPT])


def _end(ending: Ending, today: date) -> str:
    """Say the end without the days left, so that the text does not change every night."""
    return when(ending, today).partition(", in ")[0]


def proof_in(body: str) -> list[str]:
    """Return the lines of the proof that a proposal's text holds."""
    section = body.partition("## Proof\n")[2].partition("## Before the merge")[0]
    return [line for line in section.splitlines() if line.startswith("- ")]


_CHECKLIST = (
    "`pinward gate` passed on this pull request",
    "the prompts have a version for the new model, where it needs one",
    "tools and output formats were tried with the new model",
    "timeouts, rate limits and budgets fit the new model",
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
