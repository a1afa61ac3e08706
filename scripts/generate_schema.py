"""Write what is generated from the code itself: schema/*.json, docs/configuration.md, docs/commands.md and
docs/report.md.

`--check` only compares. Run it after changing config/schema.py, core/report.py or a verb's flags.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pinward.config.schema import json_schema
from pinward.core.report import GateReport
from scripts import commands_page, report_page

ROOT = Path(__file__).parents[1]
Node = dict[str, Any]

INTRODUCTION = """\
# Configuration

`pinward.yml` stands at the root of the repository. The application can read it at run time, and the gate guards it.
Editors complete it with [the JSON Schema](../schema/pinward.schema.json):
`# yaml-language-server: $schema=https://github.com/pinward/pinward/raw/main/schema/pinward.schema.json`.

On a pull request `policy`, `providers`, `suite` and `rollout.metrics` are read from the base commit; `model`,
`fallbacks`, `params`, `prompts`, `candidate` and `rollout.percent` from the head. A change of policy takes effect after
the merge. Anchors, aliases, tags and duplicate keys are refused; a wrong key is named with its line.

This page is generated from the program (`make schema`).

| key | default | meaning |
|---|---|---|
"""


def generated() -> dict[str, str]:
    """Return path -> text of every generated file."""
    report = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | GateReport.model_json_schema()
    return {
        "schema/pinward.schema.json": json.dumps(json_schema(), indent=2) + "\n",
        "schema/report.schema.json": json.dumps(report, indent=2) + "\n",
        "docs/configuration.md": INTRODUCTION + "".join(_rows(json_schema(), json_schema(), "")),
        "docs/commands.md": commands_page.render(),
        "docs/report.md": report_page.render(),
    }


def _rows(root: Node, node: Node, prefix: str) -> Iterator[str]:
    for name, field in node.get("properties", {}).items():
        key = f"{prefix}{name}"
        below = _below(root, field)
        if field.get("description") or not below:
            yield f"| `{key}` | {_default(field, node, name)} | {field.get('description', '')} |\n"
        if below:
            named = ".<name>" if "patternProperties" in field else ""
            yield from _rows(root, below, f"{key}{named}.")


def _below(root: Node, field: Node) -> Node | None:
    """Return the object schema that stands behind a field, or None for a plain value."""
    options = [field, *field.get("anyOf", []), *field.get("patternProperties", {}).values()]
    for option in options:
        if "$ref" in option:
            found: Node = root["$defs"][option["$ref"].rsplit("/", 1)[1]]
            return found
    return None


def _default(field: Node, parent: Node, name: str) -> str:
    if name in parent.get("required", []):
        return "required"
    if field.get("default") in (None, [], {}):
        return ""
    return f"`{json.dumps(field['default'])}`"


def main() -> int:
    """Write or compare; 1 where `--check` finds a file out of date."""
    stale = []
    for name, text in generated().items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    print("out of date:" if stale else "up to date", *stale)
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
