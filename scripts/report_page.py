"""The page of a report's files, docs/report.md, from the models that they are checked against."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pinward.core.evidence import Call, Completion, Sample
from pinward.core.report import GateReport
from pinward.evals.journal import sample_record

Node = dict[str, Any]
HEAD = """\
# A report's files

`pinward gate` leaves six files in `--report-dir`. Those for people (`comment.md`, `summary.md`, `report.html`,
`junit.xml`) are made from the two for programs, which this page describes. It is generated from the program
(`make schema`). A folder that `gate` makes holds a `.gitignore` of its own, so that no commit takes it along.

`report.json` fits [`schema/report.schema.json`](../schema/report.schema.json), and is checked against it before
anything is published from it. Within `pinward.report/1` fields are added and none is taken away or changes its meaning.
Rates are 0 to 1, times are seconds, money is US dollars; what is not known is `null` and never 0.

```console
$ pinward gate --base main
...
$ cd pinward-report
$ python3 -c 'import json; print(json.load(open("report.json"))["verdict"])'
fail
$ python3 -c 'import json; [print(json.loads(line)["case"]) for line in open("results.jsonl")]' | sort -u
acme
globex
...
```

## report.json
"""
RESULTS = """\
## results.jsonl

One line a sample, in the order in which the answers arrived. `results_sha256` of the report is the hash of this file.

| field | meaning |
|---|---|
"""
MEANINGS = {
    "key": "hash of everything that the answer depends on",
    "task": "the task's name",
    "case": "the case's id",
    "category": "the case's category",
    "arm": "`baseline`, `candidate`, or a further arm that tells model and prompt apart",
    "phase": "`first`, or `confirm` for fresh runs of fallen cases",
    "repeat": "number of the run within its phase, from 0",
    "stored": "whether an earlier run asked it",
    "stands_in": "whether it replaces a model that cannot be asked, or need not be",
    "completion": "outcome, text, tool calls, tokens, latency (s), cost (US$), the model that served it, or the fault",
    "grade": "score (0 to 1), passed, reason, and the same of each check in `parts`; `null` where nothing was graded",
}


def render() -> str:
    """Return the page as Markdown. Raises `LookupError` for a field of `results.jsonl` that has no meaning here."""
    schema = GateReport.model_json_schema()
    parts = [HEAD, "\n".join(_object(schema))]
    parts += [f"### {name}\n\n" + "\n".join(_object(node)) for name, node in _reached(schema)]
    rows = [
        f"| `{name}` | {MEANINGS[name]} |" for name in sample_record(Sample(Call("", "", ""), Completion("ok"), None))
    ]
    return "\n".join([*parts, RESULTS + "\n".join(rows)]) + "\n"


def _reached(schema: Node) -> Iterator[tuple[str, Node]]:
    """Yield the parts of a report in the order in which a reader meets them."""
    waiting, seen = [schema], set()
    while waiting:
        for name in _names(waiting.pop(0)):
            if name not in seen:
                seen.add(name)
                waiting.append(schema["$defs"][name])
                yield name, schema["$defs"][name]


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        for key, value in node.items():
            yield from () if key == "$defs" else _names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _names(value)


def _object(node: Node) -> Iterator[str]:
    yield from (node.get("description", ""), "", "| field | type | default |", "|---|---|---|")
    for name, field in node["properties"].items():
        default = "required" if name in node.get("required", ()) else _default(field)
        yield f"| `{name}` | {_type(field)} | {default} |"
    yield ""


def _default(field: Node) -> str:
    return f"`{json.dumps(field['default'])}`" if "default" in field else ""


def _type(field: Node) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in field or "enum" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if "anyOf" in field:
        return " or ".join(map(_type, field["anyOf"]))
    if field["type"] == "array":
        return f"list of {_type(field['items'])}"
    if field["type"] == "object":
        return f"map to {_type(field['additionalProperties'])}"
    return str(field["type"])
