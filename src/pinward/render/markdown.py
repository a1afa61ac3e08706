"""The gate's report as Markdown: pull-request comment, check summary, and job summary.

The first line decides; everything after it explains. Whatever came from a model, a suite or a file name stands in
code (`render.text`). Texts over GitHub's limits lose whole blocks from the end and say so; a block is never cut.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pinward.core.quantities import count, duration
from pinward.core.report import ChecklistItem, GateReport, NotableCase, ReportFinding, TaskReport
from pinward.render import case_markdown, task_markdown, text, words

# GitHub refuses comments over 65,536 characters; what stays free is for the publisher's marker on the first line.
COMMENT_LIMIT = 64_500
CHECK_LIMIT = 65_535  # of characters and of bytes (a check run's summary)
STEP_LIMIT = 1_000_000  # under the 1 MiB at which the runner drops a job summary whole
COMMENT_CASES = 20
COMMENT_ROWS = 100  # of further cases, named in a folded table; it is the first to go where there is no room
LISTED = 10


@dataclass(frozen=True, slots=True)
class Block:
    """A whole piece of Markdown. Blocks with a `noun` may be left out, the highest `rank` first, from the end."""

    markdown: str
    noun: str = ""
    rank: int = 0


def comment(report: GateReport, link: str | None = None) -> str | None:
    """Return the pull-request comment, at most 64,500 characters; None where nothing model-related changed.

    `link` is the address of the full report. The sticky marker is the publisher's.
    """
    if words.is_silent(report):
        return None
    return _fit(_blocks(report, link, COMMENT_CASES), COMMENT_LIMIT, _utf16_units)


def check_summary(report: GateReport, link: str | None = None) -> str:
    """Return the summary of the check run, at most 65,535 bytes of UTF-8. Its title is `words.title(report)`."""
    return _fit(_blocks(report, link, COMMENT_CASES), CHECK_LIMIT, _utf8_bytes)


def step_summary(report: GateReport, link: str | None = None) -> str:
    """Return the job summary with every notable case, under 1 MiB."""
    return _fit(_blocks(report, link, None), STEP_LIMIT, _utf8_bytes)


def _utf16_units(markdown: str) -> int:
    # GitHub does not say whether it counts code points or UTF-16 units; units are never fewer.
    return len(markdown.encode("utf-16-le")) // 2


def _utf8_bytes(markdown: str) -> int:
    return len(markdown.encode("utf-8"))


def _fit(blocks: Sequence[Block], limit: int, size: Callable[[str], int]) -> str:
    """Join blocks by blank lines; over the limit, leave out the least important ones and say how many."""
    total = sum(size(block.markdown) + 2 for block in blocks)
    droppable = sorted((i for i, b in enumerate(blocks) if b.noun), key=lambda i: (-blocks[i].rank, -i))
    dropped: set[int] = set()
    room = limit - 300  # the sentence about what was left out
    for index in droppable if total > limit else []:
        if total <= room:
            break
        total -= size(blocks[index].markdown) + 2
        dropped.add(index)
    kept = [block.markdown for index, block in enumerate(blocks) if index not in dropped]
    return "\n\n".join([*kept, *_left_out([blocks[index].noun for index in dropped])]) + "\n"


def _left_out(nouns: Sequence[str]) -> list[str]:
    if not nouns:
        return []
    numbers = ", ".join(count(nouns.count(noun), noun) for noun in dict.fromkeys(sorted(nouns)))
    return [f"Left out here for length: {numbers}. The full report has everything."]


def _blocks(report: GateReport, link: str | None, max_cases: int | None) -> list[Block]:
    blocks = [Block(_first_line(report, link))]
    if report.verdict not in {"stale", "cancelled"}:
        blocks += _measured(report, max_cases)
    against = [text.prose(text.shorten(reason, 600)) for reason in words.objections(report)]
    blocks[1:1] = _list(against, "**Also against it:**")
    said = words.told(report)
    unsaid = [change for change in report.uncovered if change not in said]
    blocks += _list(
        [text.prose(text.shorten(change, 500)) for change in unsaid], "**Changed, but no suite covers it:**"
    )
    for head, findings in words.findings_lists(report):
        blocks += _list([_finding(f, said) for f in _blocking_first(findings)], f"**{head}**")
    blocks += _list([text.prose(text.shorten(note, 500)) for note in report.notes], "**Notes:**")
    if report.next_step:
        blocks.append(Block(f"**Next:** {text.prose(text.shorten(report.next_step, 1000))}"))
    blocks += [Block(_checklist(report.checklist), "checklist", 5)] if report.checklist else []
    return [*blocks, Block(_source(report))]


def _first_line(report: GateReport, link: str | None) -> str:
    label, sentence = words.headline(report)
    bold = f"**Pinward: {text.prose(text.shorten(label, 700)).rstrip('.')}.**"
    parts = [f"[Full report]({link})"] if link and text.is_link(link) else []
    parts += [f"commit {text.code(report.head[:7])}", duration(report.seconds), *words.spent(report)]
    return f"{bold} {text.prose(text.shorten(sentence, 1000))}".rstrip() + "\n\n" + " · ".join(parts)


def _measured(report: GateReport, max_cases: int | None) -> Iterator[Block]:
    tasks, said = words.compared(report), words.told(report)
    cases = case_markdown.in_order(tasks)
    if report.ranking:
        yield Block(task_markdown.ranking(report))
    for task in tasks:
        reasons = [reason for reason in task.reasons if reason not in said]
        yield Block(task_markdown.table(task, reasons, alone=len(tasks) == 1), "task", 1)
    for _, task, case in cases[:max_cases]:
        yield Block(case_markdown.details(case, task if len(tasks) > 1 else None), "case", 6)
    if max_cases is not None and len(cases) > max_cases:
        yield from _further(cases[max_cases:])
    yield from (Block(text.prose(text.shorten(t.attribution, 1000)), "sentence", 2) for t in tasks if t.attribution)


def _further(cases: Sequence[tuple[int, TaskReport, NotableCase]]) -> Iterator[Block]:
    said = f"{count(len(cases), 'more case')} in the full report"
    table = case_markdown.listing(cases[:COMMENT_ROWS])
    yield Block(f"{said}.")
    yield Block(
        f"<details><summary>{min(len(cases), COMMENT_ROWS)} of them</summary>\n\n{table}\n\n</details>", "table", 7
    )


def check_text(report: GateReport) -> str:
    """Return the text of the check run: one line for each notable case and finding that the summary had no room for.

    Whoever publishes it cuts it at whole lines.
    """
    cases = case_markdown.in_order(words.compared(report))[COMMENT_CASES:]
    findings = _blocking_first(report.findings)[LISTED:]
    parts = [case_markdown.listing(cases)] if cases else []
    parts += ["\n".join(f"- {_finding(finding, '')}" for finding in findings)] if findings else []
    return "\n\n".join(parts)


def _list(items: Sequence[str], head: str) -> list[Block]:
    """Return one block of Markdown items, the first few of many; none for no items."""
    if not items:
        return []
    more = [f"- and {len(items) - LISTED} more"] if len(items) > LISTED else []
    return [Block("\n".join([head, "", *(f"- {item}" for item in items[:LISTED]), *more]), "list", 3)]


def _blocking_first(findings: Sequence[ReportFinding]) -> list[ReportFinding]:
    return sorted(findings, key=lambda finding: not finding.blocking)


def _finding(finding: ReportFinding, said: str) -> str:
    where = f"{text.code(words.place(finding))}: " if finding.path else ""
    message = "" if finding.help and finding.message.casefold() in said.casefold() else finding.message
    sentences = [text.prose(text.shorten(part, 600)) for part in (message, finding.help) if part]
    return f"{where}{' '.join(sentences)} ({text.code(finding.rule)}{', blocks' if finding.blocking else ''})"


def _checklist(items: Sequence[ChecklistItem]) -> str:
    done = sum(item.state == "done" for item in items)
    lines = [f"- {words.CHECK_STATES[item.state]}: {checklist_text(item)}" for item in items[:50]]
    summary = f"Migration checklist: {done} of {len(items)}"
    return "\n".join([f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"])


def checklist_text(item: ChecklistItem) -> str:
    """Return one point of the checklist, with what it was seen from, as Markdown."""
    said = ": ".join(text.prose(text.shorten(part, 300)) for part in (item.text, item.evidence) if part)
    return f"{said} ([evidence]({item.url}))" if text.is_link(item.url) else said


def _source(report: GateReport) -> str:
    requests = f", {count(report.requests, 'request')}" if report.requests else ""
    base, head = text.code(report.base[:7]), text.code(report.head[:7])
    compared = f"Compared {base} to {head}" if report.base != report.head else f"Evaluated on {head}"
    return f"{compared} under the policy of {text.code(text.shorten(report.policy_source, 120))}{requests}."
