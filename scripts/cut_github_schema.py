"""Cut the slice of GitHub's OpenAPI description that the test server checks against.

Structure only: descriptions, examples and vendor extensions are dropped. Usage:

    npm pack @octokit/openapi && python scripts/cut_github_schema.py octokit-openapi-*.tgz
"""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

SOURCE = "package/generated/api.github.com.json"
TARGET = Path(__file__).parents[1] / "tests/integration/github_server/openapi.json.gz"
REPO = "/repos/{owner}/{repo}"
OPERATIONS = {
    "/user": ["get"],
    REPO: ["get"],
    f"{REPO}/issues": ["get", "post"],
    f"{REPO}/issues/{{issue_number}}": ["get", "patch"],
    f"{REPO}/issues/{{issue_number}}/comments": ["get", "post"],
    f"{REPO}/issues/{{issue_number}}/labels": ["post"],
    f"{REPO}/issues/comments/{{comment_id}}": ["get", "patch", "delete"],
    f"{REPO}/labels": ["get", "post"],
    f"{REPO}/check-runs": ["post"],
    f"{REPO}/check-runs/{{check_run_id}}": ["get", "patch"],
    f"{REPO}/check-runs/{{check_run_id}}/annotations": ["get"],
    f"{REPO}/commits/{{ref}}/check-runs": ["get"],
    f"{REPO}/pulls": ["get", "post"],
    f"{REPO}/pulls/{{pull_number}}": ["get", "patch"],
    f"{REPO}/pulls/{{pull_number}}/reviews": ["get"],
    f"{REPO}/pulls/{{pull_number}}/commits": ["get"],
    f"{REPO}/collaborators/{{username}}/permission": ["get"],
    f"{REPO}/commits/{{commit_sha}}/pulls": ["get"],
    f"{REPO}/compare/{{basehead}}": ["get"],
    f"{REPO}/git/ref/{{ref}}": ["get"],
    f"{REPO}/git/refs": ["post"],
    f"{REPO}/git/trees": ["post"],
    f"{REPO}/git/commits": ["post"],
    f"{REPO}/git/refs/{{ref}}": ["patch", "delete"],
    f"{REPO}/contents/{{path}}": ["get", "put"],
}
PROSE = {"description", "example", "examples", "externalDocs", "summary", "title", "x-github", "tags"}
DATA = {"enum", "required", "default"}  # their values are data: nothing below them is a schema


def structure(node: Any, named: bool = False) -> Any:
    """Drop prose; `named` marks a mapping whose keys are names (properties, schemas), not keywords."""
    if isinstance(node, list):
        return [structure(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if not named and (key in PROSE or key.startswith("x-")):
            continue
        names = not named and key in {"properties", "schemas", "responses", "parameters", "headers", "content"}
        kept[key] = value if key in DATA and not named else structure(value, names)
    return kept


def references(node: Any) -> set[str]:
    """Return every `$ref` below a node."""
    if isinstance(node, list):
        return set().union(*(references(item) for item in node)) if node else set()
    if not isinstance(node, dict):
        return set()
    found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return found.union(*(references(value) for value in node.values()))


def closure(document: dict[str, Any], roots: Any) -> dict[str, dict[str, Any]]:
    """Return the components that the roots need, directly or through others."""
    components: dict[str, dict[str, Any]] = {}
    todo = references(roots)
    while todo:
        kind, name = todo.pop().removeprefix("#/components/").split("/", 1)
        if name in components.get(kind, {}):
            continue
        value = structure(document["components"][kind][name])
        components.setdefault(kind, {})[name] = value
        todo |= references(value)
    return components


def cut(document: dict[str, Any]) -> dict[str, Any]:
    """Return the slice: the listed operations and what they refer to."""
    paths: dict[str, Any] = {}
    for path, methods in OPERATIONS.items():
        source = structure(document["paths"][path])
        shared = {"parameters": source["parameters"]} if "parameters" in source else {}
        paths[path] = shared | {method: source[method] for method in methods}
    version = document["info"]["version"]
    source_note = f"npm @octokit/openapi {version}, generated/api.github.com.json, MIT licence"
    components = closure(document, paths)
    return {"openapi": document["openapi"], "x-source": source_note, "paths": paths, "components": components}


def main(package: str) -> None:
    """Write the slice of one npm package file."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(SOURCE)
        if member is None:
            raise SystemExit(f"{package}: {SOURCE} is not a file")
        document = json.load(member)
    text = json.dumps(cut(document), separators=(",", ":"), sort_keys=True)
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{TARGET.name}: {len(text):,} bytes, {TARGET.stat().st_size:,} compressed")


if __name__ == "__main__":
    main(sys.argv[1])
