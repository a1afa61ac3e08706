"""Names in SQL: what a statement writes into a column, takes as a default, hands to a function, or only compares."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import zip_longest

from pinward.scan.lines import is_list_of_names
from pinward.scan.mentions import Mention, Step
from pinward.scan.names import looks_like_model, tokens

# How much of a statement before a name is looked at.
WINDOW = 4000
NEAR = 300
MAX_JUDGED = 300  # a script with more names is a dump of data
_STATEMENT = re.compile(
    r"\s*(?:insert\s+(?:\w+\s+){0,2}into|update\s+\S+\s+set|(?:alter|create)\s+table|select\s[^;]{1,400}\sfrom|delete\s+from)\s",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING = r"'(?:[^']|'')*'"
_TYPE_AND_DEFAULT = r"[\"`\[]?(\w+)[\"`\]]?[ \t]+(?:[^,\n]*[ \t])?default\s+'$"
_ADDED = re.compile(
    r"\b(?:add(?:\s+column)?|column|declare)\s+(?:if\s+not\s+exists\s+)?" + _TYPE_AND_DEFAULT, re.IGNORECASE
)
_DEFAULT = re.compile(r"(?:^|[,(\n])\s*" + _TYPE_AND_DEFAULT, re.IGNORECASE)
_SET_DEFAULT = re.compile(r"column\s+[\"`\[]?(\w+)[\"`\]]?\s+set\s+default\s+'$", re.IGNORECASE)
_ASSIGNED = re.compile(r"[\"`\[@]?(\w+)[\"`\]]?\s*(?:\w+\s*)?:=\s*'$")
_EQUAL = re.compile(r"[\"`\[@]?(\w+)[\"`\]]?\s*=\s*'$")
_CLAUSE = re.compile(r"\b(set|where|having|on|when|and|or|select|join)\b", re.IGNORECASE)
_COMPARED = re.compile(
    r"(?:<>|!=|=|\blike|\bilike|\bwhen|~)\s*'$|\bin\s*\((?:\s*" + _STRING + r"\s*,)*\s*'$", re.IGNORECASE
)
_INSERT = re.compile(
    r"insert\s+(?:(?:ignore|or\s+\w+)\s+)?into\s+([\w.\"`\[\]]+)\s*(?:as\s+\w+\s*)?\(([^()]*)\)\s*(?:overriding\s+\w+\s+value\s*)?values\s*",
    re.IGNORECASE,
)
# Tables of what was said or done: their models answered once, and are asked for nothing.
_HISTORY = re.compile(r"(?i)(?:messages?|logs?|usages?|history|runs?|events?|requests|responses)$")
# A table of models, and the columns that name one.
_MODELS = re.compile(r"(?i)(?:models?|llms?)$")
_OWN_COLUMN = re.compile(r"(?i)(?:model_?)?(?:name|id|slug)")
_UPDATED = re.compile(r"(?i)^\s*update\s+(?:only\s+)?[\"`\[]?(?:\w+\.)?(\w+)")
_COMMA = re.compile(r",(?=(?:[^']*'[^']*')*[^']*$)")
_WHEN = re.compile(r"(?i)_at$|^(?:created|updated|timestamp)")  # of a row, not of a run
_CALLED = re.compile(rf"([\w.]+)\s*\((?:[^()';]|{_STRING}|\([^()]*\))*'$")
_NAMED_ARGUMENT = re.compile(r"(\w+)\s*=>\s*'$")


def read_sql(text: str) -> list[Mention]:
    """Return every mention in a script. What is not a value of its own is a mention in passing."""
    comments = [match.span() for match in _COMMENT.finditer(text)]
    begins = [start for start, _ in comments]
    found: list[Mention] = []
    for start, end, name in tokens(text):
        at = bisect_right(begins, start) - 1
        if at >= 0 and start < comments[at][1]:
            found.append(Mention(name, start, end, carrier="comment", whole=False))
        elif len(found) >= MAX_JUDGED:
            found.append(Mention(name, start, end, carrier="prose", whole=False))
        else:
            found.append(_mention(text, start, end, name))
    return found


def in_statement(text: str, at: int, name: str) -> tuple[Step, ...] | None:
    """Return what surrounds a name in a statement that a program runs; None where the text is no statement."""
    return _mention(text, at, at + len(name), name).steps if _STATEMENT.match(text) else None


def _mention(text: str, start: int, end: int, name: str) -> Mention:
    opening, closing = text.rfind("'", max(0, start - WINDOW), start), text.find("'", end, end + WINDOW)
    if opening < 0 or closing < 0:
        return Mention(name, start, end, carrier="prose", whole=False)
    literal = text[opening + 1 : closing]
    steps = tuple(_steps(text[max(0, opening + 1 - WINDOW) : opening + 1], text[closing : closing + WINDOW], name))
    if not steps:
        return Mention(name, start, end, carrier="prose", whole=False, literal=literal)
    whole = literal == name or is_list_of_names(literal)
    return Mention(name, start, end, steps, whole=whole, literal=literal, offset=start - opening - 1)


def _steps(before: str, after: str, name: str) -> Iterator[Step]:
    """Say what surrounds a literal whose opening quote ends `before`."""
    statement = before[_start(before) :]
    near = statement[-NEAR:]
    default = _SET_DEFAULT.search(near) or _ADDED.search(near) or _DEFAULT.search(near)
    named = _NAMED_ARGUMENT.search(near)
    assigned = _ASSIGNED.search(near)
    equal = _EQUAL.search(near)
    insert = max(_INSERT.finditer(statement), key=lambda match: match.start(), default=None)
    if default:
        yield Step("default", default[1])
    elif named:
        yield Step("argument", named[1])
    elif assigned or (equal and _sets(statement[: equal.start() - len(near)])):
        column = (assigned or equal)[1]  # type: ignore[index] # one of both matched
        table = _UPDATED.match(statement)
        listed = table and _MODELS.search(table[1]) and _OWN_COLUMN.fullmatch(column)
        yield Step("key", table[1]) if table and listed else Step("pair", column)
    elif _COMPARED.search(near):
        yield Step("compare", "in a condition")
    elif insert:
        yield from _inserted(insert, statement[insert.end() :], after, name)
    elif called := _CALLED.search(near):
        yield Step("argument", "", called[1], 0, items=(name,))


def _start(before: str) -> int:
    """Return where the last statement of a text begins: behind the last semicolon outside of literals."""
    return re.sub(_STRING, lambda literal: "_" * len(literal[0]), before[:-1]).rfind(";") + 1


def _sets(before: str) -> bool:
    clauses = _CLAUSE.findall(before)
    return bool(clauses) and clauses[-1].lower() == "set"


def _inserted(insert: re.Match[str], values: str, after: str, name: str) -> Iterator[Step]:
    """Say which column of which table a value goes to; several models in one column are a table of models."""
    columns = [column.strip(' \n\t"`[]') for column in insert[2].split(",")]
    row = values[values.rfind("(") + 1 :]
    position = len(re.sub(_STRING, "", row).split(",")) - 1
    column = columns[position] if position < len(columns) else ""
    table = insert[1].split(".")[-1].strip('"`[]')
    rest = after.split(";")[0]
    others = [item for item in re.findall(r"'([^']*)'", values + rest) if looks_like_model(item)]
    if _OWN_COLUMN.fullmatch(column) and _MODELS.search(table):
        yield Step("key", table)
        return
    if _HISTORY.search(table):
        yield Step("pair", "log")
        return
    cells = [cell.strip(" \n\t'") for cell in _COMMA.split(row[:-1])]
    told = dict(zip_longest(columns, cells[: len(columns)], fillvalue=""))
    yield Step("pair", column, siblings={key: value for key, value in told.items() if not _WHEN.search(key)})
    if len(set(others) | {name}) > 1:
        yield Step("item", items=(name, *others))
    yield Step("pair", table)
