"""A suite: the cases that say what good work is, read from one commit.

Everything that can be wrong with a suite is said before the first call is paid for. Cases carry digests, so that a
pull request cannot weaken an existing case unseen (docs/threats.md, trust rule 4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from pinward.core.documents import Document
from pinward.core.evidence import Case
from pinward.core.fields import Field, located
from pinward.core.policy import Json
from pinward.core.tree import Tree, read_document
from pinward.errors import ConfigError
from pinward.evals.cases import Cases, Digests
from pinward.evals.checks import CheckReader
from pinward.evals.foreign import foreign_draft
from pinward.evals.images import with_images
from pinward.evals.inputs import cases_from
from pinward.evals.rows import find_files, read_rows

UNCATEGORIZED = "uncategorized"
MAX_ID = 200
MAX_REPEATS = 100
_KEYS = ("id", "category", "input", "expected", "checks", "tags", "params", "repeats", "description")
_DEFAULTS = ("category", "checks", "tags", "params", "repeats")
_EXAMPLE = "cases: [{id: first, input: some text, checks: [json_valid]}]"


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one suite file, in its order. `digest` changes whenever any case does (hex).

    `notes` lists what of another tool's file could not be carried.
    """

    path: str
    cases: Cases
    case_digests: Mapping[str, bytes]
    digest: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What a case takes from the suite's defaults where it says nothing itself."""

    category: str = UNCATEGORIZED
    tags: tuple[str, ...] = ()
    params: Mapping[str, Json] = field(default_factory=dict)
    repeats: int | None = None

    def over(self, keys: Mapping[str, Field]) -> Settings:
        """Return these settings with what is written in `keys` over them; parameters are merged key by key."""
        params = keys["params"].mapping("temperature: 0") if "params" in keys else {}
        return Settings(
            keys["category"].text("happy_path") if "category" in keys else self.category,
            keys["tags"].texts("[billing, german]") if "tags" in keys else self.tags,
            {**self.params, **{key: child.value for key, child in params.items()}} if params else self.params,
            keys["repeats"].whole(1, MAX_REPEATS) if "repeats" in keys else self.repeats,
        )


def load_suite(tree: Tree, path: str) -> Suite:
    """Read and check a suite at one commit.

    Raises `ConfigError` with file, line, key and what to write instead.
    """
    document = read_document(tree, path)
    if document.value is None:
        raise Field.root(document).error("the suite is empty", f"Write for example `{_EXAMPLE}`.")
    draft = foreign_draft(tree, document)
    if draft is None:
        return _read_suite(Field.root(document), tree)
    if not draft.cases:
        raise ConfigError(f"{path}: nothing in it can be run here", "; ".join(draft.notes[:3]) or "Write a case.")
    suite = _read_suite(Field.root(Document(path, draft.suite)), tree)
    return replace(suite, notes=tuple(f"{path}: not carried: {note}" for note in draft.notes))


def _read_suite(root: Field, tree: Tree) -> Suite:
    path = root.document.path
    keys = root.keys(("version", "description", "defaults", "cases", "cases_from"), _EXAMPLE)
    defaults = keys["defaults"].keys(_DEFAULTS, "repeats: 1") if "defaults" in keys else {}
    reader = _CaseReader(Settings().over(defaults), defaults.get("checks"), CheckReader(tree, path))
    written = _written(keys["cases"], tree, path) if "cases" in keys else ()
    sources = keys["cases_from"].items("[{file: data/tickets.csv}]") if "cases_from" in keys else []
    rows = (case for source in sources for case in cases_from(source, tree, path, reader.read))
    suite = make_suite(path, chain((reader.read(item, {}) for item in written), rows))
    if not suite.cases:
        raise keys.get("cases", root).error("the suite has no cases", f"Write for example `{_EXAMPLE}`.")
    return suite


def _written(cases: Field, tree: Tree, path: str) -> Iterable[Field]:
    """Return the cases of a list, or of the files that stand in its place: one case a row."""
    if not isinstance(cases.value, str):
        return cases.items(_EXAMPLE)
    name = cases.value
    files = located(cases, lambda: find_files(tree, path, name))
    return (Field.root(Document(file, row, {(): line})) for file in files for line, row in read_rows(tree, file))


def make_suite(path: str, cases: Iterable[Case]) -> Suite:
    """Build a suite from cases, one at a time. Raises `ConfigError` where an id stands twice."""
    kept = Cases()
    digests = Digests(kept)
    for case in cases:
        if case.id in digests:
            raise _doubled(case, kept.named(case.id))
        kept.add(case)
        digests.add(case_digest(case))
    whole = hashlib.sha256()
    for name in sorted(digests):
        whole.update(json.dumps([name, digests[name].hex()]).encode())
    return Suite(path, kept, digests, whole.hexdigest())


def merge_suites(base: Suite | None, head: Suite | None) -> tuple[Cases, list[str]]:
    """Return the cases that a gate runs and the ids of those that the head deleted or edited.

    The base suite decides: a weakened case runs in its base version, a new case of the head runs as well. Without a
    suite on one side the other's cases run; a suite that the head deleted is weakened as a whole.
    """
    before, after = (suite.case_digests if suite else {} for suite in (base, head))
    weakened = [name for name, digest in before.items() if after.get(name) != digest]
    added = [name for name in after if name not in before]
    if base is None or head is None or not added:
        decides = base or head
        return decides.cases if decides else Cases(), weakened
    return Cases(chain(base.cases, map(head.cases.named, added))), weakened


def case_digest(case: Case) -> bytes:
    """Return a hash of all that decides what a case asks and how its answer is judged."""
    checks: list[Json] = [[check.grader, check.argument, check.weight] for check in case.checks]
    parts: list[Json] = [case.input, case.expected, checks, dict(case.params), case.category, case.repeats]
    return _hash(parts)


def _hash(value: Json) -> bytes:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()


@dataclass(frozen=True, slots=True)
class _CaseReader:
    """Reads cases under a suite's defaults."""

    settings: Settings
    checks: Field | None
    reader: CheckReader

    def read(self, field: Field, source: Mapping[str, Field]) -> Case:
        """Read one case; `source` holds what `cases_from` sets for all its rows."""
        keys = field.keys(_KEYS, "id: first")
        if "input" not in keys:
            raise field.error("the case has no `input`", "Write for example `input: some text`.")
        expected = keys["expected"].value if "expected" in keys else None
        written = [part for part in (keys.get("checks"), source.get("checks"), self.checks) if part is not None]
        checks = tuple(check for part in written for check in self.reader.read(part, expected))
        if not checks:
            raise field.error(
                "the case has no checks, so any answer would pass", "Write for example `checks: [json_valid]`."
            )
        own = self.settings.over(source).over(keys)
        return Case(
            id=_id(keys),
            category=own.category,
            input=_input(keys["input"], self.reader.tree, self.reader.suite),
            checks=checks,
            where=field.where,
            expected=expected,
            tags=own.tags,
            params=own.params,
            repeats=own.repeats,
        )


def _input(field: Field, tree: Tree, suite: str) -> Json:
    if field.value in ("", [], {}):
        raise field.expected("text or a mapping", "input: some text")
    return with_images(field, tree, suite)


def _id(keys: dict[str, Field]) -> str:
    """Return the id as written; without one, a hash of the input, so that it stays when cases move."""
    if "id" not in keys:
        return f"case-{_hash(keys['input'].value).hex()[:12]}"
    field = keys["id"]
    value = str(field.value) if type(field.value) is int else field.text("id: acme-invoice")
    if len(value) > MAX_ID or not value.isprintable() or value != value.strip():
        raise field.error(f"must be at most {MAX_ID} printable characters", "Write for example `id: acme-invoice`.")
    return value


def _doubled(case: Case, first: Case) -> ConfigError:
    file, _, line = first.where.rpartition(":")
    place = f"on line {line}" if case.where.rpartition(":")[0] == file else f"in {first.where}"
    return ConfigError(
        f"{case.where}: the id `{case.id}` stands twice (first {place})", "Give each case an id of its own."
    )
