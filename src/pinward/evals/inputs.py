"""Cases whose inputs stand in data files: `cases_from` of a suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pinward.core.documents import Document
from pinward.core.evidence import Case
from pinward.core.fields import Field, located, suggestion
from pinward.core.policy import Json
from pinward.core.tree import Tree
from pinward.errors import ConfigError
from pinward.evals.json_path import parse_path
from pinward.evals.rows import find_files, read_rows

_MAPPED = ("id", "input", "expected", "category", "tags")
_KEYS = ("file", "map", "checks", "category", "tags", "params", "repeats")
ReadCase = Callable[[Field, Mapping[str, Field]], Case]


def cases_from(source: Field, tree: Tree, suite: str, read_case: ReadCase) -> Iterator[Case]:
    """Yield a case for each row of the files that a source names.

    `read_case` reads one case and takes the source's own settings. Raises `ConfigError`, also for files without rows.
    """
    keys = source.keys(_KEYS, "file: data/tickets.csv")
    if "file" not in keys:
        raise source.error("needs a `file`", "Write for example `file: data/tickets.csv`.")
    pattern = keys.pop("file")
    columns = keys.pop("map").keys(_MAPPED, "input: question") if "map" in keys else {}
    files = located(pattern, lambda: find_files(tree, suite, pattern.text("data/tickets.csv")))
    count = 0
    for path in files:
        for line, row in read_rows(tree, path):
            count += 1
            value: Json = {key: part for key, part in _case(columns, row, path, line).items() if part not in (None, "")}
            yield read_case(Field.root(Document(path, value, {(): line})), keys)
    if not count:
        raise pattern.error("the file has no rows", "Add rows, or leave the source out.")


def _case(columns: Mapping[str, Field], row: dict[str, Json], path: str, line: int) -> dict[str, Json]:
    case: dict[str, Json] = {key: _column(field, row, path, line) for key, field in columns.items()}
    if "input" not in case:
        case["input"] = row
    return case


def _column(field: Field, row: dict[str, Json], path: str, line: int) -> Json:
    """Return the value of a column, of a path into the row, or a mapping of such."""
    if isinstance(field.value, dict):
        return {name: _column(child, row, path, line) for name, child in field.mapping().items()}
    name = field.text("question")
    if name in row:
        return row[name]
    found = located(field, lambda: parse_path(name)).select(row) if name.startswith("$") else []
    if not found:
        raise ConfigError(f"{path}:{line}: the row has no `{name}`, which {field.where} names", suggestion(name, row))
    return found[0]
