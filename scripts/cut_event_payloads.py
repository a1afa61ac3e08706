"""Cut the real webhook payloads that tests read, without the `*_url` members that no test needs. Usage:

npm pack @octokit/webhooks-examples && python scripts/cut_event_payloads.py octokit-webhooks-examples-*.tgz
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

SOURCE = "package/api.github.com/index.json"
TARGET = Path(__file__).parents[1] / "tests/data/events.json"
EVENTS = {"pull_request": 2, "merge_group": 1, "push": 1, "workflow_dispatch": 1, "workflow_run": 1}


def lean(node: Any) -> Any:
    """Drop links and empty members; what remains is unchanged."""
    if isinstance(node, list):
        return [lean(item) for item in node]
    if isinstance(node, dict):
        return {k: lean(v) for k, v in node.items() if not k.endswith("_url") and k not in {"url", "_links"}}
    return node


def chosen(name: str, examples: list[Any]) -> list[Any]:
    """Prefer the actions that start workflows; the others (a push has none) fill the rest."""
    first = [e for e in examples if e.get("action") in {"opened", "synchronize", "reopened"}]
    return (first + [e for e in examples if e not in first])[: EVENTS[name]]


def main(package: str) -> None:
    """Write the payloads of one npm package file."""
    with tarfile.open(package) as archive:
        member, manifest = archive.extractfile(SOURCE), archive.extractfile("package/package.json")
        if member is None or manifest is None:
            raise SystemExit(f"{package}: not the package that is expected")
        examples = {event["name"]: event["examples"] for event in json.load(member)}
        version = json.load(manifest)["version"]
    cut = {name: lean(chosen(name, examples[name])) for name in EVENTS}
    note = f"npm @octokit/webhooks-examples {version}, MIT licence; cut by scripts/cut_event_payloads.py"
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps({"source": note, **cut}, indent=1) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
