"""Rows of data files: CSV, TSV, JSON lines, JSON, YAML, and plain text (one file, one row)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath, splitext

from pinward.core.documents import decode, decoded_lines
from pinward.core.fields import Field, suggestion
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.core.tree import MAX_DATA, Tree, locate, read_data, read_document
from pinward.errors import ConfigError

Row = tuple[int, dict[str, Json]]  # line, columns


def read_rows(tree: Tree, path: str) -> Iterator[Row]:
    """Yield the rows of a file with their lines. Raises `ConfigError` with `file:line`."""
    ending = splitext(path)[1].lower()
    read = _READERS.get(ending)
    if read is None:
        raise ConfigError(f"{path}: files of the kind `{ending}` cannot be read", suggestion(ending, _READERS))
    yield from read(tree, path)


def find_files(tree: Tree, beside: str, pattern: str) -> list[str]:
    """Return the file, or the sorted files of a glob, that a suite names. Raises `ConfigError` where there is none."""
    if not any(sign in pattern for sign in "*?["):
        return [locate(tree, beside, pattern)]
    for base in (dirname(beside), ""):
        found = [path for path in tree.paths() if fnmatchcase(path, normpath(join(base, pattern)))]
        if found:
            return found
    raise ConfigError(f"no file matches `{pattern}` at {tree.label}", "Write the glob from this file or the root.")


def _delimited(delimiter: str) -> Callable[[Tree, str], Iterator[Row]]:
    def read(tree: Tree, path: str) -> Iterator[Row]:
        lines = decoded_lines(read_data(tree, path), path, MAX_DATA, newline="")
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            _check_header(header, path)
            for row in reader:
                if not any(row):
                    continue
                if len(row) != len(header):
                    raise ConfigError(
                        f"{path}:{reader.line_num}: {len(row)} columns, the header has {len(header)}",
                        "Quote text that holds the delimiter.",
                    )
                yield reader.line_num, dict(zip(header, row, strict=True))
        except csv.Error as error:
            raise ConfigError(f"{path}:{reader.line_num}: {error}", "Mend the row, or use JSON lines.") from None

    return read


def _check_header(header: list[str], path: str) -> None:
    wrong = next((name for name in header if not name or header.count(name) > 1), None)
    if not header or wrong is not None:
        what = (
            "is empty" if not header else f"names the column `{wrong}` twice" if wrong else "has a column without name"
        )
        raise ConfigError(f"{path}:1: the header {what}", "Begin with a row of different column names.")


def _json_lines(tree: Tree, path: str) -> Iterator[Row]:
    for number, line in enumerate(decoded_lines(read_data(tree, path), path, MAX_DATA), 1):
        if not line.strip():
            continue
        try:
            value = parse_json(line)
        except JsonError as error:
            raise ConfigError(f"{path}:{number}: not valid JSON: {error.reason}", "Write one object a line.") from None
        if not isinstance(value, dict):
            raise ConfigError(f"{path}:{number}: must be an object", "Write one object a line.")
        yield number, value


def _list(tree: Tree, path: str) -> Iterator[Row]:
    root = Field.root(read_document(tree, path))
    for item in root.items("[{question: a}, {question: b}]"):
        if not isinstance(item.value, dict):
            raise item.expected("a mapping of columns", "question: text")
        yield item.document.line(item.path), item.value


def _text(tree: Tree, path: str) -> Iterator[Row]:
    yield 1, {"text": decode(tree.read(path), path), "file": path}


_READERS: dict[str, Callable[[Tree, str], Iterator[Row]]] = {
    ".csv": _delimited(","),
    ".tsv": _delimited("\t"),
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".json": _list,
    ".yml": _list,
    ".yaml": _list,
    ".txt": _text,
    ".md": _text,
}
