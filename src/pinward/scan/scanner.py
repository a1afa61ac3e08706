"""Files to model uses: a pure function of bytes and path, and its loop over a tree."""

from __future__ import annotations

import re
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
from pinward.scan.languages import has_grammar
from pinward.scan.mentions import Mention
from pinward.scan.names import may_hold_names
from pinward.scan.paths import is_skipped
from pinward.scan.readers import Reading, is_unjudged, quoting, read_file, without_prose
from pinward.scan.roles import decide
from pinward.scan.siblings import deployed, pin_beside
from pinward.scan.suppression import NEEDLE, ignores_in
from pinward.scan.walks import Decision
from pinward.scan.workers import share

MAX_BYTES = 20_000_000
# In tests and recorded data every name has the same role, so that the rest of a huge file would tell nothing new.
MAX_UNJUDGED = 500_000
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
            return FileScan(note=Note(path, error.message.removeprefix(f"{path}: ")), read=False)
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
    head = _head(data) if is_unjudged(path) else data
    text, note = decode(path, head)
    if text is None:
        return FileScan(note=note)
    reading = read_file(path, text)
    if head is not data:
        note = Note(path, f"only its first {MAX_UNJUDGED:,} bytes were read", blind=False)
    elif reading.note:
        note = Note(path, reading.note, blind=False)
    return FileScan(tuple(_uses(path, text, reading, identify)), note, tuple(_ignores(path, text)))


def _head(data: bytes) -> bytes:
    """Return as much of a file as is read where one role goes for all of it; characters of UTF-8 stay whole."""
    if len(data) <= MAX_UNJUDGED or data[:2] in _UTF16:
        return data
    begun = (end for end in range(MAX_UNJUDGED, MAX_UNJUDGED - 4, -1) if data[end] & 0xC0 != 0x80)
    return data[: next(begun, MAX_UNJUDGED)]


def _ignores(path: str, text: str) -> Iterator[Ignore]:
    found = ignores_in(path, without_prose(path, text)) if NEEDLE in text else ()
    if found:
        starts, quoted = _line_starts(text), quoting(path, text)
        yield from (i for i in found if not quoted(starts[i.location.line - 1] + i.location.column - 1))


def _line_starts(text: str) -> list[int]:
    return list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))


def decode(path: str, data: bytes) -> tuple[str | None, Note | None]:
    """Decode a file of unknown origin: UTF-8, UTF-16 with its mark, else Latin-1 with a note; None where binary.

    A NUL makes no binary file of UTF-8, so that it hides nothing. A binary file is noted where its name promises code.
    """
    if data[:2] in _UTF16:
        try:
            return data.decode("utf-16"), None
        except UnicodeDecodeError:
            return None, Note(path, "neither text nor UTF-16")
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        if b"\0" not in data[:8192]:
            return data.decode("latin-1"), Note(path, "not UTF-8: read as Latin-1", blind=False)
        return None, Note(path, "binary: not read", blind=False) if has_grammar(path) else None


def _remembering(catalog: Catalog) -> Identify:
    known: dict[tuple[str, str | None], ModelId] = {}

    def identify(written: str, client: str | None) -> ModelId:
        key = (written, client)
        if key not in known:
            known[key] = catalog.identify(written, client)
        return known[key]

    return identify


def _uses(path: str, text: str, reading: Reading, identify: Identify) -> Iterator[ModelUse]:
    places = _Places(path, text)
    told: tuple[Decision, str | None] | None = None
    for mention in reading.mentions:
        if told is None or not reading.alike:
            told = decide(mention, path), channel_of(mention, path, text)
        decision, channel = told
        model = identify(mention.name, channel)
        if decision.role == "selection":
            model = pin_beside(deployed(model, path, text) if channel is None else model, mention, text)
        if _is_model(model, decision, mention):
            place = places.locate(mention.start, mention.end)
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


class _Places:
    """Offsets to lines and columns, both from 1. They are asked for in order, so that the text is passed once."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.line = 1
        self.begin = 0
        self.passed = 0

    def locate(self, start: int, end: int) -> Location:
        ended = self.text.count("\n", self.passed, start)
        if ended:
            self.line += ended
            self.begin = self.text.rfind("\n", self.passed, start) + 1
        self.passed = start
        stop = self.text.find("\n", start, end)
        column = start - self.begin + 1
        return Location(self.path, self.line, column, column + (end if stop < 0 else stop) - start)
