"""Files to model uses: a pure function of bytes and path, and its loop over a tree."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from pinward.core.facts import Catalog
from pinward.core.findings import Location, ModelUse
from pinward.core.ignores import Ignore
from pinward.core.model_id import ModelId
from pinward.core.scan_report import Note
from pinward.core.tree import Tree
from pinward.errors import PinwardError
from pinward.scan.channels import channel_of
from pinward.scan.mentions import Mention
from pinward.scan.names import may_hold_names
from pinward.scan.paths import is_skipped
from pinward.scan.readers import quoting, read_file, without_prose
from pinward.scan.role_rules import Decision
from pinward.scan.roles import decide
from pinward.scan.siblings import pin_beside
from pinward.scan.suppression import NEEDLE, ignores_in
from pinward.scan.workers import share

MAX_BYTES = 20_000_000
# Below this many files a copy of the process costs more than it saves.
MIN_SHARED = 24
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
Identify = Callable[[str, str | None], ModelId]


@dataclass(frozen=True, slots=True)
class ScanResult:
    """All model uses of a tree, in the order of paths and lines, what could not be read, and ignore comments."""

    uses: tuple[ModelUse, ...]
    notes: tuple[Note, ...]
    files_scanned: int
    ignores: tuple[Ignore, ...] = ()


@dataclass(frozen=True, slots=True)
class FileScan:
    """The uses of one file, with what went wrong. `read` is False where the tree could not hand it out."""

    uses: tuple[ModelUse, ...] = ()
    note: Note | None = None
    ignores: tuple[Ignore, ...] = ()
    read: bool = True


def scan_tree(
    tree: Tree, catalog: Catalog, paths: Iterable[str] | None = None, *, searched: bool = False, copies: int = 0
) -> ScanResult:
    """Scan every file of a tree, or those of `paths`. `searched` says that a search found a name in each of them.

    Works on any `Tree`: a commit, a work tree, a fake. Files that cannot be read become notes. `copies` of this process
    help (`workers.spare_processors`).
    """
    identify = _remembering(catalog)
    wanted = [path for path in sorted(tree.paths() if paths is None else paths) if not is_skipped(path)]
    # A commit hands its files out all at once: one process of git instead of one a file.
    read_many = getattr(tree, "read_many", None)
    at_once: dict[str, bytes] = dict(read_many(wanted)) if read_many is not None else {}

    def scan_one(number: int) -> FileScan:
        path = wanted[number]
        try:
            data = at_once[path] if path in at_once else tree.read(path)
        except PinwardError as error:
            return FileScan(note=Note(path, error.message), read=False)
        return scan_file(path, data, identify, searched=searched)

    files = share(scan_one, len(wanted), copies if len(wanted) >= MIN_SHARED else 0)
    return ScanResult(
        tuple(use for file in files for use in file.uses),
        tuple(file.note for file in files if file.note is not None),
        sum(file.read for file in files),
        tuple(ignore for file in files for ignore in file.ignores),
    )


def scan_file(path: str, data: bytes, identify: Identify, *, searched: bool = False) -> FileScan:
    """Return the model uses of one file. `identify` decides what a name is, given the client around it."""
    if len(data) > MAX_BYTES:
        return FileScan(note=Note(path, f"{len(data):,} bytes; at most {MAX_BYTES:,} are read"))
    if not searched and not may_hold_names(data.replace(b"\0", b"") if data[:2] in _UTF16 else data):
        return FileScan()
    text, note = decode(path, data)
    if text is None:
        return FileScan(note=note)
    reading = read_file(path, text)
    if reading.note:
        note = Note(path, reading.note, blind=False)
    return FileScan(tuple(_uses(path, text, reading.mentions, identify)), note, tuple(_ignores(path, text)))


def _ignores(path: str, text: str) -> Iterator[Ignore]:
    found = ignores_in(path, without_prose(path, text)) if NEEDLE in text else ()
    if found:
        starts, quoted = _Lines(text).starts, quoting(path, text)
        yield from (i for i in found if not quoted(starts[i.location.line - 1] + i.location.column - 1))


def decode(path: str, data: bytes) -> tuple[str | None, Note | None]:
    """Decode a file of unknown origin: UTF-8, UTF-16 with its mark, else Latin-1 with a note; None where binary."""
    if data[:2] in _UTF16:
        try:
            return data.decode("utf-16"), None
        except UnicodeDecodeError:
            return None, Note(path, "neither text nor UTF-16")
    if b"\0" in data[:8192]:
        return None, Note(path, "binary: not read", blind=False)
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        return data.decode("latin-1"), Note(path, "not UTF-8: read as Latin-1", blind=False)


def _remembering(catalog: Catalog) -> Identify:
    known: dict[tuple[str, str | None], ModelId] = {}

    def identify(written: str, client: str | None) -> ModelId:
        key = (written, client)
        if key not in known:
            known[key] = catalog.identify(written, client)
        return known[key]

    return identify


def _uses(path: str, text: str, mentions: list[Mention], identify: Identify) -> Iterator[ModelUse]:
    if not mentions:
        return
    lines = _Lines(text[: max(mention.end for mention in mentions)])
    for mention in mentions:
        decision = decide(mention, path)
        model = identify(mention.name, channel_of(mention, path, text))
        if decision.role == "selection":
            model = pin_beside(model, mention, text)
        if not _is_model(model, decision, mention):
            continue
        place = lines.locate(path, mention.start, mention.end)
        yield ModelUse(model, place, decision.role, slot_of(mention, decision), decision.why)


def _is_model(model: ModelId, decision: Decision, mention: Mention) -> bool:
    """Tell whether a name is one at all: the catalog knows it, or the code calls it a model."""
    if model.pin != "unknown":
        return True
    if mention.carrier == "constant" or mention.name.isupper() or (mention.name.isalpha() and not mention.whole):
        return False
    return decision.role == "selection" and decision.named


def slot_of(mention: Mention, decision: Decision) -> str:
    """Name the place of a use by what surrounds it, so that it survives line moves and a change of the model."""
    if decision.role == "prose" or not mention.steps:
        return decision.role
    names = [
        _label(step.name, step.owner if step.kind == "argument" else "", mention)
        for step in mention.steps
        if step.name or step.owner
    ]
    return "/".join(reversed([name for name in names if name]))[:300] or decision.role


def _label(name: str, owner: str, mention: Mention) -> str:
    text = f"{owner}({name})" if owner else name
    return re.sub(r"\s+", " ", text.replace(mention.name, "*"))[:80]


class _Lines:
    """Offsets to lines and columns, both from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = list(accumulate(map((1).__add__, map(len, text.split("\n"))), initial=0))

    def locate(self, path: str, start: int, end: int) -> Location:
        line = bisect_right(self.starts, start)
        begin = self.starts[line - 1]
        stop = self.text.find("\n", start, end)
        return Location(path, line, start - begin + 1, (end if stop < 0 else stop) - begin + 1)
